//! What becomes of an event before anything is sent: repeats of the sender's,
//! two events that are one message, events that nobody wants, and events that
//! the mapping cannot make a message of. All of them were acknowledged; none of
//! these leads to a message.

use std::time::Duration;

use gancho::delivery::{DeliveryState, EventState};
use gancho::event::EventId;
use serde_json::{Value, json};

use crate::support::*;

/// The texts that went out after every event was planned and sent.
async fn run(bench: &Bench) -> Vec<String> {
    while bench.step().await != Default::default() {}
    bench.setting.texts()
}

fn with(fields: Value, mut event: Value) -> Value {
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    event
}

#[tokio::test]
async fn a_repeat_of_the_senders_is_kept_and_not_sent() {
    let bench = Bench::new().await;
    let numbered = |text: &str| with(json!({ "id": "evt-1" }), hello("loja", "c1", text));
    let first = bench.receive(numbered("first")).await;
    let again = bench.receive(numbered("again")).await;
    assert_eq!(run(&bench).await, ["first"]);
    let late = bench.receive(numbered("late")).await;
    assert_eq!(run(&bench).await, ["first"]);
    for repeat in [again, late] {
        let event = bench.event(repeat).await;
        assert_eq!((event.event.state, event.event.duplicate_of), (EventState::Duplicate, Some(first)));
        assert!(event.deliveries.is_empty());
    }
}

/// Two events that are alike in every byte and have no id are two events.
#[tokio::test]
async fn without_an_id_nothing_is_a_repeat() {
    let bench = Bench::new().await;
    for _ in 0..2 {
        bench.receive(hello("loja", "c1", "Oi!")).await;
    }
    assert_eq!(run(&bench).await, ["Oi!", "Oi!"]);
}

#[tokio::test]
async fn once_per_is_once_to_each_person() {
    let bench = Bench::new().await;
    let about = |order: &str, contact: &str, text: &str| {
        with(json!({ "pedido": order }), hello("vendas", contact, text))
    };
    let first = bench.receive(about("1001", "ana", "1")).await;
    assert_eq!(run(&bench).await, ["1"]);
    let twin = bench.receive(about("1001", "ana", "2")).await;
    bench.receive(about("1001", "bia", "3")).await;
    bench.receive(about("1002", "ana", "4")).await;
    let mut sent = run(&bench).await;
    sent.sort();
    assert_eq!(sent, ["1", "3", "4"]);
    let (first, twin) = (bench.delivery(first).await, bench.delivery(twin).await);
    assert_eq!((twin.state, twin.twin_of), (DeliveryState::Cancelled, Some(first.id)));
    assert!(twin.attempts.is_empty());
}

#[tokio::test]
async fn an_event_that_no_message_wants_is_ignored_with_the_reason() {
    let bench = Bench::new().await;
    let event = bench.receive(hello("ninguem", "c1", "Oi!")).await;
    assert!(run(&bench).await.is_empty());
    let view = bench.event(event).await;
    assert_eq!(view.event.state, EventState::Ignored);
    assert_eq!(view.event.reason.as_deref(), Some("no `when` held: loja, vendas, repete"));
    assert!(view.deliveries.is_empty());
}

/// The only problem that an event was parked with; nothing of it was sent.
async fn parked(bench: &Bench, event: EventId) -> Value {
    assert!(run(bench).await.is_empty());
    let view = bench.event(event).await;
    assert_eq!(view.event.state, EventState::Unmapped, "{view:?}");
    assert!(view.deliveries.is_empty());
    let problems = view.event.problems.unwrap();
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    problems[0].clone()
}

#[tokio::test]
async fn what_cannot_be_mapped_is_parked_with_the_place_in_the_file() {
    let bench = Bench::new().await;
    let text = mapping(HMAC);
    let event = bench.receive(json!({ "via": "loja", "contato": "c1" })).await;
    let problem = parked(&bench, event).await;
    assert_eq!(problem["code"], "value-missing", "{problem}");
    let line = 1 + text.lines().position(|line| line.contains("texto: $.texto")).unwrap();
    let expected = format!("{}:{line}:10", bench.setting.mapping_file("loja").display());
    assert_eq!(problem["place"], expected, "{problem}");
    // Later events of the source are not held up by it.
    bench.receive(hello("loja", "c1", "Oi!")).await;
    assert_eq!(run(&bench).await, ["Oi!"]);
}

