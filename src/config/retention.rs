//! `retention:`, how long things are kept.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Problems};
use crate::yaml::{Fields, Node};

/// Counted from when an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// What was sent to us and by us, of events that are finished.
    pub bodies: Duration,
    /// Events with their deliveries and attempts; also those that wait for a
    /// person.
    pub records: Duration,
    /// Hashes of keys: how late a repeat is still known for one.
    pub keys: Duration,
}

const DAY_SECS: u64 = 24 * 60 * 60;

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * DAY_SECS)
}

impl Default for Retention {
    fn default() -> Self {
        Self { bodies: days(30), records: days(90), keys: days(400) }
    }
}

impl Retention {
    /// What is said in `node`, over what is kept now.
    pub fn read(&mut self, node: &Node, problems: &mut Problems) {
        let known = ["bodies_days", "records_days", "keys_days"];
        let Some(fields) = Fields::open(node, "`retention`", &known, problems) else { return };
        if let Some(count) = fields.number("bodies_days", 1..=3_650, problems) {
            self.bodies = days(count as u64);
        }
        if let Some(count) = fields.number("records_days", 1..=3_650, problems) {
            self.records = days(count as u64);
        }
        if let Some(count) = fields.number("keys_days", 1..=36_500, problems) {
            self.keys = days(count as u64);
        }
        // A record without its key would let a late repeat through as something new.
        if self.bodies > self.records || self.records > self.keys {
            let message = say!("`bodies_days` is at most `records_days`, and that at most `keys_days`");
            let said = [self.bodies, self.records, self.keys].map(|kept| kept.as_secs() / DAY_SECS);
            let help = say!("they are {}, {} and {} now", said[0], said[1], said[2]);
            problems.push(Diagnostic::error("wrong-type", &node.place, message).help(help));
        }
    }
}
