//! What to send now, and when there will be more.
//!
//! Lives here: choosing from what is due, taking it under a lease, and waiting.
//! Never here: sending, or how many may be sent at once.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::columns::Json;
use super::writer::{Steps, Wakes};
use super::{Claimed, Store, StoreError, attempt};
use crate::event::{AttemptId, Timestamp};
use crate::session::SessionStart;

/// The connections that have a first of a lane pending and are not paused. Each
/// step jumps to the next name in the index `deliveries_due`: the cost is the
/// number of connections, not of deliveries. `INDEXED BY`, because the planner
/// would else prefer `deliveries_state` and walk everything that is pending.
pub(super) const CONNECTIONS: &str = "
    WITH RECURSIVE waiting (connection) AS (
        SELECT min(connection) FROM deliveries INDEXED BY deliveries_due
        WHERE state = 'pending' AND first_in_lane = 1
        UNION ALL
        SELECT (SELECT min(connection) FROM deliveries INDEXED BY deliveries_due
                WHERE state = 'pending' AND first_in_lane = 1 AND connection > waiting.connection)
        FROM waiting WHERE waiting.connection IS NOT NULL
    )
    SELECT connection FROM waiting
    WHERE connection IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM paused_connections p WHERE p.connection = waiting.connection)";

pub(super) const DUE: &str = "
    SELECT due_at, seq FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'pending' AND first_in_lane = 1 AND connection = ?1 AND due_at <= ?2
    ORDER BY due_at, seq LIMIT ?3";

pub(super) const FIRST_DUE: &str = "
    SELECT min(due_at) FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'pending' AND first_in_lane = 1 AND connection = ?1";

impl Store {
    /// Takes up to `limit` deliveries that are due: of each lane only the first,
    /// of a paused connection none. When this returns, each is `in_flight` and
    /// its attempt is on disk, so it may be sent.
    ///
    /// If more is due than the limit, every connection gets its share; within
    /// one, what has been due longest goes first. They are returned in the order
    /// planned.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        limit: u32,
        lease_secs: u32,
    ) -> Result<Vec<Claimed>, StoreError> {
        let lease_until = now.plus(Duration::from_secs(lease_secs.into()));
        let claim = move |conn: &Connection| {
            let chosen = choose(conn, now, limit)?;
            chosen.into_iter().map(|seq| take(conn, seq, now, lease_until)).collect()
        };
        self.writer.write(Steps::Several, Wakes::Nobody, claim).await
    }

    /// When the next delivery is due that a claim would take; that moment may
    /// be past. One that waits behind another of its lane does not count: there
    /// is work again when that one is settled.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.queue_reads.read(next_due).await
    }

    /// Resolves when something was recorded, planned, settled, recovered or
    /// resumed since it last did, however often. It is for one waiter, the
    /// worker: of two, one would sleep through it.
    pub async fn wait_for_work(&self) {
        self.writer.wait_for_work().await;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
    due_at: Timestamp,
    seq: i64,
}

fn choose(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<i64>, StoreError> {
    let mut due = Vec::new();
    let mut statement = conn.prepare_cached(DUE)?;
    for connection in connections(conn)? {
        let candidate = |row: &rusqlite::Row<'_>| Ok(Candidate { due_at: row.get(0)?, seq: row.get(1)? });
        let rows = statement.query_map(params![connection, now, limit], candidate)?;
        due.push(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(share(due, limit as usize))
}

fn connections(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare_cached(CONNECTIONS)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Everyone's first before anyone's second; among equals, what is due longest.
fn share(due: Vec<Vec<Candidate>>, limit: usize) -> Vec<i64> {
    let mut ranked: Vec<_> = due.into_iter().flat_map(|of_one| of_one.into_iter().enumerate()).collect();
    ranked.sort_by_key(|(rank, candidate)| (*rank, candidate.due_at, candidate.seq));
    ranked.truncate(limit);
    let mut chosen: Vec<_> = ranked.into_iter().map(|(_, candidate)| candidate.seq).collect();
    chosen.sort_unstable();
    chosen
}

fn take(conn: &Connection, seq: i64, now: Timestamp, lease_until: Timestamp) -> Result<Claimed, StoreError> {
    conn.prepare_cached(
        "UPDATE deliveries SET state = 'in_flight', lease_until = ?2, attempts = attempts + 1, moved_at = ?3 \
         WHERE seq = ?1",
    )?
    .execute(params![seq, lease_until, now])?;
    let claimed = conn
        .prepare_cached(
            "SELECT d.attempts, d.id, e.id, e.source, d.message, d.connection, d.mapping_version, d.body \
             FROM deliveries d JOIN events e ON e.seq = d.event WHERE d.seq = ?1",
        )?
        .query_row([seq], |row| {
            let Json(body) = row.get(7)?;
            Ok(Claimed {
                attempt: AttemptId::generate(now),
                attempt_number: row.get(0)?,
                delivery: row.get(1)?,
                event: row.get(2)?,
                source: row.get(3)?,
                message: row.get(4)?,
                connection: row.get(5)?,
                mapping_version: row.get(6)?,
                body: SessionStart::from_stored(body),
            })
        })?;
    attempt::open(conn, claimed.attempt, seq, claimed.attempt_number, now)?;
    Ok(claimed)
}

fn next_due(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut earliest = None;
    let mut statement = conn.prepare_cached(FIRST_DUE)?;
    for connection in connections(conn)? {
        let due: Option<Timestamp> = statement.query_row([connection], |row| row.get(0))?;
        earliest = earliest.into_iter().chain(due).min();
    }
    Ok(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(rows: &[(i64, i64)]) -> Vec<Candidate> {
        rows.iter().map(|&(at, seq)| Candidate { due_at: Timestamp::from_millis(at), seq }).collect()
    }

    #[test]
    fn a_busy_connection_leaves_room_for_a_quiet_one() {
        let busy = due(&[(1, 1), (1, 2), (1, 3), (1, 4)]);
        let quiet = due(&[(9, 9)]);
        assert_eq!(share(vec![busy.clone(), quiet.clone()], 3), [1, 2, 9]);
        assert_eq!(share(vec![busy.clone(), quiet.clone()], 1), [1], "the one due longest");
        assert_eq!(share(vec![busy, quiet], 100), [1, 2, 3, 4, 9]);
    }
}
