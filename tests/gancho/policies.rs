//! Policies as data: what a connection says, what a message says differently, and
//! what an operator stops. Each through the worker, with a clock that only the
//! test moves.

use std::time::Duration;

use gancho::delivery::{DeliveryState, EventState};
use gancho::event::EventId;
use gancho::store::{Moved, Paused};

use crate::support::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// A bench whose messages through `loja` also say `more`.
async fn saying(more: &str) -> Bench {
    let text =
        mapping(HMAC).replace("    connection: loja\n", &format!("    connection: loja\n    {more}\n"));
    assert!(text.contains(more));
    Bench::open(Setting::new(&[("loja", &text)]), Duration::from_secs(30)).await
}

/// A bench whose connection `loja` also says `more`.
async fn connected_with(more: &str) -> Bench {
    let setting = Setting::new(&[("loja", &mapping(HMAC))]);
    let config = std::fs::read_to_string(setting.config_file()).unwrap();
    let said = config.replacen("token: 'env:TALQUI'", &format!("token: 'env:TALQUI', {more}"), 1);
    std::fs::write(setting.config_file(), said).unwrap();
    Bench::open(setting, Duration::from_secs(30)).await
}

async fn state(bench: &Bench, event: EventId) -> DeliveryState {
    bench.delivery(event).await.state
}

#[tokio::test]
async fn a_message_says_differently_what_is_done_about_the_unknown() {
    let bench = saying("on_unknown: resend").await;
    bench.setting.trouble("status=500,times=1");
    let event = bench.receive(hello("loja", "ana", "Oi!")).await;
    bench.step().await;
    assert_eq!(state(&bench, event).await, DeliveryState::Pending);
    bench.setting.time.pass(HOUR);
    bench.step().await;
    assert_eq!(state(&bench, event).await, DeliveryState::Delivered);
}

#[tokio::test]
async fn after_its_last_attempt_a_message_is_given_up_and_says_so() {
    let bench = saying("attempts: 2").await;
    bench.setting.trouble("status=429");
    let event = bench.receive(hello("loja", "ana", "Oi!")).await;
    bench.step().await;
    assert_eq!(state(&bench, event).await, DeliveryState::Pending);
    bench.setting.time.pass(HOUR);
    bench.step().await;
    let delivery = bench.delivery(event).await;
    assert_eq!(delivery.state, DeliveryState::Dead);
    assert!(delivery.reason.as_ref().unwrap().contains("given up after 2 attempts"), "{delivery:?}");
}

/// It counts from when the webhook came, whatever held it up, and is never sent.
#[tokio::test]
async fn what_no_longer_helps_expires_where_it_can_be_seen() {
    let bench = saying("expires_after: 2h").await;
    let now = bench.setting.time.now();
    bench.store.pause(Paused::Connection("loja".into()), "by hand", true, now).await.unwrap();
    let old = bench.receive(hello("loja", "ana", "old")).await;
    bench.step().await;
    assert_eq!(bench.delivery(old).await.expires_at, Some(now.plus(2 * HOUR)));
    bench.setting.time.pass(HOUR);
    let young = bench.receive(hello("loja", "ana", "young")).await;
    bench.step().await;
    bench.setting.time.pass(HOUR);
    assert_eq!(bench.step().await.expired, 1, "paused or not");
    let delivery = bench.delivery(old).await;
    assert_eq!(delivery.state, DeliveryState::Expired);
    assert!(delivery.reason.as_ref().unwrap().contains("too old to help"), "{delivery:?}");

    bench.store.resume(Paused::Connection("loja".into())).await.unwrap();
    bench.step().await;
    assert_eq!(state(&bench, young).await, DeliveryState::Delivered, "its lane is free");
    assert_eq!(bench.setting.texts(), ["young"]);
}

#[tokio::test]
async fn where_it_is_asked_for_a_lane_waits_for_what_is_held() {
    let bench = connected_with("lane_waits_for_held: true").await;
    bench.setting.trouble("reset=true,times=1");
    let held = bench.receive(hello("loja", "ana", "1")).await;
    let behind = bench.receive(hello("loja", "ana", "2")).await;
    let beside = bench.receive(hello("loja", "bia", "3")).await;
    for _ in 0..3 {
        bench.setting.time.pass(HOUR);
        bench.step().await;
    }
    assert_eq!(state(&bench, held).await, DeliveryState::Held);
    assert_eq!(state(&bench, behind).await, DeliveryState::Pending, "it waits for a person's decision");
    assert_eq!(state(&bench, beside).await, DeliveryState::Delivered);
    // One that comes later does not overtake either.
    let later = bench.receive(hello("loja", "ana", "4")).await;
    bench.step().await;
    assert_eq!(state(&bench, later).await, DeliveryState::Pending);

    let id = bench.delivery(held).await.id;
    let moved = bench.store.release(id, bench.setting.time.now()).await.unwrap();
    assert!(matches!(moved, Moved::Moved { .. }), "{moved:?}");
    while bench.step().await.sent > 0 {}
    assert_eq!(bench.setting.texts().split_off(2), ["1", "2", "4"]);
}

