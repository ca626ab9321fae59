//! Lists by filter, a page at a time.

use super::*;
use crate::store::{DeliveryFilter, EventFilter};

fn from(source: &str, key: Option<&str>) -> InboxEvent {
    InboxEvent { source: source.parse().unwrap(), ..an_event(key) }
}

async fn found(bench: &Bench, filter: EventFilter) -> Vec<EventId> {
    let (mut before, mut ids) = (None, Vec::new());
    loop {
        let page = bench.store.events(filter.clone(), before, 2).await.unwrap();
        assert!(page.items.len() <= 2);
        ids.extend(page.items.iter().map(|view| view.event.id));
        let Some(next) = page.next else { return ids };
        before = Some(next);
    }
}

async fn found_deliveries(bench: &Bench, filter: DeliveryFilter) -> Vec<DeliveryId> {
    let (mut before, mut ids) = (None, Vec::new());
    loop {
        let page = bench.store.deliveries(filter.clone(), before, 2).await.unwrap();
        ids.extend(page.items.iter().map(|view| view.id));
        let Some(next) = page.next else { return ids };
        before = Some(next);
    }
}

#[tokio::test]
async fn every_event_comes_once_and_the_newest_first() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for at in 0..7 {
        ids.push(bench.record(from(["a", "b"][at % 2], None)).await);
    }
    bench.store.plan(ids[3], messages(vec![to("c", "1")]), NOW).await.unwrap();
    ids.reverse();
    assert_eq!(found(&bench, EventFilter::default()).await, ids);
    let oldest = bench.store.event_ids(EventFilter::default(), None, 100).await.unwrap();
    assert_eq!((oldest.items.first(), oldest.items.last()), (ids.last(), ids.first()));

    let of = |source: &str| EventFilter { source: Some(source.into()), ..EventFilter::default() };
    assert_eq!(found(&bench, of("a")).await, [ids[0], ids[2], ids[4], ids[6]]);
    assert_eq!(found(&bench, of("b")).await, [ids[1], ids[3], ids[5]], "whatever their state");
    let received = EventFilter { state: Some(EventState::Received), ..EventFilter::default() };
    assert_eq!(found(&bench, received.clone()).await.len(), 6, "of all sources");
    assert_eq!(found(&bench, EventFilter { source: Some("b".into()), ..received }).await, [ids[1], ids[5]]);
    assert_eq!(found(&bench, of("nobody")).await, []);
}

#[tokio::test]
async fn a_key_finds_the_event_and_its_repeats() {
    let bench = Bench::new();
    let first = bench.record(from("a", Some("e1"))).await;
    let elsewhere = bench.record(from("b", Some("e1"))).await;
    bench.record(from("a", Some("e2"))).await;
    let repeat = from("a", Some("e1"));
    let id = repeat.id;
    bench.store.record(repeat).await.unwrap();

    let key = EventFilter { key: Some("e1".into()), ..EventFilter::default() };
    assert_eq!(found(&bench, key.clone()).await, [id, elsewhere, first]);
    let of_a = EventFilter { source: Some("a".into()), ..key.clone() };
    assert_eq!(found(&bench, of_a).await, [id, first]);
    let repeats = EventFilter { state: Some(EventState::Duplicate), ..key };
    assert_eq!(found(&bench, repeats).await, [id]);
}

#[tokio::test]
async fn kinds_and_times_narrow_it_down() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for at in 0..4 {
        let event = InboxEvent { received_at: after_secs(at), ..an_event(None) };
        ids.push(bench.record(event).await);
    }
    let between = EventFilter {
        since: Some(after_secs(1)),
        until: Some(after_secs(3)),
        kind: Some("orders/paid".into()),
        ..EventFilter::default()
    };
    assert_eq!(found(&bench, between.clone()).await, [ids[2], ids[1]]);
    assert_eq!(found(&bench, EventFilter { kind: Some("orders".into()), ..between }).await, []);
}

