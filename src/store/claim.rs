//! What to send now, and when there will be more.
//!
//! Lives here: choosing from what is due, taking it under a lease, and waiting.
//! Never here: sending, or how many may be sent at once.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::columns::{Json, policy_from_json};
use super::job::{Steps, Wakes};
use super::{Claimed, Room, Store, StoreError, attempt};
use crate::event::{AttemptId, Timestamp};
use crate::session::SessionStart;

/// The connections and sources that have a first of a lane pending and are not
/// paused, nor told to wait. Each step jumps to the next pair in the index
/// `deliveries_due`: the cost is the number of pairs, not of deliveries. `INDEXED
/// BY`, because the planner would else prefer `deliveries_state` and walk
/// everything that is pending.
pub(super) const LANES: &str = "
    WITH RECURSIVE waiting (connection, source) AS (
        SELECT connection, source FROM (
            SELECT connection, source FROM deliveries INDEXED BY deliveries_due
            WHERE state = 'pending' AND first_in_lane = 1
            ORDER BY connection, source LIMIT 1)
        UNION ALL
        SELECT next.connection, next.source FROM waiting JOIN deliveries next ON next.seq = (
            SELECT seq FROM deliveries INDEXED BY deliveries_due
            WHERE state = 'pending' AND first_in_lane = 1
              AND (connection, source) > (waiting.connection, waiting.source)
            ORDER BY connection, source LIMIT 1)
    )
    SELECT connection, source FROM waiting
    WHERE NOT EXISTS (SELECT 1 FROM paused p WHERE p.kind = 'everything')
      AND NOT EXISTS (SELECT 1 FROM paused p WHERE p.kind = 'connection' AND p.name = waiting.connection)
      AND NOT EXISTS (SELECT 1 FROM paused p WHERE p.kind = 'source' AND p.name = waiting.source)";

pub(super) const DUE: &str = "
    SELECT due_at, seq FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'pending' AND first_in_lane = 1 AND connection = ?1 AND source = ?2 AND due_at <= ?3
    ORDER BY due_at, seq LIMIT ?4";

pub(super) const FIRST_DUE: &str = "
    SELECT min(due_at) FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'pending' AND first_in_lane = 1 AND connection = ?1 AND source = ?2";

/// Nothing expires before it is looked at, and nothing that did is claimed.
pub(super) const FIRST_EXPIRY: &str = "
    SELECT min(expires_at) FROM deliveries INDEXED BY deliveries_expiry
    WHERE state = 'pending' AND expires_at IS NOT NULL";

impl Store {
    /// Takes what is due, as far as there is `room`: of each lane only the first,
    /// of what is paused none. When this returns, each is `in_flight` and its
    /// attempt is on disk, so it may be sent.
    ///
    /// If more is due than there is room, every connection gets its share; within
    /// one, what has been due longest goes first. They are returned in the order
    /// planned.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        room: Room,
        lease_secs: u32,
    ) -> Result<Vec<Claimed>, StoreError> {
        let lease_until = now.plus(Duration::from_secs(lease_secs.into()));
        let claim = move |conn: &Connection| {
            let chosen = choose(conn, now, &room)?;
            let taken = chosen.into_iter().map(|seq| take(conn, seq, now, lease_until));
            taken.filter_map(Result::transpose).collect()
        };
        self.writer.write(Steps::Several, Wakes::Nobody, claim).await
    }

    /// Of each connection, when the next delivery is due that a claim would take;
    /// that moment may be past. One that waits behind another of its lane does not
    /// count: there is work again when that one is settled.
    pub async fn next_due(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        self.queue_reads.read(next_due).await
    }

    /// When the next delivery goes stale, paused or not.
    pub async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        let first =
            |conn: &Connection| Ok(conn.prepare_cached(FIRST_EXPIRY)?.query_row([], |row| row.get(0))?);
        self.queue_reads.read(first).await
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

fn choose(conn: &Connection, now: Timestamp, room: &Room) -> Result<Vec<i64>, StoreError> {
    let mut due: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(DUE)?;
    for (connection, source) in lanes(conn)? {
        let limit = room.of(&connection);
        if limit == 0 {
            continue;
        }
        let candidate = |row: &rusqlite::Row<'_>| Ok(Candidate { due_at: row.get(0)?, seq: row.get(1)? });
        let rows = statement.query_map(params![connection, source, now, limit], candidate)?;
        let of_one = due.entry(connection).or_default();
        rows.into_iter().try_for_each(|row| row.map(|row| of_one.push(row)))?;
    }
    for (connection, of_one) in &mut due {
        of_one.sort_unstable_by_key(|candidate| (candidate.due_at, candidate.seq));
        of_one.truncate(room.of(connection) as usize);
    }
    Ok(share(due.into_values().collect(), room.total as usize))
}

fn lanes(conn: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = conn.prepare_cached(LANES)?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
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

/// None: it has gone stale meanwhile, and is about to be moved.
fn take(
    conn: &Connection,
    seq: i64,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    let taken = conn
        .prepare_cached(
            "UPDATE deliveries SET state = 'in_flight', lease_until = ?2, attempts = attempts + 1, moved_at = ?3 \
             WHERE seq = ?1 AND (expires_at IS NULL OR expires_at > ?3)",
        )?
        .execute(params![seq, lease_until, now])?;
    if taken == 0 {
        return Ok(None);
    }
    let claimed = conn
        .prepare_cached(
            "SELECT d.attempts, d.id, e.id, d.source, d.message, d.connection, d.mapping_version, d.body, \
                    d.policy, e.request \
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
                policy: policy_from_json(row.get(8)?),
                request: row.get(9)?,
                body: SessionStart::from_stored(body),
            })
        })?;
    attempt::open(conn, claimed.attempt, seq, claimed.attempt_number, now)?;
    Ok(Some(claimed))
}

fn next_due(conn: &Connection) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let mut earliest: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut statement = conn.prepare_cached(FIRST_DUE)?;
    for (connection, source) in lanes(conn)? {
        let due: Option<Timestamp> = statement.query_row([&connection, &source], |row| row.get(0))?;
        if let Some(due) = due {
            earliest.entry(connection).and_modify(|have| *have = due.min(*have)).or_insert(due);
        }
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