#[tokio::test]
async fn a_rate_is_kept_in_every_second_and_every_minute() {
    let bench = connected_with("rate_limit: { per_second: 2, per_minute: 5 }").await;
    for n in 0..9 {
        bench.receive(hello("loja", &format!("c{n}"), "Oi!")).await;
    }
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.push(bench.step().await.sent);
        bench.setting.time.pass(Duration::from_secs(1));
    }
    assert_eq!(sent, [2, 2, 1, 0, 0]);
    let bench = bench.restart().await;
    bench.setting.time.pass(Duration::from_secs(54));
    assert_eq!(bench.step().await.sent, 0, "a restart is no way around it");
    bench.setting.time.pass(Duration::from_secs(1));
    assert_eq!(bench.step().await.sent, 2);
}

#[tokio::test]
async fn so_many_are_sent_at_a_time() {
    let bench = connected_with("max_in_flight: 3").await;
    for n in 0..5 {
        bench.receive(hello("loja", &format!("c{n}"), "Oi!")).await;
    }
    assert_eq!([bench.step().await.sent, bench.step().await.sent], [3, 2]);
}

/// A person saw that a mapping is wrong: what it made is not sent, and what comes
/// is kept for the mended one.
#[tokio::test]
async fn a_paused_source_is_neither_planned_nor_sent_and_loses_nothing() {
    let mappings = [("loja", mapping(HMAC)), ("outra", mapping(HMAC))];
    let mappings: Vec<(&str, &str)> = mappings.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let bench = Bench::open(Setting::new(&mappings), Duration::from_secs(30)).await;
    bench.setting.trouble("status=429,retry_after=60,times=1");
    let planned = bench.receive(hello("loja", "ana", "planned")).await;
    bench.step().await;
    let (now, source) = (bench.setting.time.now(), Paused::Source("loja".into()));
    bench.store.pause(source.clone(), "the mapping is wrong", true, now).await.unwrap();

    let received = bench.receive(hello("loja", "bia", "received")).await;
    let beside = bench.receive_from("outra", hello("loja", "cida", "beside")).await;
    for _ in 0..3 {
        bench.setting.time.pass(HOUR);
        bench.step().await;
    }
    let bench = bench.restart().await;
    bench.step().await;
    assert_eq!(bench.event(received).await.event.state, EventState::Received);
    assert_eq!(state(&bench, planned).await, DeliveryState::Pending);
    assert_eq!(state(&bench, beside).await, DeliveryState::Delivered);

    assert!(bench.store.resume(source).await.unwrap());
    while bench.step().await != Default::default() {}
    for event in [planned, received] {
        assert_eq!(state(&bench, event).await, DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn a_global_stop_holds_from_the_next_claim_on_and_loses_nothing() {
    let bench = Bench::new().await;
    let now = bench.setting.time.now();
    let planned = bench.receive(hello("loja", "ana", "1")).await;
    bench.setting.trouble("status=429,retry_after=1,times=1");
    bench.step().await;
    bench.store.pause(Paused::Everything, "stop!", true, now).await.unwrap();
    let received = bench.receive(hello("vendas", "bia", "2")).await;
    for _ in 0..3 {
        bench.setting.time.pass(HOUR);
        assert_eq!(bench.step().await, Default::default());
    }
    bench.store.resume(Paused::Everything).await.unwrap();
    while bench.step().await != Default::default() {}
    for event in [planned, received] {
        assert_eq!(state(&bench, event).await, DeliveryState::Delivered);
    }
}

/// Talqui asked for a day, and a person knows better.
#[tokio::test]
async fn a_wait_that_talqui_asked_for_ends_when_a_person_resumes_the_connection() {
    let bench = Bench::new().await;
    bench.setting.trouble("status=429,retry_after=86400,times=1");
    let asked = bench.receive(hello("loja", "ana", "1")).await;
    let behind = bench.receive(hello("loja", "bia", "2")).await;
    while bench.step().await.sent > 0 {}
    let bench = bench.restart().await;
    bench.setting.time.pass(HOUR);
    assert_eq!(bench.step().await.sent, 0);
    let loja = Paused::Connection("loja".into());
    assert_eq!(bench.worker.resume(loja.clone()).await, Ok(true));
    while bench.step().await.sent > 0 {}
    for event in [asked, behind] {
        assert_eq!(state(&bench, event).await, DeliveryState::Delivered);
    }
    assert_eq!(bench.worker.resume(loja).await, Ok(false), "there is nothing to end");
}
