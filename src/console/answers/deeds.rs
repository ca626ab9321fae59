//! What an operator did, or would do.

use super::{count, id, moment, perhaps, refer, text, told, words};
use crate::schema::Schema;

pub fn replay_preview() -> Schema {
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

pub fn replayed() -> Schema {
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

pub fn pruned() -> Schema {
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

pub fn erased() -> Schema {
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

pub fn paused() -> Schema {
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

pub fn pauses() -> Schema {
    told(
        "What is paused now.",
        [
            ("changed", Schema::flag().says("False: it was so already.")),
            ("paused", Schema::list(refer("Paused"))),
        ],
    )
}
