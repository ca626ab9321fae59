//! Events planned again, after a mapping was mended.
//!
//! First it is shown: what each event would become today, what would be sent, what
//! not and why. Then it is done, if it is still what was shown: a digest of what
//! would be sent says so. Both walk event by event, hold no transaction, and keep
//! no more than is shown.
//!
//! Lives here: the walk. Never here: the digest (`preview.rs`), and who has a
//! message already; that is the store's to know, in the transaction that sends.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Worker;
use super::preview::{Gathered, MOST_SHOWN, Preview, Shown, hash_of};
use crate::delivery::EventState;
use crate::event::{EventId, Timestamp};
use crate::source::Sources;
use crate::store::{EventFilter, Fate, Page, Planned, Replan, Replanned, StoreError};

/// Events of one replay.
pub const MOST_EVENTS: usize = 1_000;
/// Ids read from the store at a time.
const PAGE: u32 = 500;

/// Which events.
#[derive(Debug, Clone, PartialEq)]
pub enum EventSelection {
    /// In this order.
    Ids(Vec<EventId>),
    /// In order of arrival.
    Filter(EventFilter),
}

/// What a replay did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    pub events: usize,
    pub sent: usize,
    pub skipped: usize,
    pub unmapped: usize,
    /// Something of these changed between the look and the deed, and they were left.
    pub left: Vec<EventId>,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(
        "what would be sent is not what was shown: {would_send} messages would be now; look at it again \
         and confirm that"
    )]
    Changed { would_send: usize },
    #[error("{asked} events are more than one replay takes, which is 1,000; ask for them in parts")]
    TooMany { asked: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Worker {
    /// What [`Worker::replay`] would do now. `force`: also to who has the message.
    pub async fn preview(&self, selection: &EventSelection, force: bool) -> Result<Preview, ReplayError> {
        Ok(self.look(selection, force, MOST_SHOWN).await?.preview)
    }

    /// Plans these events again and sends what is new, if that is what `confirm`, a
    /// preview's digest, is of.
    pub async fn replay(
        &self,
        selection: &EventSelection,
        force: bool,
        confirm: &str,
    ) -> Result<Replayed, ReplayError> {
        let Look { preview, sources, shown, now } = self.look(selection, force, 0).await?;
        if preview.digest != confirm {
            return Err(ReplayError::Changed { would_send: preview.would_send });
        }
        let mut done = Replayed::default();
        for Shown { event, sends, hash } in shown {
            let Some(planned) = self.plan_again(&sources, event, now).await? else { continue };
            if hash_of(&planned, &sends) != hash {
                done.left.push(event);
                continue;
            }
            match self.store.replan(event, planned, sends, force, now).await? {
                Replan::Done(replanned) => done.count(event, &replanned),
                Replan::NotThere | Replan::Emptied | Replan::Not(_) | Replan::Changed => {
                    done.left.push(event)
                }
            }
        }
        Ok(done)
    }

    async fn look(
        &self,
        selection: &EventSelection,
        force: bool,
        most_shown: usize,
    ) -> Result<Look, ReplayError> {
        let now = (self.clock)();
        let (ids, more) = self.select(selection).await?;
        let mut gathered = Gathered::new(most_shown, force);
        // One set of mappings for all of it, whatever is swapped meanwhile.
        let sources = self.sources.all();
        for event in &ids {
            let Some(planned) = self.plan_again(&sources, *event, now).await? else {
                gathered.refuse(*event, &Replan::NotThere);
                continue;
            };
            match self.store.would_replan(*event, planned.clone(), force, now).await? {
                Replan::Done(replanned) => gathered.add(*event, planned, replanned),
                refusal => gathered.refuse(*event, &refusal),
            }
        }
        let (preview, shown) = gathered.finish(ids.len(), more);
        Ok(Look { preview, sources, shown, now })
    }

    /// None: it is not there.
    async fn plan_again(
        &self,
        sources: &Sources,
        event: EventId,
        now: Timestamp,
    ) -> Result<Option<Planned>, StoreError> {
        let Some(webhook) = self.store.webhook(event).await? else { return Ok(None) };
        let source = sources.get(webhook.source.as_str());
        Ok(Some(self.plan_one(source.map(AsRef::as_ref), &webhook, now)))
    }

    /// Each once, and whether there are more.
    async fn select(&self, selection: &EventSelection) -> Result<(Vec<EventId>, bool), ReplayError> {
        let filter = match selection {
            EventSelection::Ids(ids) if ids.len() > MOST_EVENTS => {
                return Err(ReplayError::TooMany { asked: ids.len() });
            }
            EventSelection::Ids(ids) => {
                let mut seen = BTreeSet::new();
                return Ok((ids.iter().copied().filter(|id| seen.insert(*id)).collect(), false));
            }
            EventSelection::Filter(filter) => filter,
        };
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let Page { items, next } = self.store.event_ids(filter.clone(), after, PAGE).await?;
            ids.extend(items);
            let more = ids.len() > MOST_EVENTS || (ids.len() == MOST_EVENTS && next.is_some());
            if more || next.is_none() {
                ids.truncate(MOST_EVENTS);
                return Ok((ids, more));
            }
            after = next;
        }
    }
}

/// What was seen, and by which mappings.
struct Look {
    preview: Preview,
    sources: Arc<Sources>,
    shown: Vec<Shown>,
    now: Timestamp,
}

impl Replayed {
    fn count(&mut self, event: EventId, replanned: &Replanned) {
        let sent = replanned.fates.iter().filter(|fate| **fate == Fate::Send).count();
        self.events += 1;
        self.sent += sent;
        self.skipped += replanned.fates.len() - sent;
        self.unmapped += usize::from(replanned.is == EventState::Unmapped);
        tracing::info!(%event, was = %replanned.was, is = %replanned.is, sent, "event planned again by a person");
    }
}
