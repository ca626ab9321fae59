//! Received events become deliveries, or are ignored, or are parked with the
//! reasons why the mapping could not make a message of them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::Worker;
use crate::diagnostic::Sentence;
use crate::event::{DeliveryId, EventId, Timestamp};
use crate::mapping::{EventInput, Mapping, Plan, PlannedMessage, Problem};
use crate::observe::{Of, span};
use crate::payload::{DocumentRule, read_document};
use crate::source::Source;
use crate::store::{InboxEvent, NewDelivery, PlanOutcome, PlanReceipt, Planned, StoreError, Twin};

/// Events read from the store at a time.
pub(super) const BATCH: u32 = 64;
/// Of their bodies together: what a batch may take of memory.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

impl Worker {
    /// Plans the oldest received events, one batch of them in one transaction.
    /// Returns how many.
    pub(super) async fn plan_received(&self) -> Result<usize, StoreError> {
        let events = self.store.received(BATCH, BATCH_BYTES).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let now = (self.clock)();
        let plans: Vec<(EventId, Planned)> =
            events.iter().map(|event| (event.id, self.plan_today(event, now))).collect();
        match self.store.plan_all(plans.clone(), now).await {
            Ok(receipts) => {
                for ((event, (_, planned)), receipt) in events.iter().zip(&plans).zip(&receipts) {
                    self.tell(event, planned, receipt, now);
                }
            }
            Err(StoreError::Closed) => return Err(StoreError::Closed),
            Err(error) => self.plan_each(&events, plans, now, error).await?,
        }
        Ok(events.len())
    }

    /// After a batch failed: alone, so that one event cannot keep the others
    /// from being planned, but for those behind it in a lane: they would overtake
    /// it. If none succeeds, it is the store that fails.
    async fn plan_each(
        &self,
        events: &[InboxEvent],
        plans: Vec<(EventId, Planned)>,
        now: Timestamp,
        mut failure: StoreError,
    ) -> Result<(), StoreError> {
        let mut stored = 0;
        let mut waiting = BTreeSet::new();
        for (event, (id, planned)) in events.iter().zip(plans) {
            let lanes = lanes_of(&planned);
            if !lanes.is_disjoint(&waiting) {
                waiting.extend(lanes);
                continue;
            }
            match self.store.plan(id, planned.clone(), now).await {
                Ok(receipt) => {
                    stored += 1;
                    self.tell(event, &planned, &receipt, now);
                }
                Err(error) => {
                    tracing::error!(request = event.request.as_deref(), event = %id, source = %event.source, "what it became cannot be stored: {error}");
                    failure = error;
                    waiting.extend(lanes);
                }
            }
        }
        if stored == 0 { Err(failure) } else { Ok(()) }
    }

    fn plan_today(&self, event: &InboxEvent, now: Timestamp) -> Planned {
        self.plan_one(self.sources.get(event.source.as_str()).as_deref(), event, now)
    }

    /// What becomes of an event by the mapping of its source, if there is one.
    pub(super) fn plan_one(&self, source: Option<&Source>, event: &InboxEvent, now: Timestamp) -> Planned {
        let _span = span::planning(event.id, event.source.as_str(), event.request.as_deref()).entered();
        match source {
            Some(source) => self.plan_with(source, event, now),
            None => unmapped(
                String::new(),
                &[json!({
                    "code": "no-mapping",
                    "message": format!("there is no mapping for the source `{}` any more", event.source),
                })],
            ),
        }
    }
}

impl Worker {
    fn plan_with(&self, source: &Source, event: &InboxEvent, now: Timestamp) -> Planned {
        let version = source.mapping.version.clone();
        match read_event(&source.mapping, event, |input| source.mapping.plan(input)) {
            Ok(plan) => {
                Planned { mapping_version: version, outcome: self.outcome_of(plan, event.received_at, now) }
            }
            Err(Unplannable { code, message }) => {
                unmapped(version, &[json!({ "code": code, "message": message.english() })])
            }
        }
    }

    fn outcome_of(&self, plan: Plan, received_at: Timestamp, now: Timestamp) -> PlanOutcome {
        if !plan.problems.is_empty() {
            return PlanOutcome::Unmapped { problems: to_json(&plan.problems) };
        }
        if plan.messages.is_empty() {
            let mut names: Vec<&str> = plan.skipped.iter().map(|skipped| skipped.name.as_str()).collect();
            names.dedup();
            return PlanOutcome::Ignored { reason: format!("no `when` held: {}", names.join(", ")) };
        }
        let deliveries = plan.messages.into_iter().map(|message| NewDelivery {
            id: DeliveryId::generate(now),
            expires_at: self.expires_at(&message, received_at),
            message: message.name,
            connection: message.connection,
            contact: message.start.contact().to_owned(),
            business_key: message.business_key,
            policy: message.policy,
            body: message.start.body().clone(),
        });
        PlanOutcome::Messages(deliveries.collect())
    }

