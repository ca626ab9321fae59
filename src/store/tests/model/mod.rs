//! Random sequences of verbs, held against a model small enough to be obvious:
//! a list of deliveries in the order planned.

mod verbs;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::store::{Moved, SettledAs};
use verbs::{Decision, Verb, verb};

const CONNECTIONS: [&str; 2] = ["c", "d"];
const CONTACTS: [&str; 2] = ["1", "2"];
const SOURCES: [&str; 2] = ["loja", "curso"];
/// The one of the two that sends an unknown again.
const RESENDS: &str = "d";

/// It is sent again as often as it takes, so that the model need not count.
fn resends() -> BTreeMap<String, Policy> {
    resending(&[RESENDS])
        .into_iter()
        .map(|(name, policy)| (name, Policy { attempts: u32::MAX, ..policy }))
        .collect()
}

type Lane = (&'static str, &'static str);

struct Row {
    event: EventId,
    id: DeliveryId,
    source: &'static str,
    lane: Lane,
    state: DeliveryState,
    due_at: Timestamp,
    attempts: u32,
    /// Held, and nobody passes it.
    keeps_lane: bool,
}

struct Model {
    bench: Bench,
    now: Timestamp,
    rows: Vec<Row>,
    /// Who of each lane is sent next, or is being sent. One that is released does
    /// not push it aside.
    first: BTreeMap<Lane, usize>,
    /// Connections and sources.
    /// Whether a person did it.
    paused: BTreeMap<&'static str, bool>,
    /// Every attempt ever opened, with its row.
    opened: Vec<(Claimed, usize)>,
    /// Those that hold their delivery.
    open: BTreeSet<usize>,
}

