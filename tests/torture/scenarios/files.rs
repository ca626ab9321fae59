//! A process that may open no more files, and connections are files.

use std::process::Command;

use crate::accounts::{Accounts, Fate};
use crate::gateway::Gateway;
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

/// Enough for some of the senders, and then for none to the upstream.
const MORE: usize = 4;

/// Promises 2 and 4: what cannot be sent for want of a connection was not sent,
/// and goes out when there are some again.
pub async fn too_many() -> Outcome {
    let upstream = sandbox();
    let keys = "backoff: { first_secs: 1 }\n    breaker: { first_probe_secs: 1, max_probe_secs: 1 }";
    let mut gateway = Gateway::new(&upstream.url(), keys);
    let mut load = Load::on(gateway.start(), Orders { people: 60, ..ORDERS });
    let pid = gateway.running().pid();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
    if !limit(pid, open + MORE) {
        return Outcome::Skipped("no `prlimit` here, or nothing to limit with it".into());
    }
    load.allow(200);
    load.wait_for(100).await;
    gateway.running().wait_for_log("Too many open files");
    limit(pid, 1024);
    load.all().await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    let ended = gateway.stop();
    assert!(!ended.stderr.contains("the store failed"), "the store needs no files but those it has");

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    accounts.assert_no_attempt_burnt();
    let sent = accounts.orders.iter().map(|order| order.attempts.len()).sum::<usize>();
    Outcome::Played(
        accounts.row().note(format!("{} sends found no connection", sent - accounts.orders.len())),
    )
}

fn limit(pid: u32, files: usize) -> bool {
    let limit =
        Command::new("prlimit").args([format!("--pid={pid}"), format!("--nofile={files}:1024")]).status();
    limit.is_ok_and(|status| status.success())
}
