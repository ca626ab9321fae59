//! Events coming in, and waiting to be planned.
//!
//! Lives here: recording one, telling a sender's repeat from something new, and
//! handing out those not yet planned. Never here: what an event means.

use bytes::Bytes;
use rusqlite::{Connection, Row, params};

use super::columns::{headers_from_json, headers_to_json};
use super::job::{Steps, Wakes};
use super::nonce::{self, Seen};
use super::{InboxEvent, NonceUse, RecordError, Recorded, Store, StoreError, once};
use crate::delivery::EventState;
use crate::event::EventId;

/// The columns of an event as it came in, which `stored_event` reads.
macro_rules! stored {
    () => {
        "SELECT id, source, key, kind, received_at, method, query, headers, body, item, \
                request FROM events"
    };
}

/// The sources that have something received and are not paused, each by one step in
/// the index.
pub(super) const SOURCES: &str = "
    WITH RECURSIVE waiting (source) AS (
        SELECT min(source) FROM events INDEXED BY events_state WHERE state = 'received'
        UNION ALL
        SELECT (SELECT min(source) FROM events INDEXED BY events_state
                WHERE state = 'received' AND source > waiting.source)
        FROM waiting WHERE waiting.source IS NOT NULL
    )
    SELECT source FROM waiting
    WHERE source IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM paused p WHERE p.kind = 'everything')
      AND NOT EXISTS (SELECT 1 FROM paused p WHERE p.kind = 'source' AND p.name = waiting.source)";

pub(super) const OLDEST: &str = "
    SELECT seq, length(body) FROM events INDEXED BY events_state
    WHERE state = 'received' AND source = ?1 ORDER BY seq LIMIT ?2";

pub(super) const BY_SEQ: &str = concat!(stored!(), " WHERE seq = ?1");
pub(super) const BY_ID: &str = concat!(stored!(), " WHERE id = ?1");

impl Store {
    /// Returns when the event is on disk, and only then may it be acknowledged.
    /// It stays recorded even if the caller goes away while it waits.
    pub async fn record(&self, event: InboxEvent) -> Result<Recorded, RecordError> {
        let headers = headers_to_json(&event.headers);
        self.writer.write_if_room(Steps::One, Wakes::Worker, move |conn| record(conn, &event, &headers)).await
    }

    /// Records the events of one request: all of them, or none. `None`: its
    /// nonce was used by another request, and nothing was recorded.
    pub async fn record_all(
        &self,
        events: Vec<InboxEvent>,
        nonce: Option<NonceUse>,
    ) -> Result<Option<Vec<Recorded>>, RecordError> {
        let headers: Vec<String> = events.iter().map(|event| headers_to_json(&event.headers)).collect();
        let record = move |conn: &Connection| record_all(conn, &events, &headers, nonce.as_ref());
        self.writer.write_if_room(Steps::Several, Wakes::Worker, record).await
    }

    /// Up to `limit` events that wait to be planned, in the order in which they
    /// came; none of a source that is paused. Of several sources each gets its
    /// share. Their bodies have `most_bytes` together, unless the first alone has
    /// more.
    pub async fn received(&self, limit: u32, most_bytes: usize) -> Result<Vec<InboxEvent>, StoreError> {
        self.queue_reads.read(move |conn| received(conn, limit, most_bytes)).await
    }
}

fn record_all(
    conn: &Connection,
    events: &[InboxEvent],
    headers: &[String],
    nonce: Option<&NonceUse>,
) -> Result<Option<Vec<Recorded>>, StoreError> {
    let Some(first) = events.first() else { return Ok(Some(Vec::new())) };
    let now = first.received_at;
    let mut repeat_of = None;
    if let Some(nonce) = nonce {
        match nonce::look_up(conn, nonce, now)? {
            Seen::Never => nonce::remember(conn, nonce, first.id, now)?,
            Seen::Repeat { of } => repeat_of = Some(of),
            Seen::Replay => return Ok(None),
        }
    }
    let each = events.iter().zip(headers).map(|(event, headers)| match repeat_of {
        // Its own id, where it has one, names the very item that it repeats.
        Some(of) if event.key.is_none() => {
            insert(conn, event, headers, Some(of)).map(|_| Recorded::Twin { of })
        }
        _ => record(conn, event, headers),
    });
    each.collect::<Result<_, _>>().map(Some)
}

