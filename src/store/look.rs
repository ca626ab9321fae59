//! Looking into a store from another process, beside a gateway that has it open.
//!
//! Lives here: a connection that cannot write, and what people ask of it. Never
//! here: anything that waits for, or holds up, the gateway.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{Json, headers_from_json};
use super::inbox::{BY_ID, stored_event};
use super::migrate::{MIGRATIONS, version};
use super::open::{failed, open_for_reading};
use super::visitors::captured;
use super::{HandshakeRecord, InboxEvent, OpenError, RefusedRequest, StoreError};
use crate::event::{EventId, Secret, SourceName};

/// A store that somebody else may have open.
pub struct Look {
    pub(super) conn: Connection,
}

impl Look {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::NotThere { path: path.to_owned() });
        }
        let conn = open_for_reading(path).map_err(|error| failed(path, &error))?;
        let (found, known) = (version(&conn).map_err(|error| failed(path, &error))?, MIGRATIONS.len() as i64);
        match found {
            found if found > known => Err(OpenError::Newer { path: path.to_owned(), found, known }),
            found if found < known => Err(OpenError::Older { path: path.to_owned() }),
            _ => Ok(Self { conn }),
        }
    }

    /// The refused requests of `source`, or of all, newest first, each with its
    /// number.
    pub fn refused(&self, source: Option<&SourceName>) -> Result<Vec<(i64, RefusedRequest)>, StoreError> {
        let mut statement = self.conn.prepare(
            "SELECT seq, source, at, code, reason, method, query, headers, explanation, body FROM refused \
             WHERE ?1 IS NULL OR source = ?1 ORDER BY seq DESC",
        )?;
        let rows = statement.query_map(params![source], refused)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The handshakes of `source`, or of all, newest first.
    pub fn handshakes(&self, source: Option<&SourceName>) -> Result<Vec<HandshakeRecord>, StoreError> {
        let mut statement = self.conn.prepare(
            "SELECT source, at, name, verified, status FROM handshakes \
             WHERE ?1 IS NULL OR source = ?1 ORDER BY seq DESC",
        )?;
        let rows = statement.query_map(params![source], |row| {
            Ok(HandshakeRecord {
                source: row.get(0)?,
                at: row.get(1)?,
                name: row.get(2)?,
                verified: row.get(3)?,
                status: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An event as it came in. None: there is none with that id.
    pub fn event(&self, id: EventId) -> Result<Option<InboxEvent>, StoreError> {
        let mut statement = self.conn.prepare(BY_ID)?;
        Ok(statement.query_row(params![id], stored_event).optional()?)
    }

    pub fn captured_secrets(&self) -> Result<Vec<(SourceName, Secret)>, StoreError> {
        captured(&self.conn)
    }
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
