//! Keys that are fetched, from a server of this test: that they are fetched when
//! they are needed and seldom besides, that a sender is asked to come again
//! while they cannot be had, and that nobody can make the gateway fetch what it
//! should not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gancho::verify::Draft;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::refusals::check;
use crate::support::*;

/// Answers every request alike, and counts them.
struct Server {
    port: u16,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<String>>,
    open: watch::Sender<bool>,
}

impl Server {
    async fn start(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(answer)));
        let (open, gate) = watch::channel(true);
        let (count, text) = (asked.clone(), answer.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (count, text, mut gate) = (count.clone(), text.clone(), gate.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await.unwrap());
                    }
                    count.fetch_add(1, Ordering::SeqCst);
                    gate.wait_for(|open| *open).await.unwrap();
                    let answer = text.lock().unwrap().clone();
                    // A client that has enough hangs up.
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { port, asked, answer, open }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer(&self, answer: String) {
        *self.answer.lock().unwrap() = answer;
    }

    /// A gateway with one source, whose keys are here.
    async fn gateway(&self) -> Gateway {
        let head = format!(
            "verify: {{ scheme: jwt, from: 'header:Authorization', prefix: 'Bearer ', algorithms: [ES256],
  jwks: 'http://127.0.0.1:{}/certs' }}\n",
            self.port
        );
        Gateway::start(&[("loja", &mapping(&head))]).await
    }
}

fn ok(cache: &str, document: &str) -> String {
    let length = document.len();
    format!(
        "HTTP/1.1 200 OK\r\ncache-control: {cache}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{document}"
    )
}

fn down() -> String {
    "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
}