#[tokio::test]
async fn each_word_must_occur_whatever_its_case() {
    let bench = Bench::new();
    let body = |text: &'static str| InboxEvent { body: text.into(), ..an_event(None) };
    let maria = bench.record(body(r#"{"name":"Maria","city":"Vitória"}"#)).await;
    bench.record(body(r#"{"name":"Maria","city":"100%"}"#)).await;
    let told = bench.plan(vec![once("Pedido-77", to("c", "5527999998888"))]).await;
    let keyed = bench.record(an_event(Some("EVT_9"))).await;

    let words = |words: &[&str]| EventFilter {
        search: words.iter().map(|word| (*word).to_owned()).collect(),
        ..EventFilter::default()
    };
    assert_eq!(found(&bench, words(&["MARIA", "vitória"])).await, [maria]);
    assert_eq!(found(&bench, words(&["maria", "%"])).await.len(), 1, "a percent sign is a percent sign");
    assert_eq!(found(&bench, words(&["27999998888"])).await, [told], "in a delivery of it");
    assert_eq!(found(&bench, words(&["pedido-77"])).await, [told]);
    assert_eq!(found(&bench, words(&["evt_9"])).await, [keyed]);
    assert_eq!(found(&bench, words(&["evt59"])).await, [], "an underscore is an underscore");
    assert_eq!(found(&bench, words(&["' OR 1 --"])).await, []);
}

#[tokio::test]
async fn deliveries_are_found_by_what_is_known_of_them() {
    let bench = Bench::new();
    let (a, b, c) = (to("c", "1"), once("k", to("d", "1")), to("c", "2"));
    let first = bench.plan(vec![a.clone(), b.clone()]).await;
    bench.plan_at(after_secs(9), vec![c.clone()]).await;
    let claimed = bench.store.claim_due(NOW, Room::of_all(1), LEASE_SECS).await.unwrap();
    assert_eq!(claimed[0].delivery, a.id);

    let all = DeliveryFilter::default();
    assert_eq!(found_deliveries(&bench, all.clone()).await, [c.id, b.id, a.id]);
    for (filter, expected) in [
        (DeliveryFilter { contact: Some("1".into()), ..all.clone() }, vec![b.id, a.id]),
        (DeliveryFilter { connection: Some("c".into()), ..all.clone() }, vec![c.id, a.id]),
        (DeliveryFilter { business_key: Some("k".into()), ..all.clone() }, vec![b.id]),
        (DeliveryFilter { event: Some(first), ..all.clone() }, vec![b.id, a.id]),
        (DeliveryFilter { event: Some(EventId::generate(NOW)), ..all.clone() }, vec![]),
        (DeliveryFilter { state: Some(DeliveryState::InFlight), ..all.clone() }, vec![a.id]),
        (DeliveryFilter { since: Some(after_secs(1)), ..all.clone() }, vec![c.id]),
        (
            DeliveryFilter { until: Some(after_secs(1)), source: Some("loja".into()), ..all.clone() },
            vec![b.id, a.id],
        ),
        (DeliveryFilter { source: Some("other".into()), ..all.clone() }, vec![]),
        (
            DeliveryFilter {
                search: vec!["OI".into(), "externalid".into()],
                contact: Some("2".into()),
                ..all
            },
            vec![c.id],
        ),
    ] {
        assert_eq!(found_deliveries(&bench, filter.clone()).await, expected, "{filter:?}");
    }
    let view = bench.store.delivery(a.id).await.unwrap().unwrap();
    assert_eq!((view.event, view.source.as_str(), view.attempt_count), (first, "loja", 1));
    assert_eq!(view.attempts.len(), 1);
    let listed = bench.store.events(EventFilter::default(), None, 100).await.unwrap().items;
    assert_eq!((listed[1].deliveries[0].attempt_count, listed[1].deliveries[0].attempts.len()), (1, 0));
    assert_eq!(bench.store.delivery(DeliveryId::generate(NOW)).await, Ok(None));
}

#[tokio::test]
async fn a_webhook_is_read_as_it_came_in() {
    let bench = Bench::new();
    let event = an_event(Some("e1"));
    bench.record(event.clone()).await;
    let webhook = bench.store.webhook(event.id).await.unwrap().unwrap();
    assert_eq!((webhook.body, webhook.headers, webhook.query), (event.body, event.headers, event.query));
    assert!(bench.store.webhook(EventId::generate(NOW)).await.unwrap().is_none());
}

#[tokio::test]
async fn the_figures_say_what_waits_and_since_when() {
    let bench = Bench::new();
    bench.record(InboxEvent { received_at: after_secs(5), ..from("a", None) }).await;
    bench.record(InboxEvent { received_at: after_secs(7), ..from("a", None) }).await;
    bench.plan_at(after_secs(3), vec![to("c", "1"), to("c", "1"), to("d", "1")]).await;
    let claimed = bench.store.claim_due(after_secs(3), Room::of_all(1), LEASE_SECS).await.unwrap();
    bench.settle(&claimed[0], HOLD).await;

    let figures = bench.store.standing().await.unwrap();
    assert_eq!(
        figures.unfinished,
        [
            ("c".into(), DeliveryState::Held, 1),
            ("c".into(), DeliveryState::Pending, 1),
            ("d".into(), DeliveryState::Pending, 1)
        ]
    );
    assert_eq!(figures.lanes, [("c".into(), 1), ("d".into(), 1)]);
    let source = |name: &str| name.parse().unwrap();
    assert_eq!(
        figures.events,
        [(source("loja"), EventState::Planned, 1), (source("a"), EventState::Received, 2)]
    );
    assert_eq!(figures.oldest_received, [(source("a"), after_secs(5))]);
    assert_eq!(figures.oldest_pending, Some(after_secs(3)));
    assert_eq!(figures.counts, bench.store.counts().await.unwrap());
    assert!(figures.file_bytes > 0);
}
