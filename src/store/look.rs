//! Looking into a store from another process, beside a gateway that has it open.
//!
//! Lives here: a connection that cannot write, and what people ask of it. Never
//! here: anything that waits for, or holds up, the gateway.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::inbox::{BY_ID, stored_event};
use super::migrate::{MIGRATIONS, version};
use super::open::{failed, open_for_reading};
use super::visitors::{captured, refused_of};
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
        refused_of(&self.conn, source)
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
