//! Values: where they come from and what they are.

use serde_json::{Value, json};

use super::super::build::Schema;
use super::super::document::Shared;
use crate::mapping::convert::DEFAULT_ZONE;
use crate::mapping::{KINDS, OF_ONE_KIND, ROOTS};

pub fn definitions(shared: &Shared) -> Vec<(&'static str, Schema)> {
    let values = Schema::named(Schema::refer("place_or_value"))
        .says(
            "What the texts use, by names of yours: where each is, and what it is; such as \
             telefone: { from: $.phone, as: phone }. A name has letters, digits and _; body, \
             headers, query and event are taken.",
        )
        .with("propertyNames", name())
        .with("properties", serde_json::Map::from_iter(ROOTS.map(|taken| (taken.to_owned(), json!(false)))))
        .or_nothing();
    vec![
        ("values", values),
        ("place_or_value", place_or_value()),
        ("value", value()),
        ("parts_of_a_phone", parts()),
        ("place", place(shared)),
    ]
}

/// A name that a text can use: letters, digits and `_`. Every character that is
/// not of ASCII is let through here; the reader knows which are letters.
pub fn name() -> Schema {
    let shape = r"^[A-Za-z_\u0080-\uFFFD][A-Za-z0-9_\u0080-\uFFFD]*$";
    Schema::any().shaped(shape, "a name of letters, digits and _")
}

fn place_or_value() -> Schema {
    Schema::text_or(Schema::refer("place"), [Schema::refer("value"), places()])
        .such_as("$.customer.name")
        .such_as("header:X-Topic")
}

/// A provider's place, or one inside the item of a message's `each`.
fn place(shared: &Shared) -> Schema {
    let provider = Value::from(shared.at("/$defs/locator"));
    let pattern = provider["pattern"].as_str().unwrap_or_default();
    Schema::text()
        .says(
            "A place in the request: $.path in the body, header:NAME, query:NAME or form:NAME; \
             inside `each` of a message, @.path in the item.",
        )
        .shaped(format!(r"^@[.\[]|{pattern}"), "a place: $.path, header:NAME, query:NAME or form:NAME")
        .such_as("$.customer.name")
        .such_as("$.items[*].title")
        .such_as("header:X-Topic")
}

fn places() -> Schema {
    let list = Schema::list(Schema::refer("place")).with("minItems", 1);
    list.says("Of several places the first that is there and fits.")
}

fn value() -> Schema {
    let from = Schema::text_or(Schema::refer("place"), [Schema::refer("parts_of_a_phone"), places()]);
    let kinds = Schema::words(KINDS.map(|kind| (kind, what(kind))));
    let unit = Schema::words([("units", "149.90 and 1.234,56 are reais."), ("cents", "14990 is R$ 149,90.")]);
    let epochs =
        Schema::words([("epoch_secs", "Seconds since 1970."), ("epoch_ms", "Milliseconds since 1970.")]);
    let pattern = Schema::text().says("yyyy, yy, MM, dd, HH, mm and ss, with anything between them.");
    let value = Schema::map(
        "a value",
        [
            (
                "from",
                from.says(
                    "Where it is: a place; several, of which the first that is there and fits counts; or \
                     the parts of a phone.",
                ),
            ),
            (
                "as",
                kinds.says(
                    "What it is; as the payload has it if it is not said. A value that is something else \
                     is a problem, and nothing is sent.",
                ),
            ),
            ("many", Schema::flag().says("All that the path finds, as a list.")),
            (
                "default",
                Schema::any().says(
                    "What to use where it is absent: not there, null, or empty text. Without it, absence \
                     is a problem.",
                ),
            ),
            ("table", Schema::text().says("Looked up in this table of the file.")),
            ("unit", unit.says("Of money").unless_said("units")),
            (
                "format",
                Schema::either([epochs, pattern])
                    .says("How a date is written, where it is not ISO 8601.")
                    .such_as("dd/MM/yyyy HH:mm"),
            ),
            ("timezone", Schema::text().says("Of a date that names none").unless_said(DEFAULT_ZONE)),
        ],
    );
    let value = value.says("Where a value is, what it is, and what if it is absent.").needs(&["from"]);
    let value = value.rule(json!({
        "if": { "required": ["from"], "properties": { "from": { "type": "object" } } },
        "then": { "required": ["as"], "properties": { "as": { "const": "phone" } } },
    }));
    OF_ONE_KIND.into_iter().fold(value, |value, (key, kind)| {
        value.rule(json!({
            "if": { "required": [key] },
            "then": { "required": ["as"], "properties": { "as": { "const": kind } } },
        }))
    })
}

fn what(kind: &str) -> &'static str {
    match kind {
        "text" => "Text; a number becomes its digits.",
        "number" => "A number; text that is one becomes it.",
        "bool" => "True or false.",
        "list" => "A list, as it is.",
        "phone" => {
            "The digits that Talqui takes, such as 5527999998888, from any way Brazilians write a phone."
        }
        "money" => "An amount; see `unit`.",
        "date" => "A moment; see `format` and `timezone`.",
        _ => "",
    }
}

fn parts() -> Schema {
    let part = |says: &str| Schema::refer("place").says(says);
    Schema::map(
        "a phone in parts",
        [
            ("ddi", part("The country's code; 55 if it is not there.")),
            ("ddd", part("The area's code.")),
            ("number", part("The number, with or without what is before it.")),
        ],
    )
    .says("A phone whose parts are in fields of their own.")
    .needs(&["number"])
}

pub fn tables() -> Schema {
    let rows = Schema::named(Schema::any()).says("One row a line: what is looked up, and what it becomes.");
    Schema::named(rows)
        .says(
            "Tables by name, for the `table` of a value; such as lojas: { \"101\": Vitória, \
            \"102\": Vila Velha }.",
        )
        .or_nothing()
}
