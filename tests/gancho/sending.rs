//! When a message is sent: in its turn, behind nobody but who is before it to
//! the same person; and never before it is on disk that it may have been.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gancho::delivery::{DeliveryState, PolicyChange, Verdict};
use gancho::event::{DeliveryId, EventId, Timestamp};
use gancho::sandbox::{Sandbox, SandboxConfig};
use gancho::store::{NewDelivery, PlanOutcome, Planned};

use crate::support::*;

/// In one lane the order holds, whatever the first of it waits for; beside it
/// everybody goes on.
#[tokio::test]
async fn one_person_one_order() {
    let bench = Bench::new().await;
    bench.setting.trouble("status=500,times=1");
    bench.receive(hello("repete", "ana", "ana 1")).await;
    bench.step().await;
    for (contact, text) in [("ana", "ana 2"), ("bia", "bia 1"), ("ana", "ana 3"), ("bia", "bia 2")] {
        bench.receive(hello("repete", contact, text)).await;
    }
    bench.receive(hello("vendas", "ana", "ana, by another way")).await;
    let go_round = async || while bench.step().await.sent > 0 {};
    go_round().await;
    let mut beside = bench.setting.texts().split_off(1);
    beside.sort();
    assert_eq!(beside, ["ana, by another way", "bia 1", "bia 2"]);
    bench.setting.time.pass(Duration::from_secs(600));
    go_round().await;
    assert_eq!(bench.setting.texts()[4..], ["ana 1", "ana 2", "ana 3"]);
    let of_bia: Vec<String> = bench.setting.texts().into_iter().filter(|t| t.starts_with("bia")).collect();
    assert_eq!(of_bia, ["bia 1", "bia 2"]);
}

/// A message that is held or dead is out of the way of the next to that person.
#[tokio::test]
async fn a_message_that_is_decided_does_not_block_its_lane() {
    for fault in ["status=500,times=1", "status=422,times=1"] {
        let bench = Bench::new().await;
        bench.setting.trouble(fault);
        let events: [EventId; 2] =
            [bench.receive(hello("loja", "ana", "1")).await, bench.receive(hello("loja", "ana", "2")).await];
        assert_eq!(bench.step().await.sent, 1, "the second waits for the first");
        assert_eq!(bench.step().await.sent, 1);
        assert_ne!(bench.delivery(events[0]).await.state, DeliveryState::Delivered, "{fault}");
        assert_eq!(bench.delivery(events[1]).await.state, DeliveryState::Delivered, "{fault}");
    }
}

/// A slow answer to one person is nobody else's: the worker goes round.
#[tokio::test]
async fn a_slow_send_holds_up_nobody_else() {
    let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
    gateway.setting.trouble("delay_ms=600000,times=1");
    gateway.tell("loja", &hello("loja", "ana", "slow")).await;
    gateway.setting.sandbox.wait_for(1).await;
    gateway.tell("loja", &hello("loja", "ana", "behind it")).await;
    gateway.tell("loja", &hello("loja", "bia", "beside it")).await;
    wait_for("the one beside it", async || {
        let counts = gateway.app.store.counts().await.unwrap();
        (counts.deliveries(DeliveryState::Delivered) == 1).then_some(())
    })
    .await;
    assert_eq!(gateway.setting.texts(), ["slow", "beside it"]);
    // Ends the slow answer, so that the gateway need not wait for it.
    gateway.setting.sandbox.stop().await.unwrap();
    gateway.app.stop().await;
}

/// The delivery's state, how many attempts of it are open, and when the first
/// was opened, as a crash at this moment would leave them.
fn on_disk(store: &Path) -> (String, i64, Timestamp) {
    let sql = "SELECT d.state, count(a.seq), min(a.opened_at) FROM deliveries d \
               JOIN attempts a ON a.delivery = d.seq AND a.closed_at IS NULL";
    look(store)
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, Timestamp::from_millis(row.get(2)?))))
        .unwrap()
}

/// The stand-in asks its clock when a request arrives, and the clock looks into
/// the store: there is no moment between. Then the gateway "crashes": its send
/// is dropped, and the next one finds an outcome that nobody knows.
#[tokio::test]
async fn the_attempt_is_on_disk_before_the_request_arrives() {
    let setting = Setting::new(&[("loja", &mapping(HMAC))]);
    let (seen, look) = mpsc::channel();
    let store = setting.store_file();
    let clock = Arc::new(move || {
        seen.send(on_disk(&store)).unwrap();
        NOW
    });
    let talqui = Sandbox::start(SandboxConfig::new(([127, 0, 0, 1], 0).into(), clock)).unwrap();
    talqui.set_fault("delay_ms=600000,times=1".parse().unwrap());
    let config = std::fs::read_to_string(setting.config_file()).unwrap();
    std::fs::write(setting.config_file(), config.replace(&setting.sandbox.url(), &talqui.url())).unwrap();

    let bench = Bench::open(setting, Duration::from_secs(30)).await;
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    tokio::select! {
        _ = bench.worker.step() => panic!("the answer is slow"),
        _ = talqui.wait_for(1) => {}
    }
    assert_eq!(look.recv().unwrap(), ("in_flight".to_owned(), 1, NOW));
    let bench = bench.restart().await;
    let delivery = bench.delivery(event).await;
    assert_eq!(delivery.state, DeliveryState::Held);
    assert_eq!(delivery.attempts[0].verdict, Some(Verdict::Unknown));
    bench.setting.time.pass(Duration::from_secs(86_400));
    assert_eq!(bench.step().await.sent, 0);
    assert_eq!(talqui.requests().len(), 1);
}

/// A lane is a row, not a task: of ten thousand that wait, as many are being sent as
/// their connection takes at a time.
#[tokio::test]
async fn ten_thousand_lanes_cost_no_ten_thousand_tasks() {
    let bench = Bench::new().await;
    let now = bench.setting.time.now();
    for batch in 0..10 {
        let event = bench.receive(hello("loja", "ana", "Oi!")).await;
        let delivery = |n: usize| NewDelivery {
            id: DeliveryId::generate(now),
            message: "loja".to_owned(),
            connection: "loja".to_owned(),
            contact: format!("pessoa-{batch}-{n}"),
            business_key: None,
            policy: PolicyChange::default(),
            expires_at: None,
            body: serde_json::json!({
                "channel": "urn:talqui:telegram:0", "pluginConnectionID": "p", "messageKey": "text",
                "contactExternalID": format!("pessoa-{batch}-{n}"), "messageValue": "Oi!",
            })
            .as_object()
            .cloned()
            .unwrap(),
        };
        let outcome = PlanOutcome::Messages((0..1_000).map(delivery).collect());
        let plan = Planned { mapping_version: "v1".to_owned(), outcome };
        bench.store.plan(event, plan, now).await.unwrap();
    }
    bench.setting.trouble("delay_ms=600000");
    let step = tokio::spawn({
        let worker = bench.worker.clone();
        async move { worker.step().await }
    });
    bench.setting.sandbox.wait_for(64).await;
    let in_flight = bench.store.counts().await.unwrap().deliveries(DeliveryState::InFlight);
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(in_flight, 64);
    assert!(tasks < 1_000, "{tasks} tasks");
    step.abort();
}
