//! What a template sees of one event: its values, and `body`, `headers`,
//! `query`, `event`. A value that failed is not there, so that a text that does
//! not use it is written all the same.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use super::moment::Moment;
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

pub fn of_event<'v>(event: &EventInput<'_>, values: &'v [Traced], with_body: bool) -> Scope<'v> {
    let mut scope = Scope::new();
    add_values(&mut scope, values);
    let pairs = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> Value {
        pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<BTreeMap<_, _>>().into()
    };
    scope.insert("headers", pairs(&mut event.headers.iter()));
    scope
        .insert("query", pairs(&mut event.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
    if with_body {
        // Converting a whole order costs as much as parsing it; few texts ask.
        scope.insert("body", Value::from(Serde(event.body)));
    }
    scope.insert("event", event_value(event));
    scope
}

fn event_value(event: &EventInput<'_>) -> Value {
    let mut about: BTreeMap<&str, Value> = BTreeMap::new();
    if let Some(id) = event.id {
        about.insert("id", id.into());
    }
    if let Some(kind) = event.kind {
        about.insert("type", kind.into());
    }
    about.insert("source", event.source.as_str().into());
    about.insert("received_at", Value::from_object(Moment::of(event.received_at)));
    about.into()
}
