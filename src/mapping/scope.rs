//! What a template sees of one event: its values, and `body`, `headers`,
//! `query`, `event`. A value that failed is not there, so that a text that does
//! not use it is written all the same.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use super::moment::Moment;
use super::plan::EventInput;
use super::value::Traced;

pub fn build(event: &EventInput<'_>, values: &[Traced], with_body: bool) -> Value {
    let mut scope: BTreeMap<&str, Value> = BTreeMap::new();
    for value in values {
        if let Ok(typed) = &value.outcome {
            scope.insert(&value.name, typed.to_jinja());
        }
    }
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
    scope.into()
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
