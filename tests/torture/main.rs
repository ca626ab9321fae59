//! The torture suite: the real binary, a stand-in Talqui that records everything
//! and dedupes nothing, senders that keep a ledger of every 2xx, and everything
//! that can go wrong. At the end each scenario's books are closed: what was
//! acknowledged against what is in the store against what the upstream got.
//!
//! `cargo test --test torture` runs all of it and prints a table; with `-- kill`
//! after it, the scenarios whose name holds `kill`. `GANCHO_TORTURE_SEED` repeats
//! a run's random choices, `GANCHO_TORTURE_KILLS` says how often `kill -9` comes.
//!
//! Each scenario is a function, with the numbers of the promises that it holds
//! the gateway to; they are written out in `promises.rs`. What a scenario needs
//! and this machine lacks makes it SKIPPED, aloud.

mod accounts;
mod chance;
mod gateway;
mod load;
mod promises;
mod report;
#[path = "../binary/running.rs"]
#[allow(dead_code, reason = "the other suite uses the rest")]
mod running;
mod scenarios;
#[path = "../binary/site.rs"]
#[allow(dead_code, reason = "the other suite uses the rest")]
mod site;
mod upstream;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chance::Chance;
use report::{Line, Outcome, Verdict};
use scenarios::{SCENARIOS, Scenario};

/// No single thing takes this long; what waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nor does a whole scenario.
const SCENARIO_PATIENCE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // As the usual harness does, for whoever lists or picks tests.
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let chosen = SCENARIOS.iter().filter(|scenario| {
        let name = scenario.name;
        filters.is_empty()
            || filters.iter().any(|f| if has("--exact") { name == *f } else { name.contains(*f) })
    });
    let chosen: Vec<&Scenario> = if has("--ignored") { Vec::new() } else { chosen.collect() };
    if has("--list") {
        chosen.iter().for_each(|scenario| println!("{}: test", scenario.name));
        return ExitCode::SUCCESS;
    }
    if chosen.is_empty() {
        println!("no scenario of the torture suite has that name");
        return ExitCode::SUCCESS;
    }
    scenarios::disk::into_a_room_of_its_own();
    let seed = chance::seed();
    println!("torture, seed {seed}");
    let lines: Vec<Line> = chosen.iter().map(|scenario| run(scenario, seed)).collect();
    println!("\n{}", report::table(&lines));
    if lines.iter().all(|line| line.verdict() != Verdict::Failed) {
        return ExitCode::SUCCESS;
    }
    println!("FAILED; the same choices again: GANCHO_TORTURE_SEED={seed}");
    ExitCode::FAILURE
}

/// One scenario in a runtime of its own. A panic in it is its failure.
fn run(scenario: &'static Scenario, seed: u64) -> Line {
    println!("- {}", scenario.name);
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let chance = Chance::of(seed, scenario.name);
            tokio::time::timeout(SCENARIO_PATIENCE, (scenario.play)(chance)).await.expect("it takes too long")
        })
    }));
    runtime.shutdown_background();
    let line = Line { scenario, outcome: played.unwrap_or(Outcome::Panicked), took: began.elapsed() };
    line.notes().iter().for_each(|note| println!("  {note}"));
    line
}
