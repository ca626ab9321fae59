//! What is counted and timed while it happens.
//!
//! The series of a source or a connection are made when it becomes known, so that
//! each begins at nothing and counting one is a look into a map.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::delivery::Verdict;

/// Names of labels with their values.
pub type Labels<const N: usize> = [(&'static str, String); N];
type Timed = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// From a disk that has a cache to one that struggles.
const COMMIT_SECS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];
const COMMIT_JOBS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// Up to the time limit of an attempt.
const UPSTREAM_SECS: [f64; 11] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// How a delivery came to rest.
#[derive(Debug, Clone, Copy)]
pub enum Ended {
    Delivered,
    Held,
    Dead,
    Expired,
    Twin,
}

impl Ended {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Delivered, "delivered"),
        (Self::Held, "held"),
        (Self::Dead, "dead"),
        (Self::Expired, "expired"),
        (Self::Twin, "twin"),
    ];
}

pub struct Meters {
    families: Families,
    sources: ArcSwap<BTreeMap<String, Arc<OfSource>>>,
    connections: ArcSwap<BTreeMap<String, Arc<OfConnection>>>,
    commit_secs: Histogram,
    commit_jobs: Histogram,
}

struct Families {
    accepted: Family<Labels<1>, Counter>,
    repeated: Family<Labels<1>, Counter>,
    refused: Family<Labels<2>, Counter>,
    planned: Family<Labels<1>, Counter>,
    ignored: Family<Labels<1>, Counter>,
    parked: Family<Labels<1>, Counter>,
    attempts: Family<Labels<2>, Counter>,
    deliveries: Family<Labels<2>, Counter>,
    upstream: Timed,
    in_flight: Family<Labels<1>, Gauge>,
    breaker_open: Family<Labels<1>, Gauge>,
}

#[derive(Debug)]
pub struct OfSource {
    pub accepted: Counter,
    pub repeated: Counter,
    pub planned: Counter,
    pub ignored: Counter,
    pub parked: Counter,
}

#[derive(Debug)]
pub struct OfConnection {
    /// In the order of `Verdict::ALL`.
    verdicts: Vec<Counter>,
    /// In the order of `Ended::ALL`.
    ended: Vec<Counter>,
    upstream: Histogram,
    pub in_flight: Gauge,
    pub breaker_open: Gauge,
}

impl Meters {
    pub fn new(registry: &mut Registry) -> Self {
        let families = Families::new(registry);
        let (commit_secs, commit_jobs) = (Histogram::new(COMMIT_SECS), Histogram::new(COMMIT_JOBS));
        let says = "Time to sync a transaction to disk";
        registry.register_with_unit("commit", says, Unit::Seconds, commit_secs.clone());
        registry.register("commit_jobs", "Jobs that shared a transaction", commit_jobs.clone());
        Self {
            families,
            sources: ArcSwap::default(),
            connections: ArcSwap::default(),
            commit_secs,
            commit_jobs,
        }
    }

    pub fn know<'n>(
        &self,
        sources: impl IntoIterator<Item = &'n str>,
        connections: impl IntoIterator<Item = &'n str>,
    ) {
        add(&self.sources, sources, |name| self.families.of_source(name));
        add(&self.connections, connections, |name| self.families.of_connection(name));
    }

    pub fn connections(&self) -> Vec<String> {
        self.connections.load().keys().cloned().collect()
    }

    /// Nothing, if the source is not known.
    pub fn source<T>(&self, name: &str, count: impl FnOnce(&OfSource) -> T) {
        self.sources.load().get(name).map(|of| count(of));
    }

    pub fn connection<T>(&self, name: &str, count: impl FnOnce(&OfConnection) -> T) {
        self.connections.load().get(name).map(|of| count(of));
    }

    pub fn knows(&self, source: &str) -> bool {
        self.sources.load().contains_key(source)
    }

    /// Of no source that there is: the name is empty.
    pub fn refused(&self, source: &str, code: &str) {
        self.families.refused.get_or_create(&pair("source", source, "code", code)).inc();
    }

    pub fn attempted(&self, connection: &str, verdict: Verdict, took: Duration) {
        self.connection(connection, |of| {
            of.in_flight.dec();
            of.upstream.observe(took.as_secs_f64());
            of.verdicts[verdict as usize].inc();
        });
    }

    pub fn ended(&self, connection: &str, how: Ended) {
        self.connection(connection, |of| of.ended[how as usize].inc());
    }

    pub fn committed(&self, took: Duration, jobs: usize) {
        self.commit_secs.observe(took.as_secs_f64());
        self.commit_jobs.observe(jobs as f64);
    }
}

