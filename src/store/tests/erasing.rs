//! What is erased is gone: from every view, and from the bytes of the file.

use super::*;
use crate::store::{Erasure, Replan, ToErase};

const PHONE: &str = "5511987654321";

fn found(event: EventId, state: EventState, deliveries: &[DeliveryId], all: usize) -> ToErase {
    ToErase { event, seen: (state, all), key: false, deliveries: deliveries.to_vec() }
}

/// How often the digits are in the files of the store.
fn traces(bench: &Bench) -> usize {
    let digits = &PHONE.as_bytes()[2..];
    let count = |name: &str| match fs::read(bench.folder.path().join(name)) {
        Ok(bytes) => bytes.windows(digits.len()).filter(|window| *window == digits).count(),
        Err(_) => 0,
    };
    count("gancho.db") + count("gancho.db-wal")
}

fn theirs(key: Option<&str>) -> InboxEvent {
    let body = format!(r#"{{"name":"Ana","phone":"{PHONE}"}}"#);
    InboxEvent { body: body.into(), query: format!("phone={PHONE}"), ..an_event(key) }
}

/// Numbers without an order, the same each time.
fn scattered(count: usize) -> Vec<usize> {
    (0..count).map(|at| at * 7_919 % count).collect()
}

/// Events of many sizes, which are parked in any order with problems of many sizes:
/// rows grow, move, and leave copies of themselves in unused parts of pages.
async fn churn(bench: &Bench) -> Vec<EventId> {
    let event = |at: &usize| InboxEvent {
        body: format!("{}{PHONE}{}", "a".repeat(at * 37 % 2_900), "b".repeat(200)).into(),
        ..an_event(None)
    };
    let events: Vec<_> = scattered(1_500).iter().map(event).collect();
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    bench.store.record_all(events, None).await.unwrap();
    let unmapped = |at: usize| {
        let outcome = PlanOutcome::Unmapped { problems: json!(["p".repeat(at * 53 % 2_400)]) };
        (ids[at], Planned { mapping_version: "v1".into(), outcome })
    };
    bench.store.plan_all(scattered(ids.len()).into_iter().map(unmapped).collect(), NOW).await.unwrap();
    ids
}

#[tokio::test]
async fn nothing_of_a_person_stays_in_the_file() {
    let bench = Bench::new();
    let delivery = once(PHONE, to("c", PHONE));
    let sent = bench.record(theirs(Some(PHONE))).await;
    bench.store.plan(sent, messages(vec![delivery.clone()]), NOW).await.unwrap();
    let claimed = bench.claim_one(NOW).await;
    bench.settle(&claimed, Next::Delivered).await;
    let parked = churn(&bench).await;
    assert!(traces(&bench) > 1_500);

    let mut erase: Vec<_> = parked.iter().map(|event| found(*event, EventState::Unmapped, &[], 0)).collect();
    erase.push(ToErase { key: true, ..found(sent, EventState::Planned, &[delivery.id], 1) });
    let outcomes = bench.store.erase(erase, NOW).await.unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Erasure::Done { .. })), "{outcomes:?}");
    let swept = bench.store.sweep(u64::MAX).await.unwrap();
    assert!(swept.rewritten && swept.log_emptied);
    assert_eq!(traces(&bench), 0);

    let view = bench.view(sent).await;
    assert_eq!((state_of(&view), view.event.key), (EventState::Planned, None));
    let delivery = &view.deliveries[0];
    assert_eq!(
        (delivery.contact.as_str(), delivery.body.len(), &delivery.business_key),
        ("erased", 0, &None)
    );
    let again = bench.store.record(theirs(Some(PHONE))).await;
    assert_eq!(again, Ok(Recorded::Twin { of: sent }), "a late repeat is still one");
}

