//! A mapping file, described.

mod case;
mod message;
mod sender;
mod value;

use serde_json::json;

use super::build::Schema;
use super::document::{Shared, file};
use super::policy;
use crate::mapping::POLICY_KEYS;

const ABOUT: &str = "For editors; printed by `gancho schema mapping`. What decides is the reader in \
    src/mapping; what a provider's file has too is taken from provider.schema.json.";

/// What a message is, and what the file says itself where it is the only one.
const OF_A_MESSAGE: [&str; 4] = ["connection", "when", "once_per", "session"];

/// The text of `schema/mapping.schema.json`.
pub fn mapping() -> String {
    let shared = Shared::new();
    let messages = Schema::list(Schema::refer("message")).with("minItems", 1).says(
        "Every message whose `when` holds is sent, in order. A file with one message may \
         leave the list out and say connection, session, when and once_per itself.",
    );
    let tests = Schema::list(Schema::refer("test"))
        .says("Requests, and what must become of each. A file whose test fails is not taken over.");
    let mut keys = sender::keys(&shared);
    keys.extend([
        ("values", Schema::refer("values")),
        ("tables", value::tables()),
        ("messages", messages),
        ("connection", message::connection()),
        ("when", message::when()),
        ("once_per", message::once_per()),
        ("session", Schema::refer("session")),
        ("tests", tests),
    ]);
    keys.extend(policy::keys(None));
    let of_a_message = OF_A_MESSAGE.iter().chain(&POLICY_KEYS);
    let nothing_beside = of_a_message.map(|key| ((*key).to_owned(), json!(false)));
    let root = Schema::map("a mapping", keys)
        .says(
            "How the webhooks of one source become messages. The name of the file is the source: \
             mappings/loja.yaml answers at /hooks/loja.",
        )
        .rule(json!({
            "if": { "required": ["messages"] },
            "then": { "properties": serde_json::Map::from_iter(nothing_beside) },
            "else": { "required": ["connection", "session"] },
        }));
    let mut own = sender::definitions();
    own.extend(value::definitions(&shared));
    own.extend(message::definitions());
    own.push(policy::backoff(None));
    own.push(("test", case::test()));
    file(ABOUT, sender::rules(root), own, &shared)
}
