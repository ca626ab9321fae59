//! How much of a connection may be sent now: its places, its rate and its breaker.
//!
//! A gate lives in memory: what it knows is of the last minute, and a restart
//! begins carefully. What must outlive it (`Retry-After`) is handed in again.

use std::collections::VecDeque;
use std::time::Duration;

use super::Verdict;
use crate::event::Timestamp;

/// What a connection may be asked to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    pub max_in_flight: u32,
    pub per_second: Option<u32>,
    pub per_minute: Option<u32>,
    /// So many failures in a row open the breaker.
    pub breaker_failures: u32,
    /// From opening to the first probe; each probe that fails doubles it.
    pub first_probe: Duration,
    pub max_probe: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            max_in_flight: 64,
            per_second: None,
            per_minute: None,
            breaker_failures: 5,
            first_probe: Duration::from_secs(5),
            max_probe: Duration::from_secs(60),
        }
    }
}

/// What an attempt says about the other side as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever it answered.
    Well,
    /// It was not reached, failed, or went silent.
    Unwell,
}

impl Health {
    /// `status`: of the reply, if one was read.
    pub fn of(verdict: Verdict, status: Option<u16>) -> Self {
        match (verdict, status) {
            (Verdict::Unknown, _) | (Verdict::NotSent, None) => Self::Unwell,
            _ => Self::Well,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaker {
    /// `most` in flight: after it was open it grows by one with each success, so
    /// that each round is twice the one before and the other side is not met by
    /// all that has gathered at once.
    Closed {
        failures: u32,
        most: u32,
    },
    /// Nothing until then, then one probe.
    Open {
        until: Timestamp,
        wait: Duration,
    },
    Probing {
        wait: Duration,
    },
}

/// What a gate says that an operator should hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    Opened { until: Timestamp },
    Closed,
}

#[derive(Debug)]
pub struct Gate {
    pace: Pace,
    in_flight: u32,
    second: Window,
    minute: Window,
    breaker: Breaker,
    slow_until: Option<Timestamp>,
}

impl Gate {
    pub fn new(pace: Pace) -> Self {
        Self {
            second: Window::new(Duration::from_secs(1), pace.per_second),
            minute: Window::new(Duration::from_secs(60), pace.per_minute),
            breaker: Breaker::Closed { failures: 0, most: pace.max_in_flight },
            in_flight: 0,
            slow_until: None,
            pace,
        }
    }

    /// Nothing before `until`: the other side asked for it.
    pub fn slow(&mut self, until: Timestamp) {
        self.slow_until = self.slow_until.max(Some(until));
    }

    /// A person says that the other side is well: one is tried at once, and no wait
    /// that it asked for holds any more. What a rate allows is not exceeded.
    pub fn hurry(&mut self, now: Timestamp) {
        self.slow_until = None;
        if let Breaker::Open { until, .. } = &mut self.breaker {
            *until = now.min(*until);
        }
    }

    /// An attempt of an earlier run, which counts for the rate.
    pub fn remember(&mut self, at: Timestamp) {
        self.second.add(at);
        self.minute.add(at);
    }

    /// How many may be sent now.
    pub fn room(&mut self, now: Timestamp) -> u32 {
        if self.slow_until.is_some_and(|until| until > now) {
            return 0;
        }
        let most = match self.breaker {
            Breaker::Closed { most, .. } => most,
            Breaker::Open { until, .. } if until <= now => 1,
            Breaker::Open { .. } | Breaker::Probing { .. } => return 0,
        };
        let places = most.saturating_sub(self.in_flight);
        places.min(self.second.room(now)).min(self.minute.room(now))
    }

    /// When there is room again by the passing of time. None: there is now, or a
    /// place must be given back first.
    pub fn opens_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let open = match self.breaker {
            Breaker::Open { until, .. } => Some(until),
            _ => None,
        };
        let waits = [self.slow_until, open, self.second.opens_at(now), self.minute.opens_at(now)];
        waits.into_iter().flatten().filter(|at| *at > now).max()
    }

    /// One more is on its way.
    pub fn sent(&mut self, now: Timestamp) {
        self.in_flight += 1;
        self.second.add(now);
        self.minute.add(now);
        if let Breaker::Open { wait, .. } = self.breaker {
            self.breaker = Breaker::Probing { wait };
        }
    }

    /// One has ended. `chance` is in 0.0..1.0 and spreads probes.
    pub fn ended(&mut self, health: Health, now: Timestamp, chance: f64) -> Option<Turned> {
        self.in_flight = self.in_flight.saturating_sub(1);
        match (self.breaker, health) {
            (Breaker::Closed { most, .. }, Health::Well) => {
                let most = most.saturating_add(1).min(self.pace.max_in_flight);
                self.breaker = Breaker::Closed { failures: 0, most };
                None
            }
            (Breaker::Closed { failures, .. }, Health::Unwell)
                if failures + 1 >= self.pace.breaker_failures =>
            {
                Some(self.open(self.pace.first_probe, now, chance))
            }
            (Breaker::Closed { failures, most }, Health::Unwell) => {
                self.breaker = Breaker::Closed { failures: failures + 1, most };
                None
            }
            (Breaker::Probing { .. } | Breaker::Open { .. }, Health::Well) => {
                self.breaker = Breaker::Closed { failures: 0, most: 1 };
                Some(Turned::Closed)
            }
            (Breaker::Probing { wait }, Health::Unwell) => {
                let wait = wait.saturating_mul(2).min(self.pace.max_probe.max(self.pace.first_probe));
                Some(self.open(wait, now, chance))
            }
            // It was on its way when the breaker opened, and says nothing new.
            (Breaker::Open { .. }, Health::Unwell) => None,
        }
    }

    fn open(&mut self, wait: Duration, now: Timestamp, chance: f64) -> Turned {
        let until = now.plus(wait.mul_f64(0.75 + 0.25 * chance.clamp(0.0, 1.0)));
        self.breaker = Breaker::Open { until, wait };
        Turned::Opened { until }
    }

    /// The clock was set back by so much: what waits, waits as long as before.
    pub fn clock_set_back(&mut self, by: Duration) {
        let back = |at: Timestamp| {
            Timestamp::from_millis(
                at.as_millis().saturating_sub(by.as_millis().try_into().unwrap_or(i64::MAX)),
            )
        };
        self.slow_until = self.slow_until.map(back);
        if let Breaker::Open { until, .. } = &mut self.breaker {
            *until = back(*until);
        }
        for window in [&mut self.second, &mut self.minute] {
            window.sent.iter_mut().for_each(|at| *at = back(*at));
        }
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.breaker, Breaker::Closed { .. })
    }
}

