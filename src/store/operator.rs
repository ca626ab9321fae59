//! What an operator stops and starts, and the proof that writing works.
//!
//! Lives here: pauses, of everything, of a connection or of a source. Never
//! here: reading events and deliveries (`ledger.rs`).

use rusqlite::{Connection, params};

use super::job::{Steps, Wakes};
use super::{Pause, Paused, Store, StoreError};
use crate::event::Timestamp;

impl Store {
    /// Nothing of `what` is planned or claimed from when this returns until it is
    /// resumed. False if it was paused already: then the first reason and time
    /// stand. But what the gateway stopped by itself becomes a person's pause, so
    /// that a restart does not undo it.
    pub async fn pause(
        &self,
        what: Paused,
        reason: &str,
        by_hand: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let pause = Pause { what, reason: reason.to_owned(), since: now, by_hand };
        let work = move |conn: &Connection| insert(conn, &pause);
        self.writer.write(Steps::One, Wakes::Nobody, work).await
    }

    /// False if it was not paused.
    pub async fn resume(&self, what: Paused) -> Result<bool, StoreError> {
        let resume = move |conn: &Connection| {
            let sql = "DELETE FROM paused WHERE kind = ?1 AND name = ?2";
            Ok(conn.prepare_cached(sql)?.execute(params![what.kind(), what.name()])? == 1)
        };
        self.writer.write(Steps::One, Wakes::Worker, resume).await
    }

    /// Resumes what the gateway stopped by itself; what a person stopped stays
    /// so. How many there were.
    pub async fn resume_all(&self) -> Result<usize, StoreError> {
        let resume = |conn: &Connection| {
            Ok(conn.prepare_cached("DELETE FROM paused WHERE by_hand = 0")?.execute([])?)
        };
        self.writer.write(Steps::One, Wakes::Worker, resume).await
    }

    /// Everything that is paused, by kind and name.
    pub async fn paused(&self) -> Result<Vec<Pause>, StoreError> {
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

/// True if it was not paused before, or not by a person who now does it.
pub(super) fn insert(conn: &Connection, pause: &Pause) -> Result<bool, StoreError> {
    let rows = conn
        .prepare_cached(
            "INSERT INTO paused (kind, name, reason, since, by_hand) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO UPDATE SET reason = excluded.reason, by_hand = 1 \
                 WHERE excluded.by_hand = 1 AND by_hand = 0",
        )?
        .execute(params![pause.what.kind(), pause.what.name(), pause.reason, pause.since, pause.by_hand])?;
    Ok(rows == 1)
}

fn paused(conn: &Connection) -> Result<Vec<Pause>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT kind, name, reason, since, by_hand FROM paused ORDER BY kind, name")?;
    let rows = statement.query_map([], |row| {
        Ok(Pause {
            what: Paused::from_parts(row.get_ref(0)?.as_str()?, row.get(1)?),
            reason: row.get(2)?,
            since: row.get(3)?,
            by_hand: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
