//! An upstream that is not reached: nothing was sent, so everything may be tried
//! again, and what is tried must not be a flood.

use std::sync::atomic::Ordering;

use crate::accounts::{Accounts, Fate, Sighting};
use crate::chance::Chance;
use crate::gateway::{Gateway, wait};
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::{SelfSigned, nobody, sandbox_at, seen, sightings};

/// Quick, so that the suite is.
const BREAKER: &str = "breaker: { failures: 3, first_probe_secs: 1, max_probe_secs: 1 }";
const BACKOFF: &str = "backoff: { first_secs: 1 }";
const MANY_PEOPLE: Orders = Orders { people: 70, ..ORDERS };

/// Promises 2, 6 and 7: down for a while, then met by one message, then by a few.
pub async fn down() -> Outcome {
    let address = nobody();
    let mut gateway = Gateway::new(&format!("http://{address}"), &format!("{BREAKER}\n    {BACKOFF}"));
    let mut load = Load::on(gateway.start(), MANY_PEOPLE);
    load.post(150).await;
    gateway.running().wait_for_log("Talqui does not answer well");
    load.post(150).await;
    // Its probes fail, and it waits for the next.
    gateway.running().wait_for_logs(3, "Talqui does not answer well");
    let upstream = sandbox_at(address);
    upstream.set_fault(format!("delay_ms={TAKES_MILLIS}").parse().unwrap());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.running().wait_for_log("Talqui answers again");
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    accounts.assert_no_attempt_burnt();
    let tried: usize = accounts.orders.iter().map(|order| order.attempts.len() - 1).sum();
    // The first that were sent together, then one probe at a time.
    assert!(tried <= 64 + 10, "{tried} attempts at an upstream that is down");
    let met = peaks(&accounts.seen);
    assert!(met[0] == 1 && met[1] <= 2 && met[2] <= 8, "a stampede: {met:?}");
    let note = format!("{tried} attempts while it was down; at its return at once: {met:?}");
    Outcome::Played(accounts.row().note(note))
}

/// How long the returned upstream takes for each.
const TAKES_MILLIS: i64 = 200;

/// How many came in each stretch of that length, from the first on.
fn peaks(seen: &[Sighting]) -> [usize; 4] {
    let began = seen[0].at_millis;
    let mut peaks = [0; 4];
    for sighting in seen {
        if let Some(peak) = peaks.get_mut(((sighting.at_millis - began) / TAKES_MILLIS) as usize) {
            *peak += 1;
        }
    }
    peaks
}

/// Promises 2, 4 and 6: it goes away in the midst of answering, and comes back.
/// What had been sent is held; what could not be sent waits, and goes out.
pub async fn restarts(mut chance: Chance) -> Outcome {
    let address = nobody();
    let slow = || {
        let upstream = sandbox_at(address);
        upstream.set_fault("delay_ms=30".parse().unwrap());
        upstream
    };
    let mut upstream = slow();
    let mut gateway = Gateway::new(&upstream.url(), &format!("{BREAKER}\n    {BACKOFF}"));
    let mut load = Load::on(gateway.start(), MANY_PEOPLE);
    let mut all_seen = Vec::new();
    for _ in 0..3 {
        load.allow(100);
        wait(upstream.wait_for(chance.u64(1..60))).await;
        all_seen.extend(sightings(&upstream.stop().await.expect("it stops")));
        load.all().await;
        upstream = slow();
        gateway.at_rest().await;
    }
    let ledger = load.finish().await;
    gateway.stop();
    all_seen.extend(seen(&upstream));

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, all_seen);
    assert_eq!(accounts.of(Fate::Delivered).count() + accounts.of(Fate::Held).count(), 300);
    assert!(accounts.of(Fate::Held).count() <= 3 * 64, "more were held than can have been on their way");
    Outcome::Played(accounts.row())
}

/// Promises 2, 4 and 7: nothing is said to somebody who cannot prove who they
/// are. It stays where it can be seen, with the reason, and goes out when
/// `base_url` is mended.
pub async fn wrong_certificate() -> Outcome {
    let impostor = SelfSigned::start();
    let mut gateway =
        Gateway::new(&format!("https://{}", impostor.address), &format!("{BREAKER}\n    {BACKOFF}"));
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(100).await;
    gateway.running().wait_for_logs(2, "Talqui does not answer well");
    gateway
        .until(
            "SELECT count(*) FROM deliveries WHERE state = 'pending' AND reason LIKE 'no TLS with %'",
            |n| n > 0,
        )
        .await;
    gateway.stop();
    let handshakes = impostor.handshakes.load(Ordering::SeqCst);
    assert_eq!(impostor.bytes.load(Ordering::SeqCst), 0, "something was sent");
    for view in gateway.site.events().await {
        assert_eq!(view.deliveries[0].state.as_str(), "pending");
    }

    let upstream = sandbox();
    gateway.site.write("gancho.yaml", &crate::gateway::with_keys(&upstream.url(), BREAKER));
    load.moved(gateway.start());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();
    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    accounts.assert_no_attempt_burnt();
    Outcome::Played(accounts.row().note(format!("{handshakes} handshakes, 0 bytes sent in them")))
}

/// Promises 2 and 8: what waited too long is dropped where it can be seen, and
/// what came later goes out.
pub async fn expires() -> Outcome {
    let address = nobody();
    let keys = format!("{BREAKER}\n    {BACKOFF}\n    expires_after: 3s");
    let mut gateway = Gateway::new(&format!("http://{address}"), &keys);
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(100).await;
    gateway.until("SELECT count(*) FROM deliveries WHERE state = 'expired'", |n| n == 100).await;
    let upstream = sandbox_at(address);
    load.post(50).await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    let stale = accounts.ids(Fate::Expired);
    assert_eq!((stale.len(), accounts.of(Fate::Delivered).count()), (100, 50));
    assert!(accounts.of(Fate::Expired).all(|order| order.reason.contains("`expires_after` has passed")));
    assert!(accounts.seen.iter().all(|sighting| !stale.contains(&sighting.id)), "something stale was sent");
    Outcome::Played(accounts.row())
}
