//! Answers that decide about a whole connection: it waits, and nothing of what
//! waits with it is lost or pays for it.

use crate::accounts::{Accounts, Fate};
use crate::gateway::{Gateway, Wreck, wait};
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

/// Promises 2, 6 and 7: a credential that is refused stops its connection, once,
/// and with the mended one everything goes out in its order.
pub async fn refused_credential() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("status=401".parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(150).await;
    gateway.running().wait_for_log("connection paused");
    load.post(150).await;
    let not_yet_planned = "SELECT count(*) FROM events WHERE state = 'received'";
    gateway.until(not_yet_planned, |waiting| waiting == 0).await;
    let ended = gateway.stop();
    assert_eq!(ended.stderr.matches("connection paused").count(), 1, "it is said once");
    let refused = upstream.requests().len();
    assert!(refused <= 64, "{refused} requests with a credential that is refused");

    upstream.set_faults(Vec::new());
    gateway.site.set("TELEGRAM_TOKEN", "outro-token-do-telegram-4Hw1");
    load.moved(gateway.start());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();
    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    accounts.assert_no_attempt_burnt();
    Outcome::Played(accounts.row().note(format!("{refused} requests were refused before it stopped")))
}

const RETRY_AFTER_SECS: i64 = 4;

/// Promises 2, 6 and 7: `Retry-After` is waited for in full, by the whole
/// connection, by no other, and across a crash.
pub async fn told_to_slow_down() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault(format!("status=429,retry_after={RETRY_AFTER_SECS},times=1").parse().unwrap());
    let mut gateway = Gateway::with_avisos(&upstream.url());
    let address = gateway.start();
    let mut load = Load::on(address, ORDERS);
    let mut avisos = Load::on(address, Orders { source: "avisos", ..ORDERS });
    load.post(1).await;
    wait(upstream.wait_for(1)).await;
    gateway.until("SELECT count(*) FROM slowed", |slowed| slowed == 1).await;
    load.post(60).await;
    avisos.post(30).await;
    wait(upstream.wait_for(1 + 30)).await;
    let settled = "SELECT count(*) FROM deliveries WHERE state = 'delivered'";
    gateway.until(settled, |delivered| delivered == 30).await;
    let wreck = gateway.kill();
    assert!(wreck.in_flight.is_empty(), "nothing may have been in flight");
    let address = gateway.start();
    load.moved(address);
    avisos.moved(address);
    load.post(39).await;
    let mut ledger = load.finish().await;
    ledger.extend(avisos.finish().await);
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    let told = accounts.seen[0].at_millis;
    let soonest_of = |source: &str| {
        let theirs = accounts.seen[1..].iter().filter(|sighting| sighting.id.starts_with(source));
        theirs.map(|sighting| sighting.at_millis - told).min().expect("some were sent")
    };
    let (waited, others) = (soonest_of("pedidos"), soonest_of("avisos"));
    assert!(waited >= RETRY_AFTER_SECS * 1000, "sent again after {waited} ms");
    assert!(others < RETRY_AFTER_SECS * 1000, "another connection waited too, {others} ms");
    let note =
        format!("told to wait {RETRY_AFTER_SECS} s: waited {waited} ms; the other connection {others} ms");
    Outcome::Played(accounts.row().note(note))
}

const PER_SECOND: usize = 5;

/// Promises 2 and 7: no more in any second than the connection may have, although
/// it is killed meanwhile and forgets what it sent.
pub async fn rate_limit() -> Outcome {
    let upstream = sandbox();
    let mut gateway = Gateway::new(&upstream.url(), &format!("rate_limit: {{ per_second: {PER_SECOND} }}"));
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(6 * PER_SECOND).await;
    for second in 1..=3 {
        wait(upstream.wait_for((second * PER_SECOND) as u64)).await;
        let settled = "SELECT count(*) FROM attempts WHERE closed_at IS NOT NULL";
        gateway.until(settled, |settled| settled as usize == second * PER_SECOND).await;
        let Wreck { in_flight, .. } = gateway.kill();
        assert!(in_flight.is_empty(), "all of this second were settled");
        load.moved(gateway.start());
    }
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    // Less than a second, since requests travel; twice the rate would take half of it.
    let crowded =
        accounts.seen.windows(PER_SECOND + 1).map(|some| some[PER_SECOND].at_millis - some[0].at_millis);
    let crowded = crowded.min().expect("more than a second's");
    assert!(crowded >= 700, "{} within {crowded} ms", PER_SECOND + 1);
    Outcome::Played(
        accounts.row().note(format!("{} took {crowded} ms at least, with 3 kills", PER_SECOND + 1)),
    )
}