#[tokio::test]
async fn what_is_not_json_is_acknowledged_and_parked() {
    for body in ["not JSON", "", "{\"via\":", "\u{0}\u{7f}"] {
        let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
        let answer = gateway.post(gateway.signed("loja", body)).await;
        assert_eq!(answer.status, 202, "{body:?}: {}", answer.body);
        let view = gateway.first_event_at_rest().await;
        assert_eq!(view.event.state, EventState::Unmapped, "{body:?}");
        assert_eq!(view.event.problems.unwrap()[0]["code"], "body-unreadable", "{body:?}");
        assert!(gateway.setting.texts().is_empty());
        gateway.app.stop().await;
    }
}

/// Acknowledged under a mapping that is gone when its turn comes.
#[tokio::test]
async fn an_event_whose_mapping_is_gone_is_parked() {
    let bench = Bench::new().await;
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    bench.sources.swap(Default::default());
    assert_eq!(parked(&bench, event).await["code"], "no-mapping");
}

/// No contact, name or text, no signature and no token, at any level.
#[tokio::test]
async fn the_log_tells_of_no_person_and_no_secret() {
    let bench = Bench::new().await;
    let log = Log::start();
    for (fault, via, contact) in [
        ("", "loja", "pessoa-c0ffee"),
        ("status=500,times=1", "loja", "pessoa-c0ffee"),
        ("status=422,times=1", "loja", "pessoa-c0ffee"),
        ("status=401,times=1", "vendas", "pessoa-c0ffee"),
        ("reset=true,times=1", "repete", "pessoa-c0ffee"),
        ("", "ninguem", "pessoa-c0ffee"),
    ] {
        bench.setting.trouble(fault);
        bench.receive(hello(via, contact, "texto-c0ffee")).await;
        bench.step().await;
    }
    bench.receive(json!({ "via": "loja", "contato": ["pessoa-c0ffee"], "texto": "texto-c0ffee" })).await;
    bench.receive("not JSON: texto-c0ffee").await;
    bench.step().await;
    let text = log.text();
    for word in ["delivered", "held", "dead", "paused", "try again", "ignored", "parked"] {
        assert!(text.contains(word), "no word of `{word}`, so nothing is shown:\n{text}");
    }
    assert!(!text.contains("c0ffee"), "{text}");
    crate::hooks::assert_holds_no_secret(&text, "the log");
}

/// Nothing can be planned of the event with this key.
fn break_store(bench: &Bench, key: &str) -> rusqlite::Connection {
    let store = rusqlite::Connection::open(bench.setting.store_file()).unwrap();
    let trigger = format!(
        "CREATE TRIGGER fails BEFORE UPDATE OF state ON events WHEN old.key = '{key}' \
         BEGIN SELECT raise(ABORT, 'as the test says'); END"
    );
    store.execute_batch(&trigger).unwrap();
    store
}

/// One that cannot be stored keeps nobody waiting but those behind it to the same
/// person, who would else get the second message before the first.
#[tokio::test]
async fn nobody_overtakes_an_event_that_cannot_be_planned_yet() {
    let bench = Bench::new().await;
    let numbered = |id: &str, contact: &str| with(json!({ "id": id }), hello("loja", contact, id));
    for (id, contact) in [("ana 1", "ana"), ("ana 2", "ana"), ("bia 1", "bia")] {
        bench.receive(numbered(id, contact)).await;
    }
    let store = break_store(&bench, "ana 1");
    assert_eq!((bench.step().await.planned, bench.setting.texts().len()), (3, 1));
    bench.worker.step().await.expect_err("of the two that are left, neither can be stored");
    assert_eq!(bench.setting.texts(), ["bia 1"]);
    store.execute_batch("DROP TRIGGER fails").unwrap();
    assert_eq!(run(&bench).await, ["bia 1", "ana 1", "ana 2"]);
}

#[tokio::test]
async fn what_was_planned_is_sent_although_another_cannot_be_planned() {
    let bench = Bench::new().await;
    bench.setting.trouble("status=429,retry_after=60,times=1");
    bench.receive(hello("loja", "bia", "bia 1")).await;
    bench.step().await;
    bench.receive(with(json!({ "id": "ana 1" }), hello("loja", "ana", "ana 1"))).await;
    break_store(&bench, "ana 1");
    bench.setting.time.pass(Duration::from_secs(60));
    bench.worker.step().await.expect_err("it cannot be stored");
    assert_eq!(bench.setting.texts(), ["bia 1", "bia 1"], "once it was refused, and then it was sent");
}
