//! Values that a sender uses once.
//!
//! Lives here: remembering one with the request that had it, and telling that
//! request's repeat from a replay. Never here: where a nonce is in a request.

use rusqlite::{Connection, OptionalExtension, params};

use super::{NonceUse, StoreError};
use crate::event::{EventId, Timestamp};

/// What is known of a nonce.
pub(super) enum Seen {
    Never,
    /// The same request again: the sender's own repeat.
    Repeat {
        of: EventId,
    },
    /// Another request with it.
    Replay,
}

/// Expired ones that each new one takes along: the table shrinks without a pause.
const FORGOTTEN_AT_ONCE: u32 = 4;

pub(super) fn look_up(conn: &Connection, nonce: &NonceUse, now: Timestamp) -> Result<Seen, StoreError> {
    let sql = "SELECT body_hash, event FROM nonces WHERE source = ?1 AND hash = ?2 AND until >= ?3";
    let found: Option<([u8; 32], EventId)> = conn
        .prepare_cached(sql)?
        .query_row(params![nonce.source, nonce.hash, now], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        None => Seen::Never,
        Some((body_hash, of)) if body_hash == nonce.body_hash => Seen::Repeat { of },
        Some(_) => Seen::Replay,
    })
}

pub(super) fn remember(
    conn: &Connection,
    nonce: &NonceUse,
    event: EventId,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "DELETE FROM nonces WHERE (source, hash) IN \
         (SELECT source, hash FROM nonces WHERE until < ?1 ORDER BY until LIMIT ?2)",
    )?
    .execute(params![now, FORGOTTEN_AT_ONCE])?;
    conn.prepare_cached(
        "INSERT INTO nonces (source, hash, body_hash, event, until) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (source, hash) DO UPDATE SET body_hash = ?3, event = ?4, until = ?5",
    )?
    .execute(params![nonce.source, nonce.hash, nonce.body_hash, event, nonce.until])?;
    Ok(())
}
