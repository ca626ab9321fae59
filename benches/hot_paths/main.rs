//! What one webhook costs before anything is stored or sent, each beside the
//! least it could cost: verifying beside the bare HMAC, planning beside the bare
//! parsing. How to run and read it: `docs/performance.md`.

mod order;

use std::hint::black_box;
use std::time::{Duration, Instant};

use gancho::mapping::Mapping;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use order::{NOW, SECRET, body, compile, plan, signed, verifier, webhook};

fn main() {
    let effort = Effort::asked();
    let body = body();
    println!("a paid order of Shopify, {} bytes; {effort}\n", body.len());
    println!("{:26}{:>10}{:>12}{:>12}{:>15}", "", "min ns", "median ns", "min ratio", "median ratio");
    let mapping = compile();
    verifying(&mapping, &body, &effort);
    planning(&mapping, &body, &effort);
}

fn verifying(mapping: &Mapping, body: &str, effort: &Effort) {
    let mut signed = Some(signed(mapping, body));
    let verifier = verifier(mapping);
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    compare(
        effort,
        ("HMAC-SHA256 of the body", &mut || {
            let mut mac = key.clone();
            mac.update(black_box(body.as_bytes()));
            black_box(mac.finalize());
        }),
        // The webhook goes in and comes out whole: no copy of it is timed.
        ("verify", &mut || {
            let event = verifier.verify(black_box(signed.take().expect("a webhook")), NOW);
            signed = Some(event.expect("a valid signature").into_webhook());
        }),
    );
}

fn planning(mapping: &Mapping, body: &str, effort: &Effort) {
    let headers = webhook(&mapping.source, body).headers;
    let planned = plan(mapping, &headers, body);
    assert_eq!(planned.messages.len(), 1, "{:?}", planned.problems);
    compare(
        effort,
        ("serde_json::from_slice", &mut || {
            black_box(serde_json::from_slice::<Value>(black_box(body.as_bytes())).expect("JSON"));
        }),
        ("parse + plan", &mut || {
            black_box(plan(mapping, &headers, black_box(body)));
        }),
    );
}

/// How long to measure.
struct Effort {
    batches: usize,
    batch: Duration,
}

impl Effort {
    /// `--quick` is for seeing that it runs. So does `cargo test --benches`,
    /// which does not pass the `--bench` that `cargo bench` does.
    fn asked() -> Self {
        let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
        match has("--quick") || !has("--bench") {
            true => Self { batches: 11, batch: Duration::from_millis(1) },
            false => Self { batches: 301, batch: Duration::from_millis(5) },
        }
    }
}

impl std::fmt::Display for Effort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} batches of {} ms each", self.batches, self.batch.as_millis())
    }
}

type Work<'a> = (&'a str, &'a mut dyn FnMut());

/// Times the two by turns, so that what else the machine does falls on both,
/// and prints a line for each. A ratio says how many times the least it takes.
fn compare(effort: &Effort, (least_name, least): Work<'_>, (name, work): Work<'_>) {
    let (least_times, work_times) = (warm_up(effort, least), warm_up(effort, work));
    let (mut least_ns, mut work_ns) = (Vec::new(), Vec::new());
    for _ in 0..effort.batches {
        least_ns.push(batch(least_times, least));
        work_ns.push(batch(work_times, work));
    }
    let (least, work) = (Summary::of(least_ns), Summary::of(work_ns));
    println!("{least_name:26}{:>10.0}{:>12.0}", least.min, least.median);
    println!(
        "{name:26}{:>10.0}{:>12.0}{:>12.2}{:>15.2}",
        work.min,
        work.median,
        work.min / least.min,
        work.median / least.median,
    );
}

/// Runs it for ten batches' time, and says how many times fill one.
fn warm_up(effort: &Effort, work: &mut dyn FnMut()) -> u32 {
    let (start, mut times) = (Instant::now(), 0u32);
    while start.elapsed() < effort.batch * 10 {
        work();
        times += 1;
    }
    (times / 10).max(1)
}

/// Nanoseconds for each time.
fn batch(times: u32, work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(times)
}

struct Summary {
    min: f64,
    median: f64,
}

impl Summary {
    fn of(mut ns: Vec<f64>) -> Self {
        ns.sort_by(f64::total_cmp);
        Self { min: ns[0], median: ns[ns.len() / 2] }
    }
}
