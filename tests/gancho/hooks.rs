//! What a sender that is believed sees: the acknowledgement its provider wants,
//! given once the event is on disk, for every way of proving who it is; and
//! what is kept of its request, which is everything but the proof.

use gancho::delivery::DeliveryState;
use gancho::event::EventId;
use gancho::verify::{Draft, Setting};
use serde_json::{Value, json};

use crate::support::*;

/// Sources that are told apart by how their sender is verified.
pub const SCHEMES: [(&str, &str); 7] = [
    ("hmac", HMAC),
    (
        "list",
        "verify:
  scheme: hmac
  signature: { from: 'header:X-Sig', encoding: hex, split: { item: ',', pair: '=', take: v1 } }
  timestamp: { from: 'sig:t', unit: s, tolerance_secs: 300 }
  signed: '{ts}.{body}'
secrets: [env:LOJA]
",
    ),
    ("header", "verify: { scheme: static, from: 'header:X-Token' }\nsecrets: [env:HOTTOK]\n"),
    ("query", "verify: { scheme: static, from: 'query:token' }\nsecrets: [env:HOTTOK]\n"),
    ("body", "verify: { scheme: static, from: $.token }\nsecrets: [env:HOTTOK]\n"),
    ("basic", "verify: { scheme: basic }\nsecrets: [env:LOGIN]\n"),
    ("address", "verify: { scheme: none }\nsecrets: [env:ENDERECO]\n"),
];

pub fn texts_of(heads: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    heads.iter().map(|(source, head)| (*source, mapping(head))).collect()
}

