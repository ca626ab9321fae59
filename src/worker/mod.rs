//! What happens after the acknowledgement: received events are planned, due
//! deliveries are sent, and what came of it is settled.
//!
//! Lives here: the order of those steps. What to send is `mapping`'s to say,
//! what to do next `delivery::decide`'s, and whose turn it is the store's. Never
//! here: SQL, HTTP, or a transaction held while something is sent.
//!
//! [`Worker::step`] does one round and waits for it; tests step it. [`Worker::run`]
//! goes round until it is told to stop, without waiting for slow sends.

mod planning;
mod run;
mod sending;

pub use planning::{Unplannable, read_event};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::{OnUnknown, Policy};
use crate::event::{Secret, Timestamp};
use crate::session::Destination;
use crate::source::OpenSources;
use crate::store::{Store, StoreError};
use crate::talqui::Talqui;

/// Where the time comes from; a test hands in its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A configured connection, with its token.
#[derive(Debug, Clone)]
pub struct Connection {
    pub destination: Destination,
    pub token: Secret,
    pub policy: Policy,
}

/// At most this many requests to Talqui at a time.
const MAX_IN_FLIGHT: u32 = 64;
/// Longer than any request may take, so that only a lost one is recovered.
const LEASE_SECS: u32 = 600;

const REFUSED_BODY_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Clone)]
pub struct Worker {
    store: Store,
    sources: OpenSources,
    talqui: Talqui,
    connections: Arc<BTreeMap<String, Connection>>,
    clock: Clock,
}

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    pub planned: usize,
    pub sent: usize,
}

impl Worker {
    pub fn new(
        store: Store,
        sources: OpenSources,
        talqui: Talqui,
        connections: BTreeMap<String, Connection>,
        clock: Clock,
    ) -> Self {
        Self { store, sources, talqui, connections: Arc::new(connections), clock }
    }

    /// Before the first round: whatever a crash left in flight is unknown, and a
    /// connection that was paused gets its chance with the credential of today.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let orphans = self.store.recover_orphans((self.clock)(), &self.resending()).await?;
        for orphan in &orphans {
            tracing::warn!(
                delivery = %orphan.delivery, connection = %orphan.connection, state = %orphan.state,
                "it is unknown whether this message went out: the gateway stopped while sending it"
            );
        }
        let resumed = self.store.resume_all().await?;
        if resumed > 0 {
            tracing::info!(resumed, "paused connections are tried again");
        }
        Ok(())
    }

    /// One round: plan a batch of what was received, send what is due, settle it.
    pub async fn step(&self) -> Result<Step, StoreError> {
        let planned = self.plan_received().await?;
        let claimed = self.store.claim_due((self.clock)(), MAX_IN_FLIGHT, LEASE_SECS).await?;
        let sent = claimed.len();
        let mut sends = tokio::task::JoinSet::new();
        for delivery in claimed {
            sends.spawn(self.clone().send(delivery));
        }
        sends.join_all().await;
        Ok(Step { planned, sent })
    }

    /// What was refused is somebody's data all the same: its bodies go after a day.
    pub async fn drop_refused_bodies(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = Timestamp::from_millis(now.as_millis().saturating_sub(REFUSED_BODY_MILLIS));
        while self.store.drop_refused_bodies(before).await? > 0 {}
        Ok(())
    }

    /// The connections whose unknown outcomes are sent again.
    fn resending(&self) -> Vec<String> {
        let resends = |connection: &Connection| connection.policy.on_unknown == OnUnknown::Resend;
        self.connections.iter().filter(|(_, c)| resends(c)).map(|(name, _)| name.clone()).collect()
    }
}
