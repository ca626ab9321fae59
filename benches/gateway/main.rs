//! What the whole gateway costs, beside a handler that does nothing: processes,
//! load from outside by `wrk`, a real disk. How to run and read it:
//! `docs/performance.md`.
//!
//! Lives here: which measurements are asked for, and their order.

mod accept;
mod asked;
mod burst;
mod child;
mod footprint;
mod gateway;
mod growth;
mod load;
mod peers;
mod site;
mod stand_in;
mod table;
mod whole;

use std::process::ExitCode;

use asked::{Asked, Part};
use load::Wrk;
use stand_in::StandIn;

fn main() -> ExitCode {
    if let Some(role) = StandIn::asked() {
        return role.run();
    }
    let asked = match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(said) => {
            eprintln!("{said}");
            return ExitCode::from(2);
        }
    };
    println!("{}", asked.conditions());
    if asked.wants(Part::Footprint) {
        footprint::measure(&asked);
    }
    let Some(wrk) = Wrk::found() else {
        println!("SKIPPED: all that needs load, since there is no `wrk` here (Debian: apt-get install wrk)");
        return ExitCode::SUCCESS;
    };
    if asked.wants(Part::Accept) {
        accept::measure(&asked, &wrk);
    }
    if asked.wants(Part::Whole) {
        whole::measure(&asked, &wrk);
    }
    if asked.wants(Part::Burst) {
        burst::measure(&asked, &wrk);
    }
    if asked.growth {
        growth::measure(&asked, &wrk);
    }
    ExitCode::SUCCESS
}
