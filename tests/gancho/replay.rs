//! A mapping is mended, and what it failed on is sent: once, and only what was
//! shown.

use gancho::delivery::{DeliveryState, EventState};
use gancho::event::EventId;
use gancho::store::EventFilter;
use gancho::worker::{EventSelection, Preview, ReplayError, Replayed};
use serde_json::{Value, json};

use crate::support::*;

const BROKEN: &str = "texto: $.texto";

/// Swaps in the mapping of `loja` with `from` written as `to`.
fn mend(bench: &Bench, from: &str, to: &str) {
    let text = mapping(HMAC).replace(from, to);
    assert_ne!(text, mapping(HMAC), "something was mended");
    bench.setting.write("loja", &text);
    bench.sources.swap(bench.setting.load().sources);
}

async fn run(bench: &Bench) -> Vec<String> {
    while bench.step().await != Default::default() {}
    bench.setting.texts()
}

fn failed() -> EventSelection {
    let state = Some(EventState::Unmapped);
    EventSelection::Filter(EventFilter { source: Some("loja".into()), state, ..EventFilter::default() })
}

fn only(events: &[EventId]) -> EventSelection {
    EventSelection::Ids(events.to_vec())
}

async fn preview(bench: &Bench, selection: &EventSelection, force: bool) -> Preview {
    bench.worker.preview(selection, force).await.unwrap()
}

async fn replay(bench: &Bench, selection: &EventSelection, force: bool) -> Replayed {
    let shown = preview(bench, selection, force).await;
    bench.worker.replay(selection, force, &shown.digest).await.unwrap()
}

fn order(number: &str, contact: &str) -> Value {
    json!({ "via": "vendas", "contato": contact, "pedido": number })
}

#[tokio::test]
async fn what_a_mapping_failed_on_is_shown_and_then_sent() {
    let bench = Bench::new().await;
    let sent = bench.receive(hello("loja", "c0", "sent")).await;
    let first = bench.receive(json!({ "via": "loja", "contato": "c1", "mensagem": "one" })).await;
    let second = bench.receive(json!({ "via": "loja", "contato": "c2", "mensagem": "two" })).await;
    let hopeless = bench.receive(json!({ "via": "loja", "contato": "c3" })).await;
    assert_eq!(run(&bench).await, ["sent"]);
    let before = preview(&bench, &failed(), false).await;
    assert_eq!((before.would_send, before.unmapped.len()), (0, 3), "nothing was mended yet");

    mend(&bench, BROKEN, "texto: $.mensagem");
    let shown = preview(&bench, &failed(), false).await;
    assert_eq!((shown.events, shown.more, shown.would_send, shown.would_skip), (3, false, 2, 0));
    let texts: Vec<_> = shown.messages.iter().map(|m| (m.event, &m.body["messageValue"])).collect();
    assert_eq!(texts, [(first, &json!("one")), (second, &json!("two"))], "in order of arrival");
    assert_eq!(shown.unmapped.iter().map(|(event, _)| *event).collect::<Vec<_>>(), [hopeless]);
    assert_eq!(run(&bench).await, ["sent"], "looking sends nothing");

    let done = bench.worker.replay(&failed(), false, &shown.digest).await.unwrap();
    assert_eq!((done.events, done.sent, done.unmapped, done.left), (3, 2, 1, vec![]));
    assert_eq!(run(&bench).await.len(), 3);
    assert_eq!(bench.event(first).await.event.state, EventState::Planned);
    assert_eq!(replay(&bench, &failed(), false).await.sent, 0, "once");
    assert_eq!(replay(&bench, &only(&[sent, first, second]), false).await.sent, 0);
    assert_eq!(run(&bench).await.len(), 3);
}

