//! What people read: an event's whole story, and the counts.
//!
//! Lives here: the records of the ledger. They hold personal data; masking is
//! for who shows them. Never here: the webhook's bytes and headers.

use serde_json::Value;

use crate::delivery::{DeliveryState, EventState, Verdict};
use crate::event::{AttemptId, DeliveryId, EventId, SourceName, Timestamp};
use crate::session::Fields;

/// A line in a list of events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSummary {
    /// The order of arrival; ask for what comes after it.
    pub seq: i64,
    pub id: EventId,
    pub source: SourceName,
    pub key: Option<String>,
    pub kind: Option<String>,
    pub state: EventState,
    pub received_at: Timestamp,
    /// When a mapping decided, whatever it decided.
    pub planned_at: Option<Timestamp>,
    pub mapping_version: Option<String>,
    /// Why it was ignored.
    pub reason: Option<String>,
    /// What kept it from being mapped.
    pub problems: Option<Value>,
    pub duplicate_of: Option<EventId>,
    /// Its body was dropped, by age or on request.
    pub emptied: bool,
}

/// An event with all that became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventView {
    pub event: EventSummary,
    /// In the order planned.
    pub deliveries: Vec<DeliveryView>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryView {
    pub id: DeliveryId,
    pub event: EventId,
    pub source: SourceName,
    pub message: String,
    pub connection: String,
    pub contact: String,
    pub mapping_version: String,
    pub state: DeliveryState,
    pub planned_at: Timestamp,
    pub due_at: Timestamp,
    /// The last change of state.
    pub moved_at: Timestamp,
    /// Why it is where it is.
    pub reason: Option<String>,
    /// The delivery that spent its business key.
    pub twin_of: Option<DeliveryId>,
    /// `once_per`, in words.
    pub business_key: Option<String>,
    /// Not sent after this.
    pub expires_at: Option<Timestamp>,
    pub body: Fields,
    /// All that were made, whether they count or not.
    pub attempt_count: u32,
    /// In the order opened. In a list of deliveries they are left out.
    pub attempts: Vec<AttemptView>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AttemptView {
    pub id: AttemptId,
    pub number: u32,
    pub opened_at: Timestamp,
    /// None, and no verdict, while it is open.
    pub closed_at: Option<Timestamp>,
    pub verdict: Option<Verdict>,
    pub status: Option<u16>,
    pub reason: Option<String>,
    pub session_id: Option<String>,
    pub excerpt: Option<String>,
}

/// How many are in each state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Every state once, also those that nothing is in.
    pub events: Vec<(EventState, u64)>,
    pub deliveries: Vec<(DeliveryState, u64)>,
}

impl Counts {
    pub fn events(&self, state: EventState) -> u64 {
        count_of(&self.events, state)
    }

    pub fn deliveries(&self, state: DeliveryState) -> u64 {
        count_of(&self.deliveries, state)
    }
}

fn count_of<S: PartialEq>(counts: &[(S, u64)], state: S) -> u64 {
    counts.iter().find(|(have, _)| *have == state).map_or(0, |(_, count)| *count)
}

/// How much there is, and since when it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFigures {
    pub counts: Counts,
    /// By source and state, where there are any.
    pub events: Vec<(SourceName, EventState, u64)>,
    /// `pending`, `in_flight` and `held`, by connection, where there are any.
    pub unfinished: Vec<(String, DeliveryState, u64)>,
    /// Lanes that something waits in, by connection, where there are any.
    pub lanes: Vec<(String, u64)>,
    /// Of each source that has any, when the first of those not yet planned came.
    pub oldest_received: Vec<(SourceName, Timestamp)>,
    /// When the first of those that are pending was planned.
    pub oldest_pending: Option<Timestamp>,
    pub file_bytes: u64,
    /// Of the file, what nothing is in.
    pub free_bytes: u64,
}

/// What can be paused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paused {
    /// Nothing is planned and nothing is sent; webhooks are still taken in.
    Everything,
    /// Nothing is sent through it.
    Connection(String),
    /// Its events stay `received`, and what was planned of them is not sent.
    Source(String),
}

impl Paused {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Connection(_) => "connection",
            Self::Source(_) => "source",
        }
    }

    /// Empty: everything.
    pub fn name(&self) -> &str {
        match self {
            Self::Everything => "",
            Self::Connection(name) | Self::Source(name) => name,
        }
    }

    pub(super) fn from_parts(kind: &str, name: String) -> Self {
        match kind {
            "connection" => Self::Connection(name),
            "source" => Self::Source(name),
            _ => Self::Everything,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub what: Paused,
    pub reason: String,
    pub since: Timestamp,
    /// False: the gateway did it itself, and a restart tries again.
    pub by_hand: bool,
}
