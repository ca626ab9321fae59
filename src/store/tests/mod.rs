//! What the store promises, verb by verb.
//!
//! Lives here: the conformance suite, written against `Store`, and the parts
//! that its cases share. Never here: a clock or a sleep. What is about this one
//! engine (`opening`, `writing`, `hot_paths`) says so.

mod by_hand;
mod erasing;
mod finding;
mod forgetting;
mod hot_paths;
mod inbox;
mod lanes;
mod ledger;
mod model;
mod opening;
mod outcomes;
mod planning;
mod recovery;
mod replay;
mod visitors;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Claimed, EventView, InboxEvent, NewDelivery, Paused, PlanOutcome, PlanReceipt, Planned, Recorded, Room,
    Settled, Settlement, Store, Twin,
};
use crate::delivery::{DeliveryState, EventState, Next, OnUnknown, Outcome, Policy, PolicyChange, Verdict};
use crate::event::{DeliveryId, EventId, Timestamp};

const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);
const LEASE_SECS: u32 = 30;

fn after_secs(secs: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + secs * 1000)
}

/// A store in a folder of its own, which goes when the case ends.
struct Bench {
    folder: TempDir,
    store: Store,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("gancho.db")).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("gancho.db")
    }

    /// Goes on with what a `kill -9` at this moment would have left: the files
    /// as they are, neither checkpointed nor closed.
    fn crash(&mut self) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["gancho.db", "gancho.db-wal"] {
            fs::copy(self.folder.path().join(name), folder.path().join(name)).unwrap();
        }
        self.store = Store::open(&folder.path().join("gancho.db")).unwrap();
        self.folder = folder;
    }

    async fn record(&self, event: InboxEvent) -> EventId {
        let id = event.id;
        assert_eq!(self.store.record(event).await, Ok(Recorded::New));
        id
    }

    /// Records an event and plans these deliveries of it.
    async fn plan(&self, deliveries: Vec<NewDelivery>) -> EventId {
        self.plan_at(NOW, deliveries).await
    }

    async fn plan_at(&self, now: Timestamp, deliveries: Vec<NewDelivery>) -> EventId {
        let event = self.record(an_event(None)).await;
        let receipt = self.store.plan(event, messages(deliveries), now).await.unwrap();
        assert!(matches!(receipt, PlanReceipt::Stored { .. }), "{receipt:?}");
        event
    }

    async fn claim(&self, now: Timestamp) -> Vec<Claimed> {
        self.store.claim_due(now, Room::of_all(100), LEASE_SECS).await.unwrap()
    }

    /// The ids of what a claim takes.
    async fn claim_ids(&self, now: Timestamp) -> Vec<DeliveryId> {
        self.claim(now).await.into_iter().map(|claimed| claimed.delivery).collect()
    }

    async fn claim_one(&self, now: Timestamp) -> Claimed {
        let mut claimed = self.claim(now).await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }

    async fn settle(&self, claimed: &Claimed, next: Next) -> Settled {
        self.store.settle(claimed.attempt, settlement(next), NOW).await.unwrap()
    }

    async fn view(&self, event: EventId) -> EventView {
        self.store.event(event).await.unwrap().expect("the event is in the store")
    }

    async fn states(&self, event: EventId) -> Vec<DeliveryState> {
        self.view(event).await.deliveries.iter().map(|delivery| delivery.state).collect()
    }
}

fn an_event(key: Option<&str>) -> InboxEvent {
    InboxEvent {
        id: EventId::generate(NOW),
        source: "loja".parse().unwrap(),
        key: key.map(str::to_owned),
        kind: Some("orders/paid".into()),
        received_at: NOW,
        method: "POST".into(),
        query: "a=1".into(),
        headers: [("x-topic", "orders/paid"), ("x-twice", "1"), ("x-twice", "2")].into_iter().collect(),
        body: r#"{"order":1}"#.into(),
        item: None,
        request: Some("r1".into()),
    }
}

/// A message to `contact` through `connection`, without a business key.
fn to(connection: &str, contact: &str) -> NewDelivery {
    let body = json!({"contactExternalID": contact, "messageValue": "Oi"});
    NewDelivery {
        id: DeliveryId::generate(NOW),
        message: "paid".into(),
        connection: connection.into(),
        contact: contact.into(),
        business_key: None,
        policy: PolicyChange::default(),
        expires_at: None,
        body: body.as_object().cloned().unwrap(),
    }
}

fn connection(name: &str) -> Paused {
    Paused::Connection(name.into())
}

fn once(key: &str, delivery: NewDelivery) -> NewDelivery {
    NewDelivery { business_key: Some(key.into()), ..delivery }
}

fn messages(deliveries: Vec<NewDelivery>) -> Planned {
    Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Messages(deliveries) }
}

fn settlement(next: Next) -> Settlement {
    let verdict = match next {
        Next::Delivered => Verdict::Delivered,
        Next::Hold { .. } => Verdict::Unknown,
        Next::Retry { .. } | Next::Bury | Next::Pause => Verdict::NotSent,
    };
    Settlement::without_reply(Outcome::new(verdict, next, "as the test says"))
}

const HOLD: Next = Next::Hold { keeps_lane: false };

fn retry_at(at: Timestamp) -> Next {
    Next::Retry { at, counts: true }
}

/// The policies of connections that send an unknown again.
fn resending(names: &[&str]) -> BTreeMap<String, Policy> {
    let policy = Policy { on_unknown: OnUnknown::Resend, ..Policy::default() };
    names.iter().map(|name| ((*name).to_owned(), policy.clone())).collect()
}

/// Whether a future is done without being waited for.
fn is_ready(future: impl Future) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    matches!(pin!(future).poll(&mut context), Poll::Ready(_))
}

fn state_of(view: &EventView) -> EventState {
    view.event.state
}

fn problems() -> Value {
    json!([{"code": "name-unknown", "message": "no `pedido` in the event"}])
}
