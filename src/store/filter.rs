//! What people ask for when they look for events and deliveries.
//!
//! Lives here: the filters, and the page that answers one. Never here: how it is
//! found (`walk.rs`, `pages.rs`).

use crate::delivery::{DeliveryState, EventState};
use crate::event::{EventId, Timestamp};

/// Which events. What is not said is not asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFilter {
    pub source: Option<String>,
    pub state: Option<EventState>,
    pub kind: Option<String>,
    /// The sender's own id of the event; its repeats are found too.
    pub key: Option<String>,
    /// Received then or later.
    pub since: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    /// Each must occur, whatever its case, in the event's key or body, or in a
    /// delivery of it. A compressed body is not looked into.
    pub search: Vec<String>,
}

/// Which deliveries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeliveryFilter {
    pub state: Option<DeliveryState>,
    pub connection: Option<String>,
    pub source: Option<String>,
    pub contact: Option<String>,
    pub business_key: Option<String>,
    pub event: Option<EventId>,
    /// Planned then or later.
    pub since: Option<Timestamp>,
    /// Planned before.
    pub until: Option<Timestamp>,
    /// Each must occur, whatever its case, in its contact, business key or body.
    pub search: Vec<String>,
}

/// What was found, as far as one answer goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Ask for this next. None: that was all. An answer can be empty and have a
    /// next, where much had to be looked at and nothing of it was wanted.
    pub next: Option<i64>,
}
