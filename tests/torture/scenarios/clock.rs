//! A clock that jumps by a day, forth and back, while it works.

use std::path::PathBuf;

use crate::accounts::{Accounts, Fate};
use crate::gateway::{Gateway, wait};
use crate::load::{Load, ORDERS};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

/// What the jumps are to, from the true time.
const JUMPS: [&str; 4] = ["+1d", "+0", "-1d", "+0"];

/// Promises 2 and 4: nothing is lost, sent again or stuck for a day.
pub async fn jumps() -> Outcome {
    let upstream = sandbox();
    let Some((mut gateway, clock)) = with_a_clock(&upstream.url()) else { return skipped() };
    let mut load = Load::on(gateway.start(), ORDERS);
    for jump in JUMPS {
        // Some are on their way, and some wait for a time, when it jumps.
        let faults = ["status=429,retry_after=1,times=1", "delay_ms=30"];
        upstream.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
        let sent = upstream.requests().len() as u64;
        load.post(60).await;
        wait(upstream.wait_for(sent + 10)).await;
        clock.set(jump);
        load.post(60).await;
        gateway.at_rest().await;
    }
    let ledger = load.finish().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    Outcome::Played(accounts.row().note(format!("jumps to {}", JUMPS.join(", "))))
}

/// Promises 2 and 4: it began on a machine whose clock was a day ahead, and what
/// waits does not wait for that day when it starts again with the true time.
pub async fn set_back_while_it_was_down() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("status=429,retry_after=2,times=1".parse().unwrap());
    let Some((mut gateway, clock)) = with_a_clock(&upstream.url()) else { return skipped() };
    clock.set("+1d");
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(1).await;
    gateway.until("SELECT count(*) FROM slowed", |slowed| slowed == 1).await;
    load.post(60).await;
    gateway.until("SELECT count(*) FROM events WHERE state = 'received'", |waiting| waiting == 0).await;
    gateway.stop();
    clock.set("+0");
    load.moved(gateway.start());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    Outcome::Played(accounts.row())
}

/// The clock that a gateway sees.
struct FakeClock {
    file: PathBuf,
}

impl FakeClock {
    /// In one step, since it is read all the time.
    fn set(&self, time: &str) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, time).expect("it can be written");
        std::fs::rename(new, &self.file).expect("it can take its place");
    }
}

/// None: this machine cannot fake one.
fn with_a_clock(upstream: &str) -> Option<(Gateway, FakeClock)> {
    let library = faketime()?;
    let mut gateway = Gateway::new(upstream, "backoff: { first_secs: 1 }");
    let clock = FakeClock { file: gateway.site.path().join("time") };
    clock.set("+0");
    gateway
        .site
        .set("LD_PRELOAD", &library.display().to_string())
        .set("FAKETIME_TIMESTAMP_FILE", &clock.file.display().to_string())
        .set("FAKETIME_NO_CACHE", "1")
        // A machine whose clock is set goes on counting at the same pace.
        .set("DONT_FAKE_MONOTONIC", "1");
    Some((gateway, clock))
}

fn skipped() -> Outcome {
    Outcome::Skipped("no libfaketime here (Debian: apt-get install libfaketime)".into())
}

fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.exists())
}