/// `Steps::One`: whichever way it goes, one of its inserts adds a row.
fn record(conn: &Connection, event: &InboxEvent, headers: &str) -> Result<Recorded, StoreError> {
    if let Some(of) = gone(conn, event)? {
        insert(conn, event, headers, Some(of))?;
        return Ok(Recorded::Twin { of });
    }
    if insert(conn, event, headers, None)? {
        return Ok(Recorded::New);
    }
    let of = conn
        .prepare_cached("SELECT id FROM events WHERE source = ?1 AND key = ?2 AND duplicate_of IS NULL")?
        .query_row(params![event.source, event.key], |row| row.get(0))?;
    insert(conn, event, headers, Some(of))?;
    Ok(Recorded::Twin { of })
}

/// The event that had its key, if that one was forgotten by now.
fn gone(conn: &Connection, event: &InboxEvent) -> Result<Option<EventId>, StoreError> {
    match &event.key {
        Some(key) => once::gone_event(conn, event.source.as_str(), key),
        None => Ok(None),
    }
}

/// False if the event, as something new, has a key that is already here.
fn insert(
    conn: &Connection,
    event: &InboxEvent,
    headers: &str,
    duplicate_of: Option<EventId>,
) -> Result<bool, StoreError> {
    let state = if duplicate_of.is_some() { EventState::Duplicate } else { EventState::Received };
    let rows = conn
        .prepare_cached(
            "INSERT INTO events (id, source, key, kind, state, received_at, duplicate_of, \
                                 method, query, headers, body, item, request) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (source, key) WHERE key IS NOT NULL AND duplicate_of IS NULL DO NOTHING",
        )?
        .execute(params![
            event.id,
            event.source,
            event.key,
            event.kind,
            state,
            event.received_at,
            duplicate_of,
            event.method,
            event.query,
            headers,
            &event.body[..],
            event.item,
            event.request,
        ])?;
    Ok(rows == 1)
}

/// The oldest of each source in turn, so that one that floods does not stand
/// before the others; together not more than fits `most_bytes`, but one at least.
fn received(conn: &Connection, limit: u32, most_bytes: usize) -> Result<Vec<InboxEvent>, StoreError> {
    let mut waiting: Vec<(usize, i64, i64)> = Vec::new();
    let mut oldest = conn.prepare_cached(OLDEST)?;
    let mut sources = conn.prepare_cached(SOURCES)?;
    for source in sources.query_map([], |row| row.get::<_, String>(0))? {
        let rows = oldest.query_map(params![source?, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (rank, row) in rows.enumerate() {
            let (seq, bytes) = row?;
            waiting.push((rank, seq, bytes));
        }
    }
    waiting.sort_unstable();
    waiting.truncate(limit as usize);
    let mut room = i64::try_from(most_bytes).unwrap_or(i64::MAX);
    let fits = waiting.iter().enumerate().take_while(|(n, (_, _, bytes))| {
        let fits = *n == 0 || *bytes <= room;
        room = room.saturating_sub(*bytes).max(-1);
        fits
    });
    let mut chosen: Vec<i64> = fits.map(|(_, (_, seq, _))| *seq).collect();
    chosen.sort_unstable();
    let mut statement = conn.prepare_cached(BY_SEQ)?;
    chosen.into_iter().map(|seq| Ok(statement.query_row([seq], stored_event)?)).collect()
}

pub(super) fn stored_event(row: &Row<'_>) -> rusqlite::Result<InboxEvent> {
    Ok(InboxEvent {
        id: row.get(0)?,
        source: row.get(1)?,
        key: row.get(2)?,
        kind: row.get(3)?,
        received_at: row.get(4)?,
        method: row.get(5)?,
        query: row.get(6)?,
        headers: headers_from_json(row.get(7)?),
        body: Bytes::from(row.get::<_, Vec<u8>>(8)?),
        item: row.get(9)?,
        request: row.get(10)?,
    })
}
