//! What it takes to have a gateway: bytes on disk and in memory, and the time until
//! it is there.

use std::time::Duration;

use crate::asked::Asked;
use crate::gateway::{BUILT, Gateway};
use crate::site::Site;
use crate::stand_in::nobody;
use crate::table::{Series, Table, number};

const MAPPINGS: usize = 100;
const MEGABYTE: f64 = 1024.0 * 1024.0;

pub fn measure(asked: &Asked) {
    let (mut ready, mut idle, mut idle_wide) = (Series::default(), Series::default(), Series::default());
    for _ in 0..asked.rounds {
        let one = Gateway::start(BUILT, Site::new(nobody(), 1));
        // Whatever it does at its start is done.
        std::thread::sleep(Duration::from_secs(1));
        idle.push(one.process.memory() as f64 / MEGABYTE);
        drop(one);
        let wide = Gateway::start(BUILT, Site::new(nobody(), MAPPINGS));
        ready.push(wide.start.as_secs_f64() * 1e3);
        idle_wide.push(wide.process.memory() as f64 / MEGABYTE);
    }
    let bytes = std::fs::metadata(BUILT).map_or(0, |file| file.len());
    let mut table = Table::new("Footprint", &["", "median (least to most)"]);
    table.row(&["binary, MB".to_owned(), number(bytes as f64 / MEGABYTE, 1)]);
    table.row(&["resident when idle, 1 mapping, MB".to_owned(), idle.shown(1)]);
    table.row(&[format!("resident when idle, {MAPPINGS} mappings, MB"), idle_wide.shown(1)]);
    table.row(&[format!("start to ready, {MAPPINGS} mappings, ms"), ready.shown(0)]);
    table.print();
}
