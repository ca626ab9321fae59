//! A whole schema as a file: its root, its definitions, and those that it takes
//! from the description of a provider's file.

use serde_json::{Map, Value};

use super::PROVIDER;
use super::build::Schema;

/// What the description of a provider's file says already.
pub struct Shared(Value);

impl Shared {
    pub fn new() -> Self {
        Self(serde_json::from_str(PROVIDER).expect("the tests read this file, which is compiled in"))
    }

    /// The schema at a JSON pointer, such as `/$defs/event`.
    pub fn at(&self, pointer: &str) -> Schema {
        match self.0.pointer(pointer) {
            Some(Value::Object(found)) => found
                .iter()
                .fold(Schema::any(), |schema, (keyword, value)| schema.with(keyword, value.clone())),
            _ => Schema::any(),
        }
    }

    fn definition(&self, name: &str) -> Option<&Value> {
        self.0.get("$defs")?.get(name)
    }
}

/// The text of a file in `schema/`.
pub fn file(about: &str, root: Schema, own: Vec<(&str, Schema)>, shared: &Shared) -> String {
    let root = Value::from(root);
    let mut definitions: Map<String, Value> = Map::new();
    let mut wanted = Vec::new();
    for (name, schema) in own {
        let schema = Value::from(schema);
        references(&schema, &mut wanted);
        definitions.insert(name.to_owned(), schema);
    }
    references(&root, &mut wanted);
    // Each is followed once, in the order in which it is first needed.
    let mut next = 0;
    while let Some(name) = wanted.get(next).cloned() {
        next += 1;
        if let Some(found) = shared.definition(&name).filter(|_| !definitions.contains_key(&name)) {
            references(found, &mut wanted);
            definitions.insert(name, found.clone());
        }
    }
    let head = Schema::any().with("$schema", "https://json-schema.org/draft/2020-12/schema");
    let mut whole = Value::from(head.with("$comment", about));
    if let (Value::Object(whole), Value::Object(root)) = (&mut whole, root) {
        whole.extend(root);
        whole.insert("$defs".to_owned(), definitions.into());
    }
    format!("{whole:#}\n")
}

/// The names that `schema` refers to, each once.
fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            for (keyword, value) in entries {
                match value.as_str().and_then(|text| text.strip_prefix("#/$defs/")) {
                    Some(name) if keyword == "$ref" && !names.iter().any(|have| have == name) => {
                        names.push(name.to_owned());
                    }
                    _ => references(value, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