/// At most so many in any stretch of this length.
#[derive(Debug)]
struct Window {
    length: Duration,
    most: Option<u32>,
    sent: VecDeque<Timestamp>,
}

impl Window {
    fn new(length: Duration, most: Option<u32>) -> Self {
        Self { length, most, sent: VecDeque::new() }
    }

    fn add(&mut self, at: Timestamp) {
        if let Some(most) = self.most {
            self.sent.push_back(at);
            // More than the limit need not be known.
            if self.sent.len() > most as usize {
                self.sent.pop_front();
            }
        }
    }

    fn room(&mut self, now: Timestamp) -> u32 {
        let Some(most) = self.most else { return u32::MAX };
        while self.sent.front().is_some_and(|at| at.plus(self.length) <= now) {
            self.sent.pop_front();
        }
        most.saturating_sub(self.sent.len() as u32)
    }

    fn opens_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        match self.room(now) {
            0 => self.sent.front().map(|at| at.plus(self.length)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

    fn after(millis: u64) -> Timestamp {
        NOW.plus(Duration::from_millis(millis))
    }

    #[test]
    fn only_so_many_are_in_flight() {
        let mut gate = Gate::new(Pace { max_in_flight: 2, ..Pace::default() });
        assert_eq!(gate.room(NOW), 2);
        gate.sent(NOW);
        gate.sent(NOW);
        assert_eq!((gate.room(NOW), gate.opens_at(NOW)), (0, None), "a place is given back, not waited for");
        gate.ended(Health::Well, NOW, 0.0);
        assert_eq!(gate.room(NOW), 1);
    }

    #[test]
    fn the_breaker_opens_probes_and_recovers_without_a_stampede() {
        let pace = Pace { breaker_failures: 3, max_in_flight: 8, ..Pace::default() };
        let mut gate = Gate::new(pace);
        (0..3).for_each(|_| gate.sent(NOW));
        assert_eq!(gate.ended(Health::Unwell, NOW, 1.0), None);
        assert_eq!(gate.ended(Health::Unwell, NOW, 1.0), None);
        let until = after(5_000);
        assert_eq!(gate.ended(Health::Unwell, NOW, 1.0), Some(Turned::Opened { until }));
        assert_eq!((gate.room(after(4_999)), gate.opens_at(NOW)), (0, Some(until)));

        assert_eq!(gate.room(until), 1, "one probe");
        gate.sent(until);
        assert_eq!(gate.room(until), 0, "and no second beside it");
        let later = until.plus(Duration::from_secs(10));
        assert_eq!(gate.ended(Health::Unwell, until, 1.0), Some(Turned::Opened { until: later }), "doubled");
        gate.sent(later);
        assert_eq!(gate.ended(Health::Well, later, 1.0), Some(Turned::Closed));
        for most in [1, 2, 3, 4, 5, 6, 7, 8, 8] {
            assert_eq!(gate.room(later), most);
            gate.sent(later);
            gate.ended(Health::Well, later, 1.0);
        }
    }

    #[test]
    fn a_failure_after_successes_does_not_add_up() {
        let mut gate = Gate::new(Pace { breaker_failures: 2, ..Pace::default() });
        for _ in 0..10 {
            gate.sent(NOW);
            assert_eq!(gate.ended(Health::Unwell, NOW, 0.0), None);
            gate.sent(NOW);
            assert_eq!(gate.ended(Health::Well, NOW, 0.0), None);
        }
    }

    #[test]
    fn what_was_asked_for_is_waited_for_in_full() {
        let mut gate = Gate::new(Pace::default());
        gate.slow(after(60_000));
        gate.slow(after(1_000));
        assert_eq!((gate.room(after(59_999)), gate.opens_at(NOW)), (0, Some(after(60_000))));
        assert_eq!(gate.room(after(60_000)), 64);
    }

    #[test]
    fn a_person_can_end_a_wait_but_not_a_rate() {
        let pace = Pace { breaker_failures: 1, per_minute: Some(2), ..Pace::default() };
        let mut gate = Gate::new(pace);
        gate.slow(after(86_400_000));
        gate.hurry(NOW);
        assert_eq!(gate.room(NOW), 2);
        gate.sent(NOW);
        gate.ended(Health::Unwell, NOW, 1.0);
        assert_eq!(gate.room(NOW), 0, "the breaker is open");
        gate.hurry(NOW);
        assert_eq!(gate.room(NOW), 1, "one is tried");
        gate.sent(NOW);
        gate.ended(Health::Well, NOW, 1.0);
        gate.hurry(NOW);
        assert_eq!(gate.room(NOW), 0, "two in a minute are enough");
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lengthen_a_wait() {
        let mut gate = Gate::new(Pace { per_minute: Some(1), ..Pace::default() });
        gate.sent(NOW);
        gate.ended(Health::Well, NOW, 0.0);
        gate.slow(after(5_000));
        let day = Duration::from_secs(86_400);
        let now = Timestamp::from_millis(NOW.as_millis() - 86_400_000);
        gate.clock_set_back(day);
        assert_eq!(gate.opens_at(now), Some(now.plus(Duration::from_secs(60))));
        assert_eq!(gate.room(now.plus(Duration::from_secs(60))), 1);
    }

    proptest! {
        /// No stretch of a second or a minute has more than it may, whatever is asked when.
        #[test]
        fn no_window_has_more_than_it_may(
            steps in prop::collection::vec((0u64..700, 0u32..9), 1..200), second in 1u32..6, minute in 1u32..40,
        ) {
            let mut gate = Gate::new(Pace { per_second: Some(second), per_minute: Some(minute), ..Pace::default() });
            let (mut now, mut sent) = (0, Vec::new());
            for (pass, wanted) in steps {
                now += pass;
                for _ in 0..gate.room(after(now)).min(wanted) {
                    gate.sent(after(now));
                    gate.ended(Health::Well, after(now), 0.5);
                    sent.push(now);
                }
            }
            for (length, most) in [(1_000, second), (60_000, minute)] {
                for at in &sent {
                    let within = sent.iter().filter(|other| (*at..at + length).contains(*other)).count();
                    prop_assert!(within <= most as usize, "{within} within {length} ms from {at}");
                }
            }
        }

        /// Whatever happens, a gate opens again by the passing of time alone.
        #[test]
        fn a_gate_is_never_stuck(health in prop::collection::vec(any::<bool>(), 0..40)) {
            let mut gate = Gate::new(Pace { per_second: Some(3), ..Pace::default() });
            let mut now = NOW;
            for well in health {
                while gate.room(now) == 0 {
                    let opens = gate.opens_at(now);
                    prop_assert!(opens.is_some_and(|at| at > now));
                    now = opens.unwrap();
                }
                gate.sent(now);
                gate.ended(if well { Health::Well } else { Health::Unwell }, now, 0.5);
            }
        }
    }
}
