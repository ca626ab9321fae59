//! Bringing a store's schema up to date.
//!
//! Lives here: the list of migrations and the count of those a file has had,
//! which SQLite keeps as `user_version`. Never here: the tables themselves;
//! they are in `migrations/`, numbered, and a released one is never edited.

use std::path::Path;

use rusqlite::Connection;

use super::OpenError;

/// In order; the first is number 1.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_events_deliveries_attempts.sql"),
    include_str!("migrations/0002_senders.sql"),
    include_str!("migrations/0003_operating.sql"),
    include_str!("migrations/0004_by_hand.sql"),
];

/// Refuses a store that has had migrations this version does not know.
pub(super) fn refuse_newer(conn: &Connection, path: &Path, migrations: &[&str]) -> Result<(), OpenError> {
    let known = migrations.len() as i64;
    let found =
        version(conn).map_err(|e| OpenError::Failed { path: path.to_owned(), detail: e.to_string() })?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Runs what the store has not had, each in a transaction of its own, so that
/// a failure leaves it at the last schema that worked.
pub(super) fn run(conn: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), OpenError> {
    for (number, sql) in (1..).zip(migrations) {
        apply(conn, number, sql).map_err(|e| OpenError::Migration {
            path: path.to_owned(),
            number,
            detail: e.to_string(),
        })?;
    }
    Ok(())
}

fn apply(conn: &mut Connection, number: i64, sql: &str) -> rusqlite::Result<()> {
    if version(conn)? >= number {
        return Ok(());
    }
    let tx = conn.transaction()?;
    tx.execute_batch(sql)?;
    tx.pragma_update(None, "user_version", number)?;
    tx.commit()
}

pub(super) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}
