//! What happens after the acknowledgement: received events are planned, due
//! deliveries are sent, and what came of it is settled.
//!
//! Lives here: the order of those steps. What to send is `mapping`'s to say,
//! what to do next `delivery::decide`'s, and whose turn it is the store's. Never
//! here: SQL, HTTP, or a transaction held while something is sent.
//!
//! [`Worker::step`] does one round and waits for it; tests step it. [`Worker::run`]
//! goes round until it is told to stop, without waiting for slow sends.

mod erase;
mod gates;
mod person;
mod planning;
mod preview;
mod replay;
mod run;
mod sending;

pub use erase::{EraseError, Erased};
pub use planning::{Unplannable, read_event};
pub use preview::{Foreseen, Preview};
pub use replay::{EventSelection, ReplayError, Replayed};

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gates::Gates;

use crate::delivery::{Answer, Next, Pace, Policy};
use crate::event::{Secret, Timestamp};
use crate::observe::Observer;
use crate::session::{Destination, SessionStart};
use crate::source::OpenSources;
use crate::store::{Paused, Recovered, Store, StoreError};
use crate::talqui::Talqui;

/// Where the time comes from; a test hands in its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A configured connection, with its token.
#[derive(Debug, Clone)]
pub struct Connection {
    pub destination: Destination,
    pub token: Secret,
    pub policy: Policy,
    pub pace: Pace,
}

/// Who carries a message away: Talqui, or what a simulation makes of it.
pub trait Upstream: Send + Sync {
    /// One attempt, which takes `timeout` at most. `now` is only what a date in
    /// the answer is held against.
    fn send<'a>(
        &'a self,
        to: &'a Connection,
        start: &'a SessionStart,
        timeout: Duration,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
}

impl Upstream for Talqui {
    fn send<'a>(
        &'a self,
        to: &'a Connection,
        start: &'a SessionStart,
        timeout: Duration,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        let talqui = self.within(timeout);
        Box::pin(async move { talqui.send(&to.destination.tenant_id, &to.token, start, now).await })
    }
}

/// Longer than any request may take: a lease is for a person who looks; who is
/// alive is known.
const LEASE_SECS: u32 = 600;

const REFUSED_BODY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// The longest window that a rate is counted in.
const RATE_MILLIS: i64 = 60 * 1000;

#[derive(Clone)]
pub struct Worker {
    store: Store,
    sources: OpenSources,
    upstream: Arc<dyn Upstream>,
    connections: Arc<BTreeMap<String, Connection>>,
    gates: Arc<Gates>,
    clock: Clock,
    observer: Observer,
}

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    pub planned: usize,
    pub sent: usize,
    pub expired: usize,
}

impl Worker {
    pub fn new(
        store: Store,
        sources: OpenSources,
        upstream: impl Upstream + 'static,
        connections: BTreeMap<String, Connection>,
        clock: Clock,
    ) -> Self {
        let paces = connections.iter().map(|(name, connection)| (name.clone(), connection.pace.clone()));
        let gates = Arc::new(Gates::new(paces));
        let (upstream, connections) = (Arc::new(upstream), Arc::new(connections));
        let observer = Observer::default();
        Self { store, sources, upstream, connections, gates, clock, observer }
    }

    /// Tells `observer` what becomes of everything.
    pub fn observed_by(self, observer: Observer) -> Self {
        Self { observer, ..self }
    }

    /// Before the first round: whatever a crash left in flight is unknown, a
    /// connection that was paused by a refusal gets its chance with the credential
    /// of today, and what Talqui asked for before still holds.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        self.gates.look_at_the_clock(self.store.last_written().await?);
        self.mind_the_clock().await?;
        let orphans = self.store.recover_orphans(now, self.policies()).await?;
        self.tell_lost(&orphans, now, "the gateway stopped while sending it");
        let resumed = self.store.resume_all().await?;
        if resumed > 0 {
            tracing::info!(resumed, "paused connections are tried again");
        }
        for (connection, until) in self.store.slowed().await? {
            self.gates.slow(&connection, until);
        }
        let since = Timestamp::from_millis(now.as_millis().saturating_sub(RATE_MILLIS));
        for (connection, at) in self.store.attempts_since(since).await? {
            // It may be of before the clock was set back.
            self.gates.remember(&connection, at.min(now));
        }
        Ok(())
    }

    fn tell_lost(&self, lost: &[Recovered], now: Timestamp, why: &str) {
        for Recovered { delivery, connection, next, .. } in lost {
            let held = matches!(next, Next::Hold { .. });
            self.observer.lost(now, *delivery, connection, held);
            tracing::warn!(
                %delivery, %connection, held,
                "it is unknown whether this message went out: {why}"
            );
        }
    }

    /// One round: plan a batch of what was received, drop what has gone stale, send
    /// what is due, settle it.
    pub async fn step(&self) -> Result<Step, StoreError> {
        self.mind_the_clock().await?;
        let planned = self.plan_received().await;
        let expired = self.expire((self.clock)()).await?;
        let claimed = self.claim((self.clock)()).await?;
        let sent = claimed.len();
        let mut sends = tokio::task::JoinSet::new();
        for delivery in claimed {
            sends.spawn(self.clone().send(delivery));
        }
        sends.join_all().await;
        Ok(Step { planned: planned?, sent, expired })
    }

    /// Goes on with what a person says is well again: a connection is tried at
    /// once, whatever it waited for. False: nothing changed.
    pub async fn resume(&self, what: Paused) -> Result<bool, StoreError> {
        let now = (self.clock)();
        let resumed = self.store.resume(what.clone()).await?;
        let Paused::Connection(connection) = what else { return Ok(resumed) };
        self.gates.hurry(&connection, now);
        Ok(self.store.hurry(&connection, now).await? || resumed)
    }

    /// Drops what is kept of refused requests and no longer of use. In small
    /// writes, so that webhooks are not held up.
    async fn drop_refused_bodies(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = Timestamp::from_millis(now.as_millis().saturating_sub(REFUSED_BODY_MILLIS));
        while self.store.drop_refused_bodies(before).await? > 0 {}
        Ok(())
    }

    fn policies(&self) -> BTreeMap<String, Policy> {
        self.connections.iter().map(|(name, connection)| (name.clone(), connection.policy.clone())).collect()
    }
}
