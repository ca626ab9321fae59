//! From an answer to an outcome: the one place where it is decided whether a
//! message may be sent again.

use std::time::Duration;

use super::state::words;
use super::{Answer, OnUnknown, Policy, Reply, Sent};
use crate::event::Timestamp;

words! {
    /// What is known of the person after an attempt.
    Verdict {
        /// A success was read: the message is with Talqui.
        Delivered = "delivered",
        /// The message did not leave, or was refused: the person has nothing.
        NotSent = "not_sent",
        /// The person may have it.
        Unknown = "unknown",
    }
}

/// What becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Delivered,
    /// Pending again, due at that time.
    Retry {
        at: Timestamp,
        /// Whether the attempt is one of those that its policy allows.
        counts: bool,
    },
    Hold {
        /// Those behind it in its lane wait with it.
        keeps_lane: bool,
    },
    /// Never to be sent: this message is wrong, or was tried often enough.
    Bury,
    /// Pending again, and its connection stops: every message would fail alike.
    Pause,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    pub next: Next,
    /// One sentence for the operator.
    pub reason: String,
    /// Until then nothing of its connection is sent: Talqui asked for it.
    pub slow_until: Option<Timestamp>,
}

impl Outcome {
    pub fn new(verdict: Verdict, next: Next, reason: impl Into<String>) -> Self {
        Self { verdict, next, reason: reason.into(), slow_until: None }
    }
}

/// Decides. `attempt` counts from 1; `chance` is in 0.0..1.0 and spreads
/// retries. `Retry-After` can only postpone.
pub fn decide(answer: &Answer, attempt: u32, policy: &Policy, now: Timestamp, chance: f64) -> Outcome {
    let at = now.plus(backoff(attempt, policy, chance));
    match answer {
        Ok(reply) => decide_reply(reply, attempt, policy, now, at),
        // Talqui was not reached, which says nothing about this message.
        Err(fault) if fault.sent == Sent::No => {
            Outcome::new(Verdict::NotSent, Next::Retry { at, counts: false }, &*fault.message)
        }
        Err(fault) => unknown(&fault.message, attempt, policy, at),
    }
}

/// What becomes of a delivery whose sender was lost, for `why`: it may have gone
/// out.
pub fn lost(why: &str, attempt: u32, policy: &Policy, now: Timestamp) -> Outcome {
    unknown(why, attempt, policy, now)
}

fn decide_reply(reply: &Reply, attempt: u32, policy: &Policy, now: Timestamp, at: Timestamp) -> Outcome {
    let status = reply.status;
    let outcome = |verdict, next, reason: &str| Outcome::new(verdict, next, format!("{status}: {reason}"));
    match status {
        200..=299 => outcome(Verdict::Delivered, Next::Delivered, "accepted by Talqui"),
        429 => slow_down(reply, attempt, policy, now, at),
        401 | 403 => {
            outcome(Verdict::NotSent, Next::Pause, "Talqui refused the credential of this connection")
        }
        300..=399 | 404 | 405 => outcome(
            Verdict::NotSent,
            Next::Pause,
            "Talqui does not know this address: check talqui.base_url and the connection's tenant_id",
        ),
        408 | 500..=599 => {
            unknown(&format!("{status}: Talqui failed after it had the request"), attempt, policy, at)
        }
        400..=499 => outcome(Verdict::NotSent, Next::Bury, "Talqui refused this message"),
        _ => unknown(&format!("{status}: not a status that says anything"), attempt, policy, at),
    }
}

/// The whole connection waits, not this message alone: the others would be told
/// the same.
fn slow_down(reply: &Reply, attempt: u32, policy: &Policy, now: Timestamp, at: Timestamp) -> Outcome {
    let until = reply.retry_after.map_or(at, |wait| now.plus(wait));
    let reason = "429: Talqui asked to slow down";
    let outcome = match attempt >= policy.attempts {
        true => Outcome::new(Verdict::NotSent, Next::Bury, given_up(reason, attempt)),
        false => Outcome::new(Verdict::NotSent, Next::Retry { at: at.max(until), counts: true }, reason),
    };
    Outcome { slow_until: Some(until), ..outcome }
}

fn given_up(reason: &str, attempt: u32) -> String {
    format!("{reason}; given up after {attempt} attempt{}", if attempt == 1 { "" } else { "s" })
}

fn unknown(what: &str, attempt: u32, policy: &Policy, at: Timestamp) -> Outcome {
    let what = format!("{what}; the person may have the message");
    let hold = Next::Hold { keeps_lane: policy.lane_waits_for_held };
    match policy.on_unknown {
        OnUnknown::Hold => Outcome::new(Verdict::Unknown, hold, what),
        OnUnknown::Resend if attempt >= policy.attempts => {
            Outcome::new(Verdict::Unknown, hold, given_up(&what, attempt))
        }
        OnUnknown::Resend => Outcome::new(Verdict::Unknown, Next::Retry { at, counts: true }, what),
    }
}

