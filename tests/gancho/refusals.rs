//! What a sender that is not let in sees: one closed list of problems, each an
//! RFC 9457 document with a status and a code that programs can rely on, and
//! none of them telling what would have been right. And what whatever watches
//! the process sees when nothing can be stored.

use std::time::Duration;

use gancho::event::RawWebhook;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::hooks::{SCHEMES, assert_holds_no_secret, event_of, gateway_of, proven};
use crate::support::*;

/// Every answer that is not a 2xx looks like this.
#[track_caller]
pub fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{code}: {}", answer.body);
    assert_eq!(answer.headers.get("content-type"), Some("application/problem+json"), "{code}");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["type", "title", "status", "code", "detail"]);
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["type"], format!("urn:gancho:problem:{code}"));
    assert_eq!(problem["status"], status);
    assert_eq!(problem["title"], reqwest::StatusCode::from_u16(status).unwrap().canonical_reason().unwrap());
    assert!(problem["detail"].as_str().unwrap().ends_with('.'), "{problem}");
    let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    assert_holds_no_secret(&(headers + &answer.body), code);
}

fn without(header: &str, raw: RawWebhook) -> RawWebhook {
    let headers = raw.headers.iter().filter(|(name, _)| *name != header).collect();
    RawWebhook { headers, ..raw }
}

fn with(header: &str, value: &str, raw: RawWebhook) -> RawWebhook {
    let mut raw = without(header, raw);
    raw.headers.push(header, value);
    raw
}

/// Signs what `list` signs, and takes its timestamp for a date.
const DATED: &str = "verify:
  scheme: hmac
  signature: { from: 'header:X-Sig', encoding: hex, split: { item: ',', pair: '=', take: v1 } }
  timestamp: { from: 'sig:t', unit: rfc3339 }
  signed: '{ts}.{body}'
secrets: [env:LOJA]
";

#[tokio::test]
async fn each_reason_not_to_believe_a_sender_has_its_code() {
    let gateway = gateway_of(&[&SCHEMES[..], &[("dated", DATED)]].concat()).await;
    let right = |source| proven(&gateway, source);
    let signed_at = |offset: i64| {
        let at = gancho::event::Timestamp::from_secs(NOW.as_millis() / 1000 + offset);
        sign(&gateway.app.sources, draft("list", event_of("list").to_string()), at)
    };
    let bare = |source| draft(source, event_of(source).to_string());
    let with_query = |query: &str| RawWebhook { query: query.to_owned(), ..bare("query") };
    let with_address =
        |path_secret: &str| RawWebhook { path_secret: Some(path_secret.to_owned()), ..bare("address") };
    let dated = RawWebhook { path: "/hooks/dated".to_owned(), ..signed_at(0) };
    let hmac_of_another = {
        let scheme = gateway.app.sources.get("hmac").unwrap().mapping.verify.clone();
        scheme.sign(&bare("hmac"), &secret("ANTIGO"), &gancho::verify::Setting::default(), NOW).unwrap()
    };
    let cases = [
        (bare("hmac"), "signature-missing"),
        (with("x-sig", "not hex", right("hmac")), "signature-malformed"),
        (with("x-sig", "00ff", right("hmac")), "signature-mismatch"),
        (RawWebhook { body: b"{}".as_slice().into(), ..right("hmac") }, "signature-mismatch"),
        (hmac_of_another, "signature-mismatch"),
        (with("x-sig", "v1=00ff", right("list")), "signed-part-missing"),
        (dated, "timestamp-malformed"),
        (signed_at(-301), "timestamp-too-old"),
        (signed_at(301), "timestamp-in-future"),
        (bare("header"), "token-missing"),
        (with("x-token", "outro", bare("header")), "token-mismatch"),
        (bare("query"), "token-missing"),
        (with_query("token=outro"), "token-mismatch"),
        (draft("body", "{}"), "token-missing"),
        (draft("body", r#"{"token":"outro"}"#), "token-mismatch"),
        (draft("body", "not JSON"), "body-unreadable"),
        (bare("basic"), "credentials-missing"),
        (with("authorization", "Basic eDp5", bare("basic")), "credentials-mismatch"),
        (with_address("another-address-entirely"), "address-mismatch"),
    ];
    for (raw, code) in cases {
        let answer = gateway.post(raw).await;
        check(&answer, 401, code);
        assert!(answer.headers.get("www-authenticate").is_some(), "{code}: HTTP asks for it");
    }
    for at_the_edge in [signed_at(-300), signed_at(300)] {
        assert_eq!(gateway.post(at_the_edge).await.status, 202);
    }
    assert_eq!(gateway.app.store.events_after(0, 9).await.unwrap().len(), 2, "the others left nothing");
    gateway.app.stop().await;
}

#[tokio::test]
async fn an_address_that_is_none_and_a_method_that_is_none() {
    let gateway = gateway_of(&SCHEMES).await;
    let stray = format!("/hooks/hmac/{}", SECRETS[4].1);
    for path in ["/", "/hooks", "/hooks/", "/hooks/ninguem", "/hooks/Hmac", "/hooks/hmac/a/b", "/admin"] {
        check(&gateway.request("POST", path).await, 404, "not-found");
    }
    // Right in all but the address: a segment where none belongs, none where one does.
    for (source, path) in [("hmac", stray.as_str()), ("address", "/hooks/address")] {
        let raw = RawWebhook { path: path.to_owned(), path_secret: None, ..proven(&gateway, source) };
        check(&gateway.post(raw).await, 404, "not-found");
    }
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for path in ["/hooks/hmac", "/hooks/address/0123456789abcdef"] {
            let answer = gateway.request(method, path).await;
            check(&answer, 405, "method-not-allowed");
            assert_eq!(answer.headers.get("allow"), Some("POST"));
        }
    }
    gateway.app.stop().await;
}

/// Rightly signed, so that only the kind of body can be the reason.
#[tokio::test]
async fn a_body_of_a_kind_that_cannot_be_read() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    let right = || proven(&gateway, "hmac");
    for (header, value, code) in [
        ("content-type", "image/png", "content-type-unsupported"),
        ("content-type", "multipart/form-data", "content-type-unsupported"),
        ("content-encoding", "gzip, gzip", "content-encoding-unsupported"),
        ("content-encoding", "br", "content-encoding-unsupported"),
    ] {
        let answer = gateway.post(with(header, value, right())).await;
        check(&answer, 415, code);
        let named = value.split(';').next().unwrap();
        assert!(answer.body.contains(named), "{}", answer.body);
    }
    for (header, value) in [
        ("content-type", "application/cloudevents+json; charset=utf-8"),
        ("content-type", "text/plain"),
        ("content-encoding", "identity"),
    ] {
        assert_eq!(gateway.post(with(header, value, right())).await.status, 202, "{header}: {value}");
    }
    assert_eq!(gateway.post(without("content-type", right())).await.status, 202);
    gateway.app.stop().await;
}

