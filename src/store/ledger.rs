//! Reads for people: what came in and what became of it.
//!
//! Lives here: one event's story, the list of events, the counts. Never here:
//! anything that writes, and anything the worker depends on.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::Json;
use super::{AttemptView, Counts, DeliveryView, EventSummary, EventView, Store, StoreError};
use crate::delivery::{DeliveryState, EventState};
use crate::event::EventId;

impl Store {
    /// An event with its deliveries and their attempts.
    pub async fn event(&self, id: EventId) -> Result<Option<EventView>, StoreError> {
        self.ledger_reads.read(move |conn| event(conn, id)).await
    }

    /// Up to `limit` events that came after `seq`, in order of arrival. Begin
    /// with 0, and go on with the last `seq` that was returned.
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<EventSummary>, StoreError> {
        self.ledger_reads.read(move |conn| events_after(conn, seq, limit)).await
    }

    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.ledger_reads.read(counts).await
    }
}

/// The columns that `event_summary` reads.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT seq, id, source, key, kind, state, received_at, planned_at, mapping_version, reason, \
                    problems, duplicate_of \
             FROM events ",
            $rest
        )
    };
}

fn event(conn: &Connection, id: EventId) -> Result<Option<EventView>, StoreError> {
    let found = conn
        .prepare_cached(select_events!("WHERE id = ?1"))?
        .query_row(params![id], event_summary)
        .optional()?;
    let Some(event) = found else { return Ok(None) };
    let deliveries = deliveries(conn, event.seq)?;
    Ok(Some(EventView { event, deliveries }))
}

fn events_after(conn: &Connection, seq: i64, limit: u32) -> Result<Vec<EventSummary>, StoreError> {
    let mut statement = conn.prepare_cached(select_events!("WHERE seq > ?1 ORDER BY seq LIMIT ?2"))?;
    let events = statement.query_map(params![seq, limit], event_summary)?;
    Ok(events.collect::<Result<_, _>>()?)
}

fn event_summary(row: &Row<'_>) -> rusqlite::Result<EventSummary> {
    Ok(EventSummary {
        seq: row.get(0)?,
        id: row.get(1)?,
        source: row.get(2)?,
        key: row.get(3)?,
        kind: row.get(4)?,
        state: row.get(5)?,
        received_at: row.get(6)?,
        planned_at: row.get(7)?,
        mapping_version: row.get(8)?,
        reason: row.get(9)?,
        problems: row.get::<_, Option<Json<_>>>(10)?.map(|Json(problems)| problems),
        duplicate_of: row.get(11)?,
    })
}

fn deliveries(conn: &Connection, event: i64) -> Result<Vec<DeliveryView>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, id, message, connection, contact, mapping_version, state, planned_at, due_at, moved_at, \
                reason, twin_of, body, business_key, expires_at \
         FROM deliveries WHERE event = ?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([event])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        let attempts = attempts(conn, row.get(0)?)?;
        let Json(body) = row.get(12)?;
        deliveries.push(DeliveryView {
            id: row.get(1)?,
            message: row.get(2)?,
            connection: row.get(3)?,
            contact: row.get(4)?,
            mapping_version: row.get(5)?,
            state: row.get(6)?,
            planned_at: row.get(7)?,
            due_at: row.get(8)?,
            moved_at: row.get(9)?,
            reason: row.get(10)?,
            twin_of: row.get(11)?,
            business_key: row.get(13)?,
            expires_at: row.get(14)?,
            body,
            attempts,
        });
    }
    Ok(deliveries)
}

fn attempts(conn: &Connection, delivery: i64) -> Result<Vec<AttemptView>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, number, opened_at, closed_at, verdict, status, reason, session_id, excerpt \
         FROM attempts WHERE delivery = ?1 ORDER BY seq",
    )?;
    let attempts = statement.query_map([delivery], |row| {
        Ok(AttemptView {
            id: row.get(0)?,
            number: row.get(1)?,
            opened_at: row.get(2)?,
            closed_at: row.get(3)?,
            verdict: row.get(4)?,
            status: row.get(5)?,
            reason: row.get(6)?,
            session_id: row.get(7)?,
            excerpt: row.get(8)?,
        })
    })?;
    Ok(attempts.collect::<Result<_, _>>()?)
}

fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    let events = "SELECT state, count(*) FROM events GROUP BY state";
    let deliveries = "SELECT state, count(*) FROM deliveries GROUP BY state";
    Ok(Counts {
        events: count_by_state(conn, events, EventState::ALL)?,
        deliveries: count_by_state(conn, deliveries, DeliveryState::ALL)?,
    })
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
        let count: i64 = row.get(1)?;
        if let Some(slot) = counts.iter_mut().find(|(have, _)| *have == state) {
            slot.1 = count.unsigned_abs();
        }
    }
    Ok(counts)
}
