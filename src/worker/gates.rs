//! The gates of all connections, and the attempts that are being made.
//!
//! Lives here: what of the worker is kept between rounds and shared by its tasks.
//! Never here: a decision; those are `delivery`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::delivery::{Gate, Health, Pace, Turned};
use crate::event::{AttemptId, Timestamp};
use crate::store::{Claimed, Room};

/// At most this many requests to Talqui at a time, of all connections together.
const MAX_IN_FLIGHT: u32 = 256;

#[derive(Debug)]
pub(super) struct Gates {
    shared: Mutex<Shared>,
}

#[derive(Debug)]
struct Shared {
    gates: BTreeMap<String, Gate>,
    alive: BTreeSet<AttemptId>,
    /// When it was looked at the clock before.
    last_look: Option<Timestamp>,
}

impl Gates {
    pub fn new(paces: impl Iterator<Item = (String, Pace)>) -> Self {
        let gates = paces.map(|(name, pace)| (name, Gate::new(pace))).collect();
        Self { shared: Mutex::new(Shared { gates, alive: BTreeSet::new(), last_look: None }) }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn slow(&self, connection: &str, until: Timestamp) {
        if let Some(gate) = self.lock().gates.get_mut(connection) {
            gate.slow(until);
        }
    }

    pub fn hurry(&self, connection: &str, now: Timestamp) {
        if let Some(gate) = self.lock().gates.get_mut(connection) {
            gate.hurry(now);
        }
    }

    pub fn remember(&self, connection: &str, at: Timestamp) {
        if let Some(gate) = self.lock().gates.get_mut(connection) {
            gate.remember(at);
        }
    }

    /// What a claim may take now.
    pub fn room(&self, now: Timestamp) -> Room {
        let mut shared = self.lock();
        let total = MAX_IN_FLIGHT.saturating_sub(shared.alive.len() as u32);
        let connections = shared.gates.iter_mut().map(|(name, gate)| (name.clone(), gate.room(now)));
        let connections = connections.collect();
        Room { total, connections }
    }

    /// How long until something of `due` may be sent. None: not by waiting alone;
    /// a place must be given back first, or there is nothing.
    pub fn wait(&self, due: &BTreeMap<String, Timestamp>, now: Timestamp) -> Option<Duration> {
        let mut shared = self.lock();
        let moments = due.iter().filter_map(|(connection, due)| {
            let opens = shared.gates.get_mut(connection).and_then(|gate| gate.opens_at(now));
            Some(opens.map_or(*due, |opens| opens.max(*due))).filter(|at| *at > now)
        });
        moments.min().map(|at| now.until(at))
    }

    /// Whether something of `due` may be sent now. What belongs to no gate is not held
    /// up by one.
    pub fn let_pass(&self, due: &BTreeMap<String, Timestamp>, now: Timestamp) -> bool {
        let mut shared = self.lock();
        let mut open = |name: &String| shared.gates.get_mut(name).is_none_or(|gate| gate.room(now) > 0);
        due.iter().any(|(name, at)| *at <= now && open(name))
    }

    pub fn sent(&self, claimed: &Claimed, now: Timestamp) {
        let mut shared = self.lock();
        shared.alive.insert(claimed.attempt);
        if let Some(gate) = shared.gates.get_mut(&claimed.connection) {
            gate.sent(now);
        }
    }

    pub fn ended(&self, connection: &str, health: Health, now: Timestamp) -> Option<Turned> {
        self.lock().gates.get_mut(connection)?.ended(health, now, fastrand::f64())
    }

    /// What came of it is on disk.
    pub fn settled(&self, attempt: AttemptId) {
        self.lock().alive.remove(&attempt);
    }

    pub fn alive(&self) -> BTreeSet<AttemptId> {
        self.lock().alive.clone()
    }

    /// When it was looked at the clock before this time.
    pub fn look_at_the_clock(&self, now: Timestamp) -> Timestamp {
        self.lock().last_look.replace(now).unwrap_or(now)
    }

    pub fn clock_set_back(&self, by: Duration) {
        self.lock().gates.values_mut().for_each(|gate| gate.clock_set_back(by));
    }
}
