//! Opening a store: its folder, its lock, its settings, its schema, its threads.
//!
//! Lives here: the order of those, and every setting of the engine with the
//! reason for it. Never here: a table.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::lock::StoreLock;
use super::migrate::{self, MIGRATIONS};
use super::reader::Reader;
use super::writer::Writer;
use super::{OpenError, Store};

/// Marks the file as ours (`ganc`), so that a path to another program's
/// database is refused and not written into.
const APPLICATION_ID: i64 = 0x6761_6e63;

/// Nobody else writes; this covers a person who looks with the `sqlite3` shell.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than the verbs have statements, so that each is compiled once.
const CACHED_STATEMENTS: usize = 64;

impl Store {
    /// Opens the store at `path`, making it and its folder if they are not
    /// there, and brings its schema up to date. Blocks; call it before the
    /// first request is taken.
    ///
    /// Only one gateway can have a store open. So whatever is in flight when
    /// this returns belongs to one that is gone: see `recover_orphans`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        make_folder(path)?;
        let lock = StoreLock::take(path)?;
        let writing = open_for_writing(path, MIGRATIONS)?;
        let queue_reads = Reader::new(open_for_reading(path).map_err(|e| failed(path, &e))?);
        let ledger_reads = Reader::new(open_for_reading(path).map_err(|e| failed(path, &e))?);
        let writer = Writer::start(writing, lock)
            .map_err(|e| OpenError::Failed { path: path.to_owned(), detail: e.to_string() })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).into();
        Ok(Self { writer, queue_reads, ledger_reads, folder })
    }
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder)
            .map_err(|source| OpenError::Folder { folder: folder.to_owned(), source }),
        _ => Ok(()),
    }
}

pub(super) fn open_for_writing(path: &Path, migrations: &[&str]) -> Result<Connection, OpenError> {
    // Without a lock of its own: one thread uses it.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(|e| failed(path, &e))?;
    // Looked at before the first setting is changed: a file that is not ours,
    // or is a newer version's, stays as it is.
    let is_new = refuse_what_is_not_ours(&conn, path)?;
    migrate::refuse_newer(&conn, path, migrations)?;
    set_up(&conn, is_new).map_err(|e| failed(path, &e))?;
    migrate::run(&mut conn, path, migrations)?;
    Ok(conn)
}

/// Whether the file is new; an error if it belongs to something else.
fn refuse_what_is_not_ours(conn: &Connection, path: &Path) -> Result<bool, OpenError> {
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = conn.query_row(count, [], |row| row.get(0)).map_err(|e| failed(path, &e))?;
    let owner: i64 =
        conn.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(|e| failed(path, &e))?;
    match (tables, owner) {
        (0, 0 | APPLICATION_ID) => Ok(true),
        (_, APPLICATION_ID) => Ok(false),
        _ => Err(OpenError::NotAStore { path: path.to_owned() }),
    }
}

fn set_up(conn: &Connection, is_new: bool) -> rusqlite::Result<()> {
    keep_statements(conn)?;
    if is_new {
        // These three hold only if set before the first table. A page takes a
        // few typical bodies; what retention frees can be given back.
        conn.pragma_update(None, "page_size", 16_384)?;
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // A commit returns when it is on disk: what a 2xx promises.
    conn.pragma_update(None, "synchronous", "FULL")?;
    // What undoes a failed job is small, and is kept in memory: a file for it could
    // not be opened without a folder for such, or with all file handles in use.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // A checkpoint every 256 pages is every 4 MB: rare enough to be cheap,
    // often enough that none of them is long.
    conn.pragma_update(None, "wal_autocheckpoint", 256)?;
    // What is deleted is overwritten where that costs no more writing.
    conn.pragma_update_and_check(None, "secure_delete", "FAST", |_| Ok(()))?;
    conn.pragma_update(None, "foreign_keys", "ON")
}

pub(super) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    keep_statements(&conn)?;
    Ok(conn)
}

/// Each is compiled once, whatever values it is run with: otherwise the engine
/// compiles one that has `LIMIT ?` anew each time, to plan by the number.
fn keep_statements(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotAStore { path: path.to_owned() },
        _ => OpenError::Failed { path: path.to_owned(), detail: error.to_string() },
    }
}
