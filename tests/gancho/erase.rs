//! A person asks to be forgotten (LGPD), and is: however their phone was written,
//! whatever became of it, and down to the bytes of the file.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use gancho::delivery::{DeliveryState, EventState};
use gancho::event::EventId;
use gancho::store::{InboxEvent, RefusedRequest};
use gancho::worker::{EraseError, Erased};
use serde_json::json;

use crate::support::*;

const ANA: &str = "+55 (11) 98765-4321";

async fn record(
    bench: &Bench,
    content_type: &str,
    encoding: Option<&str>,
    query: &str,
    body: Vec<u8>,
) -> EventId {
    let mut headers = gancho::event::Headers::default();
    headers.push("content-type", content_type);
    encoding.iter().for_each(|encoding| headers.push("content-encoding", *encoding));
    let event = InboxEvent {
        id: EventId::generate(NOW),
        source: "loja".parse().unwrap(),
        key: None,
        kind: None,
        received_at: NOW,
        request: None,
        item: None,
        method: "POST".into(),
        query: query.into(),
        headers,
        body: body.into(),
    };
    let id = event.id;
    bench.store.record(event).await.unwrap();
    id
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// How often any part of Ana's number is in the store's files.
fn traces(bench: &Bench) -> usize {
    let file = bench.setting.store_file();
    let log = file.with_file_name("gancho.db-wal");
    let bytes = [std::fs::read(file).unwrap(), std::fs::read(log).unwrap_or_default()].concat();
    ["987654321", "98765-4321", "98765", "8765-4321"]
        .iter()
        .map(|digits| bytes.windows(digits.len()).filter(|window| *window == digits.as_bytes()).count())
        .sum()
}

#[tokio::test]
async fn a_person_is_forgotten_everywhere() {
    let bench = Bench::new().await;
    let told = bench.receive(hello("loja", "5511987654321", "Oi, Ana")).await;
    let other = bench.receive(hello("loja", "5511911112222", "Oi, Bia")).await;
    let form = b"cliente%5Bfone%5D=%2B55+%2811%29+98765-4321".to_vec();
    let form = record(&bench, "application/x-www-form-urlencoded", None, "", form).await;
    let zipped = gzip(&json!({ "fone": { "ddd": "11", "numero": 987_654_321 } }).to_string());
    let zipped = record(&bench, "application/json", Some("gzip"), "", zipped).await;
    let broken = record(&bench, "application/json", None, "", b"{\"fone\": \"(11) 98765-4321".to_vec()).await;
    while bench.step().await != Default::default() {}
    let waiting = record(&bench, "application/json", None, "tel=11%2098765-4321", b"{}".to_vec()).await;
    let refused = RefusedRequest {
        source: "loja".parse().unwrap(),
        at: NOW,
        code: "bad-signature".into(),
        reason: "the signature does not match".into(),
        method: "POST".into(),
        query: String::new(),
        headers: Default::default(),
        explanation: None,
        body: Some(r#"{"fone":11987654321}"#.into()),
    };
    bench.store.keep_refused(refused).await.unwrap();

    let would = bench.worker.erase(ANA, true).await.unwrap();
    assert_eq!(would, Erased { events: 5, deliveries: 1, refused: 1, ..Erased::default() });
    assert!(traces(&bench) > 0, "a look changes nothing");
    let erased = bench.worker.erase(ANA, false).await.unwrap();
    assert_eq!(erased, Erased { swept: Some(true), ..would });
    assert_eq!(traces(&bench), 0);

    for event in [form, zipped, broken, waiting] {
        let view = bench.event(event).await.event;
        assert_eq!((view.state, view.reason.as_deref()), (EventState::Ignored, Some("erased on request")));
        assert!(bench.store.webhook(event).await.unwrap().unwrap().body.is_empty());
    }
    assert_eq!(bench.delivery(told).await.state, DeliveryState::Delivered, "that it happened stays known");
    let bia = bench.delivery(other).await;
    assert_eq!((bia.contact.as_str(), &bia.body["messageValue"]), ("5511911112222", &json!("Oi, Bia")));
    let again = bench.worker.erase(ANA, false).await.unwrap();
    assert_eq!(again, Erased { swept: Some(true), ..Erased::default() }, "nothing is left of her");
}

#[tokio::test]
async fn a_message_that_waits_is_not_sent_any_more() {
    let bench = Bench::new().await;
    let everything = gancho::store::Paused::Connection("loja".into());
    bench.store.pause(everything.clone(), "holiday", true, NOW).await.unwrap();
    bench.receive(hello("loja", "5511987654321", "Oi, Ana")).await;
    bench.receive(hello("loja", "5511911112222", "Oi, Bia")).await;
    bench.step().await;
    let erased = bench.worker.erase("11 98765-4321", false).await.unwrap();
    assert_eq!((erased.events, erased.deliveries, erased.cancelled), (1, 1, 1));
    bench.store.resume(everything).await.unwrap();
    while bench.step().await != Default::default() {}
    assert_eq!(bench.setting.texts(), ["Oi, Bia"]);
}

#[tokio::test]
async fn what_is_just_being_sent_is_said() {
    let bench = Bench::new().await;
    let event = bench.receive(hello("loja", "5511987654321", "Oi, Ana")).await;
    // The worker plans, and a claim stands for a send that takes its time.
    let pause = gancho::store::Paused::Connection("loja".into());
    bench.store.pause(pause.clone(), "a moment", true, NOW).await.unwrap();
    bench.step().await;
    bench.store.resume(pause).await.unwrap();
    let claimed = bench.store.claim_due(NOW, gancho::store::Room::of_all(1), 60).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let under_way = Erased { under_way: vec![event], ..Erased::default() };
    assert_eq!(bench.worker.erase(ANA, true).await.unwrap(), under_way);
    let erased = bench.worker.erase(ANA, false).await.unwrap();
    assert_eq!(erased, Erased { swept: Some(true), ..under_way });
    assert_eq!(bench.delivery(event).await.contact, "5511987654321", "nothing of it was touched");
}

#[tokio::test]
async fn half_a_number_erases_nobody() {
    let bench = Bench::new().await;
    let error = bench.worker.erase("98765-4321", false).await.unwrap_err();
    assert!(matches!(error, EraseError::NotAPhone(_)));
    assert!(error.to_string().contains("area code") && !error.to_string().contains("98765"), "{error}");
}
