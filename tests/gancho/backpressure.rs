//! What is refused so that what is in stays safe: bodies beyond the memory there is
//! for them, anything while the disk is nearly full, anything past the backlog that
//! is allowed. Each ends by itself, and what is in is sent meanwhile.

use std::io::{Read, Write};
use std::net::TcpStream;

use gancho::delivery::DeliveryState;
use gancho::ingest::{Intake, Rejected};
use gancho::store::Paused;

use crate::limits::wire;
use crate::refusals::check;
use crate::support::*;

#[track_caller]
fn check_put_off(answer: &Answer, code: &str) {
    check(answer, 503, code);
    assert!(answer.headers.get("retry-after").is_some());
}

/// One sender is in the middle of its body. However many connections there are,
/// another one finds no room until that body is on disk.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_together_have_so_much_memory() {
    let text = mapping(HMAC);
    let gateway = Gateway::start_with(&[("loja", &text)], |setup| {
        setup.config.limits.body_bytes = 4_096;
        setup.config.limits.memory_bytes = 4_096;
    })
    .await;
    let event = |id: u64| {
        let mut event = hello("loja", "c1", "Oi!");
        (event["id"], event["more"]) = (id.into(), "x".repeat(3_000).into());
        event
    };
    let first = wire(&gateway.signed("loja", event(1).to_string()));
    let (begin, end) = first.split_at(first.len() - 10);
    let mut stream = TcpStream::connect(gateway.app.public).unwrap();
    stream.write_all(begin).unwrap();
    let refused = wait_for("the room to be taken", async || {
        let answer = gateway.tell("loja", &event(2)).await;
        (answer.status != 202).then_some(answer)
    })
    .await;
    check_put_off(&refused, "busy");
    stream.write_all(end).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 202");
    assert_eq!(gateway.tell("loja", &event(3)).await.status, 202, "the room was given back");
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_nothing_in_and_sends_what_is_in() {
    let bench = Bench::new().await;
    let mut limits = bench.setting.load_config().limits;
    limits.min_free_disk_bytes = 1_000;
    let intake = Intake::new(&limits, bench.observer.clone());
    let ingest = bench.ingest.clone().through(intake.clone());
    let headers = Default::default();
    let admitted = || ingest.admit("loja", "POST", false, &headers);
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    let log = Log::start();
    for _ in 0..3 {
        intake.saw(Some(999), None, bench.setting.time.now());
        assert!(matches!(admitted().err(), Some(Rejected::StoreFull)));
    }
    assert_eq!(log.text().matches("the disk is nearly full").count(), 1, "{}", log.text());
    bench.step().await;
    assert_eq!(bench.delivery(event).await.state, DeliveryState::Delivered);
    intake.saw(Some(1_000), None, bench.setting.time.now());
    assert!(admitted().is_ok());
}

#[tokio::test]
async fn senders_and_watchers_are_told_of_a_disk_that_is_nearly_full() {
    let gateway = Gateway::start_with(&[("loja", &mapping(HMAC))], |setup| {
        setup.config.limits.min_free_disk_bytes = u64::MAX;
    })
    .await;
    check_put_off(&gateway.tell("loja", &hello("loja", "c1", "Oi!")).await, "store-full");
    for listener in [gateway.app.public, gateway.app.admin] {
        let ready = gateway.get(listener, "/readyz").await;
        assert_eq!((ready.status, ready.body.contains("store-full")), (503, true), "{}", ready.body);
        assert_eq!(gateway.get(listener, "/healthz").await.status, 200);
    }
    let metrics = gateway.get(gateway.app.admin, "/metrics").await.body;
    assert!(metrics.contains("gancho_intake_closed{reason=\"store-full\"} 1"), "{metrics}");
    gateway.app.stop().await;
}

#[tokio::test]
async fn past_the_backlog_nothing_comes_in_until_it_is_less() {
    let gateway = Gateway::start_with(&[("loja", &mapping(HMAC))], |setup| {
        setup.config.limits.backlog_events = Some(1);
    })
    .await;
    let store = &gateway.app.store;
    store.pause(Paused::Everything, "for a test", true, NOW).await.unwrap();
    let refused = wait_for("the backlog to be noticed", async || {
        let answer = gateway.tell("loja", &hello("loja", "c1", "Oi!")).await;
        (answer.status != 202).then_some(answer)
    })
    .await;
    check_put_off(&refused, "backlog-full");
    store.resume(Paused::Everything).await.unwrap();
    wait_for("the backlog to be sent", async || {
        (gateway.tell("loja", &hello("loja", "c1", "Oi!")).await.status == 202).then_some(())
    })
    .await;
    gateway.app.stop().await;
}

/// Waiting is counted whether it is to be planned or to be sent.
#[tokio::test]
async fn what_waits_to_be_planned_or_sent_is_the_backlog() {
    let bench = Bench::new().await;
    for n in 0..3 {
        bench.receive(hello("loja", &format!("c{n}"), "Oi!")).await;
    }
    assert_eq!(bench.store.waiting(10).await, Ok(3));
    assert_eq!(bench.store.waiting(2).await, Ok(2), "no more is counted than matters");
    bench.store.pause(Paused::Connection("loja".to_owned()), "for a test", true, NOW).await.unwrap();
    bench.step().await;
    bench.receive(hello("loja", "c1", "Oi!")).await;
    assert_eq!(bench.store.waiting(10).await, Ok(4));
}