#[tokio::test]
async fn not_stored_means_not_acknowledged() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    gateway.app.store.clone().close().await;
    let answer = gateway.tell("hmac", &hello("loja", "c1", "Oi!")).await;
    check(&answer, 503, "store-failed");
    assert_eq!(answer.headers.get("retry-after"), Some("5"));
    gateway.app.stop().await;
}

/// The store is kept from writing by a lock on its file, and its queue filled.
#[tokio::test]
async fn more_than_can_be_written_is_put_off() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    let lock = rusqlite::Connection::open(gateway.setting.store_file()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..1500 {
        let store = gateway.app.store.clone();
        waiting.spawn(async move { store.ping().await });
        tokio::task::yield_now().await;
    }
    let answer = gateway.tell("hmac", &hello("loja", "c1", "Oi!")).await;
    check(&answer, 503, "busy");
    assert_eq!(answer.headers.get("retry-after"), Some("5"));
    lock.execute_batch("ROLLBACK").unwrap();
    assert!(waiting.join_all().await.iter().all(Result::is_ok), "those that waited are served");
    assert_eq!(gateway.tell("hmac", &json!({ "via": "ninguem" })).await.status, 202);
    gateway.app.stop().await;
}

/// Alive and ready are two things: who is not ready is sent no webhooks, and
/// who is not alive is killed.
#[tokio::test]
async fn health_is_told_on_both_listeners() {
    for writable in [true, false] {
        let gateway = gateway_of(&[("hmac", HMAC)]).await;
        if !writable {
            gateway.app.store.clone().close().await;
        }
        for listener in [gateway.app.public, gateway.app.admin] {
            let [healthy, ready] = ["/healthz", "/readyz"].map(|path| gateway.get(listener, path));
            assert_eq!(healthy.await.status, 200);
            assert_eq!(ready.await.status, if writable { 200 } else { 503 }, "{listener}");
        }
        gateway.app.stop().await;
    }
}

#[tokio::test]
async fn the_admin_listener_takes_no_webhooks() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    let admin = format!("http://{}/hooks/hmac", gateway.app.admin);
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    assert_eq!(client.post(admin).send().await.unwrap().status(), 404);
    gateway.app.stop().await;
}
