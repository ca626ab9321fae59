//! Load from outside: `wrk`, with a script that makes each request a new event.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::site::{Site, signatures};

/// Senders that send at the same time.
pub const CONNECTIONS: u32 = 64;
/// Different people, to whom the orders belong by turns.
const PEOPLE: u32 = 50_000;

pub struct Wrk {
    script: PathBuf,
    signatures: (String, String),
    /// Each run has ids of its own.
    runs: AtomicU32,
}

/// What came of one run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub per_sec: f64,
    pub median_ms: f64,
    pub p99_ms: f64,
    pub failed: u64,
}

impl Wrk {
    pub fn found() -> Option<Self> {
        // It has no option that ends well; that it starts is enough.
        Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gateway/orders.lua").into();
        Some(Self { script, signatures: signatures(), runs: AtomicU32::new(0) })
    }

    /// As much as goes.
    pub fn run(&self, url: &str, site: &Site, time: Duration) -> Run {
        self.paced(url, site, time, Duration::ZERO)
    }

    /// Each connection waits so long, on the average, before its next request.
    pub fn paced(&self, url: &str, site: &Site, time: Duration, pause: Duration) -> Run {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let mut command = Command::new("wrk");
        command.arg("-t1").arg(format!("-c{CONNECTIONS}")).arg(format!("-d{}s", time.as_secs().max(1)));
        command.arg("--timeout=30s").arg("-s").arg(&self.script).arg(url).arg("--");
        command.arg(site.order()).arg(&self.signatures.0).arg(format!("run-{number}"));
        command.arg(PEOPLE.to_string()).arg(pause.as_millis().to_string()).arg(&self.signatures.1);
        let ended = command.output().expect("wrk runs");
        let said = String::from_utf8_lossy(&ended.stdout);
        let result = said.lines().find_map(|line| line.strip_prefix("result ")).and_then(read);
        result.unwrap_or_else(|| panic!("wrk: {said}{}", String::from_utf8_lossy(&ended.stderr)))
    }
}

fn read(result: &str) -> Option<Run> {
    let mut words = result.split(' ').map(|word| word.parse::<f64>().ok());
    let mut next = || words.next().flatten();
    let (requests, secs, median, p99, failed) = (next()?, next()?, next()?, next()?, next()?);
    Some(Run {
        per_sec: (requests - failed) / secs,
        median_ms: median / 1e3,
        p99_ms: p99 / 1e3,
        failed: failed as u64,
    })
}
