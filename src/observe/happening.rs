//! One thing that happened, for whoever follows a gateway live: ids and words that
//! are ours, and nothing of what a sender wrote or a person reads.

use serde::{Serialize, Serializer};

use crate::event::{DeliveryId, EventId, Timestamp};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Accepted,
    /// Accepted, and its sender had sent it before.
    Repeated,
    Refused,
    Planned,
    Ignored,
    Parked,
    Twin,
    Expired,
    Delivered,
    /// Not delivered, and tried again later.
    Retried,
    Held,
    Dead,
    /// Not delivered, since its connection cannot; it waits.
    PutBack,
    BreakerOpened,
    BreakerClosed,
    /// A connection was, by the gateway.
    Paused,
}

/// What is not said is not in its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happening {
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    pub what: What,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_as_text")]
    pub event: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_as_text")]
    pub delivery: Option<DeliveryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The request that the event came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Of an attempt: what is known of the person after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Happening {
    pub(super) fn new(at: Timestamp, what: What) -> Self {
        Self {
            at,
            what,
            source: None,
            event: None,
            delivery: None,
            connection: None,
            request: None,
            outcome: None,
            reason: None,
        }
    }
}

/// The event that something happened to, and when.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub at: Timestamp,
    pub source: &'a str,
    pub event: EventId,
    /// The request that it came in.
    pub request: Option<&'a str>,
}

impl Of<'_> {
    pub(super) fn happening(&self, what: What) -> Happening {
        Happening {
            source: Some(self.source.to_owned()),
            event: Some(self.event),
            request: self.request.map(str::to_owned),
            ..Happening::new(self.at, what)
        }
    }

    pub(super) fn delivery(&self, what: What, delivery: DeliveryId, connection: &str) -> Happening {
        Happening {
            delivery: Some(delivery),
            connection: Some(connection.to_owned()),
            ..self.happening(what)
        }
    }
}

fn as_text<S: Serializer>(value: &impl ToString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.to_string())
}

fn some_as_text<S: Serializer>(value: &Option<impl ToString>, to: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(ToString::to_string).serialize(to)
}
