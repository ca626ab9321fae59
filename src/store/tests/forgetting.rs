//! What is kept and for how long: nothing that still matters is forgotten, and
//! what is forgotten stays known for a repeat.

use std::time::Duration;

use super::*;
use crate::delivery::{Fault, Reply, Sent};
use crate::store::{Ages, DeliveryFilter, EventFilter, Pruned, Replan};

const DAY: i64 = 24 * 60 * 60;

fn days(days: i64) -> Duration {
    Duration::from_secs((days * DAY) as u64)
}

fn ages() -> Ages {
    Ages { bodies: days(7), records: days(30), keys: days(365) }
}

fn after_days(days: i64) -> Timestamp {
    after_secs(days * DAY)
}

/// Steps until nothing is left, which it counts together.
async fn prune_all(bench: &Bench, now: Timestamp) -> Pruned {
    let mut all = Pruned::default();
    loop {
        let step = bench.store.prune(ages(), now).await.unwrap();
        assert!(step.events + step.undecided + step.emptied <= 200, "{step:?}");
        if step.is_nothing() {
            return all;
        }
        all += step;
    }
}

async fn planned_and(bench: &Bench, next: Option<Next>, delivery: NewDelivery) -> EventId {
    let event = bench.plan(vec![delivery]).await;
    if let Some(next) = next {
        let claimed = bench.claim(NOW).await;
        let reply = Reply { status: 200, retry_after: None, session_id: None, excerpt: "Maria".into() };
        let answer =
            if next == HOLD { Err(Fault { sent: Sent::Maybe, message: "reset".into() }) } else { Ok(reply) };
        let settled = Settlement::new(settlement(next).outcome, &answer);
        let ours = claimed.last().unwrap();
        bench.store.settle(ours.attempt, settled, NOW).await.unwrap();
    }
    event
}

#[tokio::test]
async fn bodies_of_what_is_finished_go_and_the_story_stays() {
    let bench = Bench::new();
    let event = planned_and(&bench, Some(Next::Delivered), to("c", "1")).await;
    assert!(bench.store.prune(ages(), after_secs(7 * DAY - 1)).await.unwrap().is_nothing(), "not yet");
    let would = bench.store.prunable(ages(), after_days(7)).await.unwrap();
    let pruned = prune_all(&bench, after_days(7)).await;
    assert_eq!((pruned.emptied, pruned.events, pruned.deliveries), (1, 0, 0));
    assert_eq!(would, pruned);
    assert_eq!(bench.store.prunable(ages(), after_days(7)).await.unwrap(), Pruned::default());

    let view = bench.view(event).await;
    assert!(view.event.emptied);
    let delivery = &view.deliveries[0];
    assert_eq!((delivery.state, delivery.contact.as_str()), (DeliveryState::Delivered, "1"));
    assert_eq!((delivery.body.len(), delivery.attempts[0].excerpt.as_deref()), (0, None));
    let webhook = bench.store.webhook(event).await.unwrap().unwrap();
    assert_eq!((webhook.body.len(), webhook.query.as_str(), webhook.headers.iter().count()), (0, "", 0));
    let again = bench.store.replan(event, messages(vec![to("c", "1")]), vec![true], true, NOW).await;
    assert_eq!(again, Ok(Replan::Emptied));
}

#[tokio::test]
async fn what_is_not_finished_keeps_its_body_until_it_is() {
    let bench = Bench::new();
    let held = planned_and(&bench, Some(HOLD), to("c", "1")).await;
    let pending = planned_and(&bench, None, to("c", "2")).await;
    let parked = bench.record(an_event(None)).await;
    let unmapped =
        Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Unmapped { problems: problems() } };
    bench.store.plan(parked, unmapped, NOW).await.unwrap();
    let received = bench.record(an_event(None)).await;
    let pruned = prune_all(&bench, after_days(8)).await;
    assert_eq!((pruned.emptied, pruned.passed_over), (0, 4));
    for event in [held, pending, parked, received] {
        assert!(!bench.store.webhook(event).await.unwrap().unwrap().body.is_empty());
    }
    let view = bench.view(held).await;
    bench.store.cancel(view.deliveries[0].id, after_days(8)).await.unwrap();
    assert_eq!(prune_all(&bench, after_days(8)).await.emptied, 1, "it is looked at again");
    assert!(bench.store.webhook(held).await.unwrap().unwrap().body.is_empty());
}

#[tokio::test]
async fn records_go_and_what_is_to_be_sent_never() {
    let bench = Bench::new();
    planned_and(&bench, Some(Next::Delivered), to("c", "1")).await;
    planned_and(&bench, Some(HOLD), to("c", "2")).await;
    let pending = planned_and(&bench, None, to("c", "3")).await;
    let in_flight = planned_and(&bench, None, to("d", "4")).await;
    let claimed = bench
        .store
        .claim_due(NOW, Room { total: 1, connections: [("c".to_owned(), 0)].into() }, LEASE_SECS)
        .await;
    assert_eq!(claimed.unwrap().len(), 1);
    let received = bench.record(an_event(None)).await;
    let young = bench.record(InboxEvent { received_at: after_days(5), ..an_event(None) }).await;

    let would = bench.store.prunable(ages(), after_days(31)).await.unwrap();
    let pruned = prune_all(&bench, after_days(31)).await;
    assert_eq!((pruned.events, pruned.undecided, pruned.deliveries), (1, 1, 2));
    assert_eq!((would.events, would.undecided, would.deliveries), (1, 1, 2));
    let left = bench.store.events(EventFilter::default(), None, 100).await.unwrap().items;
    let left: Vec<_> = left.iter().map(|view| view.event.id).collect();
    assert_eq!(left, [young, received, in_flight, pending]);
}

