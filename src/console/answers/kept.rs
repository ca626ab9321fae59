//! Events and deliveries, as they are told.

use serde_json::Value;

use super::{count, delivery_state, event_state, id, moment, perhaps, refer, text, told};
use crate::delivery::Verdict;
use crate::schema::Schema;

fn event_keys() -> Vec<(&'static str, Schema)> {
    vec![
        ("id", id()),
        ("source", text()),
        ("key", perhaps().says("The sender's own id.")),
        ("kind", perhaps().says("The sender's word for what happened.")),
        ("state", event_state()),
        ("received_at", moment()),
        ("planned_at", moment().or_nothing()),
        ("mapping_version", perhaps()),
        ("reason", perhaps().says("Why it was ignored.")),
        (
            "problems",
            Schema::list(Schema::any().with("type", "object"))
                .or_nothing()
                .says("What kept it from being mapped."),
        ),
        ("duplicate_of", id().or_nothing().says("The event that this is the sender's repeat of.")),
        ("deliveries", Schema::list(refer("Delivery"))),
    ]
}

pub fn event() -> Schema {
    told("An event, and what became of it.", event_keys())
}

pub fn event_story() -> Schema {
    let names: Vec<&str> = event_keys().iter().map(|(name, _)| *name).collect();
    let keys = event_keys().into_iter().chain([("webhook", refer("Webhook"))]);
    told("An event with the attempts of its deliveries, and the webhook unless it was pruned.", keys)
        .needs(&names)
}

pub fn webhook() -> Schema {
    let header = Schema::list(text()).with("minItems", 2).with("maxItems", 2);
    told(
        "The request as it came in, without its credentials.",
        [
            ("method", text()),
            ("query", text()),
            ("headers", Schema::list(header).says("Name and value of each.")),
            ("item", count().or_nothing().says("Its place in the batch that it came in, from 1.")),
            ("request", perhaps().says("As log lines call it.")),
            ("body", perhaps().says("The body, if it is text.")),
            ("body_base64", perhaps().says("The body, if it is not.")),
        ],
    )
}

pub fn delivery() -> Schema {
    let keys = [
        ("id", id()),
        ("event", id()),
        ("source", text()),
        ("message", text().says("Its name in the mapping.")),
        ("connection", text()),
        ("contact", text()),
        ("business_key", perhaps().says("`once_per`, in words.")),
        ("state", delivery_state()),
        ("reason", perhaps().says("Why it is where it is.")),
        ("planned_at", moment()),
        ("due_at", moment()),
        ("moved_at", moment().says("The last change of its state.")),
        ("expires_at", moment().or_nothing().says("Not sent after this.")),
        ("attempt_count", count()),
        ("twin_of", id().or_nothing().says("The delivery that spent its business key.")),
        ("mapping_version", text()),
        ("body", Schema::any().with("type", "object").says("The Session Start.")),
    ];
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let attempts = Schema::list(refer("Attempt")).says("Only where one is told whole.");
    told("One message of one event to one person.", keys.clone().into_iter().chain([("attempts", attempts)]))
        .needs(&names)
}

pub fn attempt() -> Schema {
    let verdicts = Verdict::ALL.iter().map(|verdict| Value::from(verdict.as_str()));
    let verdicts: Value = verdicts.chain([Value::Null]).collect();
    told(
        "One try at sending a delivery.",
        [
            ("id", id()),
            ("number", count()),
            ("opened_at", moment()),
            ("closed_at", moment().or_nothing().says("Null while it is open.")),
            ("verdict", Schema::any().with("enum", verdicts)),
            ("status", count().or_nothing().says("Of Talqui's answer, if one was read.")),
            ("reason", perhaps()),
            ("session_id", perhaps()),
            ("excerpt", perhaps().says("The beginning of Talqui's answer.")),
        ],
    )
}

pub fn page(items: &'static str, of: &'static str) -> Schema {
    let next = perhaps().says("The `cursor` of the next page; null: that was all.");
    told("A page, newest first.", [(items, Schema::list(refer(of))), ("next", next)])
}

pub fn moved() -> Schema {
    told("A delivery that was moved.", [("id", id()), ("from", delivery_state()), ("to", delivery_state())])
}
