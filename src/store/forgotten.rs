//! What is forgotten, by age and on request.
//!
//! Lives here: the records of `prune` and `erase`. Never here: doing it
//! (`forget.rs`).

use std::time::Duration;

use super::{EventView, InboxEvent};
use crate::delivery::EventState;
use crate::event::{DeliveryId, EventId};

/// How long things are kept, counted from when their event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// What was sent to us and by us, of events that are finished.
    pub bodies: Duration,
    /// Events, deliveries and attempts; also those that wait for a person.
    pub records: Duration,
    /// Hashes of keys: how late a repeat is still known for one.
    pub keys: Duration,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Events whose bodies were dropped.
    pub emptied: u64,
    /// Events that were deleted, finished.
    pub events: u64,
    /// Events that were deleted though a person never decided: unmapped, or with a
    /// held delivery.
    pub undecided: u64,
    /// Deliveries that were deleted with their events.
    pub deliveries: u64,
    pub keys: u64,
    /// Requests that were not believed.
    pub refused: u64,
    /// Pages of the file that were given back.
    pub freed_pages: u64,
    /// Events that were looked at and keep their bodies, since they are not finished.
    pub passed_over: u64,
}

impl Pruned {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn rows(&self) -> u64 {
        self.events + self.undecided + self.deliveries
    }
}

impl std::ops::AddAssign for Pruned {
    fn add_assign(&mut self, more: Self) {
        self.emptied += more.emptied;
        self.events += more.events;
        self.undecided += more.undecided;
        self.deliveries += more.deliveries;
        self.keys += more.keys;
        self.refused += more.refused;
        self.freed_pages += more.freed_pages;
        self.passed_over += more.passed_over;
    }
}

/// Everything that is held of an event.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Ask for what comes after it.
    pub seq: i64,
    pub view: EventView,
    pub webhook: InboxEvent,
}

/// An event to be erased, and those of its deliveries that are to be.
#[derive(Debug, Clone)]
pub struct ToErase {
    pub event: EventId,
    /// Its state and how many deliveries it had when it was looked at.
    pub seen: (EventState, usize),
    /// Its sender's id of it, too.
    pub key: bool,
    pub deliveries: Vec<DeliveryId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    Done {
        deliveries: usize,
        /// Of those, the ones that would still have been sent.
        cancelled: usize,
    },
    /// One is being sent, and nothing was erased.
    InFlight,
    /// It is not as it was seen, and nothing was erased: look at it again.
    Changed,
    NotThere,
}

/// What is left in the file of what was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traces {
    /// The file was written anew: nothing.
    pub rewritten: bool,
    /// False: somebody was reading, and the log is emptied by the next sweep or when
    /// the gateway stops.
    pub log_emptied: bool,
}