impl Families {
    fn new(registry: &mut Registry) -> Self {
        let families = Self {
            accepted: Family::default(),
            repeated: Family::default(),
            refused: Family::default(),
            planned: Family::default(),
            ignored: Family::default(),
            parked: Family::default(),
            attempts: Family::default(),
            deliveries: Family::default(),
            upstream: Family::new_with_constructor(|| Histogram::new(UPSTREAM_SECS)),
            in_flight: Family::default(),
            breaker_open: Family::default(),
        };
        let counts = [
            ("events_accepted", "Events put on disk and acknowledged, without repeats", &families.accepted),
            ("events_repeated", "Events that their sender had sent before", &families.repeated),
            ("events_planned", "Events that became messages", &families.planned),
            ("events_ignored", "Events that no message of their mapping wanted", &families.ignored),
            ("events_parked", "Events that their mapping could make no message of", &families.parked),
        ];
        for (name, says, family) in counts {
            registry.register(name, says, family.clone());
        }
        let says = "Requests answered with a problem; no source: of none that there is";
        registry.register("requests_refused", says, families.refused.clone());
        let says = "Attempts at sending a message, by what is known of the person after it";
        registry.register("attempts", says, families.attempts.clone());
        let says = "Messages that came to rest, by how";
        registry.register("deliveries", says, families.deliveries.clone());
        let says = "Time of one attempt, from the name lookup to the end of the answer";
        registry.register_with_unit("upstream", says, Unit::Seconds, families.upstream.clone());
        registry.register("in_flight", "Attempts that are being made", families.in_flight.clone());
        let says = "1: Talqui does not answer well, and single messages are tried now and then";
        registry.register("breaker_open", says, families.breaker_open.clone());
        families
    }

    fn of_source(&self, name: &str) -> OfSource {
        let labels = source(name);
        OfSource {
            accepted: self.accepted.get_or_create_owned(&labels),
            repeated: self.repeated.get_or_create_owned(&labels),
            planned: self.planned.get_or_create_owned(&labels),
            ignored: self.ignored.get_or_create_owned(&labels),
            parked: self.parked.get_or_create_owned(&labels),
        }
    }

    fn of_connection(&self, name: &str) -> OfConnection {
        let labels = connection(name);
        let attempts = |verdict: &Verdict| {
            self.attempts.get_or_create_owned(&pair("connection", name, "verdict", verdict.as_str()))
        };
        let deliveries = |(_, word): &(Ended, &str)| {
            self.deliveries.get_or_create_owned(&pair("connection", name, "outcome", word))
        };
        OfConnection {
            verdicts: Verdict::ALL.iter().map(attempts).collect(),
            ended: Ended::ALL.iter().map(deliveries).collect(),
            upstream: self.upstream.get_or_create_owned(&labels),
            in_flight: self.in_flight.get_or_create_owned(&labels),
            breaker_open: self.breaker_open.get_or_create_owned(&labels),
        }
    }
}

pub fn source(name: &str) -> Labels<1> {
    [("source", name.to_owned())]
}

pub fn connection(name: &str) -> Labels<1> {
    [("connection", name.to_owned())]
}

fn pair(first: &'static str, name: &str, second: &'static str, word: &str) -> Labels<2> {
    [(first, name.to_owned()), (second, word.to_owned())]
}

fn add<'n, T>(
    known: &ArcSwap<BTreeMap<String, Arc<T>>>,
    names: impl IntoIterator<Item = &'n str>,
    make: impl Fn(&str) -> T,
) {
    let names: Vec<&str> = names.into_iter().collect();
    known.rcu(|known| {
        let mut more = BTreeMap::clone(known);
        for name in &names {
            more.entry((*name).to_owned()).or_insert_with(|| Arc::new(make(name)));
        }
        more
    });
}
