//! `kill -9`, again and again, while webhooks pour in.

use std::collections::BTreeSet;
use std::time::Duration;

use gancho::delivery::Verdict;

use crate::accounts::{Accounts, Fate};
use crate::chance::{Chance, kills};
use crate::gateway::{Gateway, Wreck, wait};
use crate::load::{Load, ORDERS};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

/// So many orders are on their way when it is killed.
const AHEAD: usize = 40;
/// Its first starts, which make the store, are killed too.
const FIRST_STARTS: usize = 5;

/// What all crashes of a run have left behind.
#[derive(Default)]
pub struct Wrecks {
    in_flight: BTreeSet<String>,
    received: i64,
    count: usize,
}

impl Wrecks {
    pub fn add(&mut self, wreck: Wreck) {
        self.in_flight.extend(wreck.in_flight);
        self.received += wreck.received;
        self.count += 1;
    }

    /// What was in flight at a crash is held, was sent once at most, and nothing
    /// else is held.
    #[track_caller]
    pub fn assert_held(&self, accounts: &Accounts) {
        for order in accounts.of(Fate::Held) {
            let verdicts: Vec<_> = order.attempts.iter().map(|attempt| attempt.verdict).collect();
            assert_eq!(verdicts, [Some(Verdict::Unknown)], "{order:?}");
        }
        let held: BTreeSet<_> = accounts.of(Fate::Held).filter_map(|order| order.delivery.clone()).collect();
        assert_eq!(held, self.in_flight);
    }

    pub fn told(&self) -> String {
        let (count, in_flight) = (self.count, self.in_flight.len());
        format!(
            "{count} kills, with {in_flight} messages in flight and {} events not yet planned",
            self.received
        )
    }
}

/// Promises 1, 2, 4, 5 and 6: killed while webhooks come in, while messages go
/// out, at any moment, and while it starts and recovers from the time before.
pub async fn kill_9(mut chance: Chance) -> Outcome {
    let upstream = sandbox();
    // Slow enough that there is always something in flight to be killed.
    upstream.set_fault("delay_ms=10".parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut wrecks = Wrecks::default();
    for _ in 0..FIRST_STARTS {
        wrecks.add(gateway.start_and_kill(millis(&mut chance, 60)).await);
    }
    let mut load = Load::on(gateway.start(), ORDERS);
    for kill in 0..kills() {
        load.allow((AHEAD + chance.usize(60..120)).saturating_sub(load.ahead()));
        match kill % 4 {
            0 => load.wait_for(load.acknowledged() + chance.usize(1..50)).await,
            1 => {
                let sent = upstream.requests().len() as u64;
                wait(upstream.wait_for(sent + chance.u64(1..60))).await;
            }
            _ => tokio::time::sleep(millis(&mut chance, 150)).await,
        }
        wrecks.add(gateway.kill());
        if kill % 4 == 3 {
            wrecks.add(gateway.start_and_kill(millis(&mut chance, 80)).await);
        }
        load.moved(gateway.start());
    }
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    wrecks.assert_held(&accounts);
    assert_eq!(accounts.of(Fate::Delivered).count() + accounts.of(Fate::Held).count(), ledger.len());
    // Without it the scenario would prove nothing.
    assert!(wrecks.in_flight.len() >= kills() / 2, "{}", wrecks.told());
    Outcome::Played(accounts.row().note(wrecks.told()))
}

fn millis(chance: &mut Chance, most: u64) -> Duration {
    Duration::from_millis(chance.u64(0..most))
}

/// Promises 2 and 4: frozen as a machine is that is moved, for longer than an
/// answer may take. What it sent meanwhile has an answer or is unknown; nothing
/// is sent again.
pub async fn frozen(mut chance: Chance) -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=100".parse().unwrap());
    let keys = "timeout_secs: 1\n    breaker: { first_probe_secs: 1, max_probe_secs: 1 }";
    let mut gateway = Gateway::new(&upstream.url(), keys);
    let mut load = Load::on(gateway.start(), ORDERS);
    for _ in 0..2 {
        load.allow(100);
        let sent = upstream.requests().len() as u64;
        wait(upstream.wait_for(sent + chance.u64(1..60))).await;
        gateway.running().signal("STOP");
        tokio::time::sleep(Duration::from_millis(1200)).await;
        gateway.running().signal("CONT");
        load.all().await;
    }
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    assert_eq!(accounts.of(Fate::Delivered).count() + accounts.of(Fate::Held).count(), 200);
    Outcome::Played(accounts.row())
}
