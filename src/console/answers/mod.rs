//! What the operations answer, described for `/openapi.json`. A test runs them
//! all and holds every answer against this, so that neither has a key that the
//! other has not.

mod deeds;
mod kept;
mod seen;

use serde_json::{Map, Value};

use crate::delivery::{DeliveryState, EventState};
use crate::schema::Schema;

/// Each by its name.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("Problem", problem()),
        ("Status", seen::status()),
        ("Event", kept::event()),
        ("EventStory", kept::event_story()),
        ("Webhook", kept::webhook()),
        ("EventPage", kept::page("events", "Event")),
        ("Delivery", kept::delivery()),
        ("DeliveryPage", kept::page("deliveries", "Delivery")),
        ("Attempt", kept::attempt()),
        ("Moved", kept::moved()),
        ("Replay", Schema::either([refer("ReplayPreview"), refer("Replayed")])),
        ("ReplayPreview", deeds::replay_preview()),
        ("Replayed", deeds::replayed()),
        ("Pruned", deeds::pruned()),
        ("Erased", deeds::erased()),
        ("Paused", deeds::paused()),
        ("Pauses", deeds::pauses()),
        ("Happening", seen::happening()),
    ]
}

fn told(says: &str, keys: impl IntoIterator<Item = (&'static str, Schema)>) -> Schema {
    let keys: Vec<(&str, Schema)> = keys.into_iter().collect();
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        keys.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone().into())).collect();
    Schema::any().says(says).with("type", "object").with("properties", properties).needs(&names)
}

fn refer(name: &str) -> Schema {
    Schema::any().with("$ref", format!("#/components/schemas/{name}"))
}

fn text() -> Schema {
    Schema::text()
}

fn perhaps() -> Schema {
    Schema::text().or_nothing()
}

fn id() -> Schema {
    Schema::text().with("format", "uuid")
}

fn moment() -> Schema {
    Schema::text().with("format", "date-time")
}

fn count() -> Schema {
    Schema::any().with("type", "integer").with("minimum", 0)
}

fn words(words: Vec<&'static str>) -> Schema {
    Schema::text().with("enum", words)
}

fn event_state() -> Schema {
    words(EventState::ALL.iter().map(|state| state.as_str()).collect())
}

fn delivery_state() -> Schema {
    words(DeliveryState::ALL.iter().map(|state| state.as_str()).collect())
}

fn problem() -> Schema {
    let fault =
        told("One mistake.", [("in", text().says("The parameter or the field.")), ("detail", text())]);
    let schema = told(
        "Why nothing was done (RFC 9457).",
        [
            ("type", text()),
            ("title", text()),
            ("status", count()),
            ("code", text().says("A word that does not change.")),
            ("detail", text().says("A sentence for a person, with what to do next.")),
            ("errors", Schema::list(fault)),
        ],
    );
    schema.needs(&["type", "title", "status", "code", "detail"])
}
