//! The whole way: accepted, planned, delivered to an upstream that takes everything,
//! and settled; without a backlog that grows.
//!
//! First it is seen how much goes in and how fast what is left comes out, which gives
//! a guess of what can be sustained; then rates about it are held for a while, until
//! one is found at which the backlog stays small.

use std::time::{Duration, Instant};

use crate::asked::Asked;
use crate::gateway::{BUILT, Gateway};
use crate::load::{CONNECTIONS, Wrk};
use crate::site::Site;
use crate::stand_in::{StandIn, until};
use crate::table::{Series, Table, number};

/// Events that are not delivered yet.
const ON_ITS_WAY: &str = "SELECT (SELECT count(*) FROM events WHERE state = 'received') \
                          + (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'in_flight'))";
/// Of the first guess, one after another until one holds.
const TRIED: [f64; 8] = [1.3, 1.15, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5];
/// A backlog of so many seconds of load is only what is under way.
const BACKLOG_SECS: f64 = 0.5;

/// What was seen at one rate.
struct Held {
    per_sec: f64,
    backlog: i64,
    /// From the receipt to the settled delivery.
    p99_ms: i64,
    cpu_ms_per_1000: f64,
}

pub fn measure(asked: &Asked, wrk: &Wrk) {
    let (_empty, address) = StandIn::Empty.start();
    let (_upstream, upstream) = StandIn::Blackhole(0).start();
    let gateway = Gateway::start(BUILT, Site::new(upstream, 1));
    let mut empty = Series::default();
    for _ in 0..asked.rounds {
        empty.push(wrk.run(&format!("http://{address}/hooks/pedidos"), &gateway.site, asked.turn).per_sec);
    }
    let guess = guess(asked, wrk, &gateway);
    let tried = TRIED.iter().map(|part| hold(asked, wrk, &gateway, guess * part));
    let found = tried.into_iter().find(|held| (held.backlog as f64) < held.per_sec * BACKLOG_SECS);
    let columns =
        ["", "a second", "of the empty handler", "p99 to settled, ms", "backlog at the end", "CPU ms / 1000"];
    let mut table = Table::new(&format!("The whole way, held for {} s", asked.sustained.as_secs()), &columns);
    table.row(&["empty handler".into(), empty.shown(0), "1".into(), "-".into(), "-".into(), "-".into()]);
    let Some(found) = found else {
        println!("no rate was found at which the backlog does not grow; first guess: {guess:.0} a second");
        return;
    };
    let half = hold(asked, wrk, &gateway, found.per_sec / 2.0);
    for (name, held) in [("gancho, the most that is sustained", &found), ("gancho, at half of that", &half)] {
        table.row(&[
            name.to_owned(),
            number(held.per_sec, 0),
            format!("{:.3}", held.per_sec / empty.median()),
            number(held.p99_ms as f64, 0),
            number(held.backlog as f64, 0),
            number(held.cpu_ms_per_1000, 0),
        ]);
    }
    table.print();
    println!("\nresident after it: {:.1} MB", gateway.process.peak_memory() as f64 / 1024.0 / 1024.0);
}

/// What goes in takes its time, and what is left over comes out in its own.
fn guess(asked: &Asked, wrk: &Wrk, gateway: &Gateway) -> f64 {
    let began = Instant::now();
    let before = gateway.events();
    wrk.run(&gateway.url(), &gateway.site, asked.turn);
    until("all of it is delivered", || {
        std::thread::sleep(Duration::from_millis(20));
        gateway.look(ON_ITS_WAY) == 0
    });
    (gateway.events() - before) as f64 / began.elapsed().as_secs_f64()
}

/// At about that rate for the whole time, and then until all is delivered.
fn hold(asked: &Asked, wrk: &Wrk, gateway: &Gateway, per_sec: f64) -> Held {
    let before = gateway.events();
    let cpu = gateway.process.cpu();
    let pause = Duration::from_secs_f64(f64::from(CONNECTIONS) / per_sec);
    let run = wrk.paced(&gateway.url(), &gateway.site, asked.sustained, pause);
    let backlog = gateway.look(ON_ITS_WAY);
    until("all of it is delivered", || {
        std::thread::sleep(Duration::from_millis(20));
        gateway.look(ON_ITS_WAY) == 0
    });
    let cpu = gateway.process.cpu().saturating_sub(cpu).as_secs_f64();
    let events = (gateway.events() - before).max(1) as f64;
    let mut took = gateway.column(&format!(
        "SELECT d.moved_at - e.received_at FROM events e JOIN deliveries d ON d.event = e.seq WHERE e.seq > {before}"
    ));
    took.sort_unstable();
    let p99_ms = took.get(took.len() * 99 / 100).copied().unwrap_or_default();
    let held = Held { per_sec: run.per_sec, backlog, p99_ms, cpu_ms_per_1000: cpu * 1e6 / events };
    eprintln!(
        "tried {:.0} a second: {:.0} came in, backlog {backlog}, p99 {p99_ms} ms, {} failed",
        per_sec, held.per_sec, run.failed
    );
    held
}
