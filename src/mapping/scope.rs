//! What a template sees of one event: its values, and `body`, `headers`,
//! `query`, `event`. A value that failed is not there, so that a text that does
//! not use it is written all the same.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use minijinja::value::Serde;

use super::moment::Moment;
use super::names::{ITEM, RECEIVED_AT};
use super::plan::EventInput;
use super::value::Traced;

/// Names, and what each is.
pub type Scope<'v> = BTreeMap<&'v str, Value>;

/// Adds the values that were found.
pub fn add_values<'v>(scope: &mut Scope<'v>, values: &'v [Traced]) {
    for value in values {
        if let Ok(typed) = &value.outcome {
            scope.insert(&value.name, typed.to_jinja());
        }
    }
}

/// What texts and conditions of a file ask for besides its values. Making the rest
/// for every event would cost as much as writing the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub body: bool,
    pub headers: bool,
    pub query: bool,
    pub item: bool,
    pub received_at: bool,
}

impl Asked {
    /// `used` has the names that are used, and `event.received_at`.
    pub fn of(used: &BTreeSet<String>) -> Self {
        Self {
            body: used.contains("body"),
            headers: used.contains("headers"),
            query: used.contains("query"),
            item: used.contains(ITEM),
            received_at: used.contains(RECEIVED_AT),
        }
    }
}

pub fn of_event<'v>(event: &EventInput<'_>, values: &'v [Traced], asked: Asked) -> Scope<'v> {
    let mut scope = Scope::new();
    add_values(&mut scope, values);
    let pairs = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> Value {
        pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<BTreeMap<_, _>>().into()
    };
    if asked.headers {
        scope.insert("headers", pairs(&mut event.headers.iter()));
    }
    if asked.query {
        let query = event.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        scope.insert("query", pairs(&mut { query }));
    }
    if asked.body {
        scope.insert("body", Value::from(Serde(event.body)));
    }
    scope.insert("event", event_value(event, asked));
    scope
}

fn event_value(event: &EventInput<'_>, asked: Asked) -> Value {
    let mut about: BTreeMap<&str, Value> = BTreeMap::new();
    if let Some(id) = event.id {
        about.insert("id", id.into());
    }
    if let Some(kind) = event.kind {
        about.insert("type", kind.into());
    }
    about.insert("source", event.source.as_str().into());
    if asked.received_at {
        about.insert("received_at", Value::from_object(Moment::of(event.received_at)));
    }
    about.into()
}
