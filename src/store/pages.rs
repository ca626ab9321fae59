//! Lists for people, newest first and a page at a time.
//!
//! Lives here: from a filter to the strands and conditions that answer it. Never
//! here: how they are merged (`walk.rs`), and what a row is read into
//! (`ledger.rs`).

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::walk::{Conditions, Found, Order, Strand, walk};
use super::{DeliveryFilter, DeliveryView, EventFilter, EventView, Page, Store, StoreError, ledger, once};
use crate::delivery::EventState;
use crate::event::EventId;

/// Items of one page.
const MOST_ITEMS: u32 = 500;

/// The sources that have an event in a state, each by one step in the index.
pub(super) const SOURCES_IN: &str = "
    WITH RECURSIVE has (source) AS (
        SELECT min(source) FROM events INDEXED BY events_state WHERE state = ?1
        UNION ALL
        SELECT (SELECT min(source) FROM events INDEXED BY events_state
                WHERE state = ?1 AND source > has.source)
        FROM has WHERE has.source IS NOT NULL
    )
    SELECT source FROM has WHERE source IS NOT NULL";

pub(super) const BY_STATE: &str =
    "SELECT seq FROM events INDEXED BY events_state WHERE state = ?1 AND source = ?2 AND ";
pub(super) const BY_KEY: &str = "SELECT seq FROM events INDEXED BY events_key
     WHERE source = ?1 AND key = ?2 AND duplicate_of IS NULL AND ";
pub(super) const BY_TWIN: &str =
    "SELECT seq FROM events INDEXED BY events_twins WHERE duplicate_of = ?1 AND ";
const ALL_EVENTS: &str = "SELECT seq FROM events WHERE ";

pub(super) const BY_EVENT: &str =
    "SELECT seq FROM deliveries INDEXED BY deliveries_event WHERE event = ?1 AND ";
pub(super) const BY_CONTACT: &str =
    "SELECT seq FROM deliveries INDEXED BY deliveries_contact WHERE contact = ?1 AND ";
pub(super) const BY_BUSINESS_KEY: &str =
    "SELECT seq FROM deliveries INDEXED BY deliveries_business_key WHERE business_key = ?1 AND ";
pub(super) const BY_DELIVERY_STATE: &str =
    "SELECT seq FROM deliveries INDEXED BY deliveries_state WHERE state = ?1 AND ";
const ALL_DELIVERIES: &str = "SELECT seq FROM deliveries WHERE ";

const SEARCHED_EVENT: &str = "
    instr(lower(CAST(e.body AS TEXT)), ?) > 0 OR instr(lower(coalesce(e.key, '')), ?) > 0 OR EXISTS (
        SELECT 1 FROM deliveries d WHERE d.event = e.seq AND (
            instr(lower(d.contact), ?) > 0 OR instr(lower(coalesce(d.business_key, '')), ?) > 0
            OR instr(lower(d.body), ?) > 0))";
const SEARCHED_DELIVERY: &str = "
    instr(lower(d.contact), ?) > 0 OR instr(lower(coalesce(d.business_key, '')), ?) > 0
    OR instr(lower(d.body), ?) > 0";

