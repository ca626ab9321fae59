//! Everything that must survive: events, deliveries, attempts, paused
//! connections. All SQL of the gateway is in this room.
//!
//! Lives here: the verbs by which the rooms above record, plan, claim, settle
//! and read, each one transaction. Never here: a clock (`now` is an argument),
//! a decision about what to do next (it comes in as a `Next`), HTTP, or a
//! mapping. No type of the database engine is in a signature.
//!
//! The verbs are in files named for what they do:
//!
//! | who calls | verbs | file |
//! |---|---|---|
//! | inbox | `record`, `record_all` | `inbox.rs` |
//! | inbox | `keep_refused`, `keep_handshake`, `capture_secret` | `visitors.rs` |
//! | queue | `received`, `plan`, `plan_all` | `inbox.rs`, `plan.rs` |
//! | queue | `claim_due`, `next_due`, `next_expiry`, `wait_for_work` | `claim.rs` |
//! | queue | `expire`, `hurry`, `last_written`, `clock_set_back` | `stale.rs` |
//! | queue | `settle`, `slowed`, `recover_lost`, `recover_orphans` | `settle.rs`, `recover.rs` |
//! | ledger | `event`, `webhook`, `delivery`, `events_after` | `ledger.rs` |
//! | ledger | `events`, `event_ids`, `deliveries` | `pages.rs` |
//! | ledger | `counts`, `standing`, `waiting` | `figures.rs` |
//! | operator | `would_replan`, `replan` | `replan.rs` |
//! | operator | `release`, `settle_by_hand`, `cancel` | `by_hand.rs` |
//! | operator | `prune`, `prunable` | `prune.rs`, `forget.rs` |
//! | operator | `alerts`, `waiting_for_a_person`, `alert_begins`, `alert_told`, `alert_ends` | `alerts.rs` |
//! | operator | `stored_after`, `refused`, `erase`, `erase_refused`, `sweep` | `erase.rs` |
//! | operator | `pause`, `resume`, `resume_all`, `paused`, `ping` | `operator.rs` |
//!
//! One thread writes (`writer.rs`) and commits in groups; reads have their own
//! connections (`reader.rs`) and never wait for it.

mod alerts;
mod attempt;
mod by_hand;
mod claim;
mod columns;
mod copy;
mod disk;
mod earlier;
mod erase;
mod error;
mod figures;
mod filter;
mod forget;
mod forgotten;
mod inbox;
mod job;
mod lane;
mod ledger;
mod lock;
mod look;
mod migrate;
mod nonce;
mod once;
mod open;
mod operator;
mod pages;
mod plan;
mod prune;
mod reader;
mod records;
mod recover;
mod replan;
mod replay;
mod settle;
mod stale;
mod sweep;
#[cfg(test)]
mod tests;
mod views;
mod visitors;
mod walk;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reader::Reader;
use writer::Writer;

pub use alerts::{Alert, Waiting};
pub use by_hand::{Moved, SettledAs};
pub use copy::CopyError;
pub use error::{OpenError, RecordError, StoreError};
pub use filter::{DeliveryFilter, EventFilter, Page};
pub use forgotten::{Ages, Erasure, Pruned, Stored, ToErase, Traces};
pub use look::Look;
pub use records::{
    Claimed, Expired, HandshakeRecord, InboxEvent, NewDelivery, NonceUse, PlanOutcome, PlanReceipt, Planned,
    Recorded, Recovered, RefusedRequest, Room, Settled, Settlement, Twin,
};
pub use replay::{Earlier, Fate, Obstacle, Replan, Replanned};
pub use views::{AttemptView, Counts, DeliveryView, EventSummary, EventView, Pause, Paused, StoreFigures};

/// A handle on the store. Clones are cheap and share one writer; when the last
/// is dropped, the writer finishes what it was given and ends.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    /// For the worker, so that a person's long page never delays a delivery.
    queue_reads: Reader,
    /// For people.
    ledger_reads: Reader,
    /// Where its file is.
    folder: Arc<Path>,
}

impl Store {
    /// How many transactions were committed since the store was opened. Verbs
    /// that gathered share one, so this grows more slowly than they do.
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }

    /// From now on `watcher` is told of every commit: how long its sync took, and
    /// how many jobs shared it. It is called by the one thread that writes.
    pub fn on_commit(&self, watcher: impl Fn(Duration, usize) + Send + Sync + 'static) {
        self.writer.watch(Box::new(watcher));
    }

    /// Finishes what was handed over, closes the file and releases its lock.
    /// Verbs called later, through any clone, answer `StoreError::Closed`.
    pub async fn close(self) {
        self.writer.close().await;
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("commits", &self.commits()).finish_non_exhaustive()
    }
}
