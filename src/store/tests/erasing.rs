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
    let body = format!(r#"{{"name":"Ana","phone":"{PHONE}","more":"{}"}}"#, "x".repeat(3_000));
    InboxEvent { body: body.into(), query: format!("phone={PHONE}"), ..an_event(key) }
}

#[tokio::test]
async fn nothing_of_a_person_stays_in_the_file() {
    let bench = Bench::new();
    let (mut planned, mut all) = (Vec::new(), Vec::new());
    // Rows grow when they are planned, so that they move and leave copies.
    for at in 0..200 {
        let mine = at % 3 == 0;
        let event = if mine { theirs(Some(&format!("{PHONE}-{at}"))) } else { an_event(None) };
        let id = bench.record(event).await;
        all.push((id, mine));
    }
    for (at, (id, mine)) in all.iter().enumerate() {
        let contact = if *mine { PHONE.to_owned() } else { at.to_string() };
        let delivery = once(&contact, to("c", &contact));
        bench.store.plan(*id, messages(vec![delivery.clone()]), NOW).await.unwrap();
        if *mine {
            planned.push((*id, delivery.id));
        }
    }
    for _ in 0..3 {
        for claimed in bench.claim(NOW).await {
            bench.settle(&claimed, Next::Delivered).await;
        }
    }
    assert!(traces(&bench) > 0);
    let erase: Vec<_> = planned
        .iter()
        .map(|(event, delivery)| ToErase { key: true, ..found(*event, EventState::Planned, &[*delivery], 1) })
        .collect();
    let outcomes = bench.store.erase(erase, NOW).await.unwrap();
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Erasure::Done { deliveries: 1, .. })),
        "{outcomes:?}"
    );
    let swept = bench.store.sweep(u64::MAX).await.unwrap();
    assert!(swept.rewritten && swept.log_emptied);
    assert_eq!(traces(&bench), 0);

    let view = bench.view(planned[0].0).await;
    assert_eq!((state_of(&view), view.event.key), (EventState::Planned, None));
    let delivery = &view.deliveries[0];
    assert_eq!(
        (delivery.contact.as_str(), delivery.body.len(), &delivery.business_key),
        ("erased", 0, &None)
    );
    let again = theirs(Some(&format!("{PHONE}-0")));
    assert_eq!(bench.store.record(again).await, Ok(Recorded::Twin { of: planned[0].0 }), "a late repeat");
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
