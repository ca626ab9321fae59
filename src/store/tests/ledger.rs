//! Reads for people.

use super::*;

#[tokio::test]
async fn an_event_that_is_not_there_is_none() {
    let bench = Bench::new();
    assert_eq!(bench.store.event(EventId::generate(NOW)).await, Ok(None));
}

#[tokio::test]
async fn a_view_tells_the_whole_story() {
    let bench = Bench::new();
    let (paid, thanks) = (to("c", "1"), to("c", "1"));
    let event = bench.plan(vec![paid.clone(), thanks.clone()]).await;
    let first = bench.claim_one(NOW).await;
    bench.settle(&first, retry_at(after_secs(5))).await;
    let second = bench.claim_one(after_secs(5)).await;
    bench.settle(&second, Next::Delivered).await;

    let view = bench.view(event).await;
    assert_eq!((view.event.id, state_of(&view)), (event, EventState::Planned));
    assert_eq!(view.deliveries.iter().map(|d| d.id).collect::<Vec<_>>(), [paid.id, thanks.id]);
    let story = &view.deliveries[0];
    assert_eq!(
        (story.state, &story.body, story.contact.as_str()),
        (DeliveryState::Delivered, &paid.body, "1")
    );
    let attempts: Vec<_> = story.attempts.iter().map(|a| (a.id, a.number, a.verdict)).collect();
    assert_eq!(
        attempts,
        [(first.attempt, 1, Some(Verdict::NotSent)), (second.attempt, 2, Some(Verdict::Delivered))]
    );
    assert_eq!(view.deliveries[1].attempts, []);
}

#[tokio::test]
async fn events_are_paged_in_order_of_arrival() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bench.record(an_event(None)).await);
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = bench.store.events_after(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        seen.extend(page.iter().map(|event| event.id));
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn counts_name_every_state() {
    let bench = Bench::new();
    bench.record(an_event(Some("e1"))).await;
    bench.store.record(an_event(Some("e1"))).await.unwrap();
    bench.plan(vec![to("c", "1"), to("c", "1")]).await;
    bench.claim(NOW).await;

    let counts = bench.store.counts().await.unwrap();
    let events: Vec<_> = counts.events.iter().map(|(_, count)| *count).collect();
    assert_eq!((events.len(), events.iter().sum()), (EventState::ALL.len(), 3u64));
    assert_eq!(counts.events(EventState::Received), 1);
    assert_eq!(counts.events(EventState::Duplicate), 1);
    assert_eq!(counts.events(EventState::Planned), 1);
    assert_eq!(counts.events(EventState::Unmapped), 0);
    assert_eq!(counts.deliveries.len(), DeliveryState::ALL.len());
    assert_eq!(counts.deliveries(DeliveryState::InFlight), 1);
    assert_eq!(counts.deliveries(DeliveryState::Pending), 1);
}