    /// Counted from when the event came, not from when it was planned: a person
    /// does not care how long a mapping was broken.
    fn expires_at(&self, message: &PlannedMessage, received_at: Timestamp) -> Option<Timestamp> {
        let of_connection = self.connections.get(&message.connection).and_then(|c| c.policy.expires_after);
        let own = message.policy.expires_after_secs.map(|secs| Duration::from_secs(secs.into()));
        own.or(of_connection).map(|after| received_at.plus(after))
    }
}

/// The connection and the contact of each message.
fn lanes_of(planned: &Planned) -> BTreeSet<(String, String)> {
    let PlanOutcome::Messages(messages) = &planned.outcome else { return BTreeSet::new() };
    messages.iter().map(|message| (message.connection.clone(), message.contact.clone())).collect()
}

/// Why an event cannot even be looked at by its mapping.
#[derive(Debug)]
pub struct Unplannable {
    pub code: &'static str,
    pub message: Sentence,
}

/// Reads the body of an event and hands it, ready to be planned, to `work`.
pub fn read_event<T>(
    mapping: &Mapping,
    event: &InboxEvent,
    work: impl FnOnce(&EventInput<'_>) -> T,
) -> Result<T, Unplannable> {
    if mapping.event.is_batch() && event.item.is_none() {
        return Err(not_a_batch(mapping));
    }
    // An item is JSON by itself, however the batch came.
    let whole = DocumentRule::AsIs;
    let rule = if event.item.is_some() { &whole } else { &mapping.document };
    let body = read_document(rule, &event.headers, &event.body).map_err(|problem| Unplannable {
        code: "body-unreadable",
        message: Sentence::verbatim(problem.to_string()),
    })?;
    let query = crate::event::parse_query(&event.query);
    Ok(work(&EventInput {
        id: event.key.as_deref(),
        kind: event.kind.as_deref(),
        source: &event.source,
        received_at: event.received_at,
        headers: &event.headers,
        query: &query,
        body: &body,
    }))
}

fn not_a_batch(mapping: &Mapping) -> Unplannable {
    let each = mapping.event.described_each().unwrap_or_default();
    Unplannable {
        code: "not-a-batch",
        message: say!(
            "this source's events come as a list at `{}`, and this body has none there, or more than 1,000",
            each
        ),
    }
}

fn unmapped(mapping_version: String, problems: &[Value]) -> Planned {
    Planned { mapping_version, outcome: PlanOutcome::Unmapped { problems: Value::from(problems) } }
}

fn to_json(problems: &[Problem]) -> Value {
    problems.iter().map(|problem| serde_json::to_value(problem).unwrap_or_default()).collect()
}

impl Worker {
    /// Codes and places only: a problem's sentence may quote the payload.
    fn tell(&self, event: &InboxEvent, planned: &Planned, receipt: &PlanReceipt, now: Timestamp) {
        let PlanReceipt::Stored { twins } = receipt else { return };
        let (id, source, request) = (event.id, &event.source, event.request.as_deref());
        let about = Of { at: now, source: source.as_str(), event: id, request };
        match &planned.outcome {
            PlanOutcome::Messages(messages) => {
                self.observer.planned(&about);
                tracing::info!(request, event = %id, %source, messages = messages.len(), "event planned");
                self.tell_twins(&about, messages, twins);
            }
            PlanOutcome::Ignored { .. } => {
                self.observer.ignored(&about);
                tracing::info!(request, event = %id, %source, "event ignored: no message wanted it")
            }
            PlanOutcome::Unmapped { problems } => {
                let said = |key: &str| problems[0][key].as_str().unwrap_or_default();
                let (code, place) = (said("code"), said("place"));
                self.observer.parked(&about, code);
                tracing::warn!(
                    request, event = %id, %source, code, place,
                    "event parked: its mapping could not make a message of it"
                );
            }
        }
    }

    fn tell_twins(&self, about: &Of<'_>, messages: &[NewDelivery], twins: &[Twin]) {
        for Twin { delivery, of } in twins {
            let message = messages.iter().find(|message| message.id == *delivery);
            let connection = message.map_or("", |message| message.connection.as_str());
            self.observer.twin(about, *delivery, connection);
            tracing::info!(
                request = about.request, event = %about.event, %delivery, %of,
                "not sent: this person already has a message for this business key"
            );
        }
    }
}
