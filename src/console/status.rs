//! `/v1/status`: one look at the gateway.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Console;
use super::call::{Answer, Call, json};
use super::shown::Paused as ShownPause;
use crate::delivery::{DeliveryState, EventState};
use crate::event::Timestamp;
use crate::store::{Paused, StoreFigures};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    pub version: String,
    pub now: String,
    pub started_at: String,
    /// False: everything is paused.
    pub sending: bool,
    pub paused: Vec<ShownPause>,
    /// How many are in each state.
    pub events: BTreeMap<String, u64>,
    pub deliveries: BTreeMap<String, u64>,
    /// When the first of those not yet planned came.
    pub oldest_received_at: Option<String>,
    /// When the first of those that are pending was planned.
    pub oldest_pending_at: Option<String>,
    pub sources: Vec<Source>,
    pub connections: Vec<Connection>,
    pub store: Disk,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    /// False: its mapping is gone, and nothing more comes in.
    pub open: bool,
    pub received: u64,
    pub unmapped: u64,
    pub oldest_received_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connection {
    pub name: String,
    /// False: it is not in the configuration, and nothing is sent through it.
    pub configured: bool,
    pub pending: u64,
    pub in_flight: u64,
    pub held: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Disk {
    pub bytes: u64,
    /// Of those, what nothing is in: it is used again before the file grows.
    pub free_bytes: u64,
}

pub async fn serve(call: Call) -> Answer {
    let console = &call.console;
    let (figures, paused) = (console.store.standing().await?, console.store.paused().await?);
    let counts = &figures.counts;
    let oldest = figures.oldest_received.iter().map(|(_, at)| *at).min();
    json(&Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: call.now().to_string(),
        started_at: console.started_at.to_string(),
        sending: !paused.iter().any(|pause| pause.what == Paused::Everything),
        paused: paused.into_iter().map(ShownPause::of).collect(),
        events: counts.events.iter().map(|(state, count)| (state.to_string(), *count)).collect(),
        deliveries: counts.deliveries.iter().map(|(state, count)| (state.to_string(), *count)).collect(),
        oldest_received_at: shown(oldest),
        oldest_pending_at: shown(figures.oldest_pending),
        sources: sources(console, &figures),
        connections: connections(console, &figures),
        store: Disk { bytes: figures.file_bytes, free_bytes: figures.free_bytes },
    })
}

fn shown(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// Those that are open, and those that left something unfinished.
fn sources(console: &Console, figures: &StoreFigures) -> Vec<Source> {
    let open = console.sources.all();
    let unfinished = |state: &EventState| matches!(state, EventState::Received | EventState::Unmapped);
    let left =
        figures.events.iter().filter(|(_, state, _)| unfinished(state)).map(|(name, ..)| name.as_str());
    let names: BTreeSet<&str> = open.keys().map(|name| name.as_str()).chain(left).collect();
    let count = |name: &str, wanted: EventState| {
        let found =
            figures.events.iter().find(|(source, state, _)| source.as_str() == name && *state == wanted);
        found.map_or(0, |(.., count)| *count)
    };
    let oldest = |name: &str| figures.oldest_received.iter().find(|(source, _)| source.as_str() == name);
    names
        .into_iter()
        .map(|name| Source {
            name: name.to_owned(),
            open: open.contains_key(name),
            received: count(name, EventState::Received),
            unmapped: count(name, EventState::Unmapped),
            oldest_received_at: shown(oldest(name).map(|(_, at)| *at)),
        })
        .collect()
}

/// Those that are configured, and those that left something unfinished.
fn connections(console: &Console, figures: &StoreFigures) -> Vec<Connection> {
    let configured: BTreeSet<&str> = console.connections.iter().map(String::as_str).collect();
    let left = figures.unfinished.iter().map(|(name, ..)| name.as_str());
    let names: BTreeSet<&str> = configured.iter().copied().chain(left).collect();
    let count = |name: &str, wanted: DeliveryState| {
        let found = figures.unfinished.iter().find(|(of, state, _)| of == name && *state == wanted);
        found.map_or(0, |(.., count)| *count)
    };
    names
        .into_iter()
        .map(|name| Connection {
            name: name.to_owned(),
            configured: configured.contains(name),
            pending: count(name, DeliveryState::Pending),
            in_flight: count(name, DeliveryState::InFlight),
            held: count(name, DeliveryState::Held),
        })
        .collect()
}
