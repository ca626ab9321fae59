//! What a person decides about one delivery.
//!
//! Lives here: letting a held one go out, saying what became of it, and taking one
//! back. Each looks at the state in the transaction that changes it, so that two
//! people, or a person and the worker, cannot both decide. Never here: who may.

use rusqlite::{Connection, OptionalExtension, params};

use super::job::{Steps, Wakes};
use super::lane::{self, Standing};
use super::{Store, StoreError};
use crate::delivery::DeliveryState;
use crate::event::{DeliveryId, Timestamp};

/// What a person says became of a held delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledAs {
    Delivered,
    /// It did not arrive, and is not to be sent.
    NotSent,
}

/// What came of a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Moved {
        from: DeliveryState,
        to: DeliveryState,
    },
    NotThere,
    /// It is in a state that this does not apply to, and stays there.
    Not(DeliveryState),
}

impl Store {
    /// A held one goes back into its lane and is due now. It does not go stale any
    /// more: a person has decided that it still helps.
    pub async fn release(&self, id: DeliveryId, now: Timestamp) -> Result<Moved, StoreError> {
        self.decide(id, &[DeliveryState::Held], DeliveryState::Pending, move |conn, delivery| {
            conn.prepare_cached("UPDATE deliveries SET expires_at = NULL WHERE seq = ?1")?
                .execute([delivery.seq])?;
            lane::enter(conn, delivery, "released by a person, to be sent", now)
        })
        .await
    }

    /// A person found out what became of a held one.
    pub async fn settle_by_hand(
        &self,
        id: DeliveryId,
        settled_as: SettledAs,
        now: Timestamp,
    ) -> Result<Moved, StoreError> {
        let (to, reason) = match settled_as {
            SettledAs::Delivered => (DeliveryState::Delivered, "a person says that it arrived"),
            SettledAs::NotSent => {
                (DeliveryState::Cancelled, "a person says that it did not arrive and is not to be sent")
            }
        };
        self.decide(id, &[DeliveryState::Held], to, move |conn, delivery| {
            let arrived = settled_as == SettledAs::Delivered;
            conn.prepare_cached("UPDATE deliveries SET did_not_arrive = ?2 WHERE seq = ?1")?
                .execute(params![delivery.seq, !arrived])?;
            lane::leave(conn, delivery, to, false, reason, now)
        })
        .await
    }

    /// One that waits or is held is not sent. One in flight cannot be taken back.
    pub async fn cancel(&self, id: DeliveryId, now: Timestamp) -> Result<Moved, StoreError> {
        let from = &[DeliveryState::Pending, DeliveryState::Held];
        self.decide(id, from, DeliveryState::Cancelled, move |conn, delivery| {
            let reason = "cancelled by a person, and not sent";
            lane::leave(conn, delivery, DeliveryState::Cancelled, false, reason, now)
        })
        .await
    }

    /// Moves `id` to `to` by `work`, if it is in one of the states `from`.
    async fn decide(
        &self,
        id: DeliveryId,
        from: &'static [DeliveryState],
        to: DeliveryState,
        work: impl Fn(&Connection, &Standing) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Moved, StoreError> {
        let decide = move |conn: &Connection| {
            let found: Option<(Standing, DeliveryState)> = conn
                .prepare_cached("SELECT seq, connection, contact, state FROM deliveries WHERE id = ?1")?
                .query_row(params![id], |row| Ok((Standing::read(row, 0)?, row.get(3)?)))
                .optional()?;
            match found {
                None => Ok(Moved::NotThere),
                Some((_, state)) if !from.contains(&state) => Ok(Moved::Not(state)),
                Some((delivery, state)) => {
                    work(conn, &delivery)?;
                    Ok(Moved::Moved { from: state, to })
                }
            }
        };
        self.writer.write(Steps::Several, Wakes::Worker, decide).await
    }
}
