//! Random sequences of verbs, held against a model small enough to be obvious:
//! a list of deliveries in the order planned.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const CONNECTIONS: [&str; 2] = ["c", "d"];
const CONTACTS: [&str; 2] = ["1", "2"];
/// The one of the two that sends an unknown again.
const RESENDS: &str = "d";

#[derive(Debug, Clone)]
enum Verb {
    /// One event with a delivery to each of these lanes (connection, contact).
    Plan(Vec<(usize, usize)>),
    Claim {
        limit: u32,
    },
    /// The attempt is one of all that were ever opened, so it is often a closed one.
    Settle {
        attempt: prop::sample::Index,
        next: Next,
    },
    SettleLatest {
        next: Next,
    },
    Pause(usize),
    Resume(usize),
    Pass {
        secs: i64,
    },
    /// Of those in flight, every other one is being sent by nobody.
    RecoverLost {
        odd: bool,
    },
    Crash,
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        3 => prop::collection::vec((0..2usize, 0..2usize), 1..4).prop_map(Verb::Plan),
        5 => (0..4u32).prop_map(|limit| Verb::Claim { limit }),
        2 => (any::<prop::sample::Index>(), next()).prop_map(|(attempt, next)| Verb::Settle { attempt, next }),
        4 => next().prop_map(|next| Verb::SettleLatest { next }),
        1 => (0..2usize).prop_map(Verb::Pause),
        2 => (0..2usize).prop_map(Verb::Resume),
        3 => (1..40i64).prop_map(|secs| Verb::Pass { secs }),
        1 => any::<bool>().prop_map(|odd| Verb::RecoverLost { odd }),
        1 => Just(Verb::Crash),
    ]
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        4 => Just(Next::Delivered),
        2 => (0..60i64).prop_map(|secs| retry_at(after_secs(secs))),
        1 => Just(HOLD),
        1 => Just(Next::Bury),
        1 => Just(Next::Pause),
    ]
}

/// It is sent again as often as it takes, so that the model need not count.
fn resends() -> BTreeMap<String, Policy> {
    resending(&[RESENDS])
        .into_iter()
        .map(|(name, policy)| (name, Policy { attempts: u32::MAX, ..policy }))
        .collect()
}

struct Row {
    event: EventId,
    id: DeliveryId,
    lane: (&'static str, &'static str),
    state: DeliveryState,
    due_at: Timestamp,
    attempts: u32,
}

impl Row {
    fn is_unfinished(&self) -> bool {
        matches!(self.state, DeliveryState::Pending | DeliveryState::InFlight)
    }
}

struct Model {
    bench: Bench,
    now: Timestamp,
    rows: Vec<Row>,
    paused: BTreeSet<&'static str>,
    /// Every attempt ever opened, with its row.
    opened: Vec<(Claimed, usize)>,
    /// Those that hold their delivery.
    open: BTreeSet<usize>,
}

impl Model {
    fn new() -> Self {
        let (rows, opened) = (Vec::new(), Vec::new());
        Self { bench: Bench::new(), now: NOW, rows, paused: BTreeSet::new(), opened, open: BTreeSet::new() }
    }

    /// The first unfinished of each lane that is pending on a running connection.
    fn ready(&self) -> Vec<usize> {
        let is_first = |at: usize| {
            !self.rows[..at]
                .iter()
                .any(|earlier| earlier.lane == self.rows[at].lane && earlier.is_unfinished())
        };
        let is_ready = |at: &usize| {
            let row = &self.rows[*at];
            row.state == DeliveryState::Pending && !self.paused.contains(row.lane.0) && is_first(*at)
        };
        (0..self.rows.len()).filter(is_ready).collect()
    }

    async fn apply(&mut self, verb: Verb) {
        match verb {
            Verb::Plan(lanes) => self.plan(&lanes).await,
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
                assert_eq!(new, Ok(self.paused.insert(CONNECTIONS[which])));
            }
            Verb::Resume(which) => {
                let was = self.bench.store.resume(connection(CONNECTIONS[which])).await;
                assert_eq!(was, Ok(self.paused.remove(CONNECTIONS[which])));
            }
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

    async fn plan(&mut self, lanes: &[(usize, usize)]) {
        let lanes: Vec<_> = lanes.iter().map(|&(c, p)| (CONNECTIONS[c], CONTACTS[p])).collect();
        let deliveries: Vec<_> = lanes.iter().map(|(connection, contact)| to(connection, contact)).collect();
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        let event = self.bench.plan_at(self.now, deliveries).await;
        let row = |(id, lane)| Row {
            event,
            id,
            lane,
            state: DeliveryState::Pending,
            due_at: self.now,
            attempts: 0,
        };
        self.rows.extend(ids.into_iter().zip(lanes).map(row));
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
        let row = &mut self.rows[*at];
        let mut paused = false;
        row.state = match next {
            Next::Delivered => DeliveryState::Delivered,
            Next::Hold { .. } => DeliveryState::Held,
            Next::Bury => DeliveryState::Dead,
            Next::Retry { at, .. } => {
                row.due_at = at;
                DeliveryState::Pending
            }
            Next::Pause => {
                (row.due_at, row.attempts) = (self.now, row.attempts - 1);
                paused = self.paused.insert(row.lane.0);
                DeliveryState::Pending
            }
        };
        assert_eq!(settled, Settled::Moved { paused });
    }

    fn recover(&mut self, is_lost: impl Fn(usize) -> bool) -> usize {
        let (rows, opened, now) = (&mut self.rows, &self.opened, self.now);
        let before = self.open.len();
        self.open.retain(|attempt| {
            let row = &mut rows[opened[*attempt].1];
            if !is_lost(*attempt) {
                return true;
            }
            let resends = row.lane.0 == RESENDS;
            row.due_at = if resends { now } else { row.due_at };
            row.state = if resends { DeliveryState::Pending } else { DeliveryState::Held };
            false
        });
        before - self.open.len()
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
