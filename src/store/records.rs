//! What goes into the store's verbs and what comes out.
//!
//! Lives here: the records of the inbox and the queue. Never here: what people
//! read, which is in `views.rs`.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use crate::delivery::{Answer, Next, Outcome, PolicyChange};
use crate::event::{AttemptId, DeliveryId, EventId, Headers, SourceName, Timestamp};
use crate::session::{Fields, SessionStart};

/// A verified event, as it is recorded and, until it is planned, read again. Its
/// path is left out: its last segment can be a secret.
#[derive(Debug, Clone)]
pub struct InboxEvent {
    pub id: EventId,
    pub source: SourceName,
    /// The sender's own id of the event. A second one of the same source and
    /// key is a twin; events without a key have none.
    pub key: Option<String>,
    /// The sender's word for what happened.
    pub kind: Option<String>,
    pub received_at: Timestamp,
    /// The request that it came in, as log lines call it.
    pub request: Option<String>,
    /// Its place in the batch that it came in, from 1. None: it is the whole
    /// request.
    pub item: Option<u32>,
    pub method: String,
    pub query: String,
    pub headers: Headers,
    pub body: Bytes,
}

/// A value that its sender uses once, and the request that has it.
#[derive(Debug, Clone)]
pub struct NonceUse {
    pub source: SourceName,
    pub hash: [u8; 32],
    pub body_hash: [u8; 32],
    pub until: Timestamp,
}

/// A request that was not believed. It holds no credential.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedRequest {
    pub source: SourceName,
    pub at: Timestamp,
    /// A word that does not change.
    pub code: String,
    /// The sentence that the sender got.
    pub reason: String,
    pub method: String,
    pub query: String,
    pub headers: Headers,
    /// Step by step, for the operator.
    pub explanation: Option<Value>,
    /// None: it was dropped.
    pub body: Option<Bytes>,
}

/// A question that a sender asked of its address, and the answer's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeRecord {
    pub source: SourceName,
    pub at: Timestamp,
    pub name: String,
    pub verified: bool,
    pub status: u16,
}

/// The event is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    New,
    /// The sender's repeat. It is kept, as `duplicate`, and never planned.
    Twin {
        of: EventId,
    },
}

/// What a mapping made of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub mapping_version: String,
    pub outcome: PlanOutcome,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PlanOutcome {
    /// In the order in which they are to go out.
    Messages(Vec<NewDelivery>),
    Ignored {
        reason: String,
    },
    /// Kept for a person, with what the mapping has to say.
    Unmapped {
        problems: Value,
    },
}

/// One message to one person.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    pub id: DeliveryId,
    /// The message's name in its mapping.
    pub message: String,
    pub connection: String,
    /// With the connection, the lane: deliveries of one lane go out in order.
    pub contact: String,
    /// `once_per`: of those with the same connection, contact, message and
    /// business key, only the first is ever sent.
    pub business_key: Option<String>,
    /// What its message says differently from its connection.
    pub policy: PolicyChange,
    /// Not to be sent after this.
    pub expires_at: Option<Timestamp>,
    /// The body of the Session Start.
    pub body: Fields,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanReceipt {
    /// Stored. `twins` are the deliveries whose business key was spent: they
    /// are there, `cancelled`, each naming the one before it.
    Stored { twins: Vec<Twin> },
    /// The event was not waiting to be planned, and nothing changed.
    NotReceived,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twin {
    pub delivery: DeliveryId,
    pub of: DeliveryId,
}

/// How many deliveries a claim may take.
#[derive(Debug, Clone, Default)]
pub struct Room {
    pub total: u32,
    /// Of one that is not here: as many as of all.
    pub connections: BTreeMap<String, u32>,
}

impl Room {
    /// Of whichever connection.
    pub fn of_all(total: u32) -> Self {
        Self { total, connections: BTreeMap::new() }
    }

    pub(super) fn of(&self, connection: &str) -> u32 {
        self.connections.get(connection).map_or(self.total, |most| self.total.min(*most))
    }
}

/// A delivery to send now. Its attempt is open on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Also the lease: only who has it can settle.
    pub attempt: AttemptId,
    /// Counts from 1.
    pub attempt_number: u32,
    pub delivery: DeliveryId,
    pub event: EventId,
    pub source: SourceName,
    pub message: String,
    pub connection: String,
    pub mapping_version: String,
    pub policy: PolicyChange,
    /// The request that its event came in.
    pub request: Option<String>,
    pub body: SessionStart,
}

/// How an attempt ended, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub outcome: Outcome,
    /// What was read of the reply, if one was.
    pub status: Option<u16>,
    pub session_id: Option<String>,
    pub excerpt: Option<String>,
}

impl Settlement {
    pub fn new(outcome: Outcome, answer: &Answer) -> Self {
        match answer {
            Ok(reply) => Self {
                outcome,
                status: Some(reply.status),
                session_id: reply.session_id.clone(),
                excerpt: Some(reply.excerpt.clone()),
            },
            Err(_) => Self::without_reply(outcome),
        }
    }

    pub(super) fn without_reply(outcome: Outcome) -> Self {
        Self { outcome, status: None, session_id: None, excerpt: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// `paused` is true for the one settlement that stopped the connection, so
    /// that it is said once.
    Moved { paused: bool },
    /// The attempt was closed before: someone else has decided, and nothing
    /// changed.
    LeaseLost,
}

/// A delivery that went stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    pub delivery: DeliveryId,
    pub event: EventId,
    pub source: SourceName,
    pub connection: String,
    /// The request that its event came in.
    pub request: Option<String>,
}

/// A delivery whose sender was lost while it was in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub delivery: DeliveryId,
    pub attempt: AttemptId,
    pub connection: String,
    /// Held, or sent again where its policy says so.
    pub next: Next,
}
