//! A test of a mapping.

use serde_json::{Value, json};

use super::super::build::Schema;
use super::message::what;
use crate::session::SessionStart;

pub fn test() -> Schema {
    Schema::map(
        "a test",
        [
            (
                "name",
                Schema::text().says("What it shows, for you.").such_as("um pedido pago vira uma mensagem"),
            ),
            ("given", given()),
            ("expect", expect()),
        ],
    )
    .says("A request, and what must become of it.")
    .needs(&["name", "given", "expect"])
}

fn given() -> Schema {
    let header = Schema::any().with("type", json!(["string", "integer"]));
    let body = "A file, its path taken from the folder of the mappings; or the document itself, as YAML.";
    Schema::map(
        "given",
        [
            ("headers", Schema::named(header).says("By name; those that the mapping looks at.").or_nothing()),
            ("query", Schema::text().says("What follows the ? of the address.")),
            ("body", Schema::any().says(body).such_as("samples/loja/order.json")),
        ],
    )
    .says("The request.")
}

fn expect() -> Schema {
    let field = |name: &str| (name.to_owned(), Value::from(Schema::any().says(what(name))));
    let message = Schema::text().says("The name of the message; of a file without `messages`, the source's.");
    let mut keys = serde_json::Map::from_iter([("message".to_owned(), Value::from(message))]);
    keys.extend(SessionStart::DOCUMENTED.into_iter().map(field));
    let expected = Schema::any()
        .with("type", "object")
        .says("A message that must come. Only the fields that are written here are compared.")
        .with("properties", keys)
        .needs(&["message"]);
    Schema::list(expected).says("The messages that must come, in order; [] where nothing must be sent.")
}
