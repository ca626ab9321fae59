//! What the operations answer, described for `/openapi.json`. A test runs them
//! all and holds every answer against this, so that neither has a key that the
//! other has not.

use serde_json::{Map, Value};

use crate::delivery::{DeliveryState, EventState, Verdict};
use crate::schema::Schema;

/// Each by its name.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("Problem", problem()),
        ("Status", status()),
        ("Event", event()),
        ("EventStory", event_story()),
        ("Webhook", webhook()),
        ("EventPage", page("events", "Event")),
        ("Delivery", delivery()),
        ("DeliveryPage", page("deliveries", "Delivery")),
        ("Attempt", attempt()),
        ("Moved", moved()),
        ("Replay", Schema::either([refer("ReplayPreview"), refer("Replayed")])),
        ("ReplayPreview", replay_preview()),
        ("Replayed", replayed()),
        ("Pruned", pruned()),
        ("Erased", erased()),
        ("Paused", paused()),
        ("Pauses", pauses()),
        ("Happening", happening()),
    ]
}

/// A map that always has all of these keys.
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

fn event() -> Schema {
    told("An event, and what became of it.", event_keys())
}

fn event_story() -> Schema {
    let names: Vec<&str> = event_keys().iter().map(|(name, _)| *name).collect();
    let keys = event_keys().into_iter().chain([("webhook", refer("Webhook"))]);
    told("An event with the attempts of its deliveries, and the webhook unless it was pruned.", keys)
        .needs(&names)
}

