//! What a person decides: each decision holds once, and only where it applies.

use super::*;
use crate::store::{Moved, SettledAs};

const PENDING: DeliveryState = DeliveryState::Pending;
const HELD: DeliveryState = DeliveryState::Held;

fn moved(from: DeliveryState, to: DeliveryState) -> Result<Moved, crate::store::StoreError> {
    Ok(Moved::Moved { from, to })
}

/// A delivery that is held, and the event it is of.
async fn held(bench: &Bench, delivery: NewDelivery, keeps_lane: bool) -> EventId {
    let event = bench.plan(vec![delivery]).await;
    let claimed = bench.claim_one(NOW).await;
    bench.settle(&claimed, Next::Hold { keeps_lane }).await;
    event
}

#[tokio::test]
async fn a_released_one_goes_out_though_it_would_be_stale() {
    let bench = Bench::new();
    let delivery = NewDelivery { expires_at: Some(after_secs(60)), ..to("c", "1") };
    let event = held(&bench, delivery.clone(), false).await;
    assert_eq!(bench.store.release(delivery.id, after_secs(99)).await, moved(HELD, PENDING));
    let view = bench.view(event).await;
    assert_eq!((view.deliveries[0].expires_at, view.deliveries[0].due_at), (None, after_secs(99)));
    assert!(view.deliveries[0].reason.as_deref().unwrap().contains("by a person"));
    assert_eq!(bench.store.expire(after_secs(99)).await, Ok(vec![]));
    let claimed = bench.claim_one(after_secs(99)).await;
    assert_eq!((claimed.delivery, claimed.attempt_number), (delivery.id, 2));
}

#[tokio::test]
async fn a_released_one_goes_before_those_that_waited_for_it() {
    let bench = Bench::new();
    let (first, second) = (to("c", "1"), to("c", "1"));
    held(&bench, first.clone(), true).await;
    bench.plan(vec![second.clone()]).await;
    assert_eq!(bench.claim_ids(NOW).await, [], "it keeps its lane");
    bench.store.release(first.id, NOW).await.unwrap();
    let claimed = bench.claim_one(NOW).await;
    assert_eq!(claimed.delivery, first.id);
    bench.settle(&claimed, Next::Delivered).await;
    assert_eq!(bench.claim_ids(NOW).await, [second.id]);
}

#[tokio::test]
async fn a_released_one_waits_for_whoever_is_in_flight() {
    let bench = Bench::new();
    let (first, second) = (to("c", "1"), to("c", "1"));
    held(&bench, first.clone(), false).await;
    bench.plan(vec![second.clone()]).await;
    let in_flight = bench.claim_one(NOW).await;
    bench.store.release(first.id, NOW).await.unwrap();
    assert_eq!(bench.claim_ids(NOW).await, [], "one at a time");
    bench.settle(&in_flight, Next::Delivered).await;
    assert_eq!(bench.claim_ids(NOW).await, [first.id]);
}

#[tokio::test]
async fn a_held_one_is_settled_and_its_lane_goes_on() {
    for (settled_as, state) in
        [(SettledAs::Delivered, DeliveryState::Delivered), (SettledAs::NotSent, DeliveryState::Cancelled)]
    {
        let bench = Bench::new();
        let (first, second) = (to("c", "1"), to("c", "1"));
        let event = held(&bench, first.clone(), true).await;
        bench.plan(vec![second.clone()]).await;
        assert_eq!(bench.store.settle_by_hand(first.id, settled_as, NOW).await, moved(HELD, state));
        assert_eq!(bench.states(event).await, [state]);
        let reason = bench.view(event).await.deliveries[0].reason.clone().unwrap();
        assert!(reason.contains("a person says"), "{reason}");
        assert_eq!(bench.claim_ids(NOW).await, [second.id]);
    }
}

#[tokio::test]
async fn what_waits_or_is_held_can_be_cancelled() {
    let bench = Bench::new();
    let (waiting, held_one, behind) = (to("c", "1"), to("c", "2"), to("c", "1"));
    held(&bench, held_one.clone(), true).await;
    let event = bench.plan(vec![waiting.clone(), behind.clone()]).await;
    let cancelled = DeliveryState::Cancelled;
    assert_eq!(bench.store.cancel(waiting.id, NOW).await, moved(PENDING, cancelled));
    assert_eq!(bench.store.cancel(held_one.id, NOW).await, moved(HELD, cancelled));
    assert_eq!(bench.states(event).await, [cancelled, PENDING]);
    assert_eq!(bench.claim_ids(NOW).await, [behind.id]);
}

#[tokio::test]
async fn a_decision_does_not_apply_to_any_other_state() {
    let bench = Bench::new();
    let delivery = to("c", "1");
    let event = bench.plan(vec![delivery.clone()]).await;
    let (store, id) = (&bench.store, delivery.id);
    assert_eq!(store.release(id, NOW).await, Ok(Moved::Not(PENDING)));
    assert_eq!(store.settle_by_hand(id, SettledAs::Delivered, NOW).await, Ok(Moved::Not(PENDING)));

    let claimed = bench.claim_one(NOW).await;
    let before = bench.view(event).await;
    let in_flight = Ok(Moved::Not(DeliveryState::InFlight));
    assert_eq!(store.release(id, NOW).await, in_flight);
    assert_eq!(store.settle_by_hand(id, SettledAs::NotSent, NOW).await, in_flight);
    assert_eq!(store.cancel(id, NOW).await, in_flight);
    assert_eq!(bench.view(event).await, before);

    bench.settle(&claimed, Next::Delivered).await;
    assert_eq!(store.cancel(id, NOW).await, Ok(Moved::Not(DeliveryState::Delivered)));
    assert_eq!(store.release(DeliveryId::generate(NOW), NOW).await, Ok(Moved::NotThere));
}
