//! The rows of attempts: one is opened before a request is sent, and closed once.
//!
//! Lives here: opening, finding and closing them. A delivery has one open
//! attempt at most, and an index sees to it. Never here: what closing one means
//! for its delivery.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Settlement, StoreError};
use crate::event::{AttemptId, DeliveryId, Timestamp};

pub(super) const LEASED: &str = "
    SELECT a.id, d.seq, d.id, d.connection, d.contact
    FROM deliveries d JOIN attempts a ON a.delivery = d.seq AND a.closed_at IS NULL
    WHERE d.state = 'in_flight' AND d.lease_until <= ?1 ORDER BY d.seq";

/// A delivery in flight, with the open attempt that holds it.
pub(super) struct InFlight {
    pub attempt: AttemptId,
    pub seq: i64,
    pub delivery: DeliveryId,
    pub connection: String,
    pub contact: String,
}

/// The delivery that `attempt` holds; none if the attempt was closed, or never was.
pub(super) fn find_open(conn: &Connection, attempt: AttemptId) -> Result<Option<InFlight>, StoreError> {
    let found = conn
        .prepare_cached(
            "SELECT a.id, d.seq, d.id, d.connection, d.contact \
             FROM attempts a JOIN deliveries d ON d.seq = a.delivery \
             WHERE a.id = ?1 AND a.closed_at IS NULL AND d.state = 'in_flight'",
        )?
        .query_row(params![attempt], in_flight)
        .optional()?;
    Ok(found)
}

/// Every delivery in flight whose lease ends by `until`.
pub(super) fn find_leased(conn: &Connection, until: Timestamp) -> Result<Vec<InFlight>, StoreError> {
    let mut statement = conn.prepare_cached(LEASED)?;
    let found = statement.query_map(params![until], in_flight)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn in_flight(row: &Row<'_>) -> rusqlite::Result<InFlight> {
    Ok(InFlight {
        attempt: row.get(0)?,
        seq: row.get(1)?,
        delivery: row.get(2)?,
        connection: row.get(3)?,
        contact: row.get(4)?,
    })
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