/// A doubling delay, of which the last `jitter_percent` are chance.
fn backoff(attempt: u32, policy: &Policy, chance: f64) -> Duration {
    let doubled =
        policy.first_delay.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    let most = doubled.min(policy.max_delay);
    let jitter = f64::from(policy.jitter_percent.min(100)) / 100.0;
    most.mul_f64(1.0 - jitter + jitter * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Fault;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

    fn reply(status: u16) -> Answer {
        Ok(Reply { status, retry_after: None, session_id: None, excerpt: String::new() })
    }

    fn fault(sent: Sent) -> Answer {
        Err(Fault { sent, message: "reset".into() })
    }

    fn after(answer: &Answer) -> (Verdict, Next) {
        let outcome = decide(answer, 1, &Policy::default(), NOW, 1.0);
        (outcome.verdict, outcome.next)
    }

    const SOON: Timestamp = Timestamp::from_secs(1_772_452_802);
    const HOLD: Next = Next::Hold { keeps_lane: false };

    #[test]
    fn statuses_mean_what_they_say() {
        use Next::*;
        use Verdict::{Delivered as Yes, NotSent, Unknown};
        for (status, verdict, next) in [
            (200, Yes, Delivered),
            (201, Yes, Delivered),
            (202, Yes, Delivered),
            (302, NotSent, Pause),
            (400, NotSent, Bury),
            (401, NotSent, Pause),
            (403, NotSent, Pause),
            (404, NotSent, Pause),
            (408, Unknown, HOLD),
            (422, NotSent, Bury),
            (429, NotSent, Retry { at: SOON, counts: true }),
            (500, Unknown, HOLD),
            (503, Unknown, HOLD),
            (600, Unknown, HOLD),
        ] {
            assert_eq!(after(&reply(status)), (verdict, next), "{status}");
        }
    }

    #[test]
    fn a_fault_is_retried_only_if_nothing_left() {
        assert_eq!(after(&fault(Sent::No)), (Verdict::NotSent, Next::Retry { at: SOON, counts: false }));
        assert_eq!(after(&fault(Sent::Maybe)), (Verdict::Unknown, HOLD));
    }

    #[test]
    fn unknown_is_sent_again_only_where_the_connection_says_so() {
        let policy = Policy { on_unknown: OnUnknown::Resend, ..Policy::default() };
        let outcome = decide(&fault(Sent::Maybe), 1, &policy, NOW, 1.0);
        assert_eq!(
            (outcome.verdict, outcome.next),
            (Verdict::Unknown, Next::Retry { at: SOON, counts: true })
        );
    }

    #[test]
    fn after_its_last_attempt_a_message_is_dead_or_held_and_never_quietly_dropped() {
        let policy = Policy { attempts: 3, on_unknown: OnUnknown::Resend, ..Policy::default() };
        let after = |answer, attempt| decide(&answer, attempt, &policy, NOW, 1.0);
        assert!(matches!(after(reply(429), 2).next, Next::Retry { counts: true, .. }));
        let last = after(reply(429), 3);
        assert_eq!((last.next, last.verdict), (Next::Bury, Verdict::NotSent));
        assert!(last.reason.contains("given up after 3 attempts"), "{}", last.reason);
        assert!(matches!(after(reply(500), 2).next, Next::Retry { .. }));
        assert_eq!(after(reply(500), 3).next, HOLD, "unknown is never filed as dead");
        assert!(matches!(after(fault(Sent::No), 9).next, Next::Retry { counts: false, .. }));
    }

    #[test]
    fn a_lane_waits_for_what_is_held_only_where_it_is_asked_for() {
        let policy = Policy { lane_waits_for_held: true, ..Policy::default() };
        let outcome = decide(&fault(Sent::Maybe), 1, &policy, NOW, 1.0);
        assert_eq!(outcome.next, Next::Hold { keeps_lane: true });
    }

    #[test]
    fn a_429_makes_the_whole_connection_wait() {
        let asked = Ok(Reply { retry_after: Some(Duration::from_secs(60)), ..reply(429).unwrap() });
        let outcome = decide(&asked, 1, &Policy::default(), NOW, 1.0);
        assert_eq!(outcome.slow_until, Some(NOW.plus(Duration::from_secs(60))));
        let unsaid = decide(&reply(429), 1, &Policy::default(), NOW, 1.0);
        assert_eq!(unsaid.slow_until, Some(SOON));
    }

    proptest! {
        /// No unknown outcome is repeated under `hold`, whatever came back.
        #[test]
        fn unknown_is_never_resent_under_hold(status in 0u16..1000, faulted: bool, attempt in 1u32..1000, chance in 0.0..1.0f64) {
            let answer = if faulted { fault(Sent::Maybe) } else { reply(status) };
            let outcome = decide(&answer, attempt, &Policy::default(), NOW, chance);
            if outcome.verdict == Verdict::Unknown {
                prop_assert_eq!(outcome.next, HOLD);
            }
            prop_assert_eq!(outcome.verdict == Verdict::Delivered, !faulted && (200..300).contains(&status));
        }

        /// `Retry-After` is obeyed in full and can only postpone.
        #[test]
        fn retry_after_only_postpones(secs in 0u64..100_000, attempt in 1u32..20, chance in 0.0..1.0f64) {
            let asked = Ok(Reply { retry_after: Some(Duration::from_secs(secs)), ..reply(429).unwrap() });
            let policy = Policy::default();
            let at = |answer: &Answer| match decide(answer, attempt, &policy, NOW, chance).next {
                Next::Retry { at, .. } => at,
                other => panic!("{other:?}"),
            };
            prop_assert!(at(&asked) >= NOW.plus(Duration::from_secs(secs)));
            prop_assert!(at(&asked) >= at(&reply(429)));
        }

        /// A retry is never at once and never later than the longest delay.
        #[test]
        fn backoff_is_bounded(attempt in 1u32..10_000, chance in 0.0..1.0f64) {
            let policy = Policy::default();
            let wait = backoff(attempt, &policy, chance);
            prop_assert!(wait >= policy.first_delay / 2 && wait <= policy.max_delay);
        }
    }
}
