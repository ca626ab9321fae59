//! Settling attempts, and connections that are paused.

use super::*;
use crate::delivery::{Fault, Reply, Sent};
use crate::event::AttemptId;

#[tokio::test]
async fn each_next_moves_the_delivery_where_it_says() {
    for (next, state) in [
        (Next::Delivered, DeliveryState::Delivered),
        (HOLD, DeliveryState::Held),
        (Next::Bury, DeliveryState::Dead),
        (retry_at(after_secs(9)), DeliveryState::Pending),
        (Next::Pause, DeliveryState::Pending),
    ] {
        let bench = Bench::new();
        let event = bench.plan(vec![to("c", "1")]).await;
        let claimed = bench.claim_one(NOW).await;
        let settled = bench.settle(&claimed, next).await;
        assert_eq!(settled, Settled::Moved { paused: next == Next::Pause }, "{next:?}");
        let view = bench.view(event).await;
        let delivery = &view.deliveries[0];
        assert_eq!(delivery.state, state, "{next:?}");
        assert_eq!(delivery.reason.as_deref(), Some("as the test says"));
        assert_eq!(delivery.attempts[0].closed_at, Some(NOW), "{next:?}");
    }
}

#[tokio::test]
async fn an_attempt_keeps_what_was_read_of_the_reply() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let claimed = bench.claim_one(NOW).await;
    let reply = Reply {
        status: 201,
        retry_after: None,
        session_id: Some("s1".into()),
        excerpt: r#"{"sessionID":"s1"}"#.into(),
    };
    let outcome = settlement(Next::Delivered).outcome;
    bench.store.settle(claimed.attempt, Settlement::new(outcome, &Ok(reply)), after_secs(1)).await.unwrap();

    let view = bench.view(event).await;
    let attempt = &view.deliveries[0].attempts[0];
    assert_eq!((attempt.status, attempt.verdict), (Some(201), Some(Verdict::Delivered)));
    assert_eq!(attempt.session_id.as_deref(), Some("s1"));
    assert_eq!(attempt.excerpt.as_deref(), Some(r#"{"sessionID":"s1"}"#));
    assert_eq!((attempt.opened_at, attempt.closed_at), (NOW, Some(after_secs(1))));
}

#[test]
fn a_fault_has_no_reply_to_keep() {
    let fault = Fault { sent: Sent::Maybe, message: "reset".into() };
    let kept = Settlement::new(settlement(HOLD).outcome, &Err(fault));
    assert_eq!((kept.status, kept.session_id, kept.excerpt), (None, None, None));
}

#[tokio::test]
async fn a_second_settle_changes_nothing() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let claimed = bench.claim_one(NOW).await;
    bench.settle(&claimed, Next::Delivered).await;
    let before = bench.view(event).await;
    assert_eq!(bench.settle(&claimed, Next::Bury).await, Settled::LeaseLost);
    assert_eq!(bench.view(event).await, before);
}

#[tokio::test]
async fn a_settle_of_a_lost_lease_does_not_touch_the_attempt_that_followed() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let lost = bench.claim_one(NOW).await;
    bench.store.recover_lost(after_secs(60), resending(&["c"]), BTreeSet::new()).await.unwrap();
    let second = bench.claim_one(after_secs(60)).await;
    let before = bench.view(event).await;

    assert_eq!(bench.settle(&lost, Next::Bury).await, Settled::LeaseLost);
    assert_eq!(bench.view(event).await, before);
    assert_eq!(bench.settle(&second, Next::Delivered).await, Settled::Moved { paused: false });
}

#[tokio::test]
async fn an_attempt_that_never_was_settles_nothing() {
    let bench = Bench::new();
    let nobody = AttemptId::generate(NOW);
    let settled = bench.store.settle(nobody, settlement(Next::Delivered), NOW).await;
    assert_eq!(settled, Ok(Settled::LeaseLost));
}

#[tokio::test]
async fn a_pause_stops_the_connection_loses_nothing_and_burns_no_attempt() {
    let bench = Bench::new();
    let (first, second, elsewhere) = (to("c", "1"), to("c", "2"), to("d", "1"));
    bench.plan(vec![first.clone(), second.clone(), elsewhere]).await;
    let claimed = bench.claim(NOW).await;
    assert_eq!(bench.settle(&claimed[0], Next::Pause).await, Settled::Moved { paused: true });
    assert_eq!(bench.settle(&claimed[1], Next::Pause).await, Settled::Moved { paused: false }, "said once");

    assert!(bench.claim(after_secs(3600)).await.is_empty());
    let paused = bench.store.paused().await.unwrap();
    assert_eq!(paused.len(), 1);
    assert_eq!((&paused[0].what, paused[0].since), (&connection("c"), NOW));
    assert_eq!(paused[0].reason, "as the test says");

    assert_eq!(bench.store.resume(connection("c")).await, Ok(true));
    let again = bench.claim(NOW).await;
    assert_eq!(again.iter().map(|c| c.delivery).collect::<Vec<_>>(), [first.id, second.id]);
    assert!(again.iter().all(|c| c.attempt_number == 1), "{again:?}");
}

#[tokio::test]
async fn an_operator_pauses_and_resumes() {
    let bench = Bench::new();
    bench.plan(vec![to("c", "1"), to("d", "1")]).await;
    assert_eq!(bench.store.pause(connection("c"), "holiday", true, NOW).await, Ok(true));
    assert_eq!(bench.store.pause(connection("c"), "again", true, after_secs(5)).await, Ok(false));
    assert_eq!(bench.store.paused().await.unwrap()[0].reason, "holiday");
    assert_eq!(bench.claim_one(NOW).await.connection, "d");

    bench.store.pause(connection("e"), "refused", false, NOW).await.unwrap();
    bench.store.pause(connection("f"), "refused", false, NOW).await.unwrap();
    assert_eq!(bench.store.pause(connection("f"), "until monday", true, NOW).await, Ok(true));
    assert_eq!(bench.store.resume_all().await, Ok(1), "what a person stopped stays so");
    assert!(bench.claim(NOW).await.is_empty());
    assert_eq!(bench.store.resume(connection("c")).await, Ok(true));
    assert_eq!(bench.claim_one(NOW).await.connection, "c");
    assert_eq!(bench.store.resume(connection("c")).await, Ok(false));
}
