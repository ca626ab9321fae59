//! Telling the operator, once, that something needs a person.
//!
//! Lives here: noticing that a condition has begun or ended, and posting it to the
//! address of `alerts.url`. It is posted once, when it begins; the store remembers
//! it through a restart, and only after it has ended can it be posted again. Never
//! here: anything that the way of a webhook waits for, and any personal data.
//!
//! [`Alerts::step`] is one look and what follows from it; tests step it.
//! [`Alerts::run`] goes on doing so.

mod condition;
mod post;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use condition::Condition;
pub use post::{Receiver, ReceiverError};

use crate::event::Timestamp;
use crate::observe::Observer;
use crate::store::{Paused, Store, StoreError};

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// A breaker that is open for less is not worth a person's time.
const BREAKER_OPEN: Duration = Duration::from_secs(5 * 60);
/// A write that takes longer has failed, as far as anybody can tell.
const STORE_ANSWERS: Duration = Duration::from_secs(10);
/// After a post that failed; each later one doubles.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const MAX_WAIT: Duration = Duration::from_secs(300);

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

pub struct Alerts {
    store: Store,
    observer: Observer,
    receiver: Receiver,
    /// What this gateway is called in what is posted.
    gateway: String,
    clock: Clock,
    /// What has begun and not ended, by the key of its condition.
    begun: BTreeMap<String, Begun>,
    /// Whether `begun` holds what the store remembers.
    remembers: bool,
    post_at: Timestamp,
    wait: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    since: Timestamp,
    told: bool,
}

/// What is so now, with since when, where that is known.
type Found = BTreeMap<String, (Condition, Option<Timestamp>)>;

impl Alerts {
    pub fn new(store: Store, observer: Observer, receiver: Receiver, gateway: String, clock: Clock) -> Self {
        let (begun, post_at) = (BTreeMap::new(), Timestamp::from_millis(i64::MIN));
        Self { store, observer, receiver, gateway, clock, begun, remembers: false, post_at, wait: FIRST_WAIT }
    }

    /// Until the task that runs it is ended.
    pub async fn run(mut self) {
        loop {
            self.step().await;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Looks, remembers what began and what ended, and posts what nobody was told.
    pub async fn step(&mut self) {
        let now = (self.clock)();
        let mut found = self.of_the_gateway(now).await;
        match self.of_the_store().await {
            Ok(more) => {
                found.extend(more);
                self.end_all_but(&found).await;
            }
            // What it knows could not be asked: nothing of it begins or ends.
            Err(why) => tracing::debug!("alerts wait for the store: {why}"),
        }
        self.begin(&found, now).await;
        self.post(&found, now).await;
    }

    /// What is known without a look into the store.
    async fn of_the_gateway(&self, now: Timestamp) -> Found {
        let mut found = Found::new();
        let pinged = tokio::time::timeout(STORE_ANSWERS, self.store.ping()).await;
        if !matches!(pinged, Ok(Ok(()))) {
            add(&mut found, Condition::StoreFailing, None);
        }
        if let Some((closed, since)) = self.observer.intake_closed() {
            add(&mut found, Condition::IntakeClosed(closed), Some(since));
        }
        for (connection, since) in self.observer.open_breakers() {
            if since.until(now) >= BREAKER_OPEN {
                add(&mut found, Condition::BreakerOpen { connection }, Some(since));
            }
        }
        found
    }

    async fn of_the_store(&mut self) -> Result<Found, StoreError> {
        if !self.remembers {
            for alert in self.store.alerts().await? {
                let begun = Begun { since: alert.since, told: alert.told_at.is_some() };
                self.begun.entry(alert.condition).or_insert(begun);
            }
            self.remembers = true;
        }
        let mut found = Found::new();
        for pause in self.store.paused().await? {
            if let (Paused::Connection(connection), false) = (pause.what, pause.by_hand) {
                let reason = pause.reason;
                add(&mut found, Condition::ConnectionPaused { connection, reason }, Some(pause.since));
            }
        }
        let waiting = self.store.waiting_for_a_person().await?;
        for (source, count) in waiting.parked {
            add(&mut found, Condition::EventsParked { source, count }, None);
        }
        for (connection, count) in waiting.held {
            add(&mut found, Condition::DeliveriesHeld { connection, count }, None);
        }
        Ok(found)
    }

    /// What cannot be forgotten in the store yet is not forgotten here either.
    async fn end_all_but(&mut self, found: &Found) {
        let ended: Vec<String> = self.begun.keys().filter(|key| !found.contains_key(*key)).cloned().collect();
        for key in ended {
            if self.store.alert_ends(&key).await.is_ok() {
                self.begun.remove(&key);
            }
        }
    }

    async fn begin(&mut self, found: &Found, now: Timestamp) {
        for (key, (_, since)) in found {
            if !self.begun.contains_key(key) {
                let since = since.unwrap_or(now);
                self.begun.insert(key.clone(), Begun { since, told: false });
                self.keep(self.store.alert_begins(key, since)).await;
            }
        }
    }

    async fn post(&mut self, found: &Found, now: Timestamp) {
        for (key, (condition, _)) in found {
            let Some(Begun { since, told: false }) = self.begun.get(key).copied() else { continue };
            if now < self.post_at {
                return;
            }
            let json = condition.to_json(since, &self.gateway);
            if let Err(why) = self.receiver.post(&json).await {
                tracing::warn!(condition = key, "an alert could not be told, and is tried again: {why}");
                self.post_at = (self.clock)().plus(self.wait);
                self.wait = (self.wait * 2).min(MAX_WAIT);
                return;
            }
            self.wait = FIRST_WAIT;
            self.begun.insert(key.clone(), Begun { since, told: true });
            tracing::info!(condition = key, "the operator was told");
            self.keep(self.store.alert_told(key, now)).await;
        }
    }

    /// While the store fails, it is remembered here; a restart meanwhile tells again.
    async fn keep(&self, written: impl Future<Output = Result<(), StoreError>>) {
        let written = tokio::time::timeout(STORE_ANSWERS, written).await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::debug!("the store does not remember an alert");
        }
    }
}

fn add(found: &mut Found, condition: Condition, since: Option<Timestamp>) {
    found.insert(condition.key(), (condition, since));
}
