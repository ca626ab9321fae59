//! Being told to stop: once in order, twice at once.

use std::time::{Duration, Instant};

use crate::accounts::{Accounts, Fate};
use crate::chance::Chance;
use crate::gateway::{Gateway, wait};
use crate::load::{Load, ORDERS};
use crate::report::Outcome;
use crate::running::run;
use crate::site::sandbox;
use crate::upstream::seen;

use super::crash::Wrecks;

const STOPS: usize = 4;

/// Promises 2, 5 and 6: it stops under load and nothing of it is unknown.
pub async fn in_order(mut chance: Chance) -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=50".parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut load = Load::on(gateway.start(), ORDERS);
    let mut left_behind = 0;
    for _ in 0..STOPS {
        load.allow(100);
        load.wait_for(load.acknowledged() + chance.usize(1..50)).await;
        gateway.stop();
        let wreck = gateway.wreck();
        assert!(wreck.in_flight.is_empty(), "an orderly stop leaves nothing in flight");
        left_behind += wreck.received;
        // Told again while it starts and has work at once.
        gateway.start_and_stop(Duration::from_millis(chance.u64(0..80))).await;
        assert!(gateway.wreck().in_flight.is_empty(), "nor does one during a start");
        load.moved(gateway.start());
    }
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    accounts.assert_no_attempt_burnt();
    let note =
        format!("{STOPS} stops under load and {STOPS} of a start, {left_behind} events not yet planned");
    Outcome::Played(accounts.row().note(note))
}

/// Promises 4 and 5: a second one, started over the same store by mistake, ends
/// and does not take what the first has in flight for lost.
pub async fn second_gateway() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=50".parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut load = Load::on(gateway.start(), ORDERS);
    for _ in 0..3 {
        load.allow(100);
        let sent = upstream.requests().len() as u64;
        wait(upstream.wait_for(sent + 10)).await;
        let second = run(&mut gateway.site.gancho(&["serve"]));
        assert!(second.exits(2).stderr.contains("in use"));
        load.all().await;
    }
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    Outcome::Played(accounts.row())
}

/// Promises 2, 4 and 5: the second signal ends it at once, as safely as a crash.
pub async fn at_once() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=10000".parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(100).await;
    wait(upstream.wait_for(10)).await;
    gateway.running().signal("TERM");
    gateway.running().wait_for_log("stopping: no new webhooks");
    let told = Instant::now();
    gateway.running().signal("TERM");
    gateway.ends_with(130);
    assert!(told.elapsed() < Duration::from_secs(5), "at once, not after {:?}", told.elapsed());
    let mut wrecks = Wrecks::default();
    wrecks.add(gateway.wreck());

    upstream.set_faults(Vec::new());
    load.moved(gateway.start());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();
    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    wrecks.assert_held(&accounts);
    assert!(accounts.of(Fate::Held).count() >= 10);
    Outcome::Played(accounts.row().note(wrecks.told()))
}
