//! Dropping what an event holds, and the event itself.
//!
//! Lives here: what goes and what stays. An emptied event keeps its place, its
//! state and its contacts; of a deleted one only hashes of its keys are left. Never
//! here: which are old enough (`prune.rs`).

use rusqlite::{Connection, OptionalExtension, params};

use super::lane::{self, Standing};
use super::prune::AT_ONCE;
use super::{Pruned, StoreError, once};
use crate::delivery::DeliveryState;
use crate::event::{EventId, Timestamp};

/// Nothing more will come of it.
pub(super) const FINISHED: &str = "
    e.received_at <= ? AND (
        e.state IN ('ignored', 'duplicate') OR e.state = 'planned' AND NOT EXISTS (
            SELECT 1 FROM deliveries d WHERE d.event = e.seq AND d.state IN ('pending', 'in_flight', 'held')))";

/// Nothing will come of it by itself.
pub(super) const DELETABLE: &str = "
    e.received_at <= ? AND e.state <> 'received' AND NOT EXISTS (
        SELECT 1 FROM deliveries d WHERE d.event = e.seq AND d.state IN ('pending', 'in_flight'))";

pub(super) const HELD: &str =
    "SELECT seq, connection, contact FROM deliveries WHERE event = ?1 AND state = 'held'";

fn meets(conn: &Connection, seq: i64, condition: &str, before: Timestamp) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM events e WHERE e.seq = ?1 AND ({})", condition.replace('?', "?2"));
    Ok(conn.prepare_cached(&sql)?.exists(params![seq, before])?)
}

/// Deletes as many of `events` as make a step; each that is still deletable.
pub(super) fn delete_all(
    conn: &Connection,
    events: &[i64],
    before: Timestamp,
    now: Timestamp,
) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    for seq in events {
        if pruned.rows() >= AT_ONCE as u64 {
            break;
        }
        if meets(conn, *seq, DELETABLE, before)? {
            count_deleted(conn, *seq, &mut pruned)?;
            delete(conn, *seq, now)?;
        }
    }
    Ok(pruned)
}

/// Adds what deleting it deletes.
pub(super) fn count_deleted(conn: &Connection, seq: i64, pruned: &mut Pruned) -> Result<(), StoreError> {
    let (undecided, deliveries): (bool, i64) = conn
        .prepare_cached(
            "SELECT e.state = 'unmapped' OR coalesce(sum(d.state = 'held'), 0) > 0, count(d.seq) \
             FROM events e LEFT JOIN deliveries d ON d.event = e.seq WHERE e.seq = ?1",
        )?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    pruned.deliveries += deliveries.unsigned_abs();
    if undecided {
        pruned.undecided += 1;
    } else {
        pruned.events += 1;
    }
    Ok(())
}

fn delete(conn: &Connection, seq: i64, now: Timestamp) -> Result<(), StoreError> {
    // One that keeps its lane lets go of it first.
    let mut held = conn.prepare_cached(HELD)?;
    let held = held.query_map([seq], |row| Standing::read(row, 0))?.collect::<Result<Vec<_>, _>>()?;
    for delivery in &held {
        lane::leave(conn, delivery, DeliveryState::Cancelled, false, "forgotten by age", now)?;
    }
    remember_key(conn, seq)?;
    for sql in [
        "DELETE FROM attempts WHERE delivery IN (SELECT seq FROM deliveries WHERE event = ?1)",
        "DELETE FROM deliveries WHERE event = ?1",
        "DELETE FROM passed_over WHERE seq = ?1",
        "DELETE FROM events WHERE seq = ?1",
    ] {
        conn.prepare_cached(sql)?.execute([seq])?;
    }
    Ok(())
}

/// Its sender's id, as a hash, so that a late repeat stays a repeat.
pub(super) fn remember_key(conn: &Connection, seq: i64) -> Result<(), StoreError> {
    let found: Option<(EventId, String, String, Timestamp)> = conn
        .prepare_cached(
            "SELECT id, source, key, received_at FROM events \
             WHERE seq = ?1 AND key IS NOT NULL AND duplicate_of IS NULL",
        )?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    match found {
        Some((id, source, key, at)) => once::remember_gone(conn, id, (&source, &key), at),
        None => Ok(()),
    }
}

pub(super) fn emptied_to(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.prepare_cached("SELECT seq FROM emptied_to")?.query_row([], |row| row.get(0))?)
}

/// Empties the next in order of arrival, up to `end`. What is not finished is noted
/// and passed over.
pub(super) fn empty_next(conn: &Connection, end: i64, before: Timestamp) -> Result<Pruned, StoreError> {
    let from = emptied_to(conn)?;
    let mut next =
        conn.prepare_cached("SELECT seq FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3")?;
    let next = next.query_map(params![from, end, AT_ONCE as u32], |row| row.get(0))?;
    let next: Vec<i64> = next.collect::<Result<_, _>>()?;
    let (mut pruned, mut rows, mut last) = (Pruned::default(), 0, from);
    for seq in next {
        if rows >= AT_ONCE {
            break;
        }
        last = seq;
        if meets(conn, seq, FINISHED, before)? {
            rows += empty(conn, seq)?;
            pruned.emptied += 1;
        } else {
            conn.prepare_cached("INSERT OR IGNORE INTO passed_over (seq) VALUES (?1)")?.execute([seq])?;
            rows += 1;
            pruned.passed_over += 1;
        }
    }
    if last > from {
        conn.prepare_cached("UPDATE emptied_to SET seq = ?1")?.execute([last])?;
    }
    Ok(pruned)
}

pub(super) fn empty_late(conn: &Connection, events: &[i64], before: Timestamp) -> Result<Pruned, StoreError> {
    let (mut pruned, mut rows) = (Pruned::default(), 0);
    for seq in events {
        if rows < AT_ONCE && meets(conn, *seq, FINISHED, before)? {
            rows += empty(conn, *seq)?;
            conn.prepare_cached("DELETE FROM passed_over WHERE seq = ?1")?.execute([seq])?;
            pruned.emptied += 1;
        }
    }
    Ok(pruned)
}

/// How many rows it changed.
fn empty(conn: &Connection, seq: i64) -> Result<usize, StoreError> {
    empty_event(conn, seq)?;
    let attempts = conn
        .prepare_cached(
            "UPDATE attempts SET excerpt = NULL \
             WHERE delivery IN (SELECT seq FROM deliveries WHERE event = ?1) AND excerpt IS NOT NULL",
        )?
        .execute([seq])?;
    let deliveries =
        conn.prepare_cached("UPDATE deliveries SET body = '{}' WHERE event = ?1")?.execute([seq])?;
    Ok(1 + attempts + deliveries)
}

/// What its sender sent.
pub(super) fn empty_event(conn: &Connection, seq: i64) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE events SET body = x'', headers = '[]', query = '', emptied = 1 WHERE seq = ?1",
    )?
    .execute([seq])?;
    Ok(())
}
