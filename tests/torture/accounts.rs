//! Closing the books: what the senders were promised, against what is in the
//! store, against what the upstream got.

use std::collections::{BTreeMap, BTreeSet};

use gancho::delivery::{DeliveryState, EventState};
use gancho::event::Timestamp;
use gancho::sandbox::{Answered, Recorded};
use gancho::store::{AttemptView, EventView};
use serde_json::Value;

use crate::load::Ledger;
use crate::report::Row;

/// One request that reached an upstream.
#[derive(Debug, Clone)]
pub struct Sighting {
    pub id: String,
    /// The connection and the contact.
    pub lane: String,
    /// It was answered with a 4xx: the person has nothing.
    pub refused: bool,
    pub at_millis: i64,
}

impl From<&Recorded> for Sighting {
    fn from(recorded: &Recorded) -> Self {
        let refused = matches!(recorded.answered, Answered::Status(400..=499));
        Self { refused, ..Self::of(&recorded.body, recorded.received_at) }
    }
}

impl Sighting {
    /// Of a Session Start.
    pub fn of(body: &Value, at: Timestamp) -> Self {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let lane = format!("{} {}", text("pluginConnectionID"), text("contactExternalID"));
        Self { id: text("messageValue"), lane, refused: false, at_millis: at.as_millis() }
    }
}

/// Where an acknowledged order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Delivered,
    Held,
    Dead,
    Expired,
    /// Not to be sent for now, and it can be seen why.
    Waiting,
    Unmapped,
    /// In no state that a person would find it in.
    Lost,
}

#[derive(Debug)]
pub struct Order {
    pub id: String,
    pub fate: Fate,
    /// Of its delivery, if it has one.
    pub delivery: Option<String>,
    pub reason: String,
    pub attempts: Vec<AttemptView>,
}

pub struct Accounts {
    /// Everything that was acknowledged, in the order planned.
    pub orders: Vec<Order>,
    /// Every request, in the order in which they came.
    pub seen: Vec<Sighting>,
    doubled: usize,
}

impl Accounts {
    /// The gateway must have stopped. Nothing may be sent that nobody ordered, and
    /// to each person the orders must have gone in the order planned: both are
    /// asserted here, for all scenarios.
    pub fn close(ledger: &Ledger, events: &[EventView], seen: Vec<Sighting>) -> Self {
        // Of each order its event and the repeats of that, and when the first came.
        let mut stories: BTreeMap<&str, (usize, Vec<&EventView>)> = BTreeMap::new();
        for (place, view) in events.iter().enumerate() {
            let key = view.event.key.as_deref().unwrap_or_default();
            stories.entry(key).or_insert_with(|| (place, Vec::new())).1.push(view);
        }
        let nothing = (usize::MAX, Vec::new());
        let story = |id: &str| stories.get(id).unwrap_or(&nothing);
        let mut planned: Vec<&str> = ledger.iter().map(|order| order.id.as_str()).collect();
        planned.sort_by_key(|id| story(id).0);
        let orders = planned.iter().map(|id| Order::of(id, &story(id).1));
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for sighting in seen.iter().filter(|sighting| !sighting.refused) {
            *times.entry(&sighting.id).or_default() += 1;
        }
        let doubled = times.values().map(|times| times - 1).sum();
        let accounts = Self { orders: orders.collect(), doubled, seen };
        accounts.assert_ordered();
        accounts.assert_in_order();
        accounts
    }

    fn assert_ordered(&self) {
        let known: BTreeSet<&String> = self.orders.iter().map(|order| &order.id).collect();
        for sighting in &self.seen {
            assert!(known.contains(&sighting.id), "sent, and nobody ordered it: {sighting:?}");
        }
        for id in &self.ids(Fate::Delivered) {
            assert!(self.times_sent(id) > 0, "{id} is called delivered, and the upstream never got it");
        }
    }

    fn assert_in_order(&self) {
        let place: BTreeMap<&String, usize> =
            self.orders.iter().enumerate().map(|(n, o)| (&o.id, n)).collect();
        let mut last: BTreeMap<&String, &String> = BTreeMap::new();
        for sighting in self.seen.iter().filter(|sighting| !sighting.refused) {
            if let Some(before) = last.insert(&sighting.lane, &sighting.id) {
                let in_order = place[before] <= place[&sighting.id];
                assert!(in_order, "{} got {before} before {}", sighting.lane, sighting.id);
            }
        }
    }

    /// The orders that ended so.
    pub fn ids(&self, fate: Fate) -> BTreeSet<String> {
        self.of(fate).map(|order| order.id.clone()).collect()
    }

    pub fn of(&self, fate: Fate) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |order| order.fate == fate)
    }

    /// How often an order may have reached its person.
    pub fn times_sent(&self, id: &str) -> usize {
        self.seen.iter().filter(|sighting| sighting.id == id && !sighting.refused).count()
    }

    #[track_caller]
    pub fn assert_all(&self, fate: Fate) {
        for order in &self.orders {
            assert_eq!(order.fate, fate, "{order:?}");
        }
    }

    /// Every order that was delivered was so by its first attempt that counts.
    #[track_caller]
    pub fn assert_no_attempt_burnt(&self) {
        for order in self.of(Fate::Delivered) {
            assert_eq!(order.attempts.last().map(|attempt| attempt.number), Some(1), "{order:?}");
        }
    }

    pub fn row(&self) -> Row {
        let count = |fate| self.of(fate).count();
        let lost: Vec<&str> = self.of(Fate::Lost).map(|order| order.id.as_str()).collect();
        let (delivered, held) = (count(Fate::Delivered), count(Fate::Held));
        let row = Row {
            accepted: self.orders.len(),
            delivered,
            held,
            other: self.orders.len() - delivered - held - lost.len(),
            lost: lost.len(),
            doubled: self.doubled,
            notes: Vec::new(),
        };
        if lost.is_empty() { row } else { row.note(format!("lost: {}", lost.join(", "))) }
    }
}

impl Order {
    /// `views`: its event, and those of its repeats.
    fn of(id: &str, views: &[&EventView]) -> Self {
        let mut order = Self {
            id: id.to_owned(),
            fate: Fate::Lost,
            delivery: None,
            reason: String::new(),
            attempts: vec![],
        };
        for view in views {
            match (view.event.state, view.deliveries.as_slice()) {
                (EventState::Duplicate, []) => {}
                (EventState::Unmapped, []) if view.event.problems.is_some() => order.fate = Fate::Unmapped,
                (EventState::Planned, [delivery]) => {
                    order.fate = match delivery.state {
                        DeliveryState::Delivered => Fate::Delivered,
                        DeliveryState::Held => Fate::Held,
                        DeliveryState::Dead => Fate::Dead,
                        DeliveryState::Expired => Fate::Expired,
                        DeliveryState::Pending => Fate::Waiting,
                        DeliveryState::InFlight | DeliveryState::Cancelled => Fate::Lost,
                    };
                    order.delivery = Some(delivery.id.to_string());
                    order.reason = delivery.reason.clone().unwrap_or_default();
                    order.attempts = delivery.attempts.clone();
                }
                _ => order.reason = format!("its event is {}", view.event.state),
            }
        }
        order
    }
}
