//! What becomes of a message, by what Talqui does with it. Each case goes
//! through the worker, the client, a stand-in Talqui and the store; the worker
//! is stepped and the clock is moved, so that days pass and nothing waits.

use std::time::Duration;

use gancho::delivery::{DeliveryState, Verdict};
use gancho::sandbox::{Sandbox, SandboxConfig};
use gancho::store::DeliveryView;

use crate::support::*;

const A_DAY: Duration = Duration::from_secs(86_400);

/// What a case leaves behind after one attempt.
struct After {
    fault: &'static str,
    verdict: Verdict,
    state: DeliveryState,
    paused: bool,
    /// How often Talqui has the message a day later, its trouble being over.
    in_the_end: usize,
}

const fn after(fault: &'static str, verdict: Verdict, state: DeliveryState, in_the_end: usize) -> After {
    After { fault, verdict, state, paused: false, in_the_end }
}

const fn pauses(fault: &'static str) -> After {
    After { paused: true, ..after(fault, Verdict::NotSent, DeliveryState::Pending, 1) }
}

async fn check(case: &After, via: &str) {
    let setting = Setting::new(&[("loja", &mapping(HMAC))]);
    // Short only where the time limit is what is tested.
    let limit = if case.fault.contains("delay") { 1_000 } else { 30_000 };
    let bench = Bench::open(setting, Duration::from_millis(limit)).await;
    bench.setting.trouble(case.fault);
    let event = bench.receive(hello(via, "c1", "Oi!")).await;
    assert_eq!(bench.step().await.sent, 1);
    let delivery = bench.delivery(event).await;
    let why = format!("{} {via}: {delivery:?}", case.fault);
    assert_eq!((delivery.state, delivery.attempts.len()), (case.state, 1), "{why}");
    assert_eq!(delivery.attempts[0].verdict, Some(case.verdict), "{why}");
    let paused: Vec<String> =
        bench.store.paused().await.unwrap().into_iter().map(|p| p.what.name().to_owned()).collect();
    assert_eq!(paused, [via][usize::from(!case.paused)..], "{why}");

    bench.setting.trouble("");
    for _ in 0..3 {
        bench.setting.time.pass(A_DAY);
        bench.step().await;
    }
    assert_eq!(bench.setting.texts().len(), case.in_the_end, "{why}");
}

#[tokio::test]
async fn what_talqui_does_decides_what_becomes_of_a_message() {
    use DeliveryState::{Dead, Delivered, Held, Pending};
    use Verdict::{Delivered as Yes, NotSent, Unknown};
    for case in [
        after("", Yes, Delivered, 1),
        after("status=202,delivers=true", Yes, Delivered, 1),
        after("status=400", NotSent, Dead, 1),
        after("status=422", NotSent, Dead, 1),
        after("status=429", NotSent, Pending, 2),
        pauses("status=302"),
        pauses("status=401"),
        pauses("status=403"),
        pauses("status=404"),
        // The person may have it, so it is never sent again by itself.
        after("status=408", Unknown, Held, 1),
        after("status=500", Unknown, Held, 1),
        after("status=503,delivers=true", Unknown, Held, 1),
        after("reset=true", Unknown, Held, 1),
        after("delay_ms=60000", Unknown, Held, 1),
    ] {
        check(&case, "loja").await;
    }
}

/// The operator accepted that someone may be told twice; of what is known,
/// nothing changes.
#[tokio::test]
async fn a_connection_may_say_that_unknown_is_sent_again() {
    use DeliveryState::{Dead, Pending};
    for case in [
        after("status=500", Verdict::Unknown, Pending, 2),
        after("reset=true", Verdict::Unknown, Pending, 2),
        after("status=422", Verdict::NotSent, Dead, 1),
        pauses("status=401"),
    ] {
        check(&case, "repete").await;
    }
}

#[tokio::test]
async fn retry_after_is_waited_for_in_full() {
    let bench = Bench::new().await;
    bench.setting.trouble("status=429,retry_after=3600,times=1");
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    bench.step().await;
    assert_eq!(bench.delivery(event).await.due_at, NOW.plus(Duration::from_secs(3600)));
    bench.setting.time.pass(Duration::from_millis(3_599_999));
    assert_eq!(bench.step().await.sent, 0, "a millisecond early");
    bench.setting.time.pass(Duration::from_millis(1));
    assert_eq!(bench.step().await.sent, 1);
    assert_eq!(bench.delivery(event).await.state, DeliveryState::Delivered);
}

