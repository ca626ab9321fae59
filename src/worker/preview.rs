//! What a replay would do, in the making.
//!
//! Lives here: what is shown of it, within bounds, and the digest of what would be
//! sent. Never here: the store, and doing it (`replay.rs`).

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::event::EventId;
use crate::session::Fields;
use crate::store::{Fate, NewDelivery, PlanOutcome, Planned, Replan, Replanned};

/// Messages that are shown one by one.
pub(super) const MOST_SHOWN: usize = 1_000;
/// Of their bodies together.
const MOST_SHOWN_BYTES: usize = 8 * 1024 * 1024;

/// What a replay would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Of what would be sent, to be given back with the order to send it.
    pub digest: String,
    pub events: usize,
    /// More events match than one replay takes.
    pub more: bool,
    pub would_send: usize,
    pub would_skip: usize,
    /// The first of the messages.
    pub messages: Vec<Foreseen>,
    /// What the mapping cannot make a message of today either.
    pub unmapped: Vec<(EventId, Value)>,
    pub ignored: usize,
    /// Those that cannot be planned again.
    pub refused: Vec<(EventId, String)>,
}

/// A message that the mapping of today makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    pub event: EventId,
    pub message: String,
    pub connection: String,
    pub contact: String,
    pub business_key: Option<String>,
    pub body: Fields,
    /// Why it would not be sent.
    pub skipped: Option<String>,
}

/// Of one event, what is needed to do what was shown.
pub(super) struct Shown {
    pub event: EventId,
    /// Of each message, whether it would be sent.
    pub sends: Vec<bool>,
    pub hash: [u8; 32],
}

/// A preview in the making.
pub(super) struct Gathered {
    preview: Preview,
    shown: Vec<Shown>,
    digest: Sha256,
    /// The `once_per` keys that an event before in this replay would spend.
    spent: BTreeSet<[u8; 32]>,
    most_shown: usize,
    bytes: usize,
}

impl Gathered {
    pub fn new(most_shown: usize, force: bool) -> Self {
        let preview = Preview {
            digest: String::new(),
            events: 0,
            more: false,
            would_send: 0,
            would_skip: 0,
            messages: Vec::new(),
            unmapped: Vec::new(),
            ignored: 0,
            refused: Vec::new(),
        };
        let digest = Sha256::new_with_prefix([u8::from(force)]);
        Self { preview, shown: Vec::new(), digest, spent: BTreeSet::new(), most_shown, bytes: 0 }
    }

    pub fn refuse(&mut self, event: EventId, refusal: &Replan) {
        let why = match refusal {
            Replan::NotThere => "there is no event with this id".to_owned(),
            Replan::Emptied => {
                "its body is gone, by age or on request, so it cannot be planned again".to_owned()
            }
            Replan::Not(state) => {
                format!("it is `{state}`; only what a mapping has decided is planned again")
            }
            Replan::Done(_) | Replan::Changed => "it changed while it was looked at".to_owned(),
        };
        self.preview.refused.push((event, why));
    }

    pub fn add(&mut self, event: EventId, planned: Planned, replanned: Replanned) {
        let why: Vec<Option<String>> = match &planned.outcome {
            PlanOutcome::Messages(deliveries) => deliveries
                .iter()
                .zip(&replanned.fates)
                .map(|(delivery, fate)| self.why(delivery, fate))
                .collect(),
            PlanOutcome::Ignored { .. } | PlanOutcome::Unmapped { .. } => Vec::new(),
        };
        let sends: Vec<bool> = why.iter().map(Option::is_none).collect();
        let sent = sends.iter().filter(|sends| **sends).count();
        self.preview.would_send += sent;
        self.preview.would_skip += sends.len() - sent;
        let hash = hash_of(&planned, &sends);
        if sent > 0 {
            self.digest.update(event.as_bytes());
            self.digest.update(hash);
        }
        match planned.outcome {
            PlanOutcome::Messages(deliveries) => {
                deliveries.into_iter().zip(why).for_each(|(delivery, why)| self.show(event, delivery, why));
            }
            PlanOutcome::Ignored { .. } => self.preview.ignored += 1,
            PlanOutcome::Unmapped { problems } => self.preview.unmapped.push((event, problems)),
        }
        self.shown.push(Shown { event, sends, hash });
    }

    /// Why it is not sent. The store does not know what this replay is about to send
    /// for events before this one.
    fn why(&mut self, delivery: &NewDelivery, fate: &Fate) -> Option<String> {
        let spends = delivery.business_key.as_ref().map(|key| {
            hash_parts(
                [&delivery.connection, &delivery.contact, &delivery.message, key].map(String::as_bytes),
            )
        });
        match fate {
            Fate::Skip(obstacle) => Some(obstacle.to_string()),
            Fate::Send => (spends.is_some_and(|key| !self.spent.insert(key))).then(|| {
                "this replay sends a message with this `once_per` key for an event before this one".to_owned()
            }),
        }
    }

    fn show(&mut self, event: EventId, delivery: NewDelivery, skipped: Option<String>) {
        let NewDelivery { message, connection, contact, business_key, body, .. } = delivery;
        self.bytes += body.values().map(|value| value.to_string().len()).sum::<usize>();
        if self.preview.messages.len() < self.most_shown && self.bytes <= MOST_SHOWN_BYTES {
            let foreseen = Foreseen { event, message, connection, contact, business_key, body, skipped };
            self.preview.messages.push(foreseen);
        }
    }

    pub fn finish(self, events: usize, more: bool) -> (Preview, Vec<Shown>) {
        let digest = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (Preview { digest, events, more, ..self.preview }, self.shown)
    }
}

/// Of what of a plan is sent. Its ids and times are not in it: they are made anew.
pub(super) fn hash_of(planned: &Planned, sends: &[bool]) -> [u8; 32] {
    let PlanOutcome::Messages(deliveries) = &planned.outcome else { return [0; 32] };
    let mut parts = Vec::new();
    for (delivery, _) in deliveries.iter().zip(sends).filter(|(_, sends)| **sends) {
        let NewDelivery { message, connection, contact, business_key, body, .. } = delivery;
        let body = serde_json::to_string(body).unwrap_or_default();
        let key = business_key.clone().unwrap_or_default();
        parts.extend([message.clone(), connection.clone(), contact.clone(), key, body]);
    }
    hash_parts(parts.iter().map(String::as_bytes))
}

/// Each part goes in after its length, so that no two lists of parts read alike.
fn hash_parts<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
