//! Reads for people: what came in and what became of it.
//!
//! Lives here: one event's story, one delivery's, and how a row is read into a
//! view. Never here: lists by a filter (`pages.rs`), anything that writes, and
//! anything the worker depends on.

use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::columns::Json;
use super::inbox::{BY_ID, BY_SEQ, stored_event};
use super::{AttemptView, DeliveryView, EventSummary, EventView, InboxEvent, Store, StoreError};
use crate::event::{DeliveryId, EventId};

/// The columns that `event_summary` reads.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT seq, id, source, key, kind, state, received_at, planned_at, mapping_version, reason, \
                    problems, duplicate_of, emptied \
             FROM events ",
            $rest
        )
    };
}

/// The columns that `deliveries` reads.
macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT d.seq, d.id, e.id, e.source, d.message, d.connection, d.contact, d.mapping_version, \
                    d.state, d.planned_at, d.due_at, d.moved_at, d.reason, d.twin_of, d.body, d.business_key, \
                    d.expires_at, (SELECT count(*) FROM attempts a WHERE a.delivery = d.seq) \
             FROM deliveries d JOIN events e ON e.seq = d.event ",
            $rest
        )
    };
}

impl Store {
    /// An event with its deliveries and their attempts.
    pub async fn event(&self, id: EventId) -> Result<Option<EventView>, StoreError> {
        self.ledger_reads.read(move |conn| event(conn, id)).await
    }

    /// An event as it came in; of one that was emptied, what is left.
    pub async fn webhook(&self, id: EventId) -> Result<Option<InboxEvent>, StoreError> {
        let find = move |conn: &Connection| {
            Ok(conn.prepare_cached(BY_ID)?.query_row(params![id], stored_event).optional()?)
        };
        self.ledger_reads.read(find).await
    }

    /// A delivery with its attempts.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryView>, StoreError> {
        let find = move |conn: &Connection| {
            Ok(deliveries(conn, select_deliveries!("WHERE d.id = ?1"), params![id], Attempts::With)?.pop())
        };
        self.ledger_reads.read(find).await
    }

    /// Up to `limit` events that came after `seq`, in order of arrival. Begin
    /// with 0, and go on with the last `seq` that was returned.
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<EventSummary>, StoreError> {
        self.ledger_reads.read(move |conn| events_after(conn, seq, limit)).await
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempts {
    With,
    Without,
}

fn event(conn: &Connection, id: EventId) -> Result<Option<EventView>, StoreError> {
    let found = conn
        .prepare_cached(select_events!("WHERE id = ?1"))?
        .query_row(params![id], event_summary)
        .optional()?;
    let Some(event) = found else { return Ok(None) };
    let deliveries = deliveries_of(conn, event.seq, Attempts::With)?;
    Ok(Some(EventView { event, deliveries }))
}

/// With its deliveries and their attempts.
pub(super) fn event_by_seq(conn: &Connection, seq: i64) -> Result<EventView, StoreError> {
    event_with(conn, seq, Attempts::With)
}

pub(super) fn webhook_by_seq(conn: &Connection, seq: i64) -> Result<InboxEvent, StoreError> {
    Ok(conn.prepare_cached(BY_SEQ)?.query_row([seq], stored_event)?)
}

pub(super) fn event_in_list(conn: &Connection, seq: i64) -> Result<EventView, StoreError> {
    event_with(conn, seq, Attempts::Without)
}

fn event_with(conn: &Connection, seq: i64, attempts: Attempts) -> Result<EventView, StoreError> {
    let event = conn.prepare_cached(select_events!("WHERE seq = ?1"))?.query_row([seq], event_summary)?;
    Ok(EventView { event, deliveries: deliveries_of(conn, seq, attempts)? })
}

pub(super) fn delivery_in_list(conn: &Connection, seq: i64) -> Result<DeliveryView, StoreError> {
    let found = deliveries(conn, select_deliveries!("WHERE d.seq = ?1"), [seq], Attempts::Without)?.pop();
    found.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
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
        emptied: row.get(12)?,
    })
}

fn deliveries_of(conn: &Connection, event: i64, attempts: Attempts) -> Result<Vec<DeliveryView>, StoreError> {
    deliveries(conn, select_deliveries!("WHERE d.event = ?1 ORDER BY d.seq"), [event], attempts)
}

fn deliveries(
    conn: &Connection,
    sql: &str,
    which: impl Params,
    with: Attempts,
) -> Result<Vec<DeliveryView>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(which)?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        let Json(body) = row.get(14)?;
        deliveries.push(DeliveryView {
            id: row.get(1)?,
            event: row.get(2)?,
            source: row.get(3)?,
            message: row.get(4)?,
            connection: row.get(5)?,
            contact: row.get(6)?,
            mapping_version: row.get(7)?,
            state: row.get(8)?,
            planned_at: row.get(9)?,
            due_at: row.get(10)?,
            moved_at: row.get(11)?,
            reason: row.get(12)?,
            twin_of: row.get(13)?,
            business_key: row.get(15)?,
            expires_at: row.get(16)?,
            body,
            attempt_count: row.get(17)?,
            attempts: match with {
                Attempts::With => attempts(conn, row.get(0)?)?,
                Attempts::Without => Vec::new(),
            },
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
