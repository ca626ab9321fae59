//! What reaches a source besides plain events, from the wire: handshakes and the
//! secrets handed over in them, batches, values used once, and what is refused.

use std::time::Duration;

use gancho::delivery::EventState;
use gancho::event::{RawWebhook, SourceName};
use gancho::store::Look;
use serde_json::{Value, json};

use crate::refusals::check;
use crate::support::*;

fn of_provider(provider: &str, more: &str) -> String {
    mapping(&format!("provider: {provider}\nsecrets: [env:LOJA]\n{more}"))
        .replace("event: { id: $.id, type: $.type }\n", "")
}

fn with_headers(raw: RawWebhook, headers: &[(&str, &str)]) -> RawWebhook {
    let kept = raw.headers.iter().filter(|(have, _)| !headers.iter().any(|(name, _)| name == have));
    RawWebhook { headers: kept.chain(headers.iter().copied()).collect(), ..raw }
}

#[tokio::test]
async fn a_sender_that_asks_first_is_answered_and_mapped_never() {
    let meta = of_provider("whatsapp-cloud", "params: { verify_token: env:HOTTOK }\n");
    let gateway = Gateway::start(&[("zap", &meta), ("loja", &of_provider("woocommerce", ""))]).await;
    let ask = |token: &str| {
        format!("/hooks/zap?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}")
    };
    let answer = gateway.request("GET", &ask(SECRETS[2].1)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    assert_eq!(answer.headers.get("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.headers.get("x-content-type-options"), Some("nosniff"));
    let wrong = gateway.request("GET", &ask("outro")).await;
    check(&wrong, 403, "handshake-token-mismatch");
    assert!(!wrong.body.contains(SECRETS[2].1), "{}", wrong.body);
    let other = gateway.request("PUT", "/hooks/zap").await;
    check(&other, 405, "method-not-allowed");
    assert_eq!(other.headers.get("allow"), Some("GET, POST"));
    check(&gateway.request("GET", "/hooks/zap").await, 405, "method-not-allowed");

    let form = ("content-type", "application/x-www-form-urlencoded");
    let ping = with_headers(draft("loja", "webhook_id=12"), &[form]);
    let answer = gateway.post(ping.clone()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    let forged = RawWebhook { body: "webhook_id=12&status=paid".into(), ..ping };
    check(&gateway.post(forged).await, 401, "signature-missing");

    assert!(gateway.app.store.events_after(0, 9).await.unwrap().is_empty());
    let made = Look::open(&gateway.setting.store_file()).unwrap().handshakes(None).unwrap();
    let made: Vec<_> =
        made.iter().map(|h| (h.source.as_str(), h.name.as_str(), h.verified, h.status)).collect();
    assert_eq!(made, [("loja", "ping", false, 200), ("zap", "subscribe", false, 200)]);
    gateway.app.stop().await;
}

/// An answer that is made with the key goes to the sender alone.
#[tokio::test]
async fn a_keyed_answer_is_for_the_sender_only() {
    let gateway = Gateway::start(&[("aula", &of_provider("zoom", ""))]).await;
    let question = json!({"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}}).to_string();
    let signed = gateway.signed("aula", question.clone());
    let answer = gateway.post(signed).await;
    let keyed = gancho::verify::Encoding::Hex.encode(&{
        use hmac::{KeyInit, Mac};
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(SECRETS[0].1.as_bytes()).unwrap();
        mac.update(b"abc");
        mac.finalize().into_bytes()
    });
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, format!(r#"{{"plainToken":"abc","encryptedToken":"{keyed}"}}"#));
    check(&gateway.post(draft("aula", question)).await, 401, "signature-missing");
    let oracle = json!({"event": "endpoint.url_validation", "payload": {"plainToken": "v0:1772452800:{}"}});
    check(&gateway.tell("aula", &oracle).await, 400, "handshake-unanswerable");
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_handed_over_is_used_at_once_and_after_a_restart() {
    let captured = of_provider("asana", "").replace("secrets: [env:LOJA]", "secrets: [captured]");
    let gateway = Gateway::start(&[("tarefas", &captured)]).await;
    let hook = "b537207f20cbfa02357cf448134da559";
    let batch = json!({"events": [hello("loja", "c1", "Oi!")]}).to_string();
    let signed = |secret: &str| {
        use hmac::{KeyInit, Mac};
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(batch.as_bytes());
        let digits = gancho::verify::Encoding::Hex.encode(&mac.finalize().into_bytes());
        with_headers(draft("tarefas", batch.clone()), &[("x-hook-signature", &digits)])
    };
    check(&gateway.post(signed(hook)).await, 401, "no-secret-in-force");
    let hand_over = |secret: &str| with_headers(draft("tarefas", "{}"), &[("x-hook-secret", secret)]);
    let answer = gateway.post(hand_over(hook)).await;
    assert_eq!((answer.status, answer.headers.get("x-hook-secret")), (200, Some(hook)));
    assert_eq!(gateway.post(signed(hook)).await.status, 202);
    check(&gateway.post(hand_over("another-secret-entirely")).await, 409, "secret-taken");
    check(&gateway.post(signed("another-secret-entirely")).await, 401, "signature-mismatch");
    assert_eq!(gateway.post(hand_over(hook)).await.status, 200, "the sender's repeat");

    // A reload reads the file again, and the file does not know it.
    let files = gancho::app::Files {
        folder: gateway.setting.load_config().mappings,
        catalogue: gateway.setting.load().catalogue,
        connections: Default::default(),
        secrets: secrets(),
        public_url: None,
        fetched: Default::default(),
    };
    files.reload(&gateway.app.sources);
    assert_eq!(gateway.post(signed(hook)).await.status, 202, "after a reload");

    let Gateway { app, setting, .. } = gateway;
    app.stop().await;
    let app = gancho::app::App::start(setting.load(), setting.time.clock()).await.unwrap();
    let source = app.sources.get("tarefas").unwrap();
    assert!(source.verifier.verify(signed(hook), NOW).is_ok(), "after a restart");
    app.stop().await;
}

#[tokio::test]
async fn a_batch_is_as_many_events_as_it_holds() {
    let each = HMAC.to_owned() + "event: { each: \"$.itens[*]\", id: $.id }\n";
    let text = mapping(&each).replace("event: { id: $.id, type: $.type }\n", "");
    let gateway = Gateway::start(&[("loja", &text)]).await;
    let item = |id: &str, text: &str| {
        let mut item = hello("loja", "c1", text);
        item["id"] = json!(id);
        item
    };
    let answer = gateway
        .tell("loja", &json!({"itens": [item("a", "um"), item("b", "dois"), item("c", "três")]}))
        .await;
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, said["events"].as_array().unwrap().len()), (202, 3));
    wait_until("the messages", || gateway.setting.texts().len() == 3).await;
    assert_eq!(gateway.setting.texts(), ["um", "dois", "três"]);

    let again = gateway.tell("loja", &json!({"itens": [item("b", "dois"), item("d", "quatro")]})).await;
    assert_eq!(again.status, 202);
    wait_until("the new one", || gateway.setting.texts().len() == 4).await;
    let empty = gateway.tell("loja", &json!({"itens": []})).await;
    assert_eq!((empty.status, empty.body.as_str()), (202, r#"{"events":[]}"#));

    let many: Vec<Value> = (0..1_001).map(|n| item(&n.to_string(), "x")).collect();
    for odd in [json!({"itens": many}), item("e", "fora da lista")] {
        assert_eq!(gateway.tell("loja", &odd).await.status, 202);
    }
    let parked = wait_for("both to be parked", async || {
        let mut events = gateway.app.store.events_after(0, 99).await.unwrap();
        events.retain(|event| event.state == EventState::Unmapped);
        (events.len() == 2).then_some(events)
    })
    .await;
    for event in &parked {
        assert_eq!(event.problems.as_ref().unwrap()[0]["code"], "not-a-batch", "{event:?}");
    }
    assert_eq!(gateway.setting.texts().len(), 4);
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_value_used_once_is_taken_once() {
    let once = "verify: { scheme: hmac, signature: { from: 'header:X-Sig', encoding: hex }, timestamp: { from: $.hora },
  signed: '{json:$.hora}{json:$.vez}', nonce: $.vez }
secrets: [env:LOJA]
";
    let text = mapping(once).replace("event: { id: $.id, type: $.type }\n", "");
    let gateway = Gateway::start(&[("loja", &text)]).await;
    let event = |text: &str| {
        let mut event = hello("loja", "c1", text);
        event["vez"] = json!("n-1");
        event["hora"] = json!(NOW.as_millis() / 1000);
        event
    };
    assert_eq!(gateway.tell("loja", &event("Oi!")).await.status, 202);
    assert_eq!(gateway.tell("loja", &event("Oi!")).await.status, 202, "its answer was lost");
    // What is not signed was changed, and the signature still holds.
    check(&gateway.tell("loja", &event("Pague aqui")).await, 401, "nonce-reused");
    wait_until("the message", || !gateway.setting.texts().is_empty()).await;
    assert_eq!(gateway.app.store.events_after(0, 9).await.unwrap().len(), 2);
    gateway.app.stop().await;
    assert_eq!(gateway.setting.texts(), ["Oi!"]);
}

#[tokio::test]
async fn who_is_not_believed_cannot_use_up_what_the_sender_needs() {
    let gateway = Gateway::start_with(&[("loja", &mapping(HMAC))], |setup| {
        setup.config.limits.unverified_per_minute = 5;
    })
    .await;
    let forged = || {
        with_headers(draft("loja", "{\"segredo\":1}"), &[("x-sig", "00ff"), ("authorization", "Bearer tok")])
    };
    for _ in 0..5 {
        check(&gateway.post(forged()).await, 401, "signature-mismatch");
    }
    for _ in 0..3 {
        let turned_away = gateway.post(forged()).await;
        check(&turned_away, 429, "too-many-unverified");
        assert_eq!(turned_away.headers.get("retry-after"), Some("12"));
        assert_eq!(gateway.tell("loja", &hello("loja", "c1", "Oi!")).await.status, 202);
    }
    gateway.setting.time.pass(Duration::from_secs(12));
    check(&gateway.post(forged()).await, 401, "signature-mismatch");

    let loja: SourceName = "loja".parse().unwrap();
    let kept = Look::open(&gateway.setting.store_file()).unwrap().refused(Some(&loja)).unwrap();
    assert_eq!(kept.len(), 6, "those that were turned away left nothing");
    let (_, last) = &kept[0];
    assert_eq!(
        (last.code.as_str(), last.body.as_deref()),
        ("signature-mismatch", Some(&b"{\"segredo\":1}"[..]))
    );
    assert_eq!(last.headers.get("authorization"), Some("[secret]"));
    assert_eq!(last.headers.get("x-sig"), Some("00ff"));
    gateway.app.stop().await;
}

#[tokio::test]
async fn the_token_of_a_refused_request_is_not_kept() {
    let token = "verify: { scheme: static, from: 'header:X-Token' }\nsecrets: [env:HOTTOK]\n";
    let gateway = Gateway::start(&[("loja", &mapping(token))]).await;
    let almost = with_headers(draft("loja", "{}"), &[("x-token", "quase-o-token")]);
    check(&gateway.post(almost).await, 401, "token-mismatch");
    let kept = Look::open(&gateway.setting.store_file()).unwrap().refused(None).unwrap();
    assert_eq!(kept[0].1.headers.get("x-token"), Some("[secret]"));
    gateway.app.stop().await;

    let inside = "verify: { scheme: static, from: $.token }\nsecrets: [env:HOTTOK]\n";
    let gateway = Gateway::start(&[("loja", &mapping(inside))]).await;
    let wrong = draft("loja", json!({"token": "quase-o-token", "id": 1}).to_string());
    check(&gateway.post(wrong).await, 401, "token-mismatch");
    // The source's own secret, put where it does not belong.
    let misplaced = draft("loja", json!({"tokn": SECRETS[2].1}).to_string());
    check(&gateway.post(misplaced).await, 401, "token-missing");
    let kept = Look::open(&gateway.setting.store_file()).unwrap().refused(None).unwrap();
    let bodies: Vec<&[u8]> = kept.iter().map(|(_, request)| request.body.as_deref().unwrap()).collect();
    assert_eq!(bodies, [br#"{"tokn":"[secret]"}"#.as_slice(), br#"{"token":"[secret]","id":1}"#]);
    gateway.app.stop().await;
}
