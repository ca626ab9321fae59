//! A mended mapping is tried on what it failed on: first shown, then done, and
//! only what was shown.

use serde_json::{Value, json};

use super::{at_rest, gateway, order, problem};
use crate::support::*;

async fn replay(gateway: &Gateway, order: &Value) -> Value {
    let answer = gateway.operator("POST /v1/replays", order).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// A gateway whose mapping was mended after it failed on one event.
async fn mended() -> Gateway {
    let broken = mapping(HMAC).replace("$.texto", "$.text");
    let gateway = Gateway::start(&[("loja", &broken)]).await;
    at_rest(&gateway, &order("1001", "maria", "Pedido 1001 pago"), 1).await;
    gateway.setting.write("loja", &mapping(HMAC));
    let version = gateway.app.sources.get("loja").unwrap().mapping.version.clone();
    wait_until("the mapping to be taken over", || {
        gateway.app.sources.get("loja").unwrap().mapping.version != version
    })
    .await;
    gateway
}

#[tokio::test]
async fn what_is_shown_is_sent_when_it_is_confirmed() {
    let gateway = mended().await;
    let mut asked = json!({ "filter": { "source": "loja", "state": "unmapped" } });
    let shown = replay(&gateway, &asked).await;
    let message = &shown["messages"][0];
    assert_eq!((&shown["would_send"], &message["would"]), (&json!(1), &json!("send")));
    assert_eq!(
        (&message["contact"], &message["body"]["messageValue"]),
        (&json!("maria"), &json!("Pedido 1001 pago"))
    );
    assert_eq!(gateway.setting.texts(), [""; 0]);

    asked["confirm"] = shown["confirm"].clone();
    let done = replay(&gateway, &asked).await;
    assert_eq!(done, json!({ "events": 1, "sent": 1, "skipped": 0, "unmapped": 0, "left": [] }));
    gateway.rest(1).await;
    assert_eq!(gateway.setting.texts(), ["Pedido 1001 pago"]);
    // Another time there is nothing that was not sent.
    let again = json!({ "filter": { "source": "loja" } });
    let shown = replay(&gateway, &again).await;
    assert_eq!((&shown["would_send"], &shown["messages"][0]["would"]), (&json!(0), &json!("skip")));
    let forced = json!({ "filter": { "source": "loja" }, "force": true });
    assert_eq!(replay(&gateway, &forced).await["would_send"], 1);
}

#[tokio::test]
async fn what_was_not_shown_is_not_sent() {
    let gateway = mended().await;
    let mut asked = json!({ "filter": { "state": "unmapped" } });
    let shown = replay(&gateway, &asked).await;
    // Another event is parked after it was shown.
    let mut wrong = order("1002", "joao", "Oi");
    wrong.as_object_mut().unwrap().remove("contato");
    at_rest(&gateway, &wrong, 2).await;
    asked["confirm"] = shown["confirm"].clone();
    asked["filter"]["key"] = json!("1002");
    let refused = problem(&gateway.operator("POST /v1/replays", &asked).await, 409);
    assert_eq!(refused["code"], "not-as-shown");
    assert_eq!(gateway.setting.texts(), [""; 0]);
}

#[tokio::test]
async fn an_order_that_says_not_which_is_refused() {
    let gateway = gateway().await;
    for (body, at) in [
        (json!({}), "body"),
        (json!({ "filter": {} }), "filter"),
        (json!({ "filter": { "source": "loja" }, "events": [] }), "body"),
        (json!({ "events": ["1001"] }), "events"),
        (json!({ "filter": { "state": "lost" } }), "filter.state"),
    ] {
        let refused = problem(&gateway.operator("POST /v1/replays", &body).await, 400);
        assert_eq!(refused["errors"][0]["in"], at, "{refused}");
    }
}