#[tokio::test]
async fn a_held_one_that_is_forgotten_lets_its_lane_go_on() {
    let bench = Bench::new();
    let first = to("c", "1");
    planned_and(&bench, Some(Next::Hold { keeps_lane: true }), first).await;
    let event = bench.record(InboxEvent { received_at: after_days(29), ..an_event(None) }).await;
    let behind = to("c", "1");
    bench.store.plan(event, messages(vec![behind.clone()]), after_days(29)).await.unwrap();
    assert_eq!(bench.claim_ids(after_days(30)).await, []);
    prune_all(&bench, after_days(30)).await;
    assert_eq!(bench.claim_ids(after_days(30)).await, [behind.id]);
}

#[tokio::test]
async fn a_late_repeat_stays_a_repeat_until_keys_are_forgotten() {
    let bench = Bench::new();
    let first = bench.record(an_event(Some("e1"))).await;
    let ignored =
        Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Ignored { reason: "no".into() } };
    bench.store.plan(first, ignored, NOW).await.unwrap();
    let late = |days: i64| InboxEvent { received_at: after_days(days), ..an_event(Some("e1")) };
    assert_eq!(prune_all(&bench, after_days(31)).await.events, 1);
    assert_eq!(bench.store.event(first).await, Ok(None));

    let repeat = late(31);
    assert_eq!(bench.store.record(repeat.clone()).await, Ok(Recorded::Twin { of: first }));
    let of_another = InboxEvent { source: "other".parse().unwrap(), ..late(31) };
    assert_eq!(bench.store.record(of_another).await, Ok(Recorded::New));
    let filter =
        EventFilter { key: Some("e1".into()), source: Some("loja".into()), ..EventFilter::default() };
    assert_eq!(bench.store.events(filter, None, 9).await.unwrap().items[0].event.id, repeat.id);

    assert_eq!(prune_all(&bench, after_days(365)).await.keys, 1);
    assert_eq!(bench.store.record(late(366)).await, Ok(Recorded::New));
}

#[tokio::test]
async fn a_business_key_outlives_its_delivery() {
    let bench = Bench::new();
    let told = once("k", to("c", "1"));
    planned_and(&bench, Some(Next::Delivered), told.clone()).await;
    prune_all(&bench, after_days(31)).await;
    let event = bench.record(InboxEvent { received_at: after_days(31), ..an_event(None) }).await;
    let again = once("k", to("c", "1"));
    let receipt = bench.store.plan(event, messages(vec![again.clone()]), after_days(31)).await;
    assert_eq!(receipt, Ok(PlanReceipt::Stored { twins: vec![Twin { delivery: again.id, of: told.id }] }));
    assert_eq!(prune_all(&bench, after_days(366)).await.keys, 1);
}

#[tokio::test]
async fn many_go_in_small_steps_and_their_space_is_given_back() {
    let bench = Bench::new();
    let text = "x".repeat(40_000);
    let events: Vec<_> =
        (0..450).map(|_| InboxEvent { body: text.clone().into(), ..an_event(None) }).collect();
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    bench.store.record_all(events, None).await.unwrap();
    let ignored =
        Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Ignored { reason: "no".into() } };
    bench.store.plan_all(ids.into_iter().map(|id| (id, ignored.clone())).collect(), NOW).await.unwrap();
    let before = bench.store.standing().await.unwrap();
    let step = bench.store.prune(ages(), after_days(7)).await.unwrap();
    assert_eq!(step.emptied, 200);
    let pruned = prune_all(&bench, after_days(7)).await;
    assert_eq!(pruned.emptied, 250);
    assert!(pruned.freed_pages > 0);
    let after = bench.store.standing().await.unwrap();
    assert!(after.file_bytes < before.file_bytes / 2, "{} of {}", after.file_bytes, before.file_bytes);
    assert!(bench.store.prune(ages(), after_days(7)).await.unwrap().is_nothing());
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_moment_keeps_nothing_from_being_forgotten() {
    let bench = Bench::new();
    let ignored =
        || Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Ignored { reason: "no".into() } };
    for days in [0, 0, 10_000, 10_000, 0, 0] {
        let event = bench.record(InboxEvent { received_at: after_days(days), ..an_event(None) }).await;
        bench.store.plan(event, ignored(), NOW).await.unwrap();
    }
    assert_eq!(prune_all(&bench, after_days(31)).await.events, 4);
}

#[tokio::test]
async fn old_refused_requests_go() {
    let bench = Bench::new();
    let none = bench.store.deliveries(DeliveryFilter::default(), None, 9).await.unwrap();
    assert_eq!(none.items, []);
    let refused = super::super::RefusedRequest {
        source: "loja".parse().unwrap(),
        at: NOW,
        code: "bad-signature".into(),
        reason: "no".into(),
        method: "POST".into(),
        query: String::new(),
        headers: Default::default(),
        explanation: None,
        body: None,
    };
    bench.store.keep_refused(refused).await.unwrap();
    assert_eq!(prune_all(&bench, after_days(29)).await.refused, 0);
    assert_eq!(prune_all(&bench, after_days(30)).await.refused, 1);
}
