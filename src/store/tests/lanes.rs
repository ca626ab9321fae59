//! What a claim takes: one person, one order, and nobody waits for another.

use super::*;

#[tokio::test]
async fn a_claim_says_all_that_sending_needs() {
    let bench = Bench::new();
    let delivery = to("c", "5527");
    let event = bench.plan(vec![delivery.clone()]).await;
    let claimed = bench.claim_one(NOW).await;
    assert_eq!((claimed.delivery, claimed.event, claimed.attempt_number), (delivery.id, event, 1));
    assert_eq!((claimed.source.as_str(), claimed.message.as_str()), ("loja", "paid"));
    assert_eq!((claimed.connection.as_str(), claimed.mapping_version.as_str()), ("c", "v1"));
    assert_eq!((claimed.body.body(), claimed.body.contact()), (&delivery.body, "5527"));
}

#[tokio::test]
async fn the_attempt_is_on_disk_before_it_is_handed_out() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let claimed = bench.claim_one(NOW).await;
    let view = bench.view(event).await;
    assert_eq!(view.deliveries[0].state, DeliveryState::InFlight);
    let attempt = &view.deliveries[0].attempts[0];
    assert_eq!((attempt.id, attempt.number, attempt.opened_at), (claimed.attempt, 1, NOW));
    assert_eq!((attempt.closed_at, attempt.verdict), (None, None));
}

#[tokio::test]
async fn what_is_claimed_is_not_claimed_again() {
    let bench = Bench::new();
    bench.plan(vec![to("c", "1")]).await;
    assert_eq!(bench.claim(NOW).await.len(), 1);
    assert!(bench.claim(NOW).await.is_empty());
    assert!(bench.claim(after_secs(3600)).await.is_empty(), "a lease that ended is recovered, not claimed");
}

#[tokio::test]
async fn a_lane_goes_out_in_the_order_planned() {
    let bench = Bench::new();
    let lane = [to("c", "1"), to("c", "1"), to("c", "1")];
    bench.plan(lane.to_vec()).await;
    for delivery in &lane {
        let claimed = bench.claim_one(NOW).await;
        assert_eq!(claimed.delivery, delivery.id);
        bench.settle(&claimed, Next::Delivered).await;
    }
    assert!(bench.claim(NOW).await.is_empty());
}

#[tokio::test]
async fn a_retry_holds_up_its_own_lane_and_no_other() {
    let bench = Bench::new();
    let (first, second, other) = (to("c", "1"), to("c", "1"), to("c", "2"));
    bench.plan(vec![first.clone(), second.clone()]).await;
    let claimed = bench.claim_one(NOW).await;
    bench.settle(&claimed, retry_at(after_secs(60))).await;

    bench.plan(vec![other.clone()]).await;
    assert_eq!(bench.claim_ids(NOW).await, [other.id]);
    assert_eq!(bench.claim_ids(after_secs(59)).await, []);
    let retried = bench.claim_one(after_secs(60)).await;
    assert_eq!((retried.delivery, retried.attempt_number), (first.id, 2));
    bench.settle(&retried, Next::Delivered).await;
    assert_eq!(bench.claim_ids(after_secs(60)).await, [second.id]);
}

#[tokio::test]
async fn what_is_held_or_dead_lets_the_next_pass() {
    for next in [HOLD, Next::Bury] {
        let bench = Bench::new();
        let (first, second) = (to("c", "1"), to("c", "1"));
        bench.plan(vec![first, second.clone()]).await;
        let claimed = bench.claim_one(NOW).await;
        bench.settle(&claimed, next).await;
        assert_eq!(bench.claim_ids(NOW).await, [second.id], "{next:?}");
    }
}

#[tokio::test]
async fn the_same_contact_on_another_connection_is_another_lane() {
    let bench = Bench::new();
    bench.plan(vec![to("c", "1"), to("d", "1")]).await;
    assert_eq!(bench.claim(NOW).await.len(), 2);
}

#[tokio::test]
async fn a_limit_is_shared_between_connections() {
    let bench = Bench::new();
    let mut deliveries: Vec<_> = (0..50).map(|contact| to("busy", &contact.to_string())).collect();
    deliveries.push(to("quiet", "1"));
    bench.plan(deliveries).await;
    let claimed = bench.store.claim_due(NOW, Room::of_all(4), LEASE_SECS).await.unwrap();
    let connections: Vec<_> = claimed.iter().map(|c| c.connection.as_str()).collect();
    assert_eq!(connections, ["busy", "busy", "busy", "quiet"]);
}

fn due(of: &[(&str, Timestamp)]) -> BTreeMap<String, Timestamp> {
    of.iter().map(|(connection, at)| ((*connection).to_owned(), *at)).collect()
}

#[tokio::test]
async fn next_due_is_when_a_claim_would_find_something() {
    let bench = Bench::new();
    assert_eq!(bench.store.next_due().await, Ok(due(&[])));
    bench.plan(vec![to("c", "1"), to("c", "1")]).await;
    assert_eq!(bench.store.next_due().await, Ok(due(&[("c", NOW)])));

    let claimed = bench.claim_one(NOW).await;
    assert_eq!(bench.store.next_due().await, Ok(due(&[])), "the second waits for the first, not for a time");
    bench.settle(&claimed, retry_at(after_secs(60))).await;
    assert_eq!(bench.store.next_due().await, Ok(due(&[("c", after_secs(60))])));

    bench.plan_at(after_secs(5), vec![to("d", "1")]).await;
    assert_eq!(bench.store.next_due().await, Ok(due(&[("c", after_secs(60)), ("d", after_secs(5))])));
    bench.store.pause(connection("d"), "by hand", true, NOW).await.unwrap();
    assert_eq!(bench.store.next_due().await, Ok(due(&[("c", after_secs(60))])));
}
