//! Events, deliveries and pauses as the API writes them and the CLI reads them.
//! The same names in `answers/`, which describes them; a test holds the two
//! against each other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::session::Fields;
use crate::store::{AttemptView, DeliveryView, EventView, InboxEvent, Pause};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub source: String,
    /// The sender's own id.
    pub key: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub received_at: String,
    pub planned_at: Option<String>,
    pub mapping_version: Option<String>,
    /// Why it was ignored.
    pub reason: Option<String>,
    /// What kept it from being mapped.
    pub problems: Option<Value>,
    pub duplicate_of: Option<String>,
    pub deliveries: Vec<Delivery>,
    /// Only where one event is told whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
}

/// The request as it came in. Its credentials were taken out before it was
/// stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Webhook {
    pub method: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    /// Its place in the batch that it came in, from 1.
    pub item: Option<u32>,
    /// As log lines call the request.
    pub request: Option<String>,
    /// The body, if it is text.
    pub body: Option<String>,
    /// The body, if it is not.
    pub body_base64: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub event: String,
    pub source: String,
    pub message: String,
    pub connection: String,
    pub contact: String,
    pub business_key: Option<String>,
    pub state: String,
    pub reason: Option<String>,
    pub planned_at: String,
    pub due_at: String,
    pub moved_at: String,
    pub expires_at: Option<String>,
    pub attempt_count: u32,
    pub twin_of: Option<String>,
    pub mapping_version: String,
    /// The Session Start.
    pub body: Fields,
    /// Only where one is told whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<Attempt>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    pub id: String,
    pub number: u32,
    pub opened_at: String,
    pub closed_at: Option<String>,
    pub verdict: Option<String>,
    pub status: Option<u16>,
    pub reason: Option<String>,
    pub session_id: Option<String>,
    pub excerpt: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Paused {
    /// `everything`, `connection` or `source`.
    pub kind: String,
    /// None: everything.
    pub name: Option<String>,
    pub reason: String,
    pub since: String,
    /// False: the gateway did it itself, and a restart tries again.
    pub by_hand: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Moved {
    pub id: String,
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventPage {
    pub events: Vec<Event>,
    /// The cursor of the next page. None: that was all.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliveryPage {
    pub deliveries: Vec<Delivery>,
    pub next: Option<String>,
}

/// How much of one thing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// As a line of a list.
    Line,
    Whole,
}

fn text(value: &impl ToString) -> String {
    value.to_string()
}

impl Event {
    pub fn of(view: EventView, detail: Detail) -> Self {
        let event = view.event;
        Self {
            id: text(&event.id),
            source: text(&event.source),
            key: event.key,
            kind: event.kind,
            state: text(&event.state),
            received_at: text(&event.received_at),
            planned_at: event.planned_at.as_ref().map(text),
            mapping_version: event.mapping_version.filter(|version| !version.is_empty()),
            reason: event.reason,
            problems: event.problems,
            duplicate_of: event.duplicate_of.as_ref().map(text),
            deliveries: view.deliveries.into_iter().map(|delivery| Delivery::of(delivery, detail)).collect(),
            webhook: None,
        }
    }
}

impl Webhook {
    /// None: it is not kept any more. No request comes without a header.
    pub fn of(event: InboxEvent) -> Option<Self> {
        if event.body.is_empty() && event.headers.iter().next().is_none() {
            return None;
        }
        let (body, body_base64) = match String::from_utf8(event.body.to_vec()) {
            Ok(text) => (Some(text), None),
            Err(bytes) => (None, Some(STANDARD.encode(bytes.as_bytes()))),
        };
        let headers = event.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self {
            headers: headers.collect(),
            method: event.method,
            query: event.query,
            item: event.item,
            request: event.request,
            body,
            body_base64,
        })
    }
}

impl Delivery {
    pub fn of(view: DeliveryView, detail: Detail) -> Self {
        let attempts = view.attempts.into_iter().map(Attempt::of);
        Self {
            id: text(&view.id),
            event: text(&view.event),
            source: text(&view.source),
            message: view.message,
            connection: view.connection,
            contact: view.contact,
            business_key: view.business_key,
            state: text(&view.state),
            reason: view.reason,
            planned_at: text(&view.planned_at),
            due_at: text(&view.due_at),
            moved_at: text(&view.moved_at),
            expires_at: view.expires_at.as_ref().map(text),
            attempt_count: view.attempt_count,
            twin_of: view.twin_of.as_ref().map(text),
            mapping_version: view.mapping_version,
            body: view.body,
            attempts: (detail == Detail::Whole).then(|| attempts.collect()),
        }
    }
}

impl Attempt {
    fn of(view: AttemptView) -> Self {
        Self {
            id: text(&view.id),
            number: view.number,
            opened_at: text(&view.opened_at),
            closed_at: view.closed_at.as_ref().map(text),
            verdict: view.verdict.as_ref().map(text),
            status: view.status,
            reason: view.reason,
            session_id: view.session_id,
            excerpt: view.excerpt,
        }
    }
}

impl Paused {
    pub fn of(pause: Pause) -> Self {
        Self {
            kind: pause.what.kind().to_owned(),
            name: Some(pause.what.name().to_owned()).filter(|name| !name.is_empty()),
            reason: pause.reason,
            since: text(&pause.since),
            by_hand: pause.by_hand,
        }
    }
}
