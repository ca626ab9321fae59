//! The parameters and fields of all operations. One that several have is the
//! same in each, so that who knows one list knows the other.

use super::given::{Field, Kind};
use crate::delivery::{DeliveryState, EventState};

const fn field(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { name, kind, many: false, needed: false, says }
}

const fn needed(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { needed: true, ..field(name, kind, says) }
}

const fn many(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { many: true, ..field(name, kind, says) }
}

/// How many a page has, if nobody says.
pub const PAGE: u32 = 50;
pub const LONGEST_PAGE: u32 = 500;

const LIMIT: Field = field("limit", Kind::UpTo(LONGEST_PAGE), "How many at most; 50 if it is not said.");
const CURSOR: Field = field("cursor", Kind::Cursor, "What `next` of the page before says.");
const SOURCE: Field = field("source", Kind::Source, "Only of this source.");
const SINCE: Field = field("since", Kind::Time, "Only from this moment on.");
const UNTIL: Field = field("until", Kind::Time, "Only before this moment.");
const CONNECTION: Field = field("connection", Kind::Text, "Only through this connection.");
const EVENT_STATE: Field = field("state", Kind::Word(event_states), "Only those in this state.");
const KIND: Field = field("kind", Kind::Text, "Only with this word of the sender's for what happened.");
const KEY: Field = field("key", Kind::Text, "Only with this id of the sender's own.");
const EVENT_SEARCH: Field = many(
    "search",
    Kind::Text,
    "Only those that have this word, whatever its case, in the event's key or body or in a message of \
     it. Said more than once: every one of them.",
);

pub const NONE: &[Field] = &[];

/// Of a list of events.
pub const EVENTS: &[Field] = &[SOURCE, EVENT_STATE, KIND, KEY, SINCE, UNTIL, EVENT_SEARCH, LIMIT, CURSOR];

const EVENT_FILTER: &[Field] = &[SOURCE, EVENT_STATE, KIND, KEY, SINCE, UNTIL, EVENT_SEARCH];

pub const REPLAY: &[Field] = &[
    many("events", Kind::Id, "These events, in this order."),
    field("filter", Kind::Map(EVENT_FILTER), "Or those that are so, in the order they came; at most 1,000."),
    field("force", Kind::Flag, "Also to whoever has the message already, who reads it twice."),
    field("confirm", Kind::Text, "What was shown: only then it is done. Without it, it is only shown."),
];

/// Of a list of deliveries.
pub const DELIVERIES: &[Field] = &[
    field("state", Kind::Word(delivery_states), "Only those in this state."),
    CONNECTION,
    SOURCE,
    field("contact", Kind::Text, "Only to this contact, as the request to Talqui has it."),
    field("business_key", Kind::Text, "Only with this `once_per`, in words."),
    field("event", Kind::Id, "Only of this event."),
    SINCE,
    UNTIL,
    many(
        "search",
        Kind::Text,
        "Only those that have this word, whatever its case, in who or what they are. Said more than once: \
         every one of them.",
    ),
    LIMIT,
    CURSOR,
];

pub const SETTLE: &[Field] = &[needed(
    "as",
    Kind::Word(|| vec!["delivered", "not_sent"]),
    "What a person found out: it arrived, or it did not and is not to be sent.",
)];

pub const PAUSED: &[Field] = &[
    field("connection", Kind::Text, "This connection."),
    field("source", Kind::Source, "This source."),
    field("everything", Kind::Flag, "All of it."),
    field("reason", Kind::Text, "Why, for who looks at the status."),
];

pub const RESUMED: &[Field] = &[
    field("connection", Kind::Text, "This connection."),
    field("source", Kind::Source, "This source."),
    field("everything", Kind::Flag, "What is paused as a whole; not each connection and source."),
];

pub const PRUNE: &[Field] =
    &[field("dry_run", Kind::Flag, "Only count what would be forgotten; at most 100,000 of each.")];

pub const ERASE: &[Field] = &[
    needed("phone", Kind::Text, "Whose, whole, in any way that people write it."),
    field("dry_run", Kind::Flag, "Only count what there is of that person."),
];

fn event_states() -> Vec<&'static str> {
    EventState::ALL.iter().map(|state| state.as_str()).collect()
}

fn delivery_states() -> Vec<&'static str> {
    DeliveryState::ALL.iter().map(|state| state.as_str()).collect()
}
