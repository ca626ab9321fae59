//! From an event to its deliveries, once.

use super::*;

#[tokio::test]
async fn an_event_is_planned_only_once() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let again = bench.store.plan(event, messages(vec![to("c", "2")]), NOW).await;
    assert_eq!(again, Ok(PlanReceipt::NotReceived));
    assert_eq!(bench.view(event).await.deliveries.len(), 1);
    assert_eq!(bench.claim(NOW).await.len(), 1);
}

#[tokio::test]
async fn an_event_that_is_not_there_is_not_planned() {
    let bench = Bench::new();
    let nobody = EventId::generate(NOW);
    let receipt = bench.store.plan(nobody, messages(vec![to("c", "1")]), NOW).await;
    assert_eq!(receipt, Ok(PlanReceipt::NotReceived));
}

#[tokio::test]
async fn an_ignored_event_keeps_its_reason() {
    let bench = Bench::new();
    let event = bench.record(an_event(None)).await;
    let outcome = PlanOutcome::Ignored { reason: "no message wants `orders/paid`".into() };
    bench.store.plan(event, Planned { mapping_version: "v7".into(), outcome }, NOW).await.unwrap();

    let view = bench.view(event).await;
    assert_eq!(state_of(&view), EventState::Ignored);
    assert_eq!(view.event.reason.as_deref(), Some("no message wants `orders/paid`"));
    assert_eq!(view.event.mapping_version.as_deref(), Some("v7"));
    assert!(bench.store.received(10, usize::MAX).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unmapped_event_keeps_its_problems() {
    let bench = Bench::new();
    let event = bench.record(an_event(None)).await;
    let outcome = PlanOutcome::Unmapped { problems: problems() };
    bench.store.plan(event, Planned { mapping_version: "v7".into(), outcome }, NOW).await.unwrap();

    let view = bench.view(event).await;
    assert_eq!((state_of(&view), view.event.problems), (EventState::Unmapped, Some(problems())));
    assert_eq!(view.event.planned_at, Some(NOW));
}

#[tokio::test]
async fn a_spent_business_key_cancels_visibly() {
    let bench = Bench::new();
    let first = once("order-1", to("c", "1"));
    bench.plan(vec![first.clone()]).await;

    let twin = once("order-1", to("c", "1"));
    let event = bench.record(an_event(None)).await;
    let receipt = bench.store.plan(event, messages(vec![twin.clone()]), NOW).await.unwrap();
    let named = Twin { delivery: twin.id, of: first.id };
    assert_eq!(receipt, PlanReceipt::Stored { twins: vec![named] });

    let view = bench.view(event).await;
    assert_eq!(state_of(&view), EventState::Planned);
    let delivery = &view.deliveries[0];
    assert_eq!((delivery.state, delivery.twin_of), (DeliveryState::Cancelled, Some(first.id)));
    assert!(delivery.reason.as_deref().unwrap().contains(&first.id.to_string()));
    assert_eq!(bench.claim_ids(NOW).await, [first.id]);
}

#[tokio::test]
async fn a_business_key_is_of_one_connection_contact_and_message() {
    let bench = Bench::new();
    let others = vec![
        once("k", to("c", "1")),
        once("k", to("d", "1")),
        once("k", to("c", "2")),
        once("l", to("c", "1")),
        once("k", NewDelivery { message: "shipped".into(), ..to("c", "1") }),
    ];
    let event = bench.plan(others).await;
    assert_eq!(bench.states(event).await, [DeliveryState::Pending; 5]);
}

#[tokio::test]
async fn twins_within_one_plan_are_told_apart() {
    let bench = Bench::new();
    let event = bench.plan(vec![once("k", to("c", "1")), once("k", to("c", "1"))]).await;
    assert_eq!(bench.states(event).await, [DeliveryState::Pending, DeliveryState::Cancelled]);
}

#[tokio::test]
async fn a_plan_that_fails_spends_no_key_and_leaves_the_event_received() {
    let bench = Bench::new();
    let taken = to("c", "1");
    bench.plan(vec![taken.clone()]).await;

    let event = bench.record(an_event(None)).await;
    let keyed = once("order-1", to("c", "2"));
    let same_id = NewDelivery { id: taken.id, ..to("c", "3") };
    assert!(bench.store.plan(event, messages(vec![keyed.clone(), same_id]), NOW).await.is_err());
    assert_eq!(state_of(&bench.view(event).await), EventState::Received);

    let receipt = bench.store.plan(event, messages(vec![keyed]), NOW).await;
    assert_eq!(receipt, Ok(PlanReceipt::Stored { twins: vec![] }));
}

#[tokio::test]
async fn a_batch_is_planned_in_its_order_and_in_one_transaction() {
    let bench = Bench::new();
    let first = once("order-1", to("c", "1"));
    let twin = once("order-1", to("c", "1"));
    let events = [bench.record(an_event(None)).await, bench.record(an_event(None)).await];
    let nobody = EventId::generate(NOW);
    let before = bench.store.commits();
    let plans = vec![
        (events[0], messages(vec![first.clone()])),
        (events[1], messages(vec![twin.clone(), to("c", "2")])),
        (nobody, messages(vec![to("c", "3")])),
    ];
    let receipts = bench.store.plan_all(plans, NOW).await.unwrap();
    assert_eq!(bench.store.commits(), before + 1);
    let named = Twin { delivery: twin.id, of: first.id };
    assert_eq!(
        receipts,
        [
            PlanReceipt::Stored { twins: vec![] },
            PlanReceipt::Stored { twins: vec![named] },
            PlanReceipt::NotReceived
        ]
    );
    assert_eq!(bench.claim(NOW).await.len(), 2);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_every_event_as_it_was() {
    let bench = Bench::new();
    let same = to("c", "1");
    let events = [bench.record(an_event(None)).await, bench.record(an_event(None)).await];
    let plans = events.iter().map(|event| (*event, messages(vec![same.clone()]))).collect();
    assert!(bench.store.plan_all(plans, NOW).await.is_err(), "two deliveries of one id");
    assert_eq!(bench.store.received(10, usize::MAX).await.unwrap().len(), 2);
    assert!(bench.claim(NOW).await.is_empty());
}
