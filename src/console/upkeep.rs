//! `/v1/prune` and `/v1/erase`: what is forgotten, by age and on request.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, json};
use super::problems::{Fault, Problem};
use crate::store::Pruned as Forgotten;
use crate::worker::EraseError;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Pruned {
    pub dry_run: bool,
    /// There was not the time for all of it.
    pub more: bool,
    pub emptied: u64,
    pub events: u64,
    /// Events that were deleted though a person never decided.
    pub undecided: u64,
    pub deliveries: u64,
    pub keys: u64,
    pub refused: u64,
    pub freed_pages: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Erased {
    pub dry_run: bool,
    pub events: usize,
    pub deliveries: usize,
    /// Of those, the ones that would still have been sent.
    pub cancelled: usize,
    pub refused: usize,
    /// Events of which a message is just being sent.
    pub under_way: Vec<String>,
    /// Whether the file was written anew. None: nothing was erased.
    pub swept: Option<bool>,
}

/// A request takes no longer, by much; whoever asks can ask again.
const AT_MOST: Duration = Duration::from_secs(20);

pub async fn prune(call: Call) -> Answer {
    let (store, ages, now) = (&call.console.store, call.console.ages, call.now());
    if call.body.flag("dry_run") {
        let would = store.prunable(ages, now).await?;
        return json(&Pruned { dry_run: true, ..Pruned::of(&would) });
    }
    let (began, mut done) = (Instant::now(), Forgotten::default());
    let more = loop {
        let step = store.prune(ages, now).await?;
        if step.is_nothing() {
            break false;
        }
        done += step;
        if began.elapsed() > AT_MOST {
            break true;
        }
    };
    tracing::info!(emptied = done.emptied, events = done.events, keys = done.keys, "pruned by an operator");
    json(&Pruned { more, ..Pruned::of(&done) })
}

pub async fn erase(call: Call) -> Answer {
    let (phone, dry_run) = (call.body.text("phone").unwrap_or_default(), call.body.flag("dry_run"));
    let erased = call.console.worker.erase(&phone, dry_run).await?;
    json(&Erased {
        dry_run,
        events: erased.events,
        deliveries: erased.deliveries,
        cancelled: erased.cancelled,
        refused: erased.refused,
        under_way: erased.under_way.iter().map(ToString::to_string).collect(),
        swept: erased.swept,
    })
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::NotAPhone(_) => {
                Self::Invalid(vec![Fault { at: "phone".to_owned(), detail: error.to_string() }])
            }
            EraseError::Store(error) => error.into(),
        }
    }
}

impl Pruned {
    fn of(forgotten: &Forgotten) -> Self {
        Self {
            dry_run: false,
            more: false,
            emptied: forgotten.emptied,
            events: forgotten.events,
            undecided: forgotten.undecided,
            deliveries: forgotten.deliveries,
            keys: forgotten.keys,
            refused: forgotten.refused,
            freed_pages: forgotten.freed_pages,
        }
    }
}
