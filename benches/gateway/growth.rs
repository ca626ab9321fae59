//! What the number of stored events changes: one gateway, on a file that grows.
//!
//! The events are its own, copied within the store while it stands still: as if they
//! had come in long ago and been ignored.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::asked::Asked;
use crate::gateway::{BUILT, Gateway, gancho};
use crate::load::Wrk;
use crate::site::Site;
use crate::stand_in::{StandIn, nobody};
use crate::table::{Series, Table, number};

/// Copies the oldest events, with new ids.
const COPY: &str = "
    INSERT INTO events (id, source, key, kind, state, received_at, planned_at, mapping_version, method, query,
                        headers, body, request)
    SELECT randomblob(16), source, hex(randomblob(16)), kind, 'ignored', received_at, received_at, 'v', method,
           query, headers, body, request
    FROM events ORDER BY seq LIMIT ?1";

pub fn measure(asked: &Asked, wrk: &Wrk) {
    let (_empty, address) = StandIn::Empty.start();
    let stages: &[u64] = if asked.quick { &[1_000, 5_000] } else { &[1_000, 1_000_000, 5_000_000] };
    let columns = [
        "stored events",
        "accepted a second",
        "of the empty handler",
        "`events` ms",
        "`status` ms",
        "start ms",
        "bytes each",
    ];
    let mut table = Table::new("Growth", &columns);
    let mut site = Site::new(nobody(), 1);
    for stage in stages {
        site = grown(site, wrk, *stage);
        let gateway = Gateway::start(BUILT, site);
        let (mut rate, mut empty) = (Series::default(), Series::default());
        for _ in 0..asked.rounds {
            empty
                .push(wrk.run(&format!("http://{address}/hooks/pedidos"), &gateway.site, asked.turn).per_sec);
            rate.push(wrk.run(&gateway.url(), &gateway.site, asked.turn).per_sec);
            gateway.planned();
        }
        let bytes = gateway.file_bytes() as f64 / gateway.events() as f64;
        table.row(&[
            number(*stage as f64, 0),
            rate.shown(0),
            rate.over(&empty).shown(3),
            asked_for(&gateway, "events"),
            asked_for(&gateway, "status"),
            number(gateway.start.as_secs_f64() * 1e3, 0),
            number(bytes, 0),
        ]);
        site = gateway.stop();
    }
    table.print();
}

/// Until there are so many.
fn grown(site: Site, wrk: &Wrk, events: u64) -> Site {
    let gateway = Gateway::start(BUILT, site);
    if gateway.events() == 0 {
        wrk.run(&gateway.url(), &gateway.site, Duration::from_secs(1));
        gateway.planned();
    }
    let site = gateway.stop();
    let conn = Connection::open(site.store()).expect("its store");
    conn.pragma_update(None, "synchronous", "OFF").expect("a setting");
    let mut have =
        conn.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).map_or(0, i64::unsigned_abs);
    while have < events {
        let more = (events - have).min(have).min(100_000) as i64;
        conn.execute(COPY, [more]).expect("copies");
        have += more.unsigned_abs();
    }
    let _ = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    site
}

/// How long a command of an operator takes, the best of three.
fn asked_for(gateway: &Gateway, command: &str) -> String {
    let times = (0..3).map(|_| {
        let began = Instant::now();
        let ended = gancho(BUILT, &gateway.site).arg(command).output().expect("it runs");
        assert!(ended.status.success(), "{command}: {}", String::from_utf8_lossy(&ended.stderr));
        began.elapsed()
    });
    number(times.min().unwrap_or_default().as_secs_f64() * 1e3, 0)
}
