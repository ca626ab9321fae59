//! After an attempt: it is closed, and its delivery moves.
//!
//! Lives here: doing what a `Next` says. Never here: deciding it
//! (`delivery::decide`).

use rusqlite::{Connection, params};

use super::attempt::{self, InFlight};
use super::job::{Steps, Wakes};
use super::{Pause, Paused, Settled, Settlement, Store, StoreError, lane, operator};
use crate::delivery::{DeliveryState, Next, Outcome};
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

    /// The attempts since `since`, oldest first, each with its connection.
    pub async fn attempts_since(&self, since: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.queue_reads.read(move |conn| attempt::opened_since(conn, since)).await
    }

    /// The connections that Talqui asked to wait, and until when; that may be past.
    pub async fn slowed(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.queue_reads.read(slowed).await
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
    let Outcome { next, reason, slow_until, .. } = &settlement.outcome;
    let standing = &delivery.standing;
    if let Some(until) = slow_until {
        slow(conn, &standing.connection, *until)?;
    }
    match *next {
        Next::Delivered => lane::leave(conn, standing, DeliveryState::Delivered, false, reason, now)?,
        Next::Hold { keeps_lane } => {
            lane::leave(conn, standing, DeliveryState::Held, keeps_lane, reason, now)?;
        }
        Next::Bury => lane::leave(conn, standing, DeliveryState::Dead, false, reason, now)?,
        Next::Retry { at, counts } => lane::stay(conn, standing, at, counts, reason, now)?,
        Next::Pause => {
            lane::stay(conn, standing, now, false, reason, now)?;
            let what = Paused::Connection(standing.connection.clone());
            let pause = Pause { what, reason: reason.clone(), since: now, by_hand: false };
            return operator::insert(conn, &pause);
        }
    }
    Ok(false)
}

fn slow(conn: &Connection, connection: &str, until: Timestamp) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO slowed (connection, until) VALUES (?1, ?2) \
         ON CONFLICT (connection) DO UPDATE SET until = max(until, ?2)",
    )?
    .execute(params![connection, until])?;
    Ok(())
}

fn slowed(conn: &Connection) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT connection, until FROM slowed")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