#[tokio::test]
async fn what_would_still_be_sent_is_not_and_its_lane_goes_on() {
    let bench = Bench::new();
    let (theirs_, other) = (to("c", "1"), to("c", "1"));
    let event = bench.plan(vec![theirs_.clone()]).await;
    bench.plan(vec![other.clone()]).await;
    let outcome = bench.store.erase(vec![found(event, EventState::Planned, &[theirs_.id], 1)], NOW).await;
    assert_eq!(outcome, Ok(vec![Erasure::Done { deliveries: 1, cancelled: 1 }]));
    assert_eq!(bench.states(event).await, [DeliveryState::Cancelled]);
    assert_eq!(bench.claim_ids(NOW).await, [other.id]);
    let again = bench.store.replan(event, messages(vec![theirs_]), vec![true], true, NOW).await;
    assert_eq!(again, Ok(Replan::Emptied));
}

#[tokio::test]
async fn what_waits_to_be_planned_or_was_parked_never_is() {
    let bench = Bench::new();
    let received = bench.record(theirs(None)).await;
    let parked = bench.record(theirs(None)).await;
    let unmapped =
        Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Unmapped { problems: problems() } };
    bench.store.plan(parked, unmapped, NOW).await.unwrap();
    let erase =
        vec![found(received, EventState::Received, &[], 0), found(parked, EventState::Unmapped, &[], 0)];
    let outcomes = bench.store.erase(erase, NOW).await.unwrap();
    assert_eq!(outcomes, vec![Erasure::Done { deliveries: 0, cancelled: 0 }; 2]);
    for event in [received, parked] {
        let view = bench.view(event).await;
        assert_eq!(
            (state_of(&view), view.event.reason.as_deref()),
            (EventState::Ignored, Some("erased on request"))
        );
        assert_eq!(view.event.problems, None);
        assert!(bench.store.webhook(event).await.unwrap().unwrap().body.is_empty());
    }
    assert!(bench.store.received(10, usize::MAX).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_what_is_still_as_it_was_seen_is_erased() {
    let bench = Bench::new();
    let delivery = to("c", "1");
    let event = bench.plan(vec![delivery.clone()]).await;
    let before = bench.view(event).await;
    for seen in [found(event, EventState::Received, &[], 0), found(event, EventState::Planned, &[], 0)] {
        assert_eq!(bench.store.erase(vec![seen], NOW).await, Ok(vec![Erasure::Changed]));
    }
    let nobody = found(EventId::generate(NOW), EventState::Planned, &[], 0);
    assert_eq!(bench.store.erase(vec![nobody], NOW).await, Ok(vec![Erasure::NotThere]));
    assert_eq!(bench.view(event).await, before);

    bench.claim_one(NOW).await;
    let before = bench.view(event).await;
    let in_flight = found(event, EventState::Planned, &[delivery.id], 1);
    assert_eq!(bench.store.erase(vec![in_flight], NOW).await, Ok(vec![Erasure::InFlight]));
    assert_eq!(bench.view(event).await, before);
}

#[tokio::test]
async fn all_that_is_held_is_handed_out_in_pages_of_bounded_size() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bench.record(theirs(None)).await);
    }
    let one = theirs(None).body.len();
    let page = bench.store.stored_after(0, 2 * one + 1).await.unwrap();
    assert_eq!(page.iter().map(|stored| stored.view.event.id).collect::<Vec<_>>(), ids[..2]);
    let next = bench.store.stored_after(page[1].seq, 1).await.unwrap();
    assert_eq!(next.iter().map(|stored| stored.webhook.id).collect::<Vec<_>>(), ids[2..3], "one at least");
}

#[tokio::test]
async fn a_sweep_loses_nothing_and_a_large_file_is_left() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let before = bench.view(event).await;
    let swept = bench.store.sweep(1).await.unwrap();
    assert_eq!((swept.rewritten, swept.log_emptied), (false, true));
    assert!(bench.store.sweep(u64::MAX).await.unwrap().rewritten);
    assert_eq!(bench.view(event).await, before);
    let next = bench.plan(vec![to("c", "2")]).await;
    assert!(bench.view(next).await.event.seq > before.event.seq, "no number is given twice");
}
