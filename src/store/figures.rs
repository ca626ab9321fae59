//! How much there is, and how long it has been waiting.
//!
//! Lives here: the counts, each read off an index alone. Never here: who is told
//! when one of them is too high.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Counts, Store, StoreError, StoreFigures};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{SourceName, Timestamp};

pub(super) const EVENTS: &str = "SELECT source, state, count(*) FROM events GROUP BY state, source";
pub(super) const FIRST_RECEIVED: &str = "
    SELECT received_at FROM events WHERE seq = (
        SELECT min(seq) FROM events INDEXED BY events_state WHERE state = 'received' AND source = ?1)";
pub(super) const FIRST_PENDING: &str = "
    SELECT planned_at FROM deliveries INDEXED BY deliveries_state WHERE state = 'pending' ORDER BY seq LIMIT 1";
/// Those that wait in a lane are in two indexes, by whether they are first of it.
pub(super) const PENDING_FIRST: &str = "
    SELECT connection, count(*) FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'pending' AND first_in_lane = 1 GROUP BY connection";
pub(super) const PENDING_BEHIND: &str = "
    SELECT connection, count(*) FROM deliveries INDEXED BY deliveries_lane_waiting
    WHERE state = 'pending' AND first_in_lane = 0 GROUP BY connection";
pub(super) const BY_CONNECTION: &str = "
    SELECT connection FROM deliveries INDEXED BY deliveries_state WHERE state = ?1";

/// Of events and of deliveries, so many at most.
pub(super) const WAITING: [&str; 2] = [
    "SELECT count(*) FROM (
        SELECT 1 FROM events INDEXED BY events_state WHERE state = 'received' LIMIT ?1)",
    "SELECT count(*) FROM (
        SELECT 1 FROM deliveries INDEXED BY deliveries_state WHERE state = 'pending' LIMIT ?1)",
];

impl Store {
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.ledger_reads.read(counts).await
    }

    /// How many events wait to be planned and messages to be sent. Nothing of either
    /// is counted beyond `most`.
    pub async fn waiting(&self, most: u64) -> Result<u64, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let waiting = move |conn: &Connection| {
            let counts = WAITING.map(|sql| conn.prepare_cached(sql)?.query_row([most], |row| count(row, 0)));
            counts.into_iter().try_fold(0, |sum, count| Ok(sum + count?))
        };
        self.ledger_reads.read(waiting).await
    }

    /// For dashboards. It reads whole indexes: a second of work on
    /// millions of rows, beside which nothing waits but other people's reads.
    pub async fn standing(&self) -> Result<StoreFigures, StoreError> {
        self.ledger_reads.read(standing).await
    }
}

fn standing(conn: &Connection) -> Result<StoreFigures, StoreError> {
    let mut statement = conn.prepare_cached(EVENTS)?;
    let events = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, count(row, 2)?)))?;
    let events: Vec<(SourceName, EventState, u64)> = events.collect::<Result<_, _>>()?;
    let mut oldest_received = Vec::new();
    for (source, ..) in events.iter().filter(|(_, state, _)| *state == EventState::Received) {
        let at: Option<Timestamp> =
            conn.prepare_cached(FIRST_RECEIVED)?.query_row(params![source], |row| row.get(0)).optional()?;
        oldest_received.extend(at.map(|at| (source.clone(), at)));
    }
    let number = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| count(row, 0));
    let page_bytes = number("PRAGMA page_size")?;
    Ok(StoreFigures {
        counts: Counts { events: sum_by_state(&events), deliveries: deliveries(conn)? },
        unfinished: unfinished(conn)?,
        lanes: lanes(conn)?,
        oldest_pending: conn.prepare_cached(FIRST_PENDING)?.query_row([], |row| row.get(0)).optional()?,
        file_bytes: number("PRAGMA page_count")? * page_bytes,
        free_bytes: number("PRAGMA freelist_count")? * page_bytes,
        events,
        oldest_received,
    })
}

/// Each lane has one first.
fn lanes(conn: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    let mut statement = conn.prepare_cached(PENDING_FIRST)?;
    let lanes = statement.query_map([], |row| Ok((row.get(0)?, count(row, 1)?)))?;
    Ok(lanes.collect::<Result<_, _>>()?)
}

/// What is not at an end yet, by connection.
fn unfinished(conn: &Connection) -> Result<Vec<(String, DeliveryState, u64)>, StoreError> {
    let mut found = std::collections::BTreeMap::<(String, &str), (DeliveryState, u64)>::new();
    let mut add = |connection: String, state: DeliveryState, count: u64| {
        found.entry((connection, state.as_str())).or_insert((state, 0)).1 += count;
    };
    for sql in [PENDING_FIRST, PENDING_BEHIND] {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            add(row.get(0)?, DeliveryState::Pending, count(row, 1)?);
        }
    }
    for state in [DeliveryState::InFlight, DeliveryState::Held] {
        let mut statement = conn.prepare_cached(BY_CONNECTION)?;
        let mut rows = statement.query(params![state])?;
        while let Some(row) = rows.next()? {
            add(row.get(0)?, state, 1);
        }
    }
    Ok(found.into_iter().map(|((connection, _), (state, count))| (connection, state, count)).collect())
}

fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    let events = "SELECT state, count(*) FROM events GROUP BY state";
    Ok(Counts { events: count_by_state(conn, events, EventState::ALL)?, deliveries: deliveries(conn)? })
}

fn deliveries(conn: &Connection) -> Result<Vec<(DeliveryState, u64)>, StoreError> {
    count_by_state(conn, "SELECT state, count(*) FROM deliveries GROUP BY state", DeliveryState::ALL)
}

fn sum_by_state(events: &[(SourceName, EventState, u64)]) -> Vec<(EventState, u64)> {
    let of =
        |state: EventState| events.iter().filter(|(_, of, _)| *of == state).map(|(.., count)| count).sum();
    EventState::ALL.iter().map(|state| (*state, of(*state))).collect()
}

fn count_by_state<S>(conn: &Connection, sql: &str, states: &[S]) -> Result<Vec<(S, u64)>, StoreError>
where
    S: FromSql + Copy + PartialEq,
{
    let mut counts: Vec<(S, u64)> = states.iter().map(|state| (*state, 0)).collect();
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state: S = row.get(0)?;
        let count = count(row, 1)?;
        if let Some(slot) = counts.iter_mut().find(|(have, _)| *have == state) {
            slot.1 = count;
        }
    }
    Ok(counts)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}
