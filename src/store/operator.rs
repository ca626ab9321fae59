//! What an operator does to the store, and asks of it.
//!
//! Lives here: stopping and starting a connection, and the proof that writing
//! works. Never here: reading events and deliveries (`ledger.rs`).

use rusqlite::{Connection, params};

use super::writer::{Steps, Wakes};
use super::{PausedConnection, Store, StoreError};
use crate::event::Timestamp;

impl Store {
    /// Keeps a connection's deliveries from being claimed. False if it was
    /// paused already: then the first reason and time stand.
    pub async fn pause_connection(
        &self,
        connection: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (connection, reason) = (connection.to_owned(), reason.to_owned());
        let work = move |conn: &Connection| pause(conn, &connection, &reason, now);
        self.writer.write(Steps::One, Wakes::Nobody, work).await
    }

    /// False if it was not paused.
    pub async fn resume_connection(&self, connection: &str) -> Result<bool, StoreError> {
        let connection = connection.to_owned();
        let resume = move |conn: &Connection| {
            let sql = "DELETE FROM paused_connections WHERE connection = ?1";
            Ok(conn.prepare_cached(sql)?.execute([connection])? == 1)
        };
        self.writer.write(Steps::One, Wakes::Worker, resume).await
    }

    /// How many were paused.
    pub async fn resume_all(&self) -> Result<usize, StoreError> {
        let resume =
            |conn: &Connection| Ok(conn.prepare_cached("DELETE FROM paused_connections")?.execute([])?);
        self.writer.write(Steps::One, Wakes::Worker, resume).await
    }

    /// The connections that are paused, by name.
    pub async fn paused(&self) -> Result<Vec<PausedConnection>, StoreError> {
        self.ledger_reads.read(paused).await
    }

    /// A small write, committed like any other: `Ok` means that the gateway can
    /// store what it acknowledges.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let ping = |conn: &Connection| {
            conn.prepare_cached("UPDATE pings SET count = count + 1")?.execute([])?;
            Ok(())
        };
        self.writer.write(Steps::One, Wakes::Nobody, ping).await
    }
}

/// True if the connection was not paused before.
pub(super) fn pause(
    conn: &Connection,
    connection: &str,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = conn
        .prepare_cached(
            "INSERT INTO paused_connections (connection, reason, since) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![connection, reason, now])?;
    Ok(rows == 1)
}

fn paused(conn: &Connection) -> Result<Vec<PausedConnection>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT connection, reason, since FROM paused_connections ORDER BY connection")?;
    let rows = statement.query_map([], |row| {
        Ok(PausedConnection { connection: row.get(0)?, reason: row.get(1)?, since: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
