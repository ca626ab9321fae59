//! The rows of attempts: one is opened before a request is sent, and closed once.
//!
//! Lives here: opening, finding and closing them. A delivery has one open
//! attempt at most, and an index sees to it. Never here: what closing one means
//! for its delivery.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::policy_from_json;
use super::lane::Standing;
use super::{Settlement, StoreError};
use crate::delivery::PolicyChange;
use crate::event::{AttemptId, DeliveryId, Timestamp};

pub(super) const IN_FLIGHT: &str = "
    SELECT a.id, d.id, d.seq, d.connection, d.contact, d.attempts, d.policy
    FROM deliveries d JOIN attempts a ON a.delivery = d.seq AND a.closed_at IS NULL
    WHERE d.state = 'in_flight' ORDER BY d.seq";

/// A delivery in flight, with the open attempt that holds it.
pub(super) struct InFlight {
    pub attempt: AttemptId,
    pub delivery: DeliveryId,
    pub standing: Standing,
    /// As many as count, this one among them.
    pub attempts: u32,
    pub policy: PolicyChange,
}

/// The delivery that `attempt` holds; none if the attempt was closed, or never was.
pub(super) fn find_open(conn: &Connection, attempt: AttemptId) -> Result<Option<InFlight>, StoreError> {
    let found = conn
        .prepare_cached(
            "SELECT a.id, d.id, d.seq, d.connection, d.contact, d.attempts, d.policy \
             FROM attempts a JOIN deliveries d ON d.seq = a.delivery \
             WHERE a.id = ?1 AND a.closed_at IS NULL AND d.state = 'in_flight'",
        )?
        .query_row(params![attempt], in_flight)
        .optional()?;
    Ok(found)
}

/// Everything in flight.
pub(super) fn find_all(conn: &Connection) -> Result<Vec<InFlight>, StoreError> {
    let mut statement = conn.prepare_cached(IN_FLIGHT)?;
    let found = statement.query_map([], in_flight)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn in_flight(row: &Row<'_>) -> rusqlite::Result<InFlight> {
    Ok(InFlight {
        attempt: row.get(0)?,
        delivery: row.get(1)?,
        standing: Standing::read(row, 2)?,
        attempts: row.get(5)?,
        policy: policy_from_json(row.get(6)?),
    })
}

/// No rate allows more.
const MOST_OF_A_MINUTE: u32 = 100_000;

/// The attempts opened since `since`, oldest first, each with its connection.
pub(super) fn opened_since(
    conn: &Connection,
    since: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT d.connection, a.opened_at FROM attempts a JOIN deliveries d ON d.seq = a.delivery \
         ORDER BY a.seq DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([MOST_OF_A_MINUTE])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let at = row.get(1)?;
        if at < since {
            break;
        }
        found.push((row.get(0)?, at));
    }
    found.reverse();
    Ok(found)
}

pub(super) fn open(
    conn: &Connection,
    attempt: AttemptId,
    delivery: i64,
    number: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO attempts (id, delivery, number, opened_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![attempt, delivery, number, now])?;
    Ok(())
}

pub(super) fn close(
    conn: &Connection,
    attempt: AttemptId,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Settlement { outcome, status, session_id, excerpt } = settlement;
    conn.prepare_cached(
        "UPDATE attempts SET closed_at = ?2, verdict = ?3, reason = ?4, status = ?5, session_id = ?6, excerpt = ?7 \
         WHERE id = ?1",
    )?
    .execute(params![attempt, now, outcome.verdict, outcome.reason, status, session_id, excerpt])?;
    Ok(())
}
