//! What the simulation makes of Talqui: it keeps every message that arrives and
//! answers by its mood, which the seed decides. It objects at once to a message
//! that should not have come.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use gancho::delivery::{Answer, Fault, Reply, Sent};
use gancho::event::Timestamp;
use gancho::session::SessionStart;
use gancho::worker::{Connection, Upstream};
use tokio::sync::watch;

/// How it meets what comes on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Nobody listens.
    Down,
    /// It takes the message and breaks off.
    Breaks,
    /// It takes the message and fails.
    Fails,
    /// It fails before it has done anything, which cannot be told from outside.
    FailsFirst,
    RefusesCredential,
    RefusesMessage,
    /// With `Retry-After`.
    AsksToWait {
        secs: u64,
    },
}

impl Mood {
    pub fn any(random: &mut Rng) -> Self {
        match random.u8(0..12) {
            0..4 => Self::Well,
            4 | 5 => Self::Down,
            6 => Self::Breaks,
            7 => Self::Fails,
            8 => Self::FailsFirst,
            9 => Self::RefusesCredential,
            10 => Self::RefusesMessage,
            _ => Self::AsksToWait { secs: random.u64(1..600) },
        }
    }

    fn arrives(self) -> bool {
        matches!(self, Self::Well | Self::Breaks | Self::Fails)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    pub connection: String,
    pub contact: String,
    pub text: String,
}

#[derive(Default)]
pub struct Seen {
    pub arrived: Vec<Arrived>,
    pub moods: BTreeMap<String, Mood>,
    /// Nothing may come through these connections now, nor of these sources, which
    /// begin with a slash as they end a text.
    pub stopped: Vec<String>,
    /// Until then it asked for silence, and in which round: what was on its way
    /// with the one that it told is no disobedience.
    wait: BTreeMap<String, (Timestamp, u64)>,
    pub round: u64,
    calls: BTreeMap<String, Vec<Timestamp>>,
    /// After so many more calls the gateway is killed in the middle of one.
    pub kill_after: Option<u32>,
    pub objections: Vec<String>,
}

#[derive(Clone)]
pub struct Talqui {
    pub seen: Arc<Mutex<Seen>>,
    /// Turns true when the gateway is to be killed.
    pub killed: watch::Sender<bool>,
}

/// What every connection of the simulation promises.
pub const PER_SECOND: usize = 3;
pub const PER_MINUTE: usize = 40;

impl Talqui {
    pub fn new() -> Self {
        Self { seen: Arc::default(), killed: watch::channel(false).0 }
    }

    /// The clock was set back: what was asked for is counted from now.
    pub fn clock_set_back(&self, by: Duration) {
        let back = |at: &mut Timestamp| {
            *at = Timestamp::from_millis(at.as_millis() - by.as_millis() as i64);
        };
        let mut seen = self.seen.lock().unwrap();
        seen.wait.values_mut().for_each(|(until, _)| back(until));
        seen.calls.values_mut().flatten().for_each(back);
    }

    /// It counts from when the gateway reads it: one that is killed before cannot
    /// know.
    fn ask_to_wait(&self, to: &str, mood: Mood, now: Timestamp) {
        if let Mood::AsksToWait { secs } = mood {
            let until = now.plus(Duration::from_secs(secs));
            let mut seen = self.seen.lock().unwrap();
            let round = seen.round;
            let wait = seen.wait.entry(to.to_owned()).or_insert((until, round));
            *wait = (until.max(wait.0), round);
        }
    }

    fn called(&self, to: &str, start: &SessionStart, now: Timestamp) -> Option<Mood> {
        let mut seen = self.seen.lock().unwrap();
        let seen = &mut *seen;
        let text = start.text().unwrap_or_default();
        if let Some(stopped) = seen
            .stopped
            .iter()
            .find(|name| *name == to || name.starts_with('/') && text.ends_with(name.as_str()))
        {
            seen.objections.push(format!("{stopped} is paused, and a message came: {text}"));
        }
        if seen.wait.get(to).is_some_and(|(until, round)| now < *until && seen.round > *round) {
            seen.objections.push(format!("{to} was asked to wait, and did not"));
        }
        let calls = seen.calls.entry(to.to_owned()).or_default();
        calls.push(now);
        for (secs, most) in [(1, PER_SECOND), (60, PER_MINUTE)] {
            let within = calls.iter().filter(|at| at.plus(Duration::from_secs(secs)) > now).count();
            if within > most {
                seen.objections.push(format!("{to} got {within} messages within {secs} s"));
            }
        }
        let mood = seen.moods.get(to).copied().unwrap_or(Mood::Well);
        if mood.arrives() {
            seen.arrived.push(Arrived {
                connection: to.to_owned(),
                contact: start.contact().to_owned(),
                text: text.to_owned(),
            });
        }
        match &mut seen.kill_after {
            Some(0) => {
                seen.kill_after = None;
                None
            }
            Some(left) => {
                *left -= 1;
                Some(mood)
            }
            None => Some(mood),
        }
    }
}

impl Upstream for Talqui {
    fn send<'a>(
        &'a self,
        to: &'a Connection,
        start: &'a SessionStart,
        _timeout: Duration,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        // The connections differ by this alone.
        let name = super::name_of(&to.destination.plugin_connection_id);
        let mood = self.called(name, start, now);
        Box::pin(async move {
            match mood {
                Some(mood) => {
                    self.ask_to_wait(name, mood, now);
                    answer(mood)
                }
                None => {
                    self.killed.send_replace(true);
                    std::future::pending().await
                }
            }
        })
    }
}

fn answer(mood: Mood) -> Answer {
    let reply =
        |status, retry_after| Ok(Reply { status, retry_after, session_id: None, excerpt: String::new() });
    let fault = |sent| Err(Fault { sent, message: "as simulated".to_owned() });
    match mood {
        Mood::Well => reply(201, None),
        Mood::Down => fault(Sent::No),
        Mood::Breaks => fault(Sent::Maybe),
        Mood::Fails | Mood::FailsFirst => reply(500, None),
        Mood::RefusesCredential => reply(401, None),
        Mood::RefusesMessage => reply(422, None),
        Mood::AsksToWait { secs } => reply(429, Some(Duration::from_secs(secs))),
    }
}
