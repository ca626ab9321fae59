//! Recording events, and the sender's repeats of them.

use super::*;

#[tokio::test]
async fn an_event_comes_back_as_it_was_recorded() {
    let bench = Bench::new();
    let event = InboxEvent { body: bytes::Bytes::from_static(&[0, 255, b'\n']), ..an_event(Some("e1")) };
    bench.record(event.clone()).await;

    let received = bench.store.received(10, usize::MAX).await.unwrap();
    assert_eq!(received.len(), 1);
    let stored = &received[0];
    assert_eq!((stored.id, &stored.source, &stored.key), (event.id, &event.source, &event.key));
    assert_eq!((&stored.kind, stored.received_at), (&event.kind, event.received_at));
    assert_eq!((&stored.method, &stored.query), (&event.method, &event.query));
    assert_eq!((&stored.headers, &stored.body), (&event.headers, &event.body));
}

#[tokio::test]
async fn received_hands_out_the_oldest_first() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bench.record(an_event(None)).await);
    }
    let received = bench.store.received(3, usize::MAX).await.unwrap();
    assert_eq!(received.iter().map(|event| event.id).collect::<Vec<_>>(), ids[..3]);
}

#[tokio::test]
async fn a_repeat_is_kept_as_a_twin_and_never_planned() {
    let bench = Bench::new();
    let first = bench.record(an_event(Some("e1"))).await;
    let repeat = an_event(Some("e1"));
    assert_eq!(bench.store.record(repeat.clone()).await, Ok(Recorded::Twin { of: first }));

    let received = bench.store.received(10, usize::MAX).await.unwrap();
    assert_eq!(received.iter().map(|event| event.id).collect::<Vec<_>>(), [first]);
    let view = bench.view(repeat.id).await;
    assert_eq!((state_of(&view), view.event.duplicate_of), (EventState::Duplicate, Some(first)));
    let receipt = bench.store.plan(repeat.id, messages(vec![to("c", "1")]), NOW).await;
    assert_eq!(receipt, Ok(PlanReceipt::NotReceived));
}

#[tokio::test]
async fn a_repeat_is_a_twin_long_after_the_first_was_planned() {
    let bench = Bench::new();
    let first = bench.record(an_event(Some("e1"))).await;
    bench.store.plan(first, messages(vec![to("c", "1")]), NOW).await.unwrap();
    for _ in 0..2 {
        assert_eq!(bench.store.record(an_event(Some("e1"))).await, Ok(Recorded::Twin { of: first }));
    }
    assert_eq!(bench.store.counts().await.unwrap().events(EventState::Duplicate), 2);
}

#[tokio::test]
async fn a_key_belongs_to_its_source_and_no_key_is_never_a_twin() {
    let bench = Bench::new();
    bench.record(an_event(Some("e1"))).await;
    bench.record(InboxEvent { source: "outra".parse().unwrap(), ..an_event(Some("e1")) }).await;
    bench.record(an_event(None)).await;
    bench.record(an_event(None)).await;
}

#[tokio::test]
async fn work_wakes_the_worker_once() {
    let bench = Bench::new();
    assert!(!is_ready(bench.store.wait_for_work()));
    bench.record(an_event(None)).await;
    bench.record(an_event(None)).await;
    assert!(is_ready(bench.store.wait_for_work()));
    assert!(!is_ready(bench.store.wait_for_work()), "both were told at once");

    bench.plan(vec![to("c", "1")]).await;
    assert!(is_ready(bench.store.wait_for_work()));
    let claimed = bench.claim_one(NOW).await;
    assert!(!is_ready(bench.store.wait_for_work()), "a claim leaves nothing to do");
    bench.settle(&claimed, Next::Delivered).await;
    assert!(is_ready(bench.store.wait_for_work()));
}