/// While nobody listens no attempt is used up, and after a few failures only a
/// probe now and then is made; when somebody listens, everything goes out.
#[tokio::test]
async fn a_refused_connection_is_tried_again_until_somebody_listens() {
    // Bound and not listening: refuses, and nobody else can have the port.
    let port = tokio::net::TcpSocket::new_v4().unwrap();
    port.set_reuseaddr(true).unwrap();
    port.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = port.local_addr().unwrap();
    let setting = Setting::new(&[("loja", &mapping(HMAC))]);
    let config = std::fs::read_to_string(setting.config_file()).unwrap();
    let elsewhere = config.replace(&setting.sandbox.url(), &format!("http://{address}"));
    std::fs::write(setting.config_file(), elsewhere).unwrap();
    let bench = Bench::open(setting, Duration::from_secs(30)).await;

    let log = Log::start();
    let event = bench.receive(hello("loja", "c1", "Oi!")).await;
    for failure in 1..=5 {
        assert_eq!(bench.step().await.sent, 1, "failure {failure}");
        let delivery = bench.delivery(event).await;
        assert_eq!(delivery.state, DeliveryState::Pending);
        let last = delivery.attempts.last().unwrap();
        assert_eq!((last.number, last.verdict), (1, Some(Verdict::NotSent)), "it is not counted");
        assert!(last.reason.as_ref().unwrap().contains("refused the connection"), "{last:?}");
        let wait = bench.setting.time.now().until(delivery.due_at);
        assert!(wait >= Duration::from_secs(1) && wait <= Duration::from_secs(2), "{wait:?}");
        bench.setting.time.pass(wait - Duration::from_millis(1));
        assert_eq!(bench.step().await.sent, 0, "failure {failure} is not due yet");
        bench.setting.time.pass(Duration::from_millis(1));
    }
    assert!(log.text().contains("Talqui does not answer well"), "{}", log.text());
    assert_eq!(bench.step().await.sent, 0, "it is due, and the breaker is open");
    let mut waiting = Vec::new();
    for contact in ["c2", "c3", "c4", "c5"] {
        waiting.push(bench.receive(hello("loja", contact, "Oi!")).await);
    }
    for probe in 1..=3 {
        bench.setting.time.pass(Duration::from_secs(60));
        assert_eq!(bench.step().await.sent, 1, "probe {probe} is one message");
    }
    let talqui = Sandbox::start(SandboxConfig::new(address, bench.setting.time.clock())).unwrap();
    bench.setting.time.pass(Duration::from_secs(60));
    let mut sent = Vec::new();
    while talqui.requests().len() < 5 {
        sent.push(bench.step().await.sent);
        bench.setting.time.pass(Duration::from_secs(2));
    }
    assert_eq!(sent, [1, 1, 2, 1], "recovery without a stampede");
    for event in waiting.into_iter().chain([event]) {
        assert_eq!(bench.delivery(event).await.state, DeliveryState::Delivered);
    }
}

/// Three people wait behind one wrong credential. Nothing of theirs is lost or
/// used up, a fourth on another connection is not kept waiting, and who mends
/// the credential restarts.
#[tokio::test]
async fn a_wrong_credential_stops_its_connection_and_no_other() {
    let bench = Bench::new().await;
    let log = Log::start();
    bench.setting.trouble("status=401");
    let mut waiting = Vec::new();
    for contact in ["c1", "c2", "c3"] {
        waiting.push(bench.receive(hello("loja", contact, "Oi!")).await);
    }
    assert_eq!(bench.step().await.sent, 3);
    let paused = bench.store.paused().await.unwrap();
    assert_eq!(paused.len(), 1, "{paused:?}");
    assert!(paused[0].reason.contains("401"), "{paused:?}");
    assert_eq!(log.text().matches("connection paused").count(), 1, "said once:\n{}", log.text());

    bench.setting.trouble("");
    let other = bench.receive(hello("vendas", "c1", "Olá!")).await;
    let late = bench.receive(hello("loja", "c4", "Oi!")).await;
    waiting.push(late);
    bench.setting.time.pass(A_DAY);
    assert_eq!(bench.step().await.sent, 1);
    assert_eq!(bench.delivery(other).await.state, DeliveryState::Delivered);
    for event in &waiting {
        assert_eq!(bench.delivery(*event).await.state, DeliveryState::Pending);
    }

    let bench = bench.restart().await;
    assert!(bench.store.paused().await.unwrap().is_empty());
    assert_eq!(bench.step().await.sent, 4);
    for event in waiting {
        let DeliveryView { state, attempts, .. } = bench.delivery(event).await;
        assert_eq!((state, attempts.last().unwrap().number), (DeliveryState::Delivered, 1));
    }
}
