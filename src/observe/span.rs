//! The three stretches of an event's way that are exported as spans, where the
//! program was built for it (the feature `otel`); else they are nothing, and cost
//! nothing. What joins them is the id of the event: days can lie between them.

use tracing::field::{Empty, display};
use tracing::{Span, info_span};

use crate::delivery::Verdict;
use crate::event::{DeliveryId, EventId};

/// Of these spans alone, so that they are exported and stay out of log lines.
pub const TARGET: &str = "gancho::span";

const EXPORTED: bool = cfg!(feature = "otel");

/// From the head of a request to its answer.
pub fn webhook(source: &str, request: &str) -> Span {
    match EXPORTED {
        true => info_span!(target: TARGET, "webhook", source, request, event = Empty, events = Empty),
        false => Span::none(),
    }
}

/// Which event the request became; of a batch the first, and how many.
pub fn became(events: &[EventId]) {
    if let (true, Some(first)) = (EXPORTED, events.first()) {
        Span::current().record("event", display(first)).record("events", events.len());
    }
}

/// A mapping at work on one event.
pub fn planning(event: EventId, source: &str, request: Option<&str>) -> Span {
    match EXPORTED {
        true => info_span!(target: TARGET, "planning", %event, source, request),
        false => Span::none(),
    }
}

/// From claiming a delivery to writing down what came of it.
pub fn attempt(event: EventId, delivery: DeliveryId, connection: &str, request: Option<&str>) -> Span {
    match EXPORTED {
        true => {
            info_span!(target: TARGET, "attempt", %event, %delivery, connection, request, outcome = Empty)
        }
        false => Span::none(),
    }
}

pub fn outcome(verdict: Verdict) {
    if EXPORTED {
        Span::current().record("outcome", verdict.as_str());
    }
}
