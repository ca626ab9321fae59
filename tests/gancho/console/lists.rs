//! Events and deliveries are found by what an operator knows of them, and their
//! lists are read page by page.

use serde_json::{Value, json};

use super::{at_rest, gateway, held, order, problem};
use crate::support::*;

/// The senders' own ids of a page, in its order.
fn keys(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_page_says_where_the_next_begins() {
    let gateway = gateway().await;
    for n in 1..=5 {
        at_rest(&gateway, &order(&format!("n{n}"), &format!("c{n}"), "Oi"), n).await;
    }
    let first = gateway.ask("/v1/events?limit=2").await;
    assert_eq!(keys(&first), ["n5", "n4"]);
    let second = gateway.ask(&format!("/v1/events?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!(keys(&second), ["n3", "n2"]);
    let third = gateway.ask(&format!("/v1/events?limit=2&cursor={}", second["next"].as_str().unwrap())).await;
    assert_eq!(keys(&third), ["n1"]);
    assert_eq!(third["next"], Value::Null);
}

#[tokio::test]
async fn did_maria_get_the_message_for_order_1001() {
    let gateway = gateway().await;
    let held = held(&gateway).await;
    at_rest(&gateway, &order("1002", "joao", "Pedido 1002 pago"), 2).await;
    let found = gateway.ask("/v1/events?search=MARIA&search=1001").await;
    assert_eq!(keys(&found), ["1001"]);
    let delivery = &found["events"][0]["deliveries"][0];
    assert_eq!((&delivery["id"], &delivery["state"]), (&held["id"], &json!("held")));
    assert_eq!(delivery["contact"], "maria");
    assert!(delivery["reason"].is_string(), "{delivery}");
    assert_eq!(keys(&gateway.ask("/v1/events?search=maria&search=1002").await), [""; 0]);
}

#[tokio::test]
async fn every_filter_finds_its_own() {
    let gateway = gateway().await;
    held(&gateway).await;
    let mut wrong = order("1002", "joao", "x");
    wrong.as_object_mut().unwrap().remove("contato");
    at_rest(&gateway, &wrong, 2).await;
    let mut once = order("1003", "ana", "Uma vez");
    (once["via"], once["pedido"]) = (json!("vendas"), json!("77"));
    at_rest(&gateway, &once, 3).await;

    for (query, expected) in [
        ("source=loja", &["1003", "1002", "1001"][..]),
        ("source=outra", &[]),
        ("state=unmapped", &["1002"]),
        ("kind=order.paid", &["1003", "1002", "1001"]),
        ("key=1003", &["1003"]),
        ("since=2026-03-02T12:00:00Z", &["1003", "1002", "1001"]),
        ("until=2026-03-02T12:00:00Z", &[]),
        ("since=2026-03-02T12:00:01Z", &[]),
    ] {
        assert_eq!(keys(&gateway.ask(&format!("/v1/events?{query}")).await), expected, "{query}");
    }
    let event = gateway.ask("/v1/events?key=1003").await["events"][0]["id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        ("state=held".to_owned(), &["maria"][..]),
        ("connection=vendas".to_owned(), &["ana"]),
        ("source=loja".to_owned(), &["ana", "maria"]),
        ("contact=ana".to_owned(), &["ana"]),
        (format!("event={event}"), &["ana"]),
        ("search=PAGO".to_owned(), &["maria"]),
        ("until=2026-03-02T12:00:00Z".to_owned(), &[]),
    ] {
        let page = gateway.ask(&format!("/v1/deliveries?{query}")).await;
        let found: Vec<&str> =
            page["deliveries"].as_array().unwrap().iter().map(|d| d["contact"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
    let page = gateway.ask("/v1/deliveries?contact=ana").await;
    let key = page["deliveries"][0]["business_key"].as_str().unwrap();
    let query: String = form_urlencoded(key);
    let page = gateway.ask(&format!("/v1/deliveries?business_key={query}")).await;
    assert_eq!(page["deliveries"].as_array().unwrap().len(), 1);
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn one_event_is_told_whole() {
    let gateway = gateway().await;
    let held = held(&gateway).await;
    let story = gateway.ask(&format!("/v1/events/{}", held["event"].as_str().unwrap())).await;
    let attempts = story["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["verdict"]), (1, &json!("unknown")));
    let webhook: Value = serde_json::from_str(story["webhook"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(webhook["contato"], "maria");
    assert!(!story.to_string().contains(SECRETS[0].1));
    let alone = gateway.ask(&format!("/v1/deliveries/{}", held["id"].as_str().unwrap())).await;
    assert_eq!(alone, story["deliveries"][0]);
    // In a list the attempts are only counted.
    assert_eq!((&held["attempts"], &held["attempt_count"]), (&Value::Null, &json!(1)));
    assert_eq!(held["body"]["messageValue"], "Pedido 1001 pago");

    let nobody = "01940000-0000-7000-8000-000000000000";
    for (path, code) in [("events", "no-such-event"), ("deliveries", "no-such-delivery")] {
        let answer = gateway.operator(&format!("GET /v1/{path}/{nobody}"), &Value::Null).await;
        assert_eq!(problem(&answer, 404)["code"], code);
    }
}
