//! Forgetting a person on request, at once.
//!
//! The store hands out what it holds page by page, and is told what of it to erase;
//! who is in there is not for it to know. What is left of an event is its place, its
//! state and times.
//!
//! Lives here: the pages, erasing what was found in them if it is still as it was
//! seen, and taking the traces out of the file. Never here: what a phone looks like.

use rusqlite::{Connection, OptionalExtension, params};

use super::job::{Steps, Wakes};
use super::lane::{self, Standing};
use super::{Erasure, RefusedRequest, Store, StoreError, Stored, ToErase, Traces, forget, ledger, visitors};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{DeliveryId, EventId, Timestamp};

/// Events of one page.
const PAGE: u32 = 200;

const REASON: &str = "erased on request";
/// Instead of a contact. It is no lane: nothing of it is ever sent.
const NOBODY: &str = "erased";

pub(super) const SIZES: &str = "
    SELECT e.seq, length(e.body) + (SELECT coalesce(sum(length(d.body)), 0) FROM deliveries d WHERE d.event = e.seq)
    FROM events e WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2";

impl Store {
    /// What came after `seq`, in order of arrival: everything that is held of it.
    /// Together it has `most_bytes`, unless the first alone has more.
    pub async fn stored_after(&self, seq: i64, most_bytes: usize) -> Result<Vec<Stored>, StoreError> {
        self.ledger_reads.read(move |conn| stored_after(conn, seq, most_bytes)).await
    }

    /// Every request that was not believed and is kept, with its number.
    pub async fn refused(&self) -> Result<Vec<(i64, RefusedRequest)>, StoreError> {
        self.ledger_reads.read(|conn| visitors::refused_of(conn, None)).await
    }

    /// Erases what was found, each that is still as it was seen.
    pub async fn erase(&self, found: Vec<ToErase>, now: Timestamp) -> Result<Vec<Erasure>, StoreError> {
        let erase = move |conn: &Connection| {
            overwriting(conn, || found.iter().map(|event| erase_event(conn, event, now)).collect())
        };
        self.writer.write(Steps::Several, Wakes::Worker, erase).await
    }

    pub async fn erase_refused(&self, found: Vec<i64>) -> Result<(), StoreError> {
        let erase = move |conn: &Connection| {
            overwriting(conn, || {
                let mut delete = conn.prepare_cached("DELETE FROM refused WHERE seq = ?1")?;
                found.iter().try_for_each(|seq| delete.execute([seq]).map(drop))?;
                Ok(())
            })
        };
        self.writer.write(Steps::Several, Wakes::Nobody, erase).await
    }

    /// Takes what was erased out of the file too: rows leave copies where they were
    /// before they moved. Webhooks wait while it does, so a file of more than
    /// `most_bytes` is not written anew.
    pub async fn sweep(&self, most_bytes: u64) -> Result<Traces, StoreError> {
        self.writer.sweep(most_bytes).await
    }
}

/// What is deleted by `work` is overwritten, wherever it was. Otherwise only where
/// that costs no writing.
fn overwriting<T>(conn: &Connection, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let set = |how: &str| conn.pragma_update_and_check(None, "secure_delete", how, |_| Ok(()));
    set("ON")?;
    let result = work();
    set("FAST")?;
    result
}

fn stored_after(conn: &Connection, seq: i64, most_bytes: usize) -> Result<Vec<Stored>, StoreError> {
    let mut sizes = conn.prepare_cached(SIZES)?;
    let mut sizes = sizes.query(params![seq, PAGE])?;
    let (mut stored, mut bytes) = (Vec::new(), 0);
    while let Some(row) = sizes.next()? {
        bytes += row.get::<_, i64>(1)?.unsigned_abs();
        if !stored.is_empty() && bytes > most_bytes as u64 {
            break;
        }
        let seq = row.get(0)?;
        stored.push(Stored {
            seq,
            view: ledger::event_by_seq(conn, seq)?,
            webhook: ledger::webhook_by_seq(conn, seq)?,
        });
    }
    Ok(stored)
}

fn erase_event(conn: &Connection, found: &ToErase, now: Timestamp) -> Result<Erasure, StoreError> {
    let seen: Option<(i64, EventState, usize)> = conn
        .prepare_cached(
            "SELECT e.seq, e.state, (SELECT count(*) FROM deliveries d WHERE d.event = e.seq) \
             FROM events e WHERE e.id = ?1",
        )?
        .query_row(params![found.event], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? as usize)))
        .optional()?;
    let Some((seq, state, deliveries)) = seen else { return Ok(Erasure::NotThere) };
    if (state, deliveries) != found.seen {
        return Ok(Erasure::Changed);
    }
    let mut theirs = Vec::with_capacity(found.deliveries.len());
    for id in &found.deliveries {
        match standing(conn, *id)? {
            Some((_, DeliveryState::InFlight)) => return Ok(Erasure::InFlight),
            Some(delivery) => theirs.push(delivery),
            None => return Ok(Erasure::Changed),
        }
    }
    let mut cancelled = 0;
    for (delivery, state) in &theirs {
        if matches!(state, DeliveryState::Pending | DeliveryState::Held) {
            lane::leave(conn, delivery, DeliveryState::Cancelled, false, REASON, now)?;
            cancelled += 1;
        }
        erase_delivery(conn, delivery.seq)?;
    }
    erase_webhook(conn, (seq, found.event), state, found.key, now)?;
    Ok(Erasure::Done { deliveries: theirs.len(), cancelled })
}

fn standing(conn: &Connection, id: DeliveryId) -> Result<Option<(Standing, DeliveryState)>, StoreError> {
    let found = conn
        .prepare_cached("SELECT seq, connection, contact, state FROM deliveries WHERE id = ?1")?
        .query_row(params![id], |row| Ok((Standing::read(row, 0)?, row.get(3)?)))
        .optional()?;
    Ok(found)
}

/// Of its business key the hash stays, so that no message comes a second time.
fn erase_delivery(conn: &Connection, seq: i64) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE deliveries SET contact = ?2, body = '{}', business_key = NULL, reason = ?3 WHERE seq = ?1",
    )?
    .execute(params![seq, NOBODY, REASON])?;
    conn.prepare_cached(
        "UPDATE attempts SET excerpt = NULL, session_id = NULL, reason = NULL WHERE delivery = ?1",
    )?
    .execute([seq])?;
    Ok(())
}

fn erase_webhook(
    conn: &Connection,
    (seq, id): (i64, EventId),
    state: EventState,
    key: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    if key {
        forget::remember_key(conn, seq)?;
        conn.prepare_cached("UPDATE events SET key = NULL WHERE id = ?1")?.execute(params![id])?;
    }
    forget::empty_event(conn, seq)?;
    if matches!(state, EventState::Received | EventState::Unmapped) {
        conn.prepare_cached(
            "UPDATE events SET state = 'ignored', planned_at = ?2, reason = ?3, problems = NULL WHERE seq = ?1",
        )?
        .execute(params![seq, now, REASON])?;
    }
    Ok(())
}
