//! Lanes: one person, one order.
//!
//! A lane is one connection and one contact. The deliveries of a lane that are
//! `pending` or `in_flight` stand in it in the order planned, and the first of
//! them carries a mark: only it can be claimed, and an index allows one mark per
//! lane. The mark is moved here, in the transaction that moves the delivery, so
//! that a claim need not look at those who wait behind, however many they are.
//! While a held delivery keeps its lane, nobody carries the mark.
//!
//! Lives here: joining, staying in and leaving a lane. Never here: why.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::StoreError;
use crate::delivery::DeliveryState;
use crate::event::Timestamp;

pub(super) const FIRST: &str = "
    SELECT 1 FROM deliveries WHERE connection = ?1 AND contact = ?2 AND first_in_lane = 1";

pub(super) const KEPT: &str = "
    SELECT 1 FROM deliveries WHERE connection = ?1 AND contact = ?2 AND state = 'held' AND keeps_lane = 1";

pub(super) const NEXT_IN_LINE: &str = "
    SELECT seq FROM deliveries
    WHERE connection = ?1 AND contact = ?2 AND state = 'pending' AND first_in_lane = 0
    ORDER BY seq LIMIT 1";

/// A delivery, and the lane it is of.
pub(super) struct Standing {
    pub seq: i64,
    pub connection: String,
    pub contact: String,
}

impl Standing {
    /// From the columns `seq, connection, contact`, which begin at `first`.
    pub fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self { seq: row.get(first)?, connection: row.get(first + 1)?, contact: row.get(first + 2)? })
    }
}

/// Whether a delivery that is planned now is first of its lane at once.
pub(super) fn is_free(conn: &Connection, connection: &str, contact: &str) -> Result<bool, StoreError> {
    let first = conn.prepare_cached(FIRST)?.exists(params![connection, contact])?;
    Ok(!first && !conn.prepare_cached(KEPT)?.exists(params![connection, contact])?)
}

/// To an end, from wherever it stood: the next in line becomes first if nobody is.
pub(super) fn leave(
    conn: &Connection,
    delivery: &Standing,
    to: DeliveryState,
    keeps_lane: bool,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE deliveries SET state = ?2, first_in_lane = 0, lease_until = NULL, keeps_lane = ?3, reason = ?4, \
                               moved_at = ?5 \
         WHERE seq = ?1",
    )?
    .execute(params![delivery.seq, to, keeps_lane, reason, now])?;
    advance(conn, delivery)
}

/// Back into its lane: first if nobody is, and else next after whoever is first.
pub(super) fn enter(
    conn: &Connection,
    delivery: &Standing,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE deliveries SET state = 'pending', first_in_lane = 0, keeps_lane = 0, due_at = ?2, reason = ?3, \
                               moved_at = ?2 \
         WHERE seq = ?1",
    )?
    .execute(params![delivery.seq, now, reason])?;
    advance(conn, delivery)
}

fn advance(conn: &Connection, lane: &Standing) -> Result<(), StoreError> {
    if !is_free(conn, &lane.connection, &lane.contact)? {
        return Ok(());
    }
    let next: Option<i64> = conn
        .prepare_cached(NEXT_IN_LINE)?
        .query_row(params![lane.connection, lane.contact], |row| row.get(0))
        .optional()?;
    if let Some(next) = next {
        conn.prepare_cached("UPDATE deliveries SET first_in_lane = 1 WHERE seq = ?1")?.execute([next])?;
    }
    Ok(())
}

/// In flight to pending again, still first of its lane. An attempt that does
/// not count gives its number back.
pub(super) fn stay(
    conn: &Connection,
    delivery: &Standing,
    due_at: Timestamp,
    counts: bool,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE deliveries SET state = 'pending', lease_until = NULL, due_at = ?2, attempts = attempts - ?3, \
                               reason = ?4, moved_at = ?5 \
         WHERE seq = ?1",
    )?
    .execute(params![delivery.seq, due_at, i64::from(!counts), reason, now])?;
    Ok(())
}
