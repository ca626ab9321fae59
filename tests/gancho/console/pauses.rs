//! Pausing, resuming, and how the status tells it.

use gancho::delivery::{DeliveryState, EventState};
use serde_json::{Value, json};

use super::{gateway, order, problem};
use crate::support::*;

async fn changed(gateway: &Gateway, path: &str, body: Value) -> Value {
    let answer = gateway.operator(&format!("POST {path}"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_paused_connection_sends_again_when_it_is_resumed() {
    let gateway = gateway().await;
    let what = json!({ "connection": "loja" });
    let body = json!({ "connection": "loja", "reason": "Talqui is being mended" });
    let paused = changed(&gateway, "/v1/pause", body).await;
    let expected = json!([{
        "kind": "connection", "name": "loja", "reason": "Talqui is being mended",
        "since": NOW.to_string(), "by_hand": true,
    }]);
    assert_eq!((&paused["changed"], &paused["paused"]), (&json!(true), &expected));
    assert_eq!(changed(&gateway, "/v1/pause", what.clone()).await["changed"], false);

    gateway.tell("loja", &order("1001", "maria", "Oi")).await;
    let waiting = async || {
        let counts = gateway.app.store.counts().await.unwrap();
        (counts.deliveries(DeliveryState::Pending) == 1).then_some(())
    };
    wait_for("the message to wait", waiting).await;
    let status = gateway.ask("/v1/status").await;
    assert_eq!((&status["sending"], &status["paused"]), (&json!(true), &expected));
    assert_eq!(status["deliveries"]["pending"], 1);
    assert_eq!(status["oldest_pending_at"], NOW.to_string());
    let connection = &status["connections"][0];
    assert_eq!((&connection["name"], &connection["pending"]), (&json!("loja"), &json!(1)));
    assert_eq!(gateway.setting.texts(), [""; 0]);

    let resumed = changed(&gateway, "/v1/resume", what).await;
    assert_eq!(resumed, json!({ "changed": true, "paused": [] }));
    gateway.rest(1).await;
    assert_eq!(gateway.setting.texts(), ["Oi"]);
}

#[tokio::test]
async fn everything_and_a_source_can_be_paused() {
    for body in [json!({ "everything": true }), json!({ "source": "loja" })] {
        let gateway = gateway().await;
        changed(&gateway, "/v1/pause", body.clone()).await;
        assert_eq!(gateway.tell("loja", &order("1001", "maria", "Oi")).await.status, 202);
        let status = gateway.ask("/v1/status").await;
        assert_eq!(status["sending"], json!(body["everything"] != json!(true)));
        assert_eq!(
            (&status["events"]["received"], &status["sources"][0]["received"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(status["oldest_received_at"], NOW.to_string());
        assert_eq!(gateway.app.store.counts().await.unwrap().events(EventState::Received), 1);
        changed(&gateway, "/v1/resume", body).await;
        gateway.rest(1).await;
        assert_eq!(gateway.setting.texts(), ["Oi"]);
    }
}

#[tokio::test]
async fn a_name_that_is_not_there_pauses_nothing() {
    let gateway = gateway().await;
    for (body, at, said) in [
        (
            json!({ "connection": "lojja" }),
            "connection",
            "there is no connection `lojja`; did you mean `loja`?",
        ),
        (json!({ "source": "x" }), "source", "there is no source `x`; there are loja"),
        (json!({}), "body", "say one of `connection`, `source` and `everything`"),
        (json!({ "source": "loja", "everything": true }), "body", "say one of"),
    ] {
        let refused = problem(&gateway.operator("POST /v1/pause", &body).await, 400);
        let error = &refused["errors"][0];
        assert_eq!(error["in"], at);
        assert!(error["detail"].as_str().unwrap().contains(said), "{error}");
    }
    assert_eq!(gateway.ask("/v1/status").await["paused"], json!([]));
}
