//! An observer by itself: what it counts, what it tells, and what it never says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::event::EventId;

const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

fn of(source: &str) -> Of<'_> {
    Of { at: NOW, source, event: EventId::generate(NOW), request: Some("r-1") }
}

fn knowing() -> Observer {
    let observer = Observer::default();
    observer.know(["loja"], ["whatsapp"]);
    observer
}

#[track_caller]
fn assert_says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|have| have == *line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn what_is_known_begins_at_nothing() {
    assert_says(
        &knowing().metrics(&Gauges::default()),
        &[
            "gancho_events_accepted_total{source=\"loja\"} 0",
            "gancho_attempts_total{connection=\"whatsapp\",verdict=\"unknown\"} 0",
            "gancho_deliveries_total{connection=\"whatsapp\",outcome=\"held\"} 0",
            "gancho_pending{connection=\"whatsapp\"} 0",
            "gancho_upstream_seconds_count{connection=\"whatsapp\"} 0",
        ],
    );
}

#[test]
fn an_attempt_is_counted_by_what_it_tells_and_how_it_ends() {
    let observer = knowing();
    let delivery = DeliveryId::generate(NOW);
    for (verdict, next) in [
        (Verdict::Delivered, Next::Delivered),
        (Verdict::NotSent, Next::Retry { at: NOW, counts: true }),
        (Verdict::Unknown, Next::Hold { keeps_lane: false }),
    ] {
        observer.sent("whatsapp");
        let outcome = Outcome::new(verdict, next, "why");
        observer.attempted(&of("loja"), delivery, "whatsapp", &outcome, Duration::from_millis(200));
    }
    observer.sent("whatsapp");
    assert_says(
        &observer.metrics(&Gauges::default()),
        &[
            "gancho_attempts_total{connection=\"whatsapp\",verdict=\"delivered\"} 1",
            "gancho_attempts_total{connection=\"whatsapp\",verdict=\"not_sent\"} 1",
            "gancho_attempts_total{connection=\"whatsapp\",verdict=\"unknown\"} 1",
            "gancho_deliveries_total{connection=\"whatsapp\",outcome=\"delivered\"} 1",
            "gancho_deliveries_total{connection=\"whatsapp\",outcome=\"held\"} 1",
            "gancho_deliveries_total{connection=\"whatsapp\",outcome=\"dead\"} 0",
            "gancho_upstream_seconds_bucket{le=\"0.25\",connection=\"whatsapp\"} 3",
            "gancho_in_flight{connection=\"whatsapp\"} 1",
        ],
    );
}

/// Whoever calls addresses at random makes one series for each code.
#[test]
fn a_stranger_makes_no_series() {
    let observer = knowing();
    for n in 0..50 {
        observer.refused(NOW, &format!("s{n}"), "not-found", None);
        observer.accepted(&of(&format!("s{n}")), false);
    }
    observer.refused(NOW, "loja", "signature-mismatch", None);
    let text = observer.metrics(&Gauges::default());
    assert_says(
        &text,
        &[
            "gancho_requests_refused_total{source=\"\",code=\"not-found\"} 50",
            "gancho_requests_refused_total{source=\"loja\",code=\"signature-mismatch\"} 1",
        ],
    );
    assert!(!text.contains("s1"), "{text}");
}

#[test]
fn how_things_stand_is_told_and_then_not_any_more() {
    let observer = knowing();
    let gauges = Gauges {
        parked: BTreeMap::from([("loja".to_owned(), 3)]),
        held: BTreeMap::from([("gone".to_owned(), 2)]),
        oldest_pending: Some(Duration::from_millis(61_900)),
        paused_connections: BTreeSet::from(["whatsapp".to_owned()]),
        ..Gauges::default()
    };
    assert_says(
        &observer.metrics(&gauges),
        &[
            "gancho_parked{source=\"loja\"} 3",
            "gancho_held{connection=\"gone\"} 2",
            "gancho_held{connection=\"whatsapp\"} 0",
            "gancho_oldest_pending_age_seconds 61",
            "gancho_connection_paused{connection=\"whatsapp\"} 1",
        ],
    );
    let later = observer.metrics(&Gauges::default());
    assert!(!later.contains("gone") && !later.contains("gancho_parked{"), "{later}");
    assert_says(&later, &["gancho_connection_paused{connection=\"whatsapp\"} 0"]);
}

#[test]
fn who_follows_is_told_what_happened_and_to_what() {
    let observer = knowing();
    observer.accepted(&of("loja"), false);
    let mut news = observer.follow();
    let event = of("loja");
    observer.accepted(&event, true);
    observer.paused(NOW, "whatsapp", "401: refused");
    let told = serde_json::to_value(news.try_recv().unwrap()).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "at": "2026-03-02T12:00:00.000Z", "what": "repeated", "source": "loja",
            "event": event.event.to_string(), "request": "r-1",
        })
    );
    assert_eq!(news.try_recv().unwrap().what, What::Paused);
    assert!(news.try_recv().is_err(), "what was before is not told");
}
