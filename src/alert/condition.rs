//! What needs a person, in one sentence with what to do next.

use serde_json::{Map, Value, json};

use crate::event::{SourceName, Timestamp};
use crate::observe::Closed;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The gateway stopped it; nobody did so by hand.
    ConnectionPaused {
        connection: String,
        reason: String,
    },
    EventsParked {
        source: SourceName,
        count: u64,
    },
    DeliveriesHeld {
        connection: String,
        count: u64,
    },
    BreakerOpen {
        connection: String,
    },
    IntakeClosed(Closed),
    StoreFailing,
}

impl Condition {
    /// A word that does not change.
    fn word(&self) -> &'static str {
        match self {
            Self::ConnectionPaused { .. } => "connection-paused",
            Self::EventsParked { .. } => "events-parked",
            Self::DeliveriesHeld { .. } => "deliveries-held",
            Self::BreakerOpen { .. } => "breaker-open",
            Self::IntakeClosed(Closed::StoreFull) => "store-full",
            Self::IntakeClosed(Closed::BacklogFull) => "backlog-full",
            Self::StoreFailing => "store-failing",
        }
    }

    fn connection(&self) -> Option<&str> {
        match self {
            Self::ConnectionPaused { connection, .. }
            | Self::DeliveriesHeld { connection, .. }
            | Self::BreakerOpen { connection } => Some(connection),
            _ => None,
        }
    }

    fn source(&self) -> Option<&str> {
        match self {
            Self::EventsParked { source, .. } => Some(source.as_str()),
            _ => None,
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::EventsParked { count, .. } | Self::DeliveriesHeld { count, .. } => *count,
            _ => 1,
        }
    }

    /// The same for as long as it is the same condition, however many there are.
    pub fn key(&self) -> String {
        let of = self.connection().or(self.source());
        of.map_or_else(|| self.word().to_owned(), |of| format!("{} {of}", self.word()))
    }

    fn text(&self) -> String {
        match self {
            Self::ConnectionPaused { connection, reason } => format!(
                "Nothing is sent through {connection} ({reason}); nothing is lost. Mend it, then \
                 restart gancho if its token changed, or: gancho resume --connection {connection}"
            ),
            Self::EventsParked { source, count } => format!(
                "{} of {source} could not be made into a message. See why: \
                 gancho events --state unmapped --source {source}",
                many(*count, "event", "events")
            ),
            Self::DeliveriesHeld { connection, count } => format!(
                "Of {} through {connection} it is unknown whether the person has it. Decide for each: \
                 gancho deliveries --state held --connection {connection}",
                many(*count, "message", "messages")
            ),
            Self::BreakerOpen { connection } => format!(
                "Talqui has not answered {connection} well for minutes; messages wait, and sending goes on \
                 by itself when it does. See what waits: gancho status"
            ),
            Self::IntakeClosed(Closed::StoreFull) => {
                "The store's disk is nearly full, and webhooks are refused; what is in is sent. Make room on \
                 that disk, and intake goes on by itself. See what takes it: gancho status"
                    .to_owned()
            }
            Self::IntakeClosed(Closed::BacklogFull) => {
                "More waits than limits.backlog_events allows, and webhooks are refused. See what does not \
                 get through: gancho status"
                    .to_owned()
            }
            Self::StoreFailing => {
                "The store cannot write, and webhooks are refused. Look at its disk and at the log; whether \
                 it writes again says: gancho health --url http://127.0.0.1:8081/readyz"
                    .to_owned()
            }
        }
    }

    pub fn to_json(&self, since: Timestamp, gateway: &str) -> Value {
        let mut said = Map::new();
        let mut say = |key: &str, value: Value| drop(said.insert(key.to_owned(), value));
        say("condition", self.word().into());
        say("since", since.to_string().into());
        say("count", self.count().into());
        for (key, name) in [("connection", self.connection()), ("source", self.source())] {
            if let Some(name) = name {
                say(key, name.into());
            }
        }
        say("text", self.text().into());
        say("gateway", gateway.into());
        json!(said)
    }
}

fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
