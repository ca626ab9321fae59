//! The operator is told once of what needs a person, at an address that may fail:
//! through restarts, again only after it ended, and never with a word about whom it
//! is about.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use gancho::alert::{Alerts, Receiver};
use gancho::delivery::Turned;
use gancho::event::Secret;
use gancho::observe::Closed;
use gancho::store::Paused;
use serde_json::Value;

use crate::support::*;

/// Stands in for whatever the operator has.
#[derive(Clone)]
struct Inbox {
    url: String,
    got: Arc<Mutex<Vec<Value>>>,
    status: Arc<AtomicU16>,
}

impl Inbox {
    fn open() -> Self {
        let got: Arc<Mutex<Vec<Value>>> = Arc::default();
        let status = Arc::new(AtomicU16::new(204));
        let (kept, answers) = (got.clone(), status.clone());
        let server = HttpServer::new(move || {
            let (kept, answers) = (kept.clone(), answers.clone());
            let take = move |body: web::Json<Value>| {
                kept.lock().unwrap().push(body.into_inner());
                let status = answers.load(Ordering::SeqCst).try_into().unwrap();
                async move { HttpResponse::build(status).insert_header(("location", "/elsewhere")).finish() }
            };
            App::new().default_service(web::to(take))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?token=segredo-do-alerta-77aa", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, got, status }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What came since somebody asked last: the condition, and of what.
    fn news(&self) -> Vec<String> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        got.iter().map(line).collect()
    }
}

fn line(alert: &Value) -> String {
    let of = alert["connection"].as_str().or(alert["source"].as_str()).unwrap_or("-");
    format!("{} {of} {}", alert["condition"].as_str().unwrap(), alert["count"])
}

/// As after a start.
fn alerts(bench: &Bench, inbox: &Inbox) -> Alerts {
    let receiver = Receiver::new(&Secret::new(inbox.url.as_str())).unwrap();
    let (store, observer) = (bench.store.clone(), bench.observer.clone());
    Alerts::new(store, observer, receiver, "https://hooks.example.com".to_owned(), bench.setting.time.clock())
}

#[tokio::test]
async fn a_paused_connection_is_told_once_and_again_when_it_stops_again() {
    let (bench, inbox) = (Bench::new().await, Inbox::open());
    let mut looking = alerts(&bench, &inbox);
    looking.step().await;
    assert_eq!(inbox.news(), [""; 0]);

    bench.setting.trouble("status=401");
    bench.receive(hello("loja", "5527991234567", "Oi, Zuleide!")).await;
    bench.step().await;
    looking.step().await;
    let told = inbox.got.lock().unwrap()[0].clone();
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("401") && text.ends_with("gancho resume --connection loja"), "{text}");
    assert_eq!(
        (&told["since"], &told["gateway"]),
        (&NOW.to_string().into(), &"https://hooks.example.com".into())
    );
    assert_eq!(inbox.news(), ["connection-paused loja 1"]);
    looking.step().await;
    alerts(&bench, &inbox).step().await;
    assert_eq!(inbox.news(), [""; 0], "neither again nor after a restart");

    bench.store.resume(Paused::Connection("loja".to_owned())).await.unwrap();
    looking.step().await;
    bench.step().await;
    looking.step().await;
    assert_eq!(inbox.news(), ["connection-paused loja 1"], "it ended, and began again");

    bench.store.pause(Paused::Connection("vendas".to_owned()), "by hand", true, NOW).await.unwrap();
    looking.step().await;
    assert_eq!(inbox.news(), [""; 0], "who did it knows");
}

#[tokio::test]
async fn what_waits_for_a_person_is_told_without_who_it_is_about() {
    let (bench, inbox) = (Bench::new().await, Inbox::open());
    bench.setting.trouble("reset=true");
    bench.receive("{\"via\": \"loja\"}").await;
    bench.receive("{\"via\": \"loja\"}").await;
    bench.receive(hello("vendas", "5527991234567", "Oi, Zuleide!")).await;
    bench.step().await;
    let mut looking = alerts(&bench, &inbox);
    looking.step().await;
    let all = format!("{:?}", inbox.got.lock().unwrap());
    assert_eq!(inbox.news(), ["deliveries-held vendas 1", "events-parked loja 2"]);
    assert!(!all.contains("5527991234567") && !all.contains("Zuleide"), "{all}");
    bench.receive("{\"via\": \"loja\"}").await;
    bench.step().await;
    looking.step().await;
    assert_eq!(inbox.news(), [""; 0], "one more of the same is not news");
}

#[tokio::test]
async fn a_receiver_that_fails_is_tried_again_and_not_at_once() {
    let (bench, inbox) = (Bench::new().await, Inbox::open());
    bench.receive("{\"via\": \"loja\"}").await;
    bench.step().await;
    let log = Log::start();
    let mut looking = alerts(&bench, &inbox);
    for (status, wait) in [(500, 5), (307, 10), (204, 20)] {
        inbox.answers(status);
        looking.step().await;
        assert_eq!(inbox.news(), ["events-parked loja 1"], "{status}: once, and a redirect is not followed");
        looking.step().await;
        bench.setting.time.pass(Duration::from_secs(wait - 1));
        looking.step().await;
        assert_eq!(inbox.news(), [""; 0], "{status}: not before {wait} s");
        bench.setting.time.pass(Duration::from_secs(1));
    }
    looking.step().await;
    assert_eq!(inbox.news(), [""; 0], "it was told");
    let text = log.text();
    assert!(text.contains("the receiver answered 500") && !text.contains("segredo-do-alerta"), "{text}");
}

/// What was not told before a crash is told after it, with its own time.
#[tokio::test]
async fn what_could_not_be_told_is_told_after_a_restart() {
    let (bench, inbox) = (Bench::new().await, Inbox::open());
    bench.receive("{\"via\": \"loja\"}").await;
    bench.step().await;
    inbox.answers(500);
    alerts(&bench, &inbox).step().await;
    inbox.news();
    inbox.answers(204);
    bench.setting.time.pass(Duration::from_secs(60));
    alerts(&bench, &inbox).step().await;
    assert_eq!(inbox.got.lock().unwrap()[0]["since"], NOW.to_string());
    assert_eq!(inbox.news(), ["events-parked loja 1"]);
}

#[tokio::test]
async fn the_gateway_itself_is_a_condition() {
    let (bench, inbox) = (Bench::new().await, Inbox::open());
    let mut looking = alerts(&bench, &inbox);
    let (observer, time) = (bench.observer.clone(), bench.setting.time.clone());
    observer.turned(time.now(), "loja", Turned::Opened { until: time.now() });
    time.pass(Duration::from_secs(299));
    looking.step().await;
    assert_eq!(inbox.news(), [""; 0], "it may be over in a moment");
    time.pass(Duration::from_secs(1));
    observer.turned(time.now(), "loja", Turned::Opened { until: time.now() });
    observer.intake(time.now(), Some(Closed::StoreFull));
    looking.step().await;
    assert_eq!(inbox.news(), ["breaker-open loja 1", "store-full - 1"]);
    observer.turned(time.now(), "loja", Turned::Closed);
    observer.intake(time.now(), None);
    looking.step().await;
    assert!(bench.store.alerts().await.unwrap().is_empty());

    bench.store.clone().close().await;
    looking.step().await;
    looking.step().await;
    assert_eq!(inbox.news(), ["store-failing - 1"], "it cannot be kept, and is not repeated");
}

#[test]
fn an_address_that_is_none_is_said_and_not_shown() {
    for bad in ["alerts.example.com/segredo", "ftp://segredo", "https://", "segredo"] {
        let why = Receiver::new(&Secret::new(bad)).err().unwrap().to_string();
        assert!(!why.contains("segredo"), "{why}");
    }
}
