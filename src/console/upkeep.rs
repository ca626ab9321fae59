//! `/v1/prune`: what is forgotten, by age.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, json};
use crate::store::Pruned as Forgotten;

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
