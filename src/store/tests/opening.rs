//! Opening this engine's file: what is refused, and with which sentence.

use rusqlite::Connection;

use super::*;
use crate::store::OpenError;
use crate::store::migrate::MIGRATIONS;
use crate::store::open::open_for_writing;

/// What the operator reads.
fn refusal(path: &std::path::Path) -> String {
    Store::open(path).unwrap_err().to_string()
}

#[tokio::test]
async fn a_second_gateway_is_refused_while_the_first_has_it() {
    let bench = Bench::new();
    let sentence = refusal(&bench.path());
    assert!(sentence.contains("another gancho has it open"), "{sentence}");
    assert!(sentence.contains("gancho.db.lock"), "{sentence}");
    let path = bench.path();
    bench.store.close().await;
    Store::open(&path).unwrap();
}

#[test]
fn the_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("var/lib/gancho.db");
    Store::open(&path).unwrap();
    assert!(path.exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("var"), "a file").unwrap();
    let path = folder.path().join("var/gancho.db");
    assert!(matches!(Store::open(&path), Err(OpenError::Folder { .. })));
    assert!(refusal(&path).contains("cannot create the folder"), "{}", refusal(&path));
}

#[test]
fn what_is_not_a_store_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "these are notes, and by no means a database ".repeat(100)).unwrap();
    let foreign = folder.path().join("other.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    for path in [text, foreign] {
        let before = fs::read(&path).unwrap();
        assert!(matches!(Store::open(&path), Err(OpenError::NotAStore { .. })), "{path:?}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[tokio::test]
async fn a_newer_store_is_refused() {
    let bench = Bench::new();
    let path = bench.path();
    bench.store.close().await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let sentence = refusal(&path);
    assert!(sentence.contains("written by a newer gancho: its schema is 99"), "{sentence}");
}

#[test]
fn a_migration_that_fails_leaves_the_last_schema_that_worked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gancho.db");
    let broken = [MIGRATIONS, &["CREATE TABLE half (a INTEGER) STRICT; nonsense"]].concat();
    let error = open_for_writing(&path, &broken).unwrap_err();
    let known = MIGRATIONS.len() as i64;
    assert!(matches!(error, OpenError::Migration { number, .. } if number == known + 1), "{error}");

    let conn = open_for_writing(&path, MIGRATIONS).unwrap();
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, known);
    assert!(!conn.table_exists(None, "half").unwrap());
}

#[test]
fn the_settings_are_those_that_the_promises_need() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open_for_writing(&folder.path().join("gancho.db"), MIGRATIONS).unwrap();
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    let journal: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(journal, "wal");
    assert_eq!(number("synchronous"), 2, "FULL");
    assert_eq!(number("page_size"), 16_384);
    assert_eq!(number("wal_autocheckpoint"), 256);
    assert_eq!(number("auto_vacuum"), 2, "INCREMENTAL");
    assert_eq!(number("foreign_keys"), 1);
    assert!(number("busy_timeout") > 0);
}
