//! The statements that run for every delivery use the indexes made for them.

use std::fmt::Write;

use rusqlite::Connection;

use crate::store::migrate::MIGRATIONS;
use crate::store::open::open_for_writing;
use crate::store::walk::Order;
use crate::store::{attempt, claim, earlier, erase, figures, forget, inbox, lane, once, pages, prune, stale};

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
        (stale::HURRY, "deliveries_due"),
        (once::GONE_EVENT, "PRIMARY KEY (hash=?)"),
        (prune::AT_OR_AFTER, "INTEGER PRIMARY KEY (rowid>?)"),
        (prune::OLD_EVENT_KEYS, "event_keys_at (at<?)"),
        (prune::OLD_ONCE_KEYS, "once_keys_claimed (claimed_at<?)"),
        (erase::SIZES, "INTEGER PRIMARY KEY (rowid>?)"),
        (forget::HELD, "deliveries_event (event=?)"),
    ] {
        let plan = query_plan(&conn, sql);
        assert!(plan.contains(index), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        assert!(!plan.contains("SCAN deliveries\n") && !plan.contains("SCAN events\n"), "{sql}\n{plan}");
    }
}

#[test]
fn lists_come_in_the_order_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open_for_writing(&folder.path().join("gancho.db"), MIGRATIONS).unwrap();
    for (sql, values, index) in [
        (pages::BY_STATE, 2, "events_state (state=? AND source=? AND rowid<?)"),
        (pages::BY_KEY, 2, "events_key (source=? AND key=? AND rowid<?)"),
        (pages::BY_TWIN, 1, "events_twins (duplicate_of=? AND rowid<?)"),
        (pages::BY_EVENT, 1, "deliveries_event (event=? AND rowid<?)"),
        (pages::BY_CONTACT, 1, "deliveries_contact (contact=? AND rowid<?)"),
        (pages::BY_BUSINESS_KEY, 1, "deliveries_business_key (business_key=? AND rowid<?)"),
        (pages::BY_DELIVERY_STATE, 1, "deliveries_state (state=? AND rowid<?)"),
    ] {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let plan = query_plan(&conn, &format!("{sql}{}", order.beyond(values + 1)));
            let index = match order {
                Order::NewestFirst => index.to_owned(),
                Order::OldestFirst => index.replace("rowid<?", "rowid>?"),
            };
            assert!(plan.contains(&index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        }
    }
}

#[test]
fn what_people_ask_is_read_off_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open_for_writing(&folder.path().join("gancho.db"), MIGRATIONS).unwrap();
    for (sql, index) in [
        (figures::EVENTS, "COVERING INDEX events_state"),
        (figures::FIRST_RECEIVED, "COVERING INDEX events_state"),
        (figures::FIRST_PENDING, "INDEX deliveries_state"),
        (figures::PENDING_FIRST, "COVERING INDEX deliveries_due"),
        (figures::PENDING_BEHIND, "COVERING INDEX deliveries_lane_waiting"),
        (figures::BY_CONNECTION, "INDEX deliveries_state (state=?)"),
        (earlier::OF_KEY, "INDEX attempts_delivery (delivery=?)"),
        (earlier::OF_EVENT, "INDEX deliveries_event (event=?)"),
        (pages::SOURCES_IN, "COVERING INDEX events_state"),
    ] {
        let plan = query_plan(&conn, sql);
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[test]
fn forgetting_looks_at_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open_for_writing(&folder.path().join("gancho.db"), MIGRATIONS).unwrap();
    let old = format!("{}seq <= ?3 AND {}", pages::BY_STATE, Order::OldestFirst.beyond(4));
    let plan = query_plan(&conn, &old);
    assert!(plan.contains("events_state (state=? AND source=? AND rowid>? AND rowid<?)"), "{plan}");
    let late = format!("{}{}", prune::PASSED_OVER, Order::OldestFirst.beyond(1));
    assert!(query_plan(&conn, &late).contains("INTEGER PRIMARY KEY (rowid>?)"));
    for condition in [forget::FINISHED, forget::DELETABLE] {
        let plan = query_plan(&conn, &format!("SELECT 1 FROM events e WHERE e.seq = ?1 AND ({condition})"));
        assert!(plan.contains("deliveries_event (event=?)"), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
