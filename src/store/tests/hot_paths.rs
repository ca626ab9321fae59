//! The statements that run for every delivery use the indexes made for them.

use std::fmt::Write;

use rusqlite::Connection;

use crate::store::migrate::MIGRATIONS;
use crate::store::open::open_for_writing;
use crate::store::{attempt, claim, inbox, lane, stale};

fn query_plan(conn: &Connection, sql: &str) -> String {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().unwrap() {
        writeln!(plan, "{}", row.get::<_, String>(3).unwrap()).unwrap();
    }
    plan
}

#[test]
fn nothing_is_scanned_or_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open_for_writing(&folder.path().join("gancho.db"), MIGRATIONS).unwrap();
    for (sql, index) in [
        (inbox::SOURCES, "events_state"),
        (inbox::OLDEST, "events_state"),
        (lane::FIRST, "deliveries_lane_first"),
        (lane::NEXT_IN_LINE, "deliveries_lane_waiting"),
        (claim::LANES, "deliveries_due"),
        (claim::DUE, "deliveries_due"),
        (claim::FIRST_DUE, "deliveries_due"),
        (attempt::IN_FLIGHT, "deliveries_state"),
        (lane::KEPT, "deliveries_lane_kept"),
        (claim::FIRST_EXPIRY, "deliveries_expiry"),
        (stale::STALE, "deliveries_expiry"),
    ] {
        let plan = query_plan(&conn, sql);
        assert!(plan.contains(index), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        assert!(!plan.contains("SCAN deliveries\n") && !plan.contains("SCAN events\n"), "{sql}\n{plan}");
    }
}
