//! What an operator is told of, and that it was.
//!
//! Lives here: finding what needs a person, and the conditions that have begun and
//! not ended, across restarts. Never here: what is a condition, or telling anybody.

use rusqlite::{Connection, params};

use super::job::{Steps, Wakes};
use super::{Store, StoreError};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{SourceName, Timestamp};

/// What waits for a person. Each costs as much as there is of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Events that their mapping could make nothing of.
    pub parked: Vec<(SourceName, u64)>,
    /// Deliveries of unknown outcome, by connection.
    pub held: Vec<(String, u64)>,
}

/// A condition that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub condition: String,
    pub since: Timestamp,
    /// When the operator was told. None: not yet.
    pub told_at: Option<Timestamp>,
}

pub(super) const PARKED: &str = "
    SELECT source, count(*) FROM events INDEXED BY events_state WHERE state = ?1 GROUP BY source";
pub(super) const HELD: &str = "
    SELECT connection, count(*) FROM deliveries INDEXED BY deliveries_state WHERE state = ?1
    GROUP BY connection ORDER BY connection";

impl Store {
    pub async fn waiting_for_a_person(&self) -> Result<Waiting, StoreError> {
        self.ledger_reads.read(waiting).await
    }

    pub async fn alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.ledger_reads.read(alerts).await
    }

    /// `condition` has begun, and nobody was told.
    pub async fn alert_begins(&self, condition: &str, since: Timestamp) -> Result<(), StoreError> {
        let condition = condition.to_owned();
        let begin = move |conn: &Connection| {
            let sql = "INSERT OR REPLACE INTO alerts (condition, since) VALUES (?1, ?2)";
            conn.prepare_cached(sql)?.execute(params![condition, since])?;
            Ok(())
        };
        self.writer.write(Steps::One, Wakes::Nobody, begin).await
    }

    pub async fn alert_told(&self, condition: &str, now: Timestamp) -> Result<(), StoreError> {
        let condition = condition.to_owned();
        let told = move |conn: &Connection| {
            let sql = "UPDATE alerts SET told_at = ?2 WHERE condition = ?1";
            conn.prepare_cached(sql)?.execute(params![condition, now])?;
            Ok(())
        };
        self.writer.write(Steps::One, Wakes::Nobody, told).await
    }

    /// When it begins again, it is told again.
    pub async fn alert_ends(&self, condition: &str) -> Result<(), StoreError> {
        let condition = condition.to_owned();
        let end = move |conn: &Connection| {
            conn.prepare_cached("DELETE FROM alerts WHERE condition = ?1")?.execute([&condition])?;
            Ok(())
        };
        self.writer.write(Steps::One, Wakes::Nobody, end).await
    }
}

fn waiting(conn: &Connection) -> Result<Waiting, StoreError> {
    let mut parked = conn.prepare_cached(PARKED)?;
    let parked = parked.query_map([EventState::Unmapped], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    let parked = parked.map(|row| row.map(|(source, count)| (source, count.unsigned_abs())));
    let mut held = conn.prepare_cached(HELD)?;
    let held = held.query_map([DeliveryState::Held], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    let held = held.map(|row| row.map(|(connection, count)| (connection, count.unsigned_abs())));
    Ok(Waiting { parked: parked.collect::<Result<_, _>>()?, held: held.collect::<Result<_, _>>()? })
}

fn alerts(conn: &Connection) -> Result<Vec<Alert>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT condition, since, told_at FROM alerts ORDER BY condition")?;
    let rows = statement.query_map([], |row| {
        Ok(Alert { condition: row.get(0)?, since: row.get(1)?, told_at: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