fn webhook() -> Schema {
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

fn delivery() -> Schema {
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

fn attempt() -> Schema {
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

fn page(items: &'static str, of: &'static str) -> Schema {
    let next = perhaps().says("The `cursor` of the next page; null: that was all.");
    told("A page, newest first.", [(items, Schema::list(refer(of))), ("next", next)])
}

fn moved() -> Schema {
    told("A delivery that was moved.", [("id", id()), ("from", delivery_state()), ("to", delivery_state())])
}

fn paused() -> Schema {
    told(
        "Something that is paused.",
        [
            ("kind", words(vec!["everything", "connection", "source"])),
            ("name", perhaps().says("Null: everything.")),
            ("reason", text()),
            ("since", moment()),
            ("by_hand", Schema::flag().says("False: the gateway did it itself, and a restart tries again.")),
        ],
    )
}

fn pauses() -> Schema {
    told(
        "What is paused now.",
        [
            ("changed", Schema::flag().says("False: it was so already.")),
            ("paused", Schema::list(refer("Paused"))),
        ],
    )
}

fn replay_preview() -> Schema {
    let message = told(
        "A message that the mapping of today makes.",
        [
            ("event", id()),
            ("message", text()),
            ("connection", text()),
            ("contact", text()),
            ("business_key", perhaps()),
            ("body", Schema::any().with("type", "object").says("The Session Start.")),
            ("would", words(vec!["send", "skip"])),
            ("why", perhaps().says("Why it would not be sent.")),
        ],
    );
    let unmapped = [("event", id()), ("problems", Schema::list(Schema::any().with("type", "object")))];
    let refused = [("event", id()), ("why", text())];
    told(
        "What a replay would do. Nothing was sent.",
        [
            ("confirm", text().says("To be given back, to do just this.")),
            ("events", count()),
            ("more", Schema::flag().says("More events match than one replay takes.")),
            ("would_send", count()),
            ("would_skip", count()),
            ("ignored", count().says("Of these events no message is wanted.")),
            ("messages", Schema::list(message).says("The first of them.")),
            (
                "unmapped",
                Schema::list(told("What the mapping of today makes no message of either.", unmapped)),
            ),
            ("refused", Schema::list(told("What cannot be mapped again.", refused))),
        ],
    )
}

fn replayed() -> Schema {
    told(
        "What a replay did.",
        [
            ("events", count()),
            ("sent", count().says("Messages that are on their way now.")),
            ("skipped", count()),
            ("unmapped", count()),
            ("left", Schema::list(id()).says("Events that changed meanwhile, and were left as they were.")),
        ],
    )
}

fn pruned() -> Schema {
    told(
        "What was forgotten, or would be.",
        [
            ("dry_run", Schema::flag()),
            ("more", Schema::flag().says("There was not the time for all of it: ask again.")),
            ("emptied", count().says("Events whose bodies were dropped.")),
            ("events", count().says("Events that were deleted, finished.")),
            ("undecided", count().says("Events that were deleted though a person never decided.")),
            ("deliveries", count().says("Deliveries that were deleted with their events.")),
            ("keys", count()),
            ("refused", count().says("Requests that were not believed.")),
            ("freed_pages", count().says("Pages of the file that were given back.")),
        ],
    )
}

fn erased() -> Schema {
    told(
        "What was erased, or would be.",
        [
            ("dry_run", Schema::flag()),
            ("events", count()),
            ("deliveries", count()),
            ("cancelled", count().says("Of those, the ones that would still have been sent.")),
            ("refused", count().says("Requests that were not believed.")),
            (
                "under_way",
                Schema::list(id())
                    .says("Events of which a message is just being sent: ask again in a moment."),
            ),
            (
                "swept",
                Schema::flag().or_nothing().says(
                    "Whether the file was written anew; if not, remains can stay in unused parts of it until \
                     they are written over. Null: nothing was erased.",
                ),
            ),
        ],
    )
}

fn happening() -> Schema {
    let told = told(
        "One thing that happened; what is not said is absent. Ids and words of ours, nothing of a payload.",
        [
            ("at", moment()),
            (
                "what",
                text().says(
                    "A word such as accepted, planned or delivered; `missed`: so many happened that the \
                     oldest `count` of them are not told here.",
                ),
            ),
            ("source", text()),
            ("event", id()),
            ("delivery", id()),
            ("connection", text()),
            ("request", text()),
            ("outcome", text()),
            ("reason", text()),
            ("count", count()),
        ],
    );
    told.needs(&["at", "what"])
}

fn status() -> Schema {
    let counts =
        |says: &str, states: Vec<&'static str>| told(says, states.into_iter().map(|state| (state, count())));
    told(
        "One look at the gateway.",
        [
            ("version", text()),
            ("now", moment()),
            ("started_at", moment()),
            ("sending", Schema::flag().says("False: everything is paused.")),
            ("paused", Schema::list(refer("Paused"))),
            (
                "events",
                counts("How many are in each state.", EventState::ALL.iter().map(|s| s.as_str()).collect()),
            ),
            (
                "deliveries",
                counts(
                    "How many are in each state.",
                    DeliveryState::ALL.iter().map(|s| s.as_str()).collect(),
                ),
            ),
            (
                "oldest_received_at",
                moment().or_nothing().says("When the first of those not yet planned came."),
            ),
            (
                "oldest_pending_at",
                moment().or_nothing().says("When the first of those that are pending was planned."),
            ),
            ("sources", Schema::list(source())),
            ("connections", Schema::list(connection())),
            ("store", disk()),
        ],
    )
}

fn source() -> Schema {
    told(
        "A source that is open, or left something unfinished.",
        [
            ("name", text()),
            ("open", Schema::flag().says("False: its mapping is gone, and nothing more comes in.")),
            ("received", count()),
            ("unmapped", count()),
            ("oldest_received_at", moment().or_nothing()),
        ],
    )
}

fn connection() -> Schema {
    let configured = Schema::flag().says("False: nothing is sent through it.");
    told(
        "A connection that is configured, or left something unfinished.",
        [
            ("name", text()),
            ("configured", configured),
            ("pending", count()),
            ("in_flight", count()),
            ("held", count()),
        ],
    )
}

fn disk() -> Schema {
    let free = count().says("Of those, what nothing is in: it is used again before the file grows.");
    told("The store's file.", [("bytes", count()), ("free_bytes", free)])
}
