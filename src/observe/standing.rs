//! How things stand, looked up when somebody asks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::meters::{Labels, connection, source};

/// What the store knows of how things stand, as who serves the metrics reads it.
#[derive(Debug, Clone, Default)]
pub struct Gauges {
    /// By source: events that wait to be planned, and those that a mapping could
    /// make nothing of.
    pub received: BTreeMap<String, u64>,
    pub parked: BTreeMap<String, u64>,
    /// By connection: messages that wait, and those whose outcome is unknown.
    pub pending: BTreeMap<String, u64>,
    pub held: BTreeMap<String, u64>,
    /// By connection: the people that its messages wait for.
    pub lanes: BTreeMap<String, u64>,
    /// How long the oldest has waited to be planned, and to be sent.
    pub oldest_received: Option<Duration>,
    pub oldest_pending: Option<Duration>,
    pub paused_connections: BTreeSet<String>,
    pub paused_sources: BTreeSet<String>,
    pub everything_paused: bool,
    /// The store's file, and what of it nothing is in.
    pub store_bytes: u64,
    pub store_free_bytes: u64,
}

type Whole = Gauge<i64>;

pub struct Standing {
    received: Family<Labels<1>, Whole>,
    parked: Family<Labels<1>, Whole>,
    pending: Family<Labels<1>, Whole>,
    held: Family<Labels<1>, Whole>,
    lanes: Family<Labels<1>, Whole>,
    connection_paused: Family<Labels<1>, Whole>,
    source_paused: Family<Labels<1>, Whole>,
    everything_paused: Whole,
    oldest_received: Whole,
    oldest_pending: Whole,
    store_bytes: Whole,
    store_free_bytes: Whole,
}

impl Standing {
    pub fn new(registry: &mut Registry) -> Self {
        let standing = Self {
            received: Family::default(),
            parked: Family::default(),
            pending: Family::default(),
            held: Family::default(),
            lanes: Family::default(),
            connection_paused: Family::default(),
            source_paused: Family::default(),
            everything_paused: Whole::default(),
            oldest_received: Whole::default(),
            oldest_pending: Whole::default(),
            store_bytes: Whole::default(),
            store_free_bytes: Whole::default(),
        };
        for (name, says, family) in [
            ("received", "Events that wait to be planned", &standing.received),
            ("parked", "Events kept until their mapping is mended", &standing.parked),
            ("pending", "Messages that wait to be sent", &standing.pending),
            (
                "lanes",
                "People that messages wait for; pending by lanes is how deep they are",
                &standing.lanes,
            ),
            ("held", "Messages of unknown outcome, kept for a person to decide", &standing.held),
            ("connection_paused", "1: nothing is sent through it", &standing.connection_paused),
            ("source_paused", "1: its events are taken in, and wait", &standing.source_paused),
        ] {
            registry.register(name, says, family.clone());
        }
        let says = "1: nothing is planned and nothing is sent";
        registry.register("everything_paused", says, standing.everything_paused.clone());
        for (name, says, unit, gauge) in [
            ("oldest_received_age", "Of events to be planned", Unit::Seconds, &standing.oldest_received),
            ("oldest_pending_age", "Of messages to be sent", Unit::Seconds, &standing.oldest_pending),
            ("store_size", "Of the store's file", Unit::Bytes, &standing.store_bytes),
            ("store_free", "What nothing is in of that file", Unit::Bytes, &standing.store_free_bytes),
        ] {
            registry.register_with_unit(name, says, unit, gauge.clone());
        }
        standing
    }

    /// `connections`: those that are there, whether or not the store knows them.
    pub fn set(&self, gauges: &Gauges, connections: &[String]) {
        let none = BTreeMap::from_iter(connections.iter().map(|name| (name.clone(), 0)));
        let with_all = |counts: &BTreeMap<String, u64>| {
            let mut all = none.clone();
            all.extend(counts.iter().map(|(name, count)| (name.clone(), *count)));
            all
        };
        let one = |names: &BTreeSet<String>| names.iter().map(|name| (name.clone(), 1)).collect();
        set(&self.received, &gauges.received, source);
        set(&self.parked, &gauges.parked, source);
        set(&self.pending, &with_all(&gauges.pending), connection);
        set(&self.held, &with_all(&gauges.held), connection);
        set(&self.lanes, &with_all(&gauges.lanes), connection);
        set(&self.connection_paused, &with_all(&one(&gauges.paused_connections)), connection);
        set(&self.source_paused, &one(&gauges.paused_sources), source);
        self.everything_paused.set(gauges.everything_paused.into());
        self.oldest_received.set(secs(gauges.oldest_received));
        self.oldest_pending.set(secs(gauges.oldest_pending));
        self.store_bytes.set(whole(gauges.store_bytes));
        self.store_free_bytes.set(whole(gauges.store_free_bytes));
    }
}

/// What is not in `counts` any more is not told any more.
fn set(family: &Family<Labels<1>, Whole>, counts: &BTreeMap<String, u64>, label: fn(&str) -> Labels<1>) {
    family.clear();
    for (name, count) in counts {
        family.get_or_create(&label(name)).set(whole(*count));
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn secs(age: Option<Duration>) -> i64 {
    whole(age.unwrap_or_default().as_secs())
}
