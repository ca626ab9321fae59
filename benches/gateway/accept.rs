//! Webhooks that are acknowledged when they are on disk, beside a handler that does
//! nothing with them.
//!
//! Upstream nobody listens, so the breaker is open and nothing is sent. What came is
//! still planned, on the same cores; the third contestant's source is paused, so that
//! it accepts and does nothing else.

use crate::asked::Asked;
use crate::gateway::{BUILT, Gateway};
use crate::load::{Run, Wrk};
use crate::peers::Peers;
use crate::site::Site;
use crate::stand_in::{StandIn, nobody};
use crate::table::{Series, Table};

const GROWN_BYTES: u64 = 2 * 1024 * 1024 * 1024;

struct Contestant {
    name: String,
    /// What its 2xx says.
    means: &'static str,
    url: String,
    gateway: Option<Gateway>,
    rate: Series,
    median: Series,
    p99: Series,
    /// Milliseconds of processor for a thousand events.
    cpu: Series,
    failed: u64,
}

pub fn measure(asked: &Asked, wrk: &Wrk) {
    let (_empty, address) = StandIn::Empty.start();
    let site = Site::new(nobody(), 1);
    let mut all =
        vec![Contestant::new("empty handler", "it was read", format!("http://{address}/hooks/pedidos"))];
    let others = asked.others.iter().map(String::as_str);
    for (number, binary) in std::iter::once(BUILT).chain(others).enumerate() {
        let name = if number == 0 { "gancho".to_owned() } else { format!("gancho ({binary})") };
        all.push(Contestant::gateway(&name, Gateway::start(binary, Site::new(nobody(), 1))));
        let paused = Gateway::start(binary, Site::new(nobody(), 1));
        paused.pause();
        all.push(Contestant::gateway(&format!("{name}, accepting only"), paused));
    }
    let (_upstream, upstream) = StandIn::Blackhole(0).start();
    let peers = asked.peers.then(|| Peers::start(upstream));
    for peer in peers.iter().flat_map(|peers| &peers.running) {
        all.push(Contestant::new(peer.name, peer.means, peer.url.clone()));
    }
    if asked.grown {
        all.iter().filter_map(|each| each.gateway.as_ref()).for_each(|gateway| grow(wrk, gateway));
    }
    // Round 0 warms up.
    for round in 0..=asked.rounds {
        for each in &mut all {
            each.turn(asked, wrk, &site, round > 0);
        }
    }
    print(asked, &all);
}

fn grow(wrk: &Wrk, gateway: &Gateway) {
    while gateway.file_bytes() < GROWN_BYTES {
        wrk.run(&gateway.url(), &gateway.site, std::time::Duration::from_secs(10));
    }
}

impl Contestant {
    fn new(name: &str, means: &'static str, url: String) -> Self {
        Self {
            name: name.to_owned(),
            means,
            url,
            gateway: None,
            rate: Series::default(),
            median: Series::default(),
            p99: Series::default(),
            cpu: Series::default(),
            failed: 0,
        }
    }

    fn gateway(name: &str, gateway: Gateway) -> Self {
        let url = gateway.url();
        Self { gateway: Some(gateway), ..Self::new(name, "it is on disk", url) }
    }

    fn turn(&mut self, asked: &Asked, wrk: &Wrk, site: &Site, counts: bool) {
        let before = self.gateway.as_ref().map(|gateway| gateway.process.cpu());
        let Run { per_sec, median_ms, p99_ms, failed } = wrk.run(&self.url, site, asked.turn);
        if let Some(gateway) = self.gateway.as_ref().filter(|_| !self.name.ends_with("only")) {
            gateway.planned();
        }
        if !counts {
            return;
        }
        if let (Some(gateway), Some(before)) = (&self.gateway, before) {
            let spent = gateway.process.cpu().saturating_sub(before).as_secs_f64();
            self.cpu.push(spent * 1e6 / (per_sec * asked.turn.as_secs_f64()));
        }
        self.rate.push(per_sec);
        self.median.push(median_ms);
        self.p99.push(p99_ms);
        self.failed += failed;
    }
}

fn print(asked: &Asked, all: &[Contestant]) {
    let on = if asked.grown { ", on files grown past 2 GB" } else { "" };
    let columns =
        ["", "2xx means", "a second", "ratio", "median ms", "p99 ms", "p99 ratio", "CPU ms / 1000", "failed"];
    let mut table = Table::new(&format!("Accepting{on}"), &columns);
    for each in all {
        table.row(&[
            each.name.clone(),
            each.means.to_owned(),
            each.rate.shown(0),
            each.rate.over(&all[0].rate).shown(3),
            each.median.shown(1),
            each.p99.shown(1),
            each.p99.over(&all[0].p99).shown(1),
            if each.gateway.is_some() { each.cpu.shown(0) } else { "-".to_owned() },
            each.failed.to_string(),
        ]);
    }
    table.print();
}
