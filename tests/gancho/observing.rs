//! What is seen of a running gateway: the counts at `/metrics`, and what is told to
//! whoever follows. Neither holds a word that a person reads, nor who they are.

use gancho::observe::{CONTENT_TYPE, Happening};
use tokio::sync::broadcast::Receiver;

use crate::support::*;

async fn metrics(gateway: &Gateway) -> String {
    let answer = gateway.get(gateway.app.admin, "/metrics").await;
    assert_eq!((answer.status, answer.headers.get("content-type")), (200, Some(CONTENT_TYPE)));
    answer.body
}

#[track_caller]
fn assert_says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|have| have == *line), "`{line}` is not in\n{text}");
    }
}

#[tokio::test]
async fn the_way_of_a_webhook_is_counted() {
    let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
    let mut event = hello("loja", "5527991234567", "Oi, Zuleide!");
    event["id"] = "1".into();
    for _ in 0..2 {
        assert_eq!(gateway.tell("loja", &event).await.status, 202);
    }
    assert_eq!(gateway.post(draft("loja", event.to_string())).await.status, 401);
    assert_eq!(gateway.post(draft("nowhere", "{}")).await.status, 404);
    gateway.first_event_at_rest().await;
    let text = metrics(&gateway).await;
    assert_says(
        &text,
        &[
            "gancho_events_accepted_total{source=\"loja\"} 1",
            "gancho_events_repeated_total{source=\"loja\"} 1",
            "gancho_events_planned_total{source=\"loja\"} 1",
            "gancho_requests_refused_total{source=\"\",code=\"not-found\"} 1",
            "gancho_attempts_total{connection=\"loja\",verdict=\"delivered\"} 1",
            "gancho_deliveries_total{connection=\"loja\",outcome=\"delivered\"} 1",
            "gancho_deliveries_total{connection=\"vendas\",outcome=\"delivered\"} 0",
            "gancho_upstream_seconds_count{connection=\"loja\"} 1",
            "gancho_in_flight{connection=\"loja\"} 0",
            "gancho_held{connection=\"loja\"} 0",
            "gancho_oldest_pending_age_seconds 0",
            "# EOF",
        ],
    );
    let commits = text.lines().find_map(|line| line.strip_prefix("gancho_commit_seconds_count "));
    assert!(commits.unwrap().parse::<u64>().unwrap() >= 4, "{text}");
    for hidden in ["5527991234567", "Zuleide", "nowhere"] {
        assert!(!text.contains(hidden), "{hidden} is in\n{text}");
    }
}

/// The next so many things, as they are sent to who follows.
fn told(news: &mut Receiver<Happening>) -> Vec<serde_json::Value> {
    std::iter::from_fn(|| news.try_recv().ok())
        .map(|happening| serde_json::to_value(happening).unwrap())
        .collect()
}

#[tokio::test]
async fn who_follows_is_told_of_every_step_and_of_no_person() {
    let bench = Bench::new().await;
    let mut news = bench.observer.follow();
    let mut sale = hello("vendas", "5527991234567", "Oi, Zuleide!");
    sale["pedido"] = "77".into();
    let first = bench.receive(&sale).await;
    bench.step().await;
    bench.receive(&sale).await;
    bench.receive("{\"via\": \"loja\"}").await;
    bench.setting.trouble("reset=true");
    bench.receive(hello("loja", "5527991234567", "Oi, Zuleide!")).await;
    bench.step().await;
    let told = told(&mut news);
    let whats: Vec<&str> = told.iter().map(|news| news["what"].as_str().unwrap()).collect();
    assert_eq!(
        whats,
        [
            "accepted",
            "planned",
            "delivered",
            "accepted",
            "accepted",
            "accepted",
            "planned",
            "twin",
            "parked",
            "planned",
            "held"
        ]
    );
    let delivered = &told[2];
    assert_eq!(
        (delivered["event"].as_str(), delivered["connection"].as_str(), delivered["outcome"].as_str()),
        (Some(first.to_string().as_str()), Some("vendas"), Some("delivered"))
    );
    assert_eq!(told[10]["outcome"], "unknown");
    let all = serde_json::to_string(&told).unwrap();
    assert!(!all.contains("5527991234567") && !all.contains("Zuleide"), "{all}");
}

/// A refusal of the credential, then of the address: each pauses its connection.
#[tokio::test]
async fn a_connection_that_stops_is_told() {
    let bench = Bench::new().await;
    let mut news = bench.observer.follow();
    bench.setting.trouble("status=401");
    bench.receive(hello("loja", "c1", "Oi!")).await;
    bench.step().await;
    let told = told(&mut news);
    let last = told.last().unwrap();
    assert_eq!((last["what"].as_str(), last["connection"].as_str()), (Some("paused"), Some("loja")));
    assert!(last["reason"].as_str().unwrap().starts_with("401"), "{last}");
}