impl Store {
    /// Newest first, with their deliveries but without the attempts of those.
    /// `before` is the `next` of the page before.
    pub async fn events(
        &self,
        filter: EventFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<EventView>, StoreError> {
        let page = move |conn: &Connection| {
            let found = find_events(conn, &filter, Order::NewestFirst, before, limit)?;
            let views = found.seqs.iter().map(|seq| ledger::event_in_list(conn, *seq));
            Ok(Page { items: views.collect::<Result<_, _>>()?, next: found.next })
        };
        self.ledger_reads.read(page).await
    }

    /// The ids alone, oldest first. `after` is the `next` of the page before.
    pub async fn event_ids(
        &self,
        filter: EventFilter,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<EventId>, StoreError> {
        let page = move |conn: &Connection| {
            let found = find_events(conn, &filter, Order::OldestFirst, after, limit)?;
            let mut id = conn.prepare_cached("SELECT id FROM events WHERE seq = ?1")?;
            let ids = found.seqs.iter().map(|seq| id.query_row([seq], |row| row.get(0)));
            Ok(Page { items: ids.collect::<Result<_, _>>()?, next: found.next })
        };
        self.ledger_reads.read(page).await
    }

    /// Newest first, without their attempts.
    pub async fn deliveries(
        &self,
        filter: DeliveryFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<DeliveryView>, StoreError> {
        let page = move |conn: &Connection| {
            let found = find_deliveries(conn, &filter, before, limit)?;
            let views = found.seqs.iter().map(|seq| ledger::delivery_in_list(conn, *seq));
            Ok(Page { items: views.collect::<Result<_, _>>()?, next: found.next })
        };
        self.ledger_reads.read(page).await
    }
}

fn find_events(
    conn: &Connection,
    filter: &EventFilter,
    order: Order,
    from: Option<i64>,
    limit: u32,
) -> Result<Found, StoreError> {
    let mut conditions = Conditions::default();
    conditions.push_some("e.source = ?", filter.source.clone());
    conditions.push_some("e.state = ?", filter.state.map(|state| state.as_str().to_owned()));
    conditions.push_some("e.kind = ?", filter.kind.clone());
    conditions.push_some("e.key = ?", filter.key.clone());
    conditions.push_some("e.received_at >= ?", filter.since.map(|at| at.as_millis()));
    conditions.push_some("e.received_at < ?", filter.until.map(|at| at.as_millis()));
    for word in &filter.search {
        conditions.push(SEARCHED_EVENT, word.to_ascii_lowercase());
    }
    let cost = if filter.search.is_empty() { "0" } else { "length(e.body)" };
    let check = format!("SELECT {cost}, {} FROM events e WHERE e.seq = ?1", conditions.all());
    let from = (order, from.unwrap_or(order.start()));
    let limit = limit.clamp(1, MOST_ITEMS) as usize;
    walk(conn, &event_strands(conn, filter, order)?, from, (&check, &conditions), limit)
}

/// The narrowest that an index has: a key, then states by source, and else all.
fn event_strands(conn: &Connection, filter: &EventFilter, order: Order) -> Result<Vec<Strand>, StoreError> {
    let in_order = |sql: &str, values: Vec<Value>| {
        let beyond = order.beyond(values.len() + 1);
        Strand { sql: format!("{sql}{beyond}"), values }
    };
    if filter.source.is_none() && filter.state.is_none() && filter.key.is_none() {
        return Ok(vec![in_order(ALL_EVENTS, Vec::new())]);
    }
    let mut by_state = Vec::new();
    for state in EventState::ALL.iter().filter(|state| filter.state.is_none_or(|only| only == **state)) {
        for source in sources_in(conn, *state, filter.source.as_ref())? {
            by_state.push((*state, source));
        }
    }
    let Some(key) = &filter.key else {
        let strand = |(state, source): (EventState, String)| {
            in_order(BY_STATE, vec![state.as_str().to_owned().into(), source.into()])
        };
        return Ok(by_state.into_iter().map(strand).collect());
    };
    let mut sources: Vec<String> = by_state.into_iter().map(|(_, source)| source).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut strands = Vec::new();
    for source in sources {
        if let Some(first) = first_with_key(conn, &source, key)? {
            strands.push(in_order(BY_TWIN, vec![first.as_bytes().to_vec().into()]));
        }
        strands.push(in_order(BY_KEY, vec![source.into(), key.clone().into()]));
    }
    Ok(strands)
}

pub(super) fn sources_in(
    conn: &Connection,
    state: EventState,
    only: Option<&String>,
) -> Result<Vec<String>, StoreError> {
    if let Some(only) = only {
        return Ok(vec![only.clone()]);
    }
    let mut statement = conn.prepare_cached(SOURCES_IN)?;
    let sources = statement.query_map(params![state], |row| row.get(0))?;
    Ok(sources.collect::<Result<_, _>>()?)
}

/// The event whose repeats the others are; it may be gone by now.
fn first_with_key(conn: &Connection, source: &str, key: &str) -> Result<Option<EventId>, StoreError> {
    let here = conn
        .prepare_cached("SELECT id FROM events WHERE source = ?1 AND key = ?2 AND duplicate_of IS NULL")?
        .query_row(params![source, key], |row| row.get(0))
        .optional()?;
    match here {
        Some(here) => Ok(Some(here)),
        None => once::gone_event(conn, source, key),
    }
}

fn find_deliveries(
    conn: &Connection,
    filter: &DeliveryFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<Found, StoreError> {
    let mut conditions = Conditions::default();
    conditions.push_some("d.state = ?", filter.state.map(|state| state.as_str().to_owned()));
    conditions.push_some("d.connection = ?", filter.connection.clone());
    conditions.push_some("d.source = ?", filter.source.clone());
    conditions.push_some("d.contact = ?", filter.contact.clone());
    conditions.push_some("d.business_key = ?", filter.business_key.clone());
    conditions.push_some("d.planned_at >= ?", filter.since.map(|at| at.as_millis()));
    conditions.push_some("d.planned_at < ?", filter.until.map(|at| at.as_millis()));
    for word in &filter.search {
        conditions.push(SEARCHED_DELIVERY, word.to_ascii_lowercase());
    }
    let Some(strand) = delivery_strand(conn, filter)? else {
        return Ok(Found { seqs: Vec::new(), next: None });
    };
    let cost = if filter.search.is_empty() { "0" } else { "length(d.body)" };
    let check = format!("SELECT {cost}, {} FROM deliveries d WHERE d.seq = ?1", conditions.all());
    let from = (Order::NewestFirst, before.unwrap_or(i64::MAX));
    walk(conn, &[strand], from, (&check, &conditions), limit.clamp(1, MOST_ITEMS) as usize)
}

/// None: the event that it asks for is not there.
fn delivery_strand(conn: &Connection, filter: &DeliveryFilter) -> Result<Option<Strand>, StoreError> {
    let (sql, value): (&str, Option<Value>) = if let Some(event) = filter.event {
        let seq = conn.prepare_cached("SELECT seq FROM events WHERE id = ?1")?;
        let seq: Option<i64> = { seq }.query_row(params![event], |row| row.get(0)).optional()?;
        let Some(seq) = seq else { return Ok(None) };
        (BY_EVENT, Some(seq.into()))
    } else if let Some(contact) = &filter.contact {
        (BY_CONTACT, Some(contact.clone().into()))
    } else if let Some(key) = &filter.business_key {
        (BY_BUSINESS_KEY, Some(key.clone().into()))
    } else if let Some(state) = filter.state {
        (BY_DELIVERY_STATE, Some(state.as_str().to_owned().into()))
    } else {
        (ALL_DELIVERIES, None)
    };
    let values: Vec<Value> = value.into_iter().collect();
    let sql = format!("{sql}{}", Order::NewestFirst.beyond(values.len() + 1));
    Ok(Some(Strand { sql, values }))
}
