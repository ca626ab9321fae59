//! What is seen of a running gateway from outside: counts and times for
//! Prometheus, and the news for whoever follows along.
//!
//! Lives here: counting what the rooms above report, and telling it on. Never
//! here: reading the store (its figures are handed in, as [`Gauges`]), a log line,
//! a contact, or a word of a message.
//!
//! An [`Observer`] counts by name only what it was told of ([`Observer::know`]), so
//! that no caller of an address can make a series.

mod happening;
mod meters;
mod standing;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use tokio::sync::broadcast;

use crate::delivery::{Next, Outcome, Turned, Verdict};
use crate::event::{DeliveryId, Timestamp};
pub use happening::{Happening, Of, What};
use meters::{Ended, Meters};
pub use standing::Gauges;
use standing::Standing;

/// What [`Observer::metrics`] writes, for the header of who serves it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who follows and falls behind by more loses the oldest of it, and is told so.
const NEWS: usize = 1024;

/// Clones share what they count.
#[derive(Clone)]
pub struct Observer(Arc<Inner>);

struct Inner {
    registry: Registry,
    meters: Meters,
    /// Set and read as one, so that two who ask do not see each other's half.
    standing: Mutex<Standing>,
    news: broadcast::Sender<Happening>,
}

impl Default for Observer {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("gancho");
        let meters = Meters::new(&mut registry);
        let standing = Mutex::new(Standing::new(&mut registry));
        Self(Arc::new(Inner { registry, meters, standing, news: broadcast::Sender::new(NEWS) }))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("followers", &self.0.news.receiver_count()).finish_non_exhaustive()
    }
}

impl Observer {
    /// From now on these are counted by name, beginning at nothing. What was known
    /// before stays so: a mapping that is gone still has events on their way.
    pub fn know<'n>(
        &self,
        sources: impl IntoIterator<Item = &'n str>,
        connections: impl IntoIterator<Item = &'n str>,
    ) {
        self.0.meters.know(sources, connections);
    }

    /// An event is on disk and acknowledged. `repeat`: its sender had sent it
    /// before.
    pub fn accepted(&self, of: &Of<'_>, repeat: bool) {
        let meters = &self.0.meters;
        meters.source(of.source, |m| if repeat { &m.repeated } else { &m.accepted }.inc());
        self.tell(|| of.happening(if repeat { What::Repeated } else { What::Accepted }));
    }

    /// A request was answered with a problem. `source`: as it was called, which is
    /// told only if there is one.
    pub fn refused(&self, at: Timestamp, source: &str, code: &str, request: Option<&str>) {
        let source = Some(source).filter(|source| self.0.meters.knows(source));
        self.0.meters.refused(source.unwrap_or_default(), code);
        self.tell(|| Happening {
            source: source.map(str::to_owned),
            request: request.map(str::to_owned),
            reason: Some(code.to_owned()),
            ..Happening::new(at, What::Refused)
        });
    }

    pub fn planned(&self, of: &Of<'_>) {
        self.0.meters.source(of.source, |m| m.planned.inc());
        self.tell(|| of.happening(What::Planned));
    }

    pub fn ignored(&self, of: &Of<'_>) {
        self.0.meters.source(of.source, |m| m.ignored.inc());
        self.tell(|| of.happening(What::Ignored));
    }

    /// `code`: of the first of its problems, whose sentence may quote the payload.
    pub fn parked(&self, of: &Of<'_>, code: &str) {
        self.0.meters.source(of.source, |m| m.parked.inc());
        self.tell(|| Happening { reason: Some(code.to_owned()), ..of.happening(What::Parked) });
    }

    /// Not to be sent: this person has a message for its business key.
    pub fn twin(&self, of: &Of<'_>, delivery: DeliveryId, connection: &str) {
        self.0.meters.ended(connection, Ended::Twin);
        self.tell(|| of.delivery(What::Twin, delivery, connection));
    }

    pub fn expired(&self, of: &Of<'_>, delivery: DeliveryId, connection: &str) {
        self.0.meters.ended(connection, Ended::Expired);
        self.tell(|| of.delivery(What::Expired, delivery, connection));
    }

    /// An attempt is about to be made.
    pub fn sent(&self, connection: &str) {
        self.0.meters.connection(connection, |m| m.in_flight.inc());
    }

    /// That attempt has ended, after `took`.
    pub fn attempted(
        &self,
        of: &Of<'_>,
        delivery: DeliveryId,
        connection: &str,
        outcome: &Outcome,
        took: Duration,
    ) {
        let meters = &self.0.meters;
        meters.attempted(connection, outcome.verdict, took);
        let (what, ended) = match outcome.next {
            Next::Delivered => (What::Delivered, Some(Ended::Delivered)),
            Next::Hold { .. } => (What::Held, Some(Ended::Held)),
            Next::Bury => (What::Dead, Some(Ended::Dead)),
            Next::Retry { .. } => (What::Retried, None),
            Next::Pause => (What::PutBack, None),
        };
        if let Some(ended) = ended {
            meters.ended(connection, ended);
        }
        self.tell(|| Happening {
            outcome: Some(outcome.verdict.as_str()),
            reason: Some(outcome.reason.clone()),
            ..of.delivery(what, delivery, connection)
        });
    }

    /// It is unknown whether `delivery` went out: who was sending it is gone.
    pub fn lost(&self, at: Timestamp, delivery: DeliveryId, connection: &str, held: bool) {
        if held {
            self.0.meters.ended(connection, Ended::Held);
        }
        self.tell(|| Happening {
            delivery: Some(delivery),
            connection: Some(connection.to_owned()),
            outcome: Some(Verdict::Unknown.as_str()),
            ..Happening::new(at, if held { What::Held } else { What::Retried })
        });
    }

    /// The breaker of a connection opened, or closed again.
    pub fn turned(&self, at: Timestamp, connection: &str, turned: Turned) {
        let (what, open) = match turned {
            Turned::Opened { .. } => (What::BreakerOpened, 1),
            Turned::Closed => (What::BreakerClosed, 0),
        };
        self.0.meters.connection(connection, |m| m.breaker_open.set(open));
        self.tell(|| Happening { connection: Some(connection.to_owned()), ..Happening::new(at, what) });
    }

    /// The gateway stopped a connection by itself.
    pub fn paused(&self, at: Timestamp, connection: &str, reason: &str) {
        self.tell(|| Happening {
            connection: Some(connection.to_owned()),
            reason: Some(reason.to_owned()),
            ..Happening::new(at, What::Paused)
        });
    }

    /// A transaction of so many jobs was synced to disk.
    pub fn committed(&self, took: Duration, jobs: usize) {
        self.0.meters.committed(took, jobs);
    }

    /// All of it as text, with how things stand in the store.
    pub fn metrics(&self, gauges: &Gauges) -> String {
        let standing = self.0.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.set(gauges, &self.0.meters.connections());
        let mut written = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut written, &self.0.registry);
        written
    }

    /// Everything that happens from now on.
    pub fn follow(&self) -> broadcast::Receiver<Happening> {
        self.0.news.subscribe()
    }

    /// Costs nothing while nobody follows.
    fn tell(&self, happening: impl FnOnce() -> Happening) {
        if self.0.news.receiver_count() > 0 {
            // Who followed may have gone in this moment.
            let _ = self.0.news.send(happening());
        }
    }
}

#[cfg(test)]
mod tests;
