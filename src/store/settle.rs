//! After an attempt: it is closed, and its delivery moves.
//!
//! Lives here: doing what a `Next` says. Never here: deciding it
//! (`delivery::decide`).

use rusqlite::Connection;

use super::attempt::{self, InFlight};
use super::writer::{Steps, Wakes};
use super::{Settled, Settlement, Store, StoreError, lane, operator};
use crate::delivery::{DeliveryState, Next};
use crate::event::{AttemptId, Timestamp};

impl Store {
    /// Closes an attempt and moves its delivery, if the attempt still holds it.
    ///
    /// On an error nothing has changed: call again, or the delivery becomes an
    /// unknown when its lease ends.
    pub async fn settle(
        &self,
        attempt: AttemptId,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let settle = move |conn: &Connection| match attempt::find_open(conn, attempt)? {
            Some(delivery) => Ok(Settled::Moved { paused: apply(conn, &delivery, &settlement, now)? }),
            None => Ok(Settled::LeaseLost),
        };
        self.writer.write(Steps::Several, Wakes::Worker, settle).await
    }
}

/// True if this is what paused the connection.
pub(super) fn apply(
    conn: &Connection,
    delivery: &InFlight,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<bool, StoreError> {
    attempt::close(conn, delivery.attempt, settlement, now)?;
    let reason = &settlement.outcome.reason;
    match settlement.outcome.next {
        Next::Delivered => lane::leave(conn, delivery, DeliveryState::Delivered, reason, now)?,
        Next::Hold => lane::leave(conn, delivery, DeliveryState::Held, reason, now)?,
        Next::Bury => lane::leave(conn, delivery, DeliveryState::Dead, reason, now)?,
        Next::Retry { at } => lane::stay(conn, delivery, at, true, reason, now)?,
        Next::Pause => {
            lane::stay(conn, delivery, now, false, reason, now)?;
            return operator::pause(conn, &delivery.connection, reason, now);
        }
    }
    Ok(false)
}
