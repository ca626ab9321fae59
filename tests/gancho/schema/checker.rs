//! A schema that can be asked, and what it describes.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use gancho::diagnostic::{Problems, SourceText};
use gancho::yaml;
use serde_json::Value;

use super::reader::Known;

/// A schema, ready to be asked. It is compiled twice: many editors know draft 7
/// and nothing later, and must come to the same.
pub struct Checker([(Schemas, SchemaIndex); 2]);

impl Checker {
    pub fn new(schema: &Value) -> Self {
        Self([Draft::V2020_12, Draft::V7].map(|draft| {
            let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
            let mut schema = schema.clone();
            schema.as_object_mut().unwrap().remove("$schema");
            compiler.set_default_draft(draft);
            compiler.add_resource("schema.json", schema).unwrap();
            let index = compiler.compile("schema.json", &mut schemas).unwrap();
            (schemas, index)
        }))
    }

    /// What the schema has against a file.
    pub fn complaint(&self, text: &str) -> Option<String> {
        let mut problems = Problems::default();
        let node = yaml::parse(&SourceText::new("f.yaml", text), &mut problems).expect("YAML");
        let json = node.to_json();
        let [now, old] = self
            .0
            .each_ref()
            .map(|(schemas, index)| schemas.validate(&json, *index).err().map(|error| format!("{error:#}")));
        assert_eq!(now.is_some(), old.is_some(), "the drafts differ: {now:?} {old:?}\n{text}");
        now
    }
}

/// By the title of a map of keys: its keys.
pub fn described_keys(schema: &Value) -> Known {
    let mut described = Known::new();
    each_object(schema, &mut |object| {
        let (Some(title), Some(properties)) = (object["title"].as_str(), object["properties"].as_object())
        else {
            return;
        };
        assert_eq!(object["additionalProperties"], Value::Bool(false), "`{title}` allows unknown keys");
        let again = described.insert(title.to_owned(), properties.keys().cloned().collect());
        assert!(again.is_none(), "two objects of the schema have the title `{title}`");
    });
    described
}

/// By the name of a key: its words, for all maps together.
pub fn described_words(schema: &Value) -> Known {
    words_at(schema, |choice| choice["enum"].as_array().map_or(&[][..], |words| words))
}

/// By the name of a key: those of its words that have a description of their own.
pub fn described_choices(schema: &Value) -> Known {
    words_at(schema, |choice| match (choice.get("const"), choice.get("description")) {
        (Some(word), Some(_)) => std::slice::from_ref(word),
        _ => &[],
    })
}

fn words_at(schema: &Value, words: impl Fn(&Value) -> &[Value]) -> Known {
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    each_object(schema, &mut |object| {
        for (name, property) in object["properties"].as_object().into_iter().flatten() {
            // One of several, one alone, or each of a list.
            let choices = property["anyOf"].as_array().into_iter().flatten();
            let choices = choices.chain([property]).chain(property.get("items"));
            for word in choices.flat_map(&words) {
                described.entry(name.clone()).or_default().insert(word.as_str().unwrap().to_owned());
            }
        }
    });
    described
}

/// Every key says what it is for, itself or by what it refers to.
#[track_caller]
pub fn assert_all_described(schema: &Value) {
    each_object(schema, &mut |object| {
        let properties = object["title"].is_string().then(|| object["properties"].as_object()).flatten();
        for (name, property) in properties.into_iter().flatten() {
            let says = |key: &str| property[key].is_string();
            assert!(says("description") || says("$ref"), "`{name}` has no description");
        }
    });
}

/// Hands every object of a schema to `visit`, from the outside in.
pub fn each_object(schema: &Value, visit: &mut impl FnMut(&Value)) {
    match schema {
        Value::Object(entries) => {
            visit(schema);
            entries.values().for_each(|value| each_object(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}
