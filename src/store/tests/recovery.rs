//! What a crash leaves behind.

use super::*;

#[tokio::test]
async fn a_crash_between_claim_and_settle_is_unknown_and_held() {
    let mut bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let claimed = bench.claim_one(NOW).await;
    bench.crash();

    assert!(bench.claim(after_secs(3600)).await.is_empty(), "in flight until it is recovered");
    let recovered = bench.store.recover_orphans(after_secs(1), BTreeMap::new()).await.unwrap();
    assert_eq!(recovered.len(), 1);
    assert_eq!((recovered[0].attempt, recovered[0].next), (claimed.attempt, HOLD));

    let view = bench.view(event).await;
    let delivery = &view.deliveries[0];
    assert_eq!(delivery.state, DeliveryState::Held);
    assert_eq!(delivery.attempts[0].verdict, Some(Verdict::Unknown));
    assert_eq!(delivery.attempts[0].closed_at, Some(after_secs(1)));
    assert!(delivery.reason.as_deref().unwrap().contains("the gateway stopped while this was being sent"));
    assert!(bench.claim(after_secs(3600)).await.is_empty());
    assert_eq!(bench.settle(&claimed, Next::Delivered).await, Settled::LeaseLost);
}

#[tokio::test]
async fn a_connection_that_resends_gets_its_delivery_back() {
    let mut bench = Bench::new();
    let (resent, held) = (to("resends", "1"), to("holds", "1"));
    bench.plan(vec![resent.clone(), held]).await;
    bench.claim(NOW).await;
    bench.crash();
    bench.store.recover_orphans(after_secs(1), resending(&["resends"])).await.unwrap();

    let claimed = bench.claim_one(after_secs(1)).await;
    assert_eq!((claimed.delivery, claimed.attempt_number), (resent.id, 2));
    assert_eq!(bench.store.counts().await.unwrap().deliveries(DeliveryState::Held), 1);
}

#[tokio::test]
async fn what_is_being_sent_is_not_lost_however_long_it_takes() {
    let bench = Bench::new();
    bench.plan(vec![to("c", "1"), to("c", "2")]).await;
    let claimed = bench.claim(NOW).await;
    let (lost, alive) = (&claimed[0], &claimed[1]);

    let years = after_secs(100_000_000);
    let recovered = bench.store.recover_lost(years, BTreeMap::new(), [alive.attempt].into()).await.unwrap();
    assert_eq!(recovered.iter().map(|r| r.attempt).collect::<Vec<_>>(), [lost.attempt]);
    assert_eq!(bench.settle(alive, Next::Delivered).await, Settled::Moved { paused: false });
}

#[tokio::test]
async fn a_lane_goes_on_after_recovery() {
    let bench = Bench::new();
    let (first, second) = (to("c", "1"), to("c", "1"));
    bench.plan(vec![first, second.clone()]).await;
    bench.claim_one(NOW).await;
    bench.store.recover_lost(after_secs(60), BTreeMap::new(), BTreeSet::new()).await.unwrap();
    assert_eq!(bench.claim_ids(after_secs(60)).await, [second.id]);
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash() {
    let mut bench = Bench::new();
    let received = bench.record(an_event(Some("e1"))).await;
    let delivery = once("k", to("c", "1"));
    let planned = bench.plan(vec![delivery.clone()]).await;
    bench.store.pause(connection("d"), "by hand", true, NOW).await.unwrap();
    bench.crash();

    assert_eq!(bench.store.received(10, usize::MAX).await.unwrap()[0].id, received);
    assert_eq!(bench.store.record(an_event(Some("e1"))).await, Ok(Recorded::Twin { of: received }));
    assert_eq!(bench.states(planned).await, [DeliveryState::Pending]);
    assert_eq!(bench.store.paused().await.unwrap().len(), 1);
    let event = bench.plan(vec![once("k", to("c", "1"))]).await;
    assert_eq!(bench.view(event).await.deliveries[0].twin_of, Some(delivery.id));
}

#[tokio::test]
async fn a_clock_that_is_set_back_takes_nothing_away_from_what_waits() {
    let bench = Bench::new();
    let day_secs = 86_400;
    // By the clock of then: due in a minute, and stale in two.
    let ahead = after_secs(day_secs);
    let going_stale = NewDelivery { expires_at: Some(after_secs(day_secs + 120)), ..to("c", "1") };
    let planned_before = NewDelivery { expires_at: Some(after_secs(day_secs + 300)), ..to("c", "2") };
    bench.plan(vec![planned_before]).await;
    bench.plan_at(ahead, vec![going_stale]).await;
    let claimed = bench.claim(ahead).await;
    for claimed in claimed {
        bench.settle(&claimed, retry_at(after_secs(day_secs + 60))).await;
    }
    bench.store.clock_set_back(ahead, NOW).await.unwrap();
    assert_eq!(bench.store.next_due().await.unwrap(), [("c".to_owned(), after_secs(60))].into());
    assert_eq!(bench.store.next_expiry().await, Ok(Some(after_secs(120))));
    bench.store.expire(after_secs(120)).await.unwrap();
    let other = bench.store.next_expiry().await;
    assert_eq!(
        other,
        Ok(Some(after_secs(day_secs + 300))),
        "what was planned by the true clock keeps its end"
    );
}
