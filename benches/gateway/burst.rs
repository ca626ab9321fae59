//! A burst while the upstream is slow: deliveries fall behind, and accepting goes on;
//! what waits, waits on disk.

use std::time::Duration;

use crate::asked::Asked;
use crate::gateway::{BUILT, Gateway};
use crate::load::Wrk;
use crate::site::Site;
use crate::stand_in::StandIn;
use crate::table::{Series, Table, number};

const UPSTREAM_MILLIS: u64 = 1_000;
const MEGABYTE: f64 = 1024.0 * 1024.0;

pub fn measure(asked: &Asked, wrk: &Wrk) {
    let (_upstream, upstream) = StandIn::Blackhole(UPSTREAM_MILLIS).start();
    let gateway = Gateway::start(BUILT, Site::new(upstream, 1));
    wrk.run(&gateway.url(), &gateway.site, Duration::from_secs(1));
    let idle = gateway.process.memory() as f64 / MEGABYTE;
    let (mut rate, mut p99) = (Series::default(), Series::default());
    let mut failed = 0;
    for _ in 0..asked.rounds {
        let run = wrk.run(&gateway.url(), &gateway.site, asked.turn);
        rate.push(run.per_sec);
        p99.push(run.p99_ms);
        failed += run.failed;
    }
    let waiting = gateway.look(
        "SELECT (SELECT count(*) FROM events WHERE state = 'received') \
         + (SELECT count(*) FROM deliveries WHERE state = 'pending')",
    );
    let delivered = gateway.look("SELECT count(*) FROM deliveries WHERE state = 'delivered'");
    let title = format!("Burst, while an answer from upstream takes {UPSTREAM_MILLIS} ms");
    let mut table = Table::new(&title, &["", ""]);
    table.row(&["accepted a second".to_owned(), rate.shown(0)]);
    table.row(&["acknowledgement p99, ms".to_owned(), p99.shown(1)]);
    table.row(&["failed".to_owned(), failed.to_string()]);
    table.row(&["delivered meanwhile".to_owned(), number(delivered as f64, 0)]);
    table.row(&["waiting at the end, on disk".to_owned(), number(waiting as f64, 0)]);
    table.row(&["resident after the first second, MB".to_owned(), number(idle, 1)]);
    table.row(&[
        "resident at its most, MB".to_owned(),
        number(gateway.process.peak_memory() as f64 / MEGABYTE, 1),
    ]);
    table.print();
}