impl Model {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            now: NOW,
            rows: Vec::new(),
            first: BTreeMap::new(),
            paused: BTreeMap::new(),
            opened: Vec::new(),
            open: BTreeSet::new(),
        }
    }

    /// The first of each lane that is pending, if nothing of it is paused.
    fn ready(&self) -> Vec<usize> {
        let is_ready = |at: &usize| {
            let row = &self.rows[*at];
            row.state == DeliveryState::Pending
                && !self.paused.contains_key(row.lane.0)
                && !self.paused.contains_key(row.source)
        };
        let mut ready: Vec<_> = self.first.values().copied().filter(is_ready).collect();
        ready.sort_unstable();
        ready
    }

    /// The lane goes on with the first planned of those that wait, unless somebody is
    /// first or keeps it.
    fn go_on(&mut self, lane: Lane) {
        let of_lane = |at: &usize| self.rows[*at].lane == lane;
        let kept = (0..self.rows.len()).filter(of_lane).any(|at| self.rows[at].keeps_lane);
        let waits = |at: &usize| self.rows[*at].state == DeliveryState::Pending;
        let next = (0..self.rows.len()).filter(of_lane).find(waits);
        if let Some(next) = next.filter(|_| !kept) {
            self.first.entry(lane).or_insert(next);
        }
    }

    fn leave(&mut self, at: usize, state: DeliveryState, keeps_lane: bool) {
        let row = &mut self.rows[at];
        (row.state, row.keeps_lane) = (state, keeps_lane);
        let lane = row.lane;
        if self.first.get(&lane) == Some(&at) {
            self.first.remove(&lane);
        }
        self.go_on(lane);
    }

    async fn apply(&mut self, verb: Verb) {
        match verb {
            Verb::Plan(source, lanes) => self.plan(SOURCES[source], &lanes).await,
            Verb::Claim { limit } => self.claim(limit).await,
            Verb::Settle { attempt, next } if !self.opened.is_empty() => {
                self.settle(attempt.index(self.opened.len()), next).await;
            }
            Verb::SettleLatest { next } if !self.opened.is_empty() => {
                self.settle(self.opened.len() - 1, next).await;
            }
            Verb::Settle { .. } | Verb::SettleLatest { .. } => {}
            Verb::Pause(which) => {
                let new =
                    self.bench.store.pause(connection(CONNECTIONS[which]), "by hand", true, self.now).await;
                assert_eq!(new, Ok(self.paused.insert(CONNECTIONS[which], true) != Some(true)));
            }
            Verb::Resume(which) => {
                let was = self.bench.store.resume(connection(CONNECTIONS[which])).await;
                assert_eq!(was, Ok(self.paused.remove(CONNECTIONS[which]).is_some()));
            }
            Verb::PauseSource(which) => {
                let source = Paused::Source(SOURCES[which].into());
                let new = self.bench.store.pause(source, "by hand", true, self.now).await;
                assert_eq!(new, Ok(self.paused.insert(SOURCES[which], true) != Some(true)));
            }
            Verb::ResumeSource(which) => {
                let was = self.bench.store.resume(Paused::Source(SOURCES[which].into())).await;
                assert_eq!(was, Ok(self.paused.remove(SOURCES[which]).is_some()));
            }
            Verb::Decide(row, decision) if !self.rows.is_empty() => {
                self.decide(row.index(self.rows.len()), decision).await;
            }
            Verb::DecideHeld(row, decision) => {
                let is_held = |at: &usize| self.rows[*at].state == DeliveryState::Held;
                let held: Vec<_> = (0..self.rows.len()).filter(is_held).collect();
                if !held.is_empty() {
                    self.decide(held[row.index(held.len())], decision).await;
                }
            }
            Verb::Decide(..) => {}
            Verb::Pass { secs } => self.now = Timestamp::from_millis(self.now.as_millis() + secs * 1000),
            Verb::RecoverLost { odd } => {
                let is_lost = |attempt: usize| (attempt % 2 == 1) == odd;
                let open = self.open.iter().filter(|attempt| !is_lost(**attempt));
                let alive = open.map(|attempt| self.opened[*attempt].0.attempt).collect();
                let recovered = self.bench.store.recover_lost(self.now, resends(), alive).await.unwrap();
                let count = self.recover(is_lost);
                assert_eq!(recovered.len(), count);
            }
            Verb::Crash => {
                self.bench.crash();
                let recovered = self.bench.store.recover_orphans(self.now, resends()).await.unwrap();
                let count = self.recover(|_| true);
                assert_eq!(recovered.len(), count);
            }
        }
    }

    async fn plan(&mut self, source: &'static str, lanes: &[(usize, usize)]) {
        let event = InboxEvent { source: source.parse().unwrap(), ..an_event(None) };
        let event = self.bench.record(event).await;
        let lanes: Vec<_> = lanes.iter().map(|&(c, p)| (CONNECTIONS[c], CONTACTS[p])).collect();
        let deliveries: Vec<_> = lanes.iter().map(|(connection, contact)| to(connection, contact)).collect();
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        self.bench.store.plan(event, messages(deliveries), self.now).await.unwrap();
        for (id, lane) in ids.into_iter().zip(lanes) {
            let (state, due_at) = (DeliveryState::Pending, self.now);
            self.rows.push(Row { event, id, source, lane, state, due_at, attempts: 0, keeps_lane: false });
            self.go_on(lane);
        }
    }

    async fn decide(&mut self, at: usize, decision: Decision) {
        let (store, id, from) = (&self.bench.store, self.rows[at].id, self.rows[at].state);
        let moved = match decision {
            Decision::Release => store.release(id, self.now).await,
            Decision::Cancel => store.cancel(id, self.now).await,
            Decision::Settle(settled_as) => store.settle_by_hand(id, settled_as, self.now).await,
        };
        let applies = from == DeliveryState::Held
            || (from == DeliveryState::Pending && matches!(decision, Decision::Cancel));
        if !applies {
            assert_eq!(moved, Ok(Moved::Not(from)));
            return;
        }
        let to = match decision {
            Decision::Release => DeliveryState::Pending,
            Decision::Settle(SettledAs::Delivered) => DeliveryState::Delivered,
            Decision::Cancel | Decision::Settle(SettledAs::NotSent) => DeliveryState::Cancelled,
        };
        assert_eq!(moved, Ok(Moved::Moved { from, to }));
        if to == DeliveryState::Pending {
            self.rows[at].due_at = self.now;
        }
        self.leave(at, to, false);
    }

    async fn claim(&mut self, limit: u32) {
        let claimed = self.bench.store.claim_due(self.now, Room::of_all(limit), LEASE_SECS).await.unwrap();
        let due: Vec<_> = self.ready().into_iter().filter(|at| self.rows[*at].due_at <= self.now).collect();
        assert_eq!(claimed.len(), due.len().min(limit as usize), "as many as it can, and no more");
        let row_of = |claimed: &Claimed| self.rows.iter().position(|row| row.id == claimed.delivery).unwrap();
        let taken: Vec<_> = claimed.iter().map(row_of).collect();
        assert!(taken.is_sorted_by(|a, b| a < b), "in the order planned, none twice");
        for (at, claimed) in taken.into_iter().zip(claimed) {
            assert!(due.contains(&at), "not first of its lane, not due, paused or already in flight");
            let row = &mut self.rows[at];
            row.state = DeliveryState::InFlight;
            row.attempts += 1;
            assert_eq!(claimed.attempt_number, row.attempts);
            self.open.insert(self.opened.len());
            self.opened.push((claimed, at));
        }
    }

    async fn settle(&mut self, attempt: usize, next: Next) {
        let (claimed, at) = &self.opened[attempt];
        let settled = self.bench.store.settle(claimed.attempt, settlement(next), self.now).await.unwrap();
        if !self.open.remove(&attempt) {
            assert_eq!(settled, Settled::LeaseLost);
            return;
        }
        let at = *at;
        let mut paused = false;
        match next {
            Next::Delivered => self.leave(at, DeliveryState::Delivered, false),
            Next::Hold { keeps_lane } => self.leave(at, DeliveryState::Held, keeps_lane),
            Next::Bury => self.leave(at, DeliveryState::Dead, false),
            Next::Retry { at: due_at, .. } => {
                (self.rows[at].state, self.rows[at].due_at) = (DeliveryState::Pending, due_at);
            }
            Next::Pause => {
                let row = &mut self.rows[at];
                (row.state, row.due_at, row.attempts) = (DeliveryState::Pending, self.now, row.attempts - 1);
                paused = !self.paused.contains_key(row.lane.0);
                self.paused.entry(row.lane.0).or_insert(false);
            }
        }
        assert_eq!(settled, Settled::Moved { paused });
    }

    fn recover(&mut self, is_lost: impl Fn(usize) -> bool) -> usize {
        let lost: Vec<_> = self.open.iter().copied().filter(|attempt| is_lost(*attempt)).collect();
        for attempt in &lost {
            self.open.remove(attempt);
            let at = self.opened[*attempt].1;
            if self.rows[at].lane.0 == RESENDS {
                (self.rows[at].state, self.rows[at].due_at) = (DeliveryState::Pending, self.now);
            } else {
                self.leave(at, DeliveryState::Held, false);
            }
        }
        lost.len()
    }

    async fn check(&self) {
        let mut earliest: BTreeMap<String, Timestamp> = BTreeMap::new();
        for row in self.ready().into_iter().map(|at| &self.rows[at]) {
            let first = earliest.entry(row.lane.0.to_owned()).or_insert(row.due_at);
            *first = row.due_at.min(*first);
        }
        assert_eq!(self.bench.store.next_due().await, Ok(earliest));
        for row in &self.rows {
            let view = self.bench.view(row.event).await;
            let delivery = view.deliveries.iter().find(|delivery| delivery.id == row.id).unwrap();
            assert_eq!((delivery.state, delivery.due_at), (row.state, row.due_at));
            let open = delivery.attempts.iter().filter(|attempt| attempt.closed_at.is_none()).count();
            assert_eq!(
                open,
                usize::from(row.state == DeliveryState::InFlight),
                "an open attempt is in flight"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Nothing is claimed twice without a settle, no lane is ever out of order,
    /// nothing that could be claimed is left lying, and a crash changes none
    /// of it.
    #[test]
    fn the_store_does_as_the_model(verbs in prop::collection::vec(verb(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut model = Model::new();
            for verb in verbs {
                model.apply(verb).await;
            }
            model.check().await;
        });
    }
}
