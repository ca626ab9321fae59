//! Planning an event again, with the mapping of today.
//!
//! Lives here: storing what is new of it, in one transaction with the look at what
//! was there before. Never here: the mapping, and whether a person has a message
//! (`earlier.rs`).

use rusqlite::{Connection, OptionalExtension, params};

use super::job::{Steps, Wakes};
use super::plan::{Origin, Place, insert, insert_pending, set_planned, state_of};
use super::{
    Fate, NewDelivery, Obstacle, PlanOutcome, Planned, Replan, Replanned, Store, StoreError, earlier, once,
};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{EventId, Timestamp};

impl Store {
    /// What [`Store::replan`] would do now.
    pub async fn would_replan(
        &self,
        event: EventId,
        plan: Planned,
        force: bool,
        now: Timestamp,
    ) -> Result<Replan, StoreError> {
        let judge = move |conn: &Connection| match judge(conn, event, &plan, force, now)? {
            Ok((_, replanned)) => Ok(Replan::Done(replanned)),
            Err(refusal) => Ok(refusal),
        };
        self.ledger_reads.read(judge).await
    }

    /// Stores what a mapping makes of an event today, whatever it made of it before.
    /// `shown` says of each of its messages whether a person was shown that it would
    /// be sent; if that is not so any more, nothing is stored.
    ///
    /// A planned event of which nothing new is sent stays as it is.
    pub async fn replan(
        &self,
        event: EventId,
        plan: Planned,
        shown: Vec<bool>,
        force: bool,
        now: Timestamp,
    ) -> Result<Replan, StoreError> {
        let replan = move |conn: &Connection| {
            let (seq, replanned) = match judge(conn, event, &plan, force, now)? {
                Ok(judged) => judged,
                Err(refusal) => return Ok(refusal),
            };
            if !replanned.fates.iter().map(|fate| *fate == Fate::Send).eq(shown.iter().copied()) {
                return Ok(Replan::Changed);
            }
            store(conn, seq, &plan, &replanned, now)?;
            Ok(Replan::Done(replanned))
        };
        self.writer.write(Steps::Several, Wakes::Worker, replan).await
    }
}

/// Err: there is nothing to plan.
fn judge(
    conn: &Connection,
    event: EventId,
    plan: &Planned,
    force: bool,
    now: Timestamp,
) -> Result<Result<(i64, Replanned), Replan>, StoreError> {
    let found: Option<(i64, EventState, bool)> = conn
        .prepare_cached("SELECT seq, state, emptied FROM events WHERE id = ?1")?
        .query_row(params![event], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (seq, was) = match found {
        None => return Ok(Err(Replan::NotThere)),
        Some((_, state @ (EventState::Received | EventState::Duplicate), _)) => {
            return Ok(Err(Replan::Not(state)));
        }
        Some((.., true)) => return Ok(Err(Replan::Emptied)),
        Some((seq, state, false)) => (seq, state),
    };
    let fates = match &plan.outcome {
        PlanOutcome::Messages(deliveries) => earlier::fates(conn, seq, deliveries, force, now)?,
        PlanOutcome::Ignored { .. } | PlanOutcome::Unmapped { .. } => Vec::new(),
    };
    // What was sent of it stays sent, whatever the mapping says today.
    let is = if was == EventState::Planned { was } else { state_of(&plan.outcome) };
    Ok(Ok((seq, Replanned { was, is, fates })))
}

fn store(
    conn: &Connection,
    event: i64,
    plan: &Planned,
    replanned: &Replanned,
    now: Timestamp,
) -> Result<(), StoreError> {
    let was_planned = replanned.was == EventState::Planned;
    if was_planned && !replanned.fates.contains(&Fate::Send) {
        return Ok(());
    }
    set_planned(conn, event, plan, now)?;
    let PlanOutcome::Messages(deliveries) = &plan.outcome else { return Ok(()) };
    let origin = Origin { event, mapping_version: &plan.mapping_version, now };
    for (delivery, fate) in deliveries.iter().zip(&replanned.fates) {
        match fate {
            Fate::Send => {
                if let Some(key) = &delivery.business_key {
                    once::take(conn, delivery, key, now)?;
                }
                insert_pending(conn, &origin, delivery)?;
            }
            // An event that was never planned has no other trace of it; of one that
            // was, each replay would leave another.
            Fate::Skip(obstacle) if !was_planned => insert_skipped(conn, &origin, delivery, obstacle)?,
            Fate::Skip(_) => {}
        }
    }
    Ok(())
}

/// Kept where a person sees it, and never sent.
fn insert_skipped(
    conn: &Connection,
    origin: &Origin<'_>,
    delivery: &NewDelivery,
    obstacle: &Obstacle,
) -> Result<(), StoreError> {
    let (state, twin_of) = match obstacle {
        Obstacle::Stale => (DeliveryState::Expired, None),
        Obstacle::SameKey(earlier) | Obstacle::SameWords(earlier) | Obstacle::OtherWords(earlier) => {
            (DeliveryState::Cancelled, Some(earlier.delivery))
        }
    };
    let place = Place { state, first: false, reason: Some(obstacle.to_string()), twin_of };
    insert(conn, origin, delivery, &place)
}
