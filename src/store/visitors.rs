//! Requests that are no events: those that were refused, handshakes, and the
//! secrets that senders handed over in one.
//!
//! Lives here: keeping the last few of each source, since anybody can send them.
//! Never here: why a request was refused.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{Json, headers_from_json, headers_to_json};
use super::job::{Steps, Wakes};
use super::{HandshakeRecord, RecordError, RefusedRequest, Store, StoreError};
use crate::event::{Secret, SourceName, Timestamp};

/// Kept of each source.
const MOST_REFUSED: u32 = 20;
const MOST_HANDSHAKES: u32 = 50;
/// Bodies dropped in one write.
const DROPPED_AT_ONCE: u32 = 100;

impl Store {
    /// Not kept if the store has more to write than it can: an event matters more.
    pub async fn keep_refused(&self, refused: RefusedRequest) -> Result<(), RecordError> {
        let headers = headers_to_json(&refused.headers);
        let keep = move |conn: &Connection| keep_refused(conn, &refused, &headers);
        self.writer.write_if_room(Steps::Several, Wakes::Nobody, keep).await
    }

    /// Drops the bodies of requests refused before `before`, a few at a time.
    /// How many it dropped.
    pub async fn drop_refused_bodies(&self, before: Timestamp) -> Result<usize, StoreError> {
        let drop = move |conn: &Connection| {
            let sql = "UPDATE refused SET body = NULL WHERE seq IN \
                       (SELECT seq FROM refused WHERE body IS NOT NULL AND at < ?1 LIMIT ?2)";
            Ok(conn.prepare_cached(sql)?.execute(params![before, DROPPED_AT_ONCE])?)
        };
        self.writer.write(Steps::One, Wakes::Nobody, drop).await
    }

    pub async fn keep_handshake(&self, handshake: HandshakeRecord) -> Result<(), RecordError> {
        let keep = move |conn: &Connection| keep_handshake(conn, &handshake);
        self.writer.write_if_room(Steps::Several, Wakes::Nobody, keep).await
    }

    /// Keeps the secret that a sender handed over, if there is none yet. False:
    /// there is another one, and it stays.
    pub async fn capture_secret(
        &self,
        source: &SourceName,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<bool, RecordError> {
        let (source, secret) = (source.clone(), secret.clone());
        let capture = move |conn: &Connection| capture(conn, &source, &secret, now);
        self.writer.write_if_room(Steps::Several, Wakes::Nobody, capture).await
    }

    /// False: there was none.
    pub async fn forget_secret(&self, source: &SourceName) -> Result<bool, StoreError> {
        let source = source.clone();
        let forget = move |conn: &Connection| {
            let sql = "DELETE FROM captured_secrets WHERE source = ?1";
            Ok(conn.prepare_cached(sql)?.execute(params![source])? == 1)
        };
        self.writer.write(Steps::One, Wakes::Nobody, forget).await
    }

    /// The secrets that senders handed over.
    pub async fn captured_secrets(&self) -> Result<Vec<(SourceName, Secret)>, StoreError> {
        self.ledger_reads.read(captured).await
    }
}

fn keep_refused(conn: &Connection, refused: &RefusedRequest, headers: &str) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO refused (source, at, code, reason, method, query, headers, explanation, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        refused.source,
        refused.at,
        refused.code,
        refused.reason,
        refused.method,
        refused.query,
        headers,
        refused.explanation.as_ref().map(ToString::to_string),
        refused.body.as_deref(),
    ])?;
    conn.prepare_cached(
        "DELETE FROM refused WHERE source = ?1 AND seq <= \
         (SELECT seq FROM refused WHERE source = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![refused.source, MOST_REFUSED])?;
    Ok(())
}

fn keep_handshake(conn: &Connection, handshake: &HandshakeRecord) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO handshakes (source, at, name, verified, status) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        handshake.source,
        handshake.at,
        handshake.name,
        handshake.verified,
        handshake.status
    ])?;
    conn.prepare_cached(
        "DELETE FROM handshakes WHERE source = ?1 AND seq <= \
         (SELECT seq FROM handshakes WHERE source = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![handshake.source, MOST_HANDSHAKES])?;
    Ok(())
}

fn capture(
    conn: &Connection,
    source: &SourceName,
    secret: &Secret,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let have: Option<Vec<u8>> = conn
        .prepare_cached("SELECT secret FROM captured_secrets WHERE source = ?1")?
        .query_row(params![source], |row| row.get(0))
        .optional()?;
    if let Some(have) = have {
        return Ok(Secret::new(have).is_same_as(secret));
    }
    conn.prepare_cached("INSERT INTO captured_secrets (source, secret, captured_at) VALUES (?1, ?2, ?3)")?
        .execute(params![source, secret.expose(), now])?;
    Ok(true)
}

pub(super) fn captured(conn: &Connection) -> Result<Vec<(SourceName, Secret)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT source, secret FROM captured_secrets ORDER BY source")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Secret::new(row.get::<_, Vec<u8>>(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Newest first, each with its number. None: of all sources.
pub(super) fn refused_of(
    conn: &Connection,
    source: Option<&SourceName>,
) -> Result<Vec<(i64, RefusedRequest)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, source, at, code, reason, method, query, headers, explanation, body FROM refused \
         WHERE ?1 IS NULL OR source = ?1 ORDER BY seq DESC",
    )?;
    let rows = statement.query_map(params![source], refused)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn refused(row: &Row<'_>) -> rusqlite::Result<(i64, RefusedRequest)> {
    let request = RefusedRequest {
        source: row.get(1)?,
        at: row.get(2)?,
        code: row.get(3)?,
        reason: row.get(4)?,
        method: row.get(5)?,
        query: row.get(6)?,
        headers: headers_from_json(row.get(7)?),
        explanation: row.get::<_, Option<Json<_>>>(8)?.map(|Json(explanation)| explanation),
        body: row.get::<_, Option<Vec<u8>>>(9)?.map(Into::into),
    };
    Ok((row.get(0)?, request))
}
