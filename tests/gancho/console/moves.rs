//! What a person decides about a message.

use gancho::delivery::DeliveryState;
use serde_json::{Value, json};

use super::{gateway, held, problem};
use crate::support::*;

async fn moved(gateway: &Gateway, delivery: &Value, verb: &str, body: Value) -> Answer {
    let id = delivery["id"].as_str().unwrap();
    gateway.operator(&format!("POST /v1/deliveries/{id}/{verb}"), &body).await
}

#[tokio::test]
async fn a_released_message_is_sent() {
    let gateway = gateway().await;
    let held = held(&gateway).await;
    let answer = moved(&gateway, &held, "release", Value::Null).await;
    let id = &held["id"];
    assert_eq!(
        serde_json::from_str::<Value>(&answer.body).unwrap(),
        json!({ "id": id, "from": "held", "to": "pending" })
    );
    gateway.rest(1).await;
    assert_eq!(gateway.setting.texts(), ["Pedido 1001 pago", "Pedido 1001 pago"]);
    let refused = problem(&moved(&gateway, &held, "release", Value::Null).await, 409);
    assert_eq!(refused["detail"], "It is `delivered`. Only what is held can be released.");
}

#[tokio::test]
async fn what_a_person_found_out_is_settled_and_nothing_is_sent() {
    for (found_out, state) in
        [("delivered", DeliveryState::Delivered), ("not_sent", DeliveryState::Cancelled)]
    {
        let gateway = gateway().await;
        let held = held(&gateway).await;
        let answer = moved(&gateway, &held, "settle", json!({ "as": found_out })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        gateway.rest(1).await;
        assert_eq!(gateway.app.store.counts().await.unwrap().deliveries(state), 1);
        assert_eq!(gateway.setting.texts().len(), 1);
        problem(&moved(&gateway, &held, "settle", json!({ "as": found_out })).await, 409);
    }
}

#[tokio::test]
async fn a_cancelled_message_is_never_sent() {
    let gateway = gateway().await;
    let held = held(&gateway).await;
    assert_eq!(moved(&gateway, &held, "cancel", json!({})).await.status, 200);
    gateway.rest(1).await;
    assert_eq!(gateway.app.store.counts().await.unwrap().deliveries(DeliveryState::Cancelled), 1);
    problem(&moved(&gateway, &held, "cancel", json!({})).await, 409);
    let nobody = json!({ "id": "01940000-0000-7000-8000-000000000000" });
    problem(&moved(&gateway, &nobody, "cancel", json!({})).await, 404);
}