/// A sender with a key of this name.
struct Sender(EcdsaKeyPair, &'static str);

impl Sender {
    fn new(kid: &'static str) -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), kid)
    }

    fn set(&self, cache: &str) -> String {
        let point = self.0.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({ "kty": "EC", "crv": "P-256", "kid": self.1, "x": part(&point[1..33]), "y": part(&point[33..]) });
        ok(cache, &json!({ "keys": [key] }).to_string())
    }

    /// An event with a token that counts for ten days.
    fn event(&self) -> Draft {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({ "exp": NOW.as_millis() / 1000 + 864_000 });
        let message = format!("{}.{}", part(&json!({ "alg": "ES256", "kid": self.1 })), part(&claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let token = format!("Bearer {message}.{}", URL_SAFE_NO_PAD.encode(signature));
        let mut draft = draft("loja", hello("loja", "c1", "Oi!").to_string());
        draft.headers.push("authorization", token);
        draft
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_and_an_unknown_one_at_most_once_a_minute() {
    let (first, second, nobody) = (Sender::new("1"), Sender::new("2"), Sender::new("3"));
    let server = Server::start(first.set("max-age=3600")).await;
    let gateway = server.gateway().await;
    assert_eq!(gateway.post(first.event()).await.status, 202);
    assert_eq!(server.asked(), 1);

    server.answer(second.set("max-age=3600"));
    check(&gateway.post(second.event()).await, 401, "key-unknown");
    assert_eq!(server.asked(), 1, "the minute is not over");
    gateway.setting.time.pass(Duration::from_secs(60));
    assert_eq!(gateway.post(second.event()).await.status, 202);
    for _ in 0..5 {
        check(&gateway.post(nobody.event()).await, 401, "key-unknown");
        check(&gateway.post(first.event()).await, 401, "key-unknown");
    }
    assert_eq!(server.asked(), 2);
    gateway.app.stop().await;
}

#[tokio::test]
async fn who_needs_the_same_keys_waits_for_one_fetch() {
    let sender = Sender::new("1");
    let server = Server::start(sender.set("max-age=3600")).await;
    server.open.send(false).unwrap();
    let gateway = server.gateway().await;
    let open = async {
        wait_until("the keys to be asked for", || server.asked() > 0).await;
        server.open.send(true).unwrap();
    };
    let post = || gateway.post(sender.event());
    let (a, b, c, d, ()) = tokio::join!(post(), post(), post(), post(), open);
    assert_eq!([a.status, b.status, c.status, d.status], [202; 4]);
    assert_eq!(server.asked(), 1);
    gateway.app.stop().await;
}

#[tokio::test]
async fn while_keys_cannot_be_had_a_sender_is_asked_to_come_again() {
    let (first, second) = (Sender::new("1"), Sender::new("2"));
    let server = Server::start(down()).await;
    let gateway = server.gateway().await;
    for _ in 0..3 {
        let answer = gateway.post(first.event()).await;
        check(&answer, 503, "keys-unavailable");
        assert_eq!(answer.headers.get("retry-after"), Some("5"));
    }
    assert_eq!(server.asked(), 1, "a fetch that failed is not repeated at once");
    assert!(gateway.app.store.events_after(0, 1).await.unwrap().is_empty());

    server.answer(first.set("max-age=3600"));
    gateway.setting.time.pass(Duration::from_secs(10));
    assert_eq!(gateway.post(first.event()).await.status, 202);
    // Old keys stay when newer ones do not come, and a new key may be genuine.
    server.answer(down());
    gateway.setting.time.pass(Duration::from_secs(3600));
    assert_eq!(gateway.post(first.event()).await.status, 202);
    check(&gateway.post(second.event()).await, 503, "keys-unavailable");
    assert_eq!(server.asked(), 3);
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_key_that_was_withdrawn_counts_until_the_set_is_old() {
    let (first, second) = (Sender::new("1"), Sender::new("2"));
    let server = Server::start(first.set("public, max-age=400")).await;
    let gateway = server.gateway().await;
    assert_eq!(gateway.post(first.event()).await.status, 202);
    server.answer(second.set("public, max-age=400"));
    gateway.setting.time.pass(Duration::from_secs(399));
    assert_eq!(gateway.post(first.event()).await.status, 202);
    gateway.setting.time.pass(Duration::from_secs(1));
    check(&gateway.post(first.event()).await, 401, "key-unknown");
    assert_eq!(gateway.post(second.event()).await.status, 202);
    assert_eq!(server.asked(), 2);
    gateway.app.stop().await;
}

#[tokio::test]
async fn what_is_no_key_set_is_not_taken_for_one() {
    let (sender, elsewhere) = (Sender::new("1"), Sender::new("1"));
    let other = Server::start(elsewhere.set("max-age=3600")).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{}/certs\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        other.port
    );
    let large = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }], "more": "x".repeat(300_000) });
    for answer in [redirect, ok("", &large.to_string()), ok("", "<html>"), ok("", "{}"), String::new()] {
        let server = Server::start(answer.clone()).await;
        let gateway = server.gateway().await;
        for sender in [&sender, &elsewhere] {
            check(&gateway.post(sender.event()).await, 503, "keys-unavailable");
        }
        // One that hangs up without a word may be asked a second time by the client.
        assert!(server.asked() >= 1 && (server.asked() == 1 || answer.is_empty()));
        gateway.app.stop().await;
    }
    assert_eq!(other.asked(), 0, "a redirect was followed");
}

/// Self-signed by `openssl req -x509`, and what its key signed: `oi`, with SHA-256.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIDDzCCAfegAwIBAgIUUMCJuORrPIMjLcS1pLPVnN5Dq4IwDQYJKoZIhvcNAQEL
BQAwFjEUMBIGA1UEAwwLZ2FuY2hvIHRlc3QwIBcNMjYxMTI0MTI1MDIzWhgPMjEy
NjEwMzExMjUwMjNaMBYxFDASBgNVBAMMC2dhbmNobyB0ZXN0MIIBIjANBgkqhkiG
9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwkKLduObzaaMASucDqc2XTc2nMgcs3EgJ5MT
+2G/Z5LEbEdS2r+4y1cniaJ+i6nQgxhumchL6IOqfLhSJA+vLNJkUYRVyMl1OWIR
pPSggG0PejLaUvsQ+f+RLUjSjaKhzclBu2/ZB6Cl/M8F2CtB85tnrOHqKwxtpWUD
TiGEaDZZO5CEpbaOp4T+5kyZpGuAEYm7+8IQadTsybxu5NtLm39nG+GsZsh0IKWr
WNGguUnCeW7oU4Ovma/tA2iuUjmgq96HH24cTrRDv+7BGPszRFnfO8MqmUl86zF+
k1rEaAX94pe/BSz8th5i+hQXn/OBENW9a+90LE2E+hlTTm6mZwIDAQABo1MwUTAd
BgNVHQ4EFgQUbvdcsUzU+h1LV3deJ6Pxd15XgGowHwYDVR0jBBgwFoAUbvdcsUzU
+h1LV3deJ6Pxd15XgGowDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC
AQEAQpc6C5uaNcoEcwO6S/Anxozl0MM5yOXgUiRPJtA79HnXZi9yCXpGIbask3//
vTCnjVl9vrWGKdbl8mgIqk9JC2G5XL64IDp47GZ3KEJcmdMcMShhdf3N/4zviKB5
jraryNEdRnTL0HQlZS36XEZpvGuZxhzAFfiQ/jyONG5M7qL2GsTmmHUu8GRFo66G
Neb0gtHLFtBzCkPwU+IDqBAhEyajpLxt12rp8Gu7z2paN733hYmN1I12XZ8C+joQ
zoYhsshxtGN8moVZOzxcuOUrCCsx5i26DxVp8Kj6ARUdTvLJ88walHJIp4FeKHev
EdfalTCTcnJd+EQ41nSAH0+PIA==
-----END CERTIFICATE-----
";
const SIGNATURE: &str = "fVkw2XEEUFzt42FrlM5nDNAmceViNGdz0VI5EJ/3mxbgrDDbaXPAF5DaHFne+0vIRO9MadS2JxGB7h3Y2t/0XWkJF1bYwycUsXREL70MTHTIYB8MmWdEMM8UlnhtTyh8nZ/222NSRm9eEtsEJHh9eQgeiU1L7ELzZx4wW7O3JIbBU3G99pdxbkVDceWwPmHHwfWLoV4ABbQmQe266bnUR2Fe6HYp2XZ5JOfWTmTJrLpW1jWG0Uc1gZCadVP1Wj3Ji4k6Pvtm/HuMpDmAFMXA2IiOPEjdnngzMpz7Hv+wmzDyCqMSwLKluzfPR5GAMy/o6CeCvOuJmSgpTMkbe4gtiA==";

#[tokio::test]
async fn a_certificate_is_fetched_from_where_the_scheme_says_and_nowhere_else() {
    let server = Server::start(ok("", CERTIFICATE)).await;
    let elsewhere = Server::start(ok("", CERTIFICATE)).await;
    let head = format!(
        "verify:
  scheme: rsa
  signature: {{ from: $.assinatura, encoding: base64 }}
  public_key: {{ certificate_from: $.certificado, hosts: ['127.0.0.1:{}', 'certs.*.example.com'], path_ends: .pem }}
  signed: '{{json:$.texto}}'\n",
        server.port
    );
    let gateway = Gateway::start(&[("loja", &mapping(&head))]).await;
    let post = async |address: &str, text: &str| {
        let mut event = hello("loja", "c1", text);
        (event["certificado"], event["assinatura"]) = (json!(address), json!(SIGNATURE));
        gateway.post(draft("loja", event.to_string())).await
    };
    let (here, there) =
        (format!("http://127.0.0.1:{}", server.port), format!("http://127.0.0.1:{}", elsewhere.port));
    for address in [
        format!("{there}/x.pem"),
        format!("http://user@127.0.0.1:{}/x.pem", server.port),
        format!("{here}/x.pem?a"),
        format!("{here}/x.txt"),
        format!("http://127.0.0.1:{}@127.0.0.1:{}/x.pem", server.port, elsewhere.port),
        "https://certs.us-1.example.com.evil.com/x.pem".to_owned(),
        "http://certs.us-1.example.com/x.pem".to_owned(),
    ] {
        check(&post(&address, "oi").await, 401, "certificate-address");
    }
    assert_eq!((server.asked(), elsewhere.asked()), (0, 0));

    let right = format!("{here}/x.pem");
    assert_eq!(post(&right, "oi").await.status, 202);
    assert_eq!(post(&right, "oi").await.status, 202);
    check(&post(&right, "oi!").await, 401, "signature-mismatch");
    assert_eq!(server.asked(), 1);
    // Many addresses of the right host cost three fetches a minute together, and
    // the one that is known goes on.
    server.answer(down());
    for n in 0..6 {
        check(&post(&format!("{here}/{n}.pem"), "oi").await, 503, "keys-unavailable");
    }
    assert_eq!(server.asked(), 3);
    assert_eq!(post(&right, "oi").await.status, 202);
    server.answer(ok("", CERTIFICATE));
    gateway.setting.time.pass(Duration::from_secs(60));
    assert_eq!(post(&format!("{here}/new.pem"), "oi").await.status, 202);
    gateway.app.stop().await;
}

#[tokio::test]
async fn the_oldest_certificate_makes_room() {
    let server = Server::start(ok("", CERTIFICATE)).await;
    let head = format!(
        "verify: {{ scheme: rsa, signature: {{ from: 'header:S', encoding: base64 }}, signed: '{{header:T}}',
  public_key: {{ certificate_from: 'header:C', hosts: '127.0.0.1:{}' }} }}\n",
        server.port
    );
    let gateway = Gateway::start(&[("loja", &mapping(&head))]).await;
    let post = async |n: usize| {
        let mut raw = draft("loja", hello("loja", "c1", "Oi!").to_string());
        let address = format!("http://127.0.0.1:{}/{n}", server.port);
        for (name, value) in [("c", address.as_str()), ("s", SIGNATURE), ("t", "oi")] {
            raw.headers.push(name, value);
        }
        gateway.setting.time.pass(Duration::from_secs(60));
        gateway.post(raw).await.status
    };
    for n in 0..33 {
        assert_eq!(post(n).await, 202);
    }
    assert_eq!(server.asked(), 33);
    assert_eq!((post(1).await, server.asked()), (202, 33), "it was remembered");
    assert_eq!((post(0).await, server.asked()), (202, 34), "it was forgotten");
    gateway.app.stop().await;
}
