//! What is in `schema/` is what the program prints.

use std::collections::BTreeSet;
use std::fs;

use gancho::diagnostic::Problems;
use gancho::provider::Catalogue;
use gancho::session::SessionStart;
use serde_json::Value;

use super::source;

pub fn mapping() -> Value {
    serde_json::from_str(&gancho::schema::mapping()).unwrap()
}

pub fn config() -> Value {
    serde_json::from_str(&gancho::schema::config()).unwrap()
}

#[test]
fn the_files_are_as_the_program_prints_them() {
    for (name, printed) in [("mapping", gancho::schema::mapping()), ("config", gancho::schema::config())] {
        let path = source().join(format!("../schema/{name}.schema.json"));
        let same = fs::read_to_string(path).is_ok_and(|kept| kept == printed);
        assert!(
            same,
            "schema/{name}.schema.json is not what the program prints; write it again:\n\
             cargo run -- schema {name} > schema/{name}.schema.json"
        );
    }
}

/// Whatever a schema refers to is in it: an editor gets one file.
#[test]
fn every_reference_leads_somewhere() {
    for schema in [mapping(), config()] {
        super::checker::each_object(&schema, &mut |object| {
            if let Some(reference) = object["$ref"].as_str() {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(schema.pointer(pointer).is_some(), "{reference}");
            }
        });
    }
}

#[test]
fn a_mapping_knows_every_provider_and_every_field_of_talqui() {
    let schema = mapping();
    let mut problems = Problems::default();
    let catalogue = Catalogue::embedded(&mut problems);
    for provider in catalogue.iter() {
        let needs = provider.verify.needs_secret();
        let list = if needs { "provider_with_secret" } else { "provider_without_secret" };
        let words = schema["$defs"][list]["anyOf"].as_array().unwrap();
        let word = words.iter().find(|word| word["const"] == provider.id.as_str()).unwrap();
        assert!(word["description"].as_str().unwrap().starts_with(&provider.name), "{word}");
    }
    let fields = schema["$defs"]["session"]["properties"].as_object().unwrap();
    let described: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(described, BTreeSet::from(SessionStart::DOCUMENTED));
    for (name, field) in fields {
        let of_the_connection = SessionStart::OF_THE_CONNECTION.contains(&name.as_str());
        assert_eq!(field["description"].is_string(), !of_the_connection, "{name}");
    }
}
