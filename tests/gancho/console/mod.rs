//! The admin API, asked over HTTP of a whole gateway.

mod access;
mod described;
mod lists;
mod moves;
mod pauses;
mod replays;
mod upkeep;

use serde_json::{Value, json};

use crate::support::*;

/// With the source `loja`, as [`mapping`] has it.
async fn gateway() -> Gateway {
    Gateway::start(&[("loja", &mapping(HMAC))]).await
}

/// An order of `contact`, with the event's own id.
fn order(id: &str, contact: &str, text: &str) -> Value {
    let mut event = hello("loja", contact, text);
    event["id"] = json!(id);
    event["type"] = json!("order.paid");
    event
}

/// Posts an order and waits until it has come to rest; `events` are there then.
async fn at_rest(gateway: &Gateway, event: &Value, events: usize) {
    assert_eq!(gateway.tell("loja", event).await.status, 202);
    gateway.rest(events).await;
}

/// One that nobody knows whether it arrived.
async fn held(gateway: &Gateway) -> Value {
    gateway.setting.trouble("reset=true,times=1");
    at_rest(gateway, &order("1001", "maria", "Pedido 1001 pago"), 1).await;
    let page = gateway.ask("/v1/deliveries?state=held").await;
    assert_eq!(page["deliveries"].as_array().unwrap().len(), 1, "{page}");
    page["deliveries"][0].clone()
}

/// The problem of an answer, whose status it must have.
#[track_caller]
fn problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.headers.get("content-type"), Some("application/problem+json"));
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["status"], json!(status));
    problem
}