#[tokio::test]
async fn another_mapping_than_was_shown_sends_nothing() {
    let bench = Bench::new().await;
    bench.receive(json!({ "via": "loja", "contato": "c1", "mensagem": "one" })).await;
    run(&bench).await;
    mend(&bench, BROKEN, "texto: $.mensagem");
    let shown = preview(&bench, &failed(), false).await;
    mend(&bench, BROKEN, "texto: $.contato");
    let refused = bench.worker.replay(&failed(), false, &shown.digest).await;
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("look at it again"), "{error}");
    assert!(run(&bench).await.is_empty());
    assert_eq!(replay(&bench, &failed(), false).await.sent, 1);
    assert_eq!(run(&bench).await, ["c1"]);
}

#[tokio::test]
async fn one_key_of_two_parked_events_is_one_message() {
    let bench = Bench::new().await;
    let first = bench.receive(order("1", "ana")).await;
    let twin = bench.receive(order("1", "ana")).await;
    run(&bench).await;
    mend(&bench, BROKEN, "texto: { from: $.texto, default: Oi }");
    let shown = preview(&bench, &failed(), false).await;
    assert_eq!((shown.would_send, shown.would_skip), (1, 1));
    assert!(shown.messages[1].skipped.as_deref().unwrap().contains("an event before this one"));
    let done = bench.worker.replay(&failed(), false, &shown.digest).await.unwrap();
    assert_eq!((done.sent, done.skipped, done.left), (1, 1, vec![]));
    assert_eq!(run(&bench).await, ["Oi"]);
    assert_eq!(bench.delivery(twin).await.twin_of, Some(bench.delivery(first).await.id));
}

#[tokio::test]
async fn by_force_it_is_sent_once_more_and_only_when_that_was_shown() {
    let bench = Bench::new().await;
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    run(&bench).await;
    let calm = preview(&bench, &only(&[event]), false).await;
    assert!(calm.messages[0].skipped.as_deref().unwrap().contains("has this very message already"));
    let refused = bench.worker.replay(&only(&[event]), true, &calm.digest).await;
    assert!(matches!(refused, Err(ReplayError::Changed { would_send: 1 })), "{refused:?}");
    assert_eq!(replay(&bench, &only(&[event, event]), true).await.sent, 1);
    assert_eq!(run(&bench).await, ["Oi!", "Oi!"]);
}

#[tokio::test]
async fn what_cannot_be_planned_again_is_said() {
    let bench = Bench::new().await;
    let waiting = bench.receive(hello("loja", "c1", "Oi!")).await;
    let nobody = EventId::generate(NOW);
    let shown = preview(&bench, &only(&[waiting, nobody]), true).await;
    assert_eq!(shown.refused.len(), 2);
    assert!(shown.refused[0].1.contains("`received`"), "{shown:?}");
    assert!(shown.refused[1].1.contains("no event"), "{shown:?}");
    let many = vec![nobody; 1_001];
    let refused = bench.worker.preview(&EventSelection::Ids(many), false).await;
    assert!(matches!(refused, Err(ReplayError::TooMany { asked: 1_001 })));
}

#[tokio::test]
async fn what_is_too_old_is_shown_as_such() {
    let bench = Bench::new().await;
    let event = bench.receive(json!({ "via": "vendas", "contato": "c1" })).await;
    run(&bench).await;
    let stale = mapping(HMAC)
        .replace(BROKEN, "texto: { from: $.texto, default: Oi }")
        .replace("    once_per: [pedido]\n", "    expires_after: 1h\n");
    bench.setting.write("loja", &stale);
    bench.sources.swap(bench.setting.load().sources);
    assert_eq!(preview(&bench, &failed(), false).await.would_send, 1);
    bench.setting.time.pass(std::time::Duration::from_secs(3_600));
    let shown = preview(&bench, &failed(), true).await;
    assert!(shown.messages[0].skipped.as_deref().unwrap().contains("too old"), "{shown:?}");
    bench.worker.replay(&failed(), true, &shown.digest).await.unwrap();
    assert!(run(&bench).await.is_empty());
    assert_eq!(bench.delivery(event).await.state, DeliveryState::Expired);
}