/// A gateway whose sources are these, each with the mapping of `support`.
pub async fn gateway_of(heads: &[(&'static str, &str)]) -> Gateway {
    let texts = texts_of(heads);
    let mappings: Vec<(&str, &str)> = texts.iter().map(|(source, text)| (*source, text.as_str())).collect();
    Gateway::start(&mappings).await
}

/// A good event of `source`, with the token in its body where the proof is.
pub fn event_of(source: &str) -> Value {
    let mut event = hello("loja", "c1", "Oi!");
    if source == "body" {
        event["token"] = json!(SECRETS[2].1);
    }
    event
}

/// Signed as its sender does; a proof in the body is there already.
pub fn proven(gateway: &Gateway, source: &str) -> Draft {
    let event = event_of(source).to_string();
    if source == "body" { draft(source, event) } else { gateway.signed(source, event) }
}

/// The event that an answer names.
#[track_caller]
fn event_in(answer: &Answer) -> EventId {
    assert_eq!(answer.headers.get("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["event"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_scheme_lets_its_sender_in() {
    let gateway = gateway_of(&SCHEMES).await;
    for (source, _) in SCHEMES {
        let answer = gateway.post(proven(&gateway, source)).await;
        assert_eq!(answer.status, 202, "{source}: {}", answer.body);
        let event = gateway.app.store.event(event_in(&answer)).await.unwrap().unwrap().event;
        assert_eq!(event.source.as_str(), source);
    }
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_webhook_becomes_a_message() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    gateway.tell("hmac", &hello("loja", "c1", "Oi, Maria!")).await;
    let view = gateway.first_event_at_rest().await;
    assert_eq!(view.deliveries[0].state, DeliveryState::Delivered);
    assert_eq!(gateway.setting.texts(), ["Oi, Maria!"]);
    gateway.app.stop().await;
}

#[tokio::test]
async fn the_answer_is_the_one_that_the_provider_wants() {
    let as_written = |acknowledge: &str| format!("{HMAC}{acknowledge}");
    let cases = [
        ("said-nothing", HMAC.to_owned(), 202, false),
        ("said-empty", as_written("acknowledge: { status: 204, body: empty }\n"), 204, true),
        ("said-200", as_written("acknowledge: { status: 200 }\n"), 200, false),
        ("preset-empty", "provider: ifood\nsecrets: [env:LOJA]\n".to_owned(), 202, true),
        ("preset-200", "provider: shopify\nsecrets: [env:LOJA]\n".to_owned(), 200, false),
    ];
    let heads: Vec<(&str, &str)> = cases.iter().map(|(source, head, ..)| (*source, head.as_str())).collect();
    let gateway = gateway_of(&heads).await;
    for (source, _, status, empty) in &cases {
        let answer = gateway.tell(source, &hello("loja", "c1", "Oi!")).await;
        assert_eq!((answer.status, answer.body.is_empty()), (*status, *empty), "{source}: {}", answer.body);
        if !empty {
            event_in(&answer);
        }
    }
    gateway.app.stop().await;
}

/// Read by a connection of the test's own, at once after the answer.
#[tokio::test]
async fn a_2xx_means_on_disk() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    for n in 0..20 {
        let body = json!({ "id": format!("e{n}"), "via": "ninguem" }).to_string();
        let id = event_in(&gateway.post(gateway.signed("hmac", body.clone())).await);
        let row: (String, Vec<u8>) = gateway
            .setting
            .look()
            .query_row("SELECT key, body FROM events WHERE id = ?1", [id.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, (format!("e{n}"), body.into_bytes()));
    }
    gateway.app.stop().await;
}

/// Parsing and writing it again would change every one of these.
#[tokio::test]
async fn the_bytes_as_sent_are_verified_and_kept() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    for body in [
        "{\"via\" :  \"ninguem\",\r\n\t\"texto\":\"ol\\u00e1 \\/ \\ud83d\\ude00\" }\n\n".as_bytes(),
        b"{\"b\":1.10,\"a\":1e3,\"a\":2,\"via\":\"ninguem\"}",
        b"\xEF\xBB\xBF{\"via\":\"ninguem\"}",
        "{\"via\":\"ninguém\"}".as_bytes(),
        b"not JSON \x00\xFF at all",
    ] {
        let answer = gateway.post(gateway.signed("hmac", body)).await;
        assert_eq!(answer.status, 202, "{}: {}", body.escape_ascii(), answer.body);
        let id = event_in(&answer);
        let sql = "SELECT body FROM events WHERE id = ?1";
        let kept: Vec<u8> = gateway.setting.look().query_row(sql, [id.as_bytes()], |row| row.get(0)).unwrap();
        assert_eq!(kept, body, "{}", body.escape_ascii());
    }
    gateway.app.stop().await;
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_are_believed() {
    let rotating = HMAC.replace("[env:LOJA]", "[env:LOJA, env:ANTIGO]");
    let gateway = gateway_of(&[("hmac", &rotating)]).await;
    let scheme = gateway.app.sources.get("hmac").unwrap().mapping.verify.clone();
    for (name, status) in [("LOJA", 202), ("ANTIGO", 202), ("HOTTOK", 401)] {
        let draft = draft("hmac", event_of("hmac").to_string());
        let answer =
            gateway.post(scheme.sign(&draft, &secret(name), &Setting::default(), NOW).unwrap()).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
    }
    gateway.app.stop().await;
}

/// A token in the body stays, since the body is kept as it came; `verify` says so.
#[tokio::test]
async fn what_is_kept_holds_no_secret() {
    let gateway = gateway_of(&SCHEMES).await;
    for (source, _) in SCHEMES {
        assert_eq!(gateway.post(proven(&gateway, source)).await.status, 202);
    }
    let store = gateway.setting.look();
    let mut rows = store.prepare("SELECT source, method || query || headers FROM events").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let kept: Vec<(String, String)> = rows.map(Result::unwrap).collect();
    assert_eq!(kept.len(), SCHEMES.len());
    for (source, text) in kept {
        assert_holds_no_secret(&text, &source);
    }
    gateway.app.stop().await;
}

/// As written, and as HTTP Basic writes it.
#[track_caller]
pub fn assert_holds_no_secret(text: &str, context: &str) {
    let basic = "dXN1YXJpbzpzZW5oYS01ZTg4NDg5OA";
    for secret in SECRETS.iter().map(|(_, secret)| *secret).chain([basic]) {
        assert!(!text.contains(secret), "{context}: {secret} in {text}");
    }
}
