//! A message, and the request to Talqui that it is.

use serde_json::{Value, json};

use super::super::build::Schema;
use super::super::policy;
use crate::mapping::{EVENT_KEYS, FILTERS, VALUE_KEYS};
use crate::session::SessionStart;

pub fn definitions() -> Vec<(&'static str, Schema)> {
    vec![("message", message()), ("session", session()), ("field", field())]
}

fn message() -> Schema {
    let each = Schema::text()
        .says(
            "One message for each item: the path of a list's items. @ is then the item, in \
             `values` and `session`.",
        )
        .shaped(r"^(json:)?\$", "a path that begins with $, such as $.items[*]")
        .such_as("$.items[*]");
    let values = Schema::refer("values")
        .says("Values of this message only; inside `each` their paths may begin with @.");
    let mut keys = vec![
        ("name", Schema::text().says("For you, in the log and in tests.").such_as("pedido-pago")),
        ("when", when()),
        ("each", each),
        ("values", values),
        ("connection", connection()),
        ("once_per", once_per()),
        ("session", Schema::refer("session")),
    ];
    keys.extend(policy::keys(None));
    Schema::map("a message", keys).needs(&["name", "connection", "session"])
}

pub fn connection() -> Schema {
    Schema::text()
        .says("Through which connection of gancho.yaml it leaves, by name.")
        .such_as("whatsapp-loja")
}

pub fn when() -> Schema {
    let roots = EVENT_KEYS.map(|key| format!("event.{key}")).join(", ");
    Schema::text()
        .says(format!(
            "A condition; without it, always. It knows your values, body, headers, query and {roots}."
        ))
        .such_as("event.type == \"orders/paid\" and total > 0")
        .such_as("event.type in [\"order.created\", \"order.updated\"]")
}

/// The moment it came is of every event another.
const NEVER_AGAIN: &str = "received_at";

pub fn once_per() -> Schema {
    let of_event = EVENT_KEYS.iter().filter(|key| **key != NEVER_AGAIN);
    let of_event: Vec<String> = of_event.map(|key| format!("event.{key}")).collect();
    let value = super::value::name().with("type", "string");
    let part = Schema::either([Schema::any().with("enum", of_event), value]);
    Schema::either([Schema::list(part.clone()), part])
        .says("Values that together name the occasion: this person gets this message once for it, ever.")
        .such_as(json!(["pedido", "event.type"]))
}

fn session() -> Schema {
    let keys = SessionStart::DOCUMENTED.into_iter().map(|name| {
        let of_the_connection = SessionStart::OF_THE_CONNECTION.contains(&name);
        let field = Schema::refer("field").says(what(name));
        let described = || Value::from(examples(name).iter().copied().fold(field, Schema::such_as));
        (name.to_owned(), if of_the_connection { json!(false) } else { described() })
    });
    Schema::any()
        .with("type", "object")
        .says(
            "What is sent: Talqui's own fields, and any others that a channel asks for. channel \
             and pluginConnectionID come from the connection.",
        )
        .with("properties", serde_json::Map::from_iter(keys))
        .with("additionalProperties", Schema::refer("field"))
        .needs(&["contactExternalID", "messageValue"])
}

/// A field of the session, for whoever writes it.
pub fn what(name: &str) -> String {
    let said = match name {
        "contactExternalID" => {
            "Who gets it: on WhatsApp a phone (take it with `as: phone`), on iFood the code of \
             the order, elsewhere the channel's id of the person."
        }
        "contactFullName" => "The name of the person.",
        "messageKey" => "The kind of message; text if it is not said.",
        "messageValue" => {
            return format!(
                "The text. {{{{ name }}}} writes a value, {{{{ name | filter }}}} with a filter: {}. \
                 On the official WhatsApp it is only a label for you.",
                FILTERS.map(|filter| filter.name).join(", ")
            );
        }
        "campaignModelID" => {
            "The id of an approved model: the official WhatsApp opens a conversation with nothing else."
        }
        "campaignVariables" => "A list of what fills the spaces of the model.",
        "sessionKind" => {
            "transactional or marketing. On the official WhatsApp it is marketing, and filled in; \
             on iFood it is never that."
        }
        "sessionType" => "Who takes the conversation: auto, queued or manual.",
        _ => "Comes from the connection.",
    };
    said.to_owned()
}

fn examples(name: &str) -> &'static [&'static str] {
    match name {
        "contactExternalID" => &["{{ telefone }}"],
        "contactFullName" => &["{{ nome | title }}"],
        "messageValue" => &["Oi, {{ nome | first_name }}! Recebemos o pagamento do pedido {{ pedido }}."],
        "sessionKind" => &["transactional", "marketing"],
        _ => &[],
    }
}

/// At any depth. A map is a value if it has `from` and nothing that a value has
/// not; any other is sent as it is.
fn field() -> Schema {
    let is_value = json!({ "type": "object", "required": ["from"], "propertyNames": { "enum": VALUE_KEYS } });
    Schema::any()
        .says(
            "Text that begins with $. or $[ is a path and keeps its type (inside `each` also @. \
             and @[); { from: …, as: … } is a value; text with {{ }} is filled; anything else is \
             sent as it is.",
        )
        .with("if", is_value)
        .with("then", Schema::refer("value"))
        .with(
            "else",
            json!({
                "properties": { "from": { "$ref": "#/$defs/field" } },
                "items": { "$ref": "#/$defs/field" },
                "additionalProperties": { "$ref": "#/$defs/field" },
            }),
        )
}
