//! `/v1/replays`: events mapped again, after a mapping was mended. First it is
//! shown what that would send; it is done when who saw it gives back its digest.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Answer, Call, json};
use super::events;
use super::problems::{Fault, Problem};
use crate::session::Fields;
use crate::store::EventFilter;
use crate::worker::{EventSelection, Foreseen, Preview as Foreseeing, ReplayError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preview {
    /// The digest of what is shown.
    pub confirm: String,
    pub events: usize,
    pub more: bool,
    pub would_send: usize,
    pub would_skip: usize,
    pub ignored: usize,
    pub messages: Vec<Message>,
    pub unmapped: Vec<Unmapped>,
    pub refused: Vec<Refused>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    pub event: String,
    pub message: String,
    pub connection: String,
    pub contact: String,
    pub business_key: Option<String>,
    pub body: Fields,
    /// `send` or `skip`.
    pub would: String,
    pub why: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unmapped {
    pub event: String,
    pub problems: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refused {
    pub event: String,
    pub why: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Replayed {
    pub events: usize,
    pub sent: usize,
    pub skipped: usize,
    pub unmapped: usize,
    pub left: Vec<String>,
}

pub async fn serve(call: Call) -> Answer {
    let selection = selection(&call)?;
    let force = call.body.flag("force");
    let worker = &call.console.worker;
    match call.body.text("confirm") {
        None => json(&Preview::of(worker.preview(&selection, force).await?)),
        Some(confirm) => {
            let done = worker.replay(&selection, force, &confirm).await?;
            tracing::info!(events = done.events, sent = done.sent, force, "replayed by an operator");
            json(&Replayed {
                events: done.events,
                sent: done.sent,
                skipped: done.skipped,
                unmapped: done.unmapped,
                left: done.left.iter().map(ToString::to_string).collect(),
            })
        }
    }
}

fn selection(call: &Call) -> Result<EventSelection, Problem> {
    let body = &call.body;
    let filter = body.map("filter").map(events::filter);
    match (body.has("events"), filter) {
        (true, None) => {
            Ok(EventSelection::Ids(body.texts("events").iter().filter_map(|id| id.parse().ok()).collect()))
        }
        (false, Some(filter)) if filter != EventFilter::default() => Ok(EventSelection::Filter(filter)),
        (false, Some(_)) => Err(invalid("filter", "it says nothing, and would be every event there is")),
        _ => Err(invalid("body", "say either `events` or `filter`")),
    }
}

fn invalid(at: &str, detail: &str) -> Problem {
    Problem::Invalid(vec![Fault { at: at.to_owned(), detail: detail.to_owned() }])
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Changed { .. } => Self::NotAsShown(error.to_string()),
            ReplayError::TooMany { .. } => invalid("events", &error.to_string()),
            ReplayError::Store(error) => error.into(),
        }
    }
}

impl Preview {
    fn of(preview: Foreseeing) -> Self {
        let unmapped = preview.unmapped.into_iter();
        let refused = preview.refused.into_iter();
        Self {
            confirm: preview.digest,
            events: preview.events,
            more: preview.more,
            would_send: preview.would_send,
            would_skip: preview.would_skip,
            ignored: preview.ignored,
            messages: preview.messages.into_iter().map(Message::of).collect(),
            unmapped: unmapped
                .map(|(event, problems)| Unmapped { event: event.to_string(), problems })
                .collect(),
            refused: refused.map(|(event, why)| Refused { event: event.to_string(), why }).collect(),
        }
    }
}

impl Message {
    fn of(foreseen: Foreseen) -> Self {
        Self {
            event: foreseen.event.to_string(),
            message: foreseen.message,
            connection: foreseen.connection,
            contact: foreseen.contact,
            business_key: foreseen.business_key,
            body: foreseen.body,
            would: if foreseen.skipped.is_none() { "send" } else { "skip" }.to_owned(),
            why: foreseen.skipped,
        }
    }
}
