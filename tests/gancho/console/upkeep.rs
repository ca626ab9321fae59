//! What is old is counted, and forgotten, when an operator says so.

use std::time::Duration;

use serde_json::{Value, json};

use super::{at_rest, gateway, order};
use crate::support::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn prune(gateway: &Gateway, body: &Value) -> Value {
    let answer = gateway.operator("POST /v1/prune", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn what_is_old_is_counted_and_then_forgotten() {
    let gateway = gateway().await;
    at_rest(&gateway, &order("1001", "maria", "Pedido 1001 pago"), 1).await;
    assert_eq!(prune(&gateway, &json!({ "dry_run": true })).await["emptied"], 0);
    gateway.setting.time.pass(60 * DAY);
    let would = prune(&gateway, &json!({ "dry_run": true })).await;
    assert_eq!((&would["emptied"], &would["events"]), (&json!(1), &json!(0)));
    let event = &gateway.ask("/v1/events").await["events"][0];
    let path = format!("/v1/events/{}", event["id"].as_str().unwrap());
    assert!(gateway.ask(&path).await["webhook"]["body"].as_str().unwrap().contains("maria"));

    assert_eq!(prune(&gateway, &Value::Null).await["emptied"], 1);
    let told = gateway.ask(&path).await;
    assert_eq!((&told["webhook"], &told["deliveries"][0]["body"]), (&Value::Null, &json!({})));
    gateway.setting.time.pass(60 * DAY);
    assert_eq!(prune(&gateway, &Value::Null).await["events"], 1);
    assert_eq!(gateway.ask("/v1/events").await["events"], json!([]));
    assert_eq!(prune(&gateway, &json!({ "dry_run": true })).await["events"], 0);
}

#[tokio::test]
async fn a_person_is_counted_and_then_forgotten() {
    let gateway = gateway().await;
    at_rest(&gateway, &order("1001", "5511987654321", "Pedido 1001 pago"), 1).await;
    at_rest(&gateway, &order("1002", "5511911112222", "Pedido 1002 pago"), 2).await;
    let erase = async |body: Value| {
        let answer = gateway.operator("POST /v1/erase", &body).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let (_, would) = erase(json!({ "phone": "+55 (11) 98765-4321", "dry_run": true })).await;
    assert_eq!(
        (&would["events"], &would["deliveries"], &would["swept"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    assert!(gateway.ask("/v1/events").await.to_string().contains("5511987654321"));
    let (_, erased) = erase(json!({ "phone": "+55 (11) 98765-4321" })).await;
    assert_eq!((&erased["events"], &erased["dry_run"]), (&json!(1), &json!(false)));
    let left = gateway.ask("/v1/events").await.to_string();
    assert!(!left.contains("5511987654321") && left.contains("5511911112222"), "{left}");
    let (status, refused) = erase(json!({ "phone": "98765" })).await;
    assert_eq!((status, &refused["errors"][0]["in"]), (400, &json!("phone")));
}
