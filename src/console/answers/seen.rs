//! The gateway at a look, and what happens in it.

use super::{count, id, moment, refer, text, told};
use crate::delivery::{DeliveryState, EventState};
use crate::schema::Schema;

pub fn status() -> Schema {
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

pub fn happening() -> Schema {
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
