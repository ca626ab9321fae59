//! The files in `schema/` are for editors, and the reader decides. These tests
//! keep the two alike: a key or a word that one of them learns must be learned by
//! the other. Here: a provider's file, whose schema is written by hand.

mod checker;
mod config;
mod mapping;
mod printed;
mod reader;

use std::fs;
use std::path::Path;

use checker::{Checker, assert_all_described, described_keys, described_words};
use gancho::diagnostic::{Problems, SourceText};
use gancho::provider::read_provider;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../schema/provider.schema.json");
const PROVIDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");

/// The rooms that read provider files.
const ROOMS: [&str; 3] = ["payload", "provider", "verify"];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// How many errors the reader finds in a file.
fn errors(text: &str) -> usize {
    let mut problems = Problems::default();
    let read = read_provider("p", &SourceText::new("p.yaml", text), &mut problems);
    assert!(read.is_some() || problems.has_errors(), "{text}: refused in silence");
    problems.errors()
}

#[test]
fn every_provider_is_as_the_schema_says() {
    let checker = Checker::new(&schema());
    let mut count = 0;
    for entry in fs::read_dir(PROVIDERS).unwrap() {
        let path = entry.unwrap().path();
        let complaint = checker.complaint(&fs::read_to_string(&path).unwrap());
        assert!(complaint.is_none(), "{}: {}", path.display(), complaint.unwrap());
        count += 1;
    }
    assert!(count > 100, "{count} files: is this the right folder?");
}

/// Every map of keys that the reader opens is an object of the schema with that
/// title, and has the same keys.
#[test]
fn schema_and_reader_know_the_same_keys() {
    assert_eq!(described_keys(&schema()), reader::keys(&ROOMS));
}

/// Words are compared by the name of their key, for all maps together.
#[test]
fn schema_and_reader_know_the_same_words() {
    assert_eq!(described_words(&schema()), reader::words(&ROOMS));
}

#[test]
fn every_key_says_what_it_is_for() {
    assert_all_described(&schema());
}

/// A file without a mistake; each broken one is this one with a change.
const WHOLE: &str = r#"name: Loja
evidence: official
payload: fat
secret: The secret of the webhook.
verify:
  scheme: hmac
  signature: { from: "header:X-Sign", encoding: hex, split: { item: ",", pair: "=", take: v1 } }
  key: { strip: whsec_, encoding: base64 }
  timestamp: { from: "sig:t", unit: s, tolerance_secs: 300 }
  signed: "{ts}.{header:X-Id}.{body}"
event: { id: { join: ["header:X-Topic", $.id] }, type: [$.type, form:type] }
acknowledge: { status: 204, body: empty }
timeout_secs: 10
examples:
  - { secret: s, headers: { X-Number: 1 }, body: b, at_secs: 1, expect: accepted }
"#;

#[test]
fn what_is_whole_is_accepted_by_both() {
    let checker = Checker::new(&schema());
    for text in [
        WHOLE.to_owned(),
        changed("event: {", "docs: https://example.com\nnote: n\nfailures: f\nevent: {"),
        replaced("verify", "{ scheme: static, from: \"header:X-Token\", prefix: \"Bearer \" }"),
        replaced("verify", "{ scheme: basic }"),
        replaced("verify", "{ scheme: none }"),
    ] {
        assert_eq!((errors(&text), checker.complaint(&text)), (0, None), "{text}");
    }
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let checker = Checker::new(&schema());
    let broken = [
        changed("name: Loja", "title: Loja"),
        changed("name: Loja", "name: 1"),
        changed("evidence: official\n", ""),
        changed("payload: fat\n", ""),
        changed("secret: The secret of the webhook.\n", ""),
        changed("official", "certain"),
        changed("payload: fat", "payload: round"),
        changed("scheme: hmac", "scheme: hmacc"),
        changed("  scheme: hmac\n", ""),
        changed("scheme: hmac", "scheme: hmac\n  hash: md5"),
        changed("scheme: hmac", "scheme: hmac\n  from: header:X"),
        changed("scheme: hmac", "scheme: hmac\n  prefix: a"),
        changed("scheme: hmac", "scheme: hmac\n  salt: a"),
        changed("encoding: hex", "encoding: utf8"),
        changed("encoding: hex, ", ""),
        changed("encoding: base64 }", "encoding: rot13 }"),
        changed("strip:", "stripp:"),
        changed("from: \"header:X-Sign\", ", ""),
        changed("header:X-Sign", "cookie:X-Sign"),
        changed("header:X-Sign", "header:"),
        changed("header:X-Sign", "header: X-Sign"),
        changed("item: \",\"", "item: \"\""),
        changed(", take: v1", ""),
        changed("take: v1", "take: v1, keep: v0"),
        changed("sig:t", "t"),
        changed("unit: s", "unit: days"),
        changed("tolerance_secs: 300", "tolerance_secs: -1"),
        changed("tolerance_secs: 300", "tolerance_secs: 5m"),
        changed("tolerance_secs: 300", "tolerance_minutes: 5"),
        changed("{body}", "{bodi}"),
        changed("{body}", "{body"),
        changed("{header:X-Id}", "{header:}"),
        changed("header:X-Topic", "topic"),
        changed("{ join:", "{ jion:"),
        changed("type: [", "kind: ["),
        changed("[$.type, form:type]", "[]"),
        changed("[$.type, form:type]", "7"),
        changed("[$.type, form:type]", "{}"),
        changed("{ X-Number: 1 }", "none"),
        changed("status: 204", "status: 404"),
        changed("status: 204", "code: 204"),
        changed(", body: empty", ""),
        changed("body: empty", "body: event_id"),
        changed("timeout_secs: 10", "timeout_secs: 0"),
        changed("timeout_secs: 10", "timeout_secs: 10s"),
        changed("body: b, ", ""),
        changed(", expect: accepted", ""),
        changed("X-Number: 1", "X-Number: [1]"),
        changed("at_secs: 1", "at_secs: soon"),
        changed("at_secs: 1", "at: 1"),
        replaced("verify", "{ scheme: static }"),
        replaced("verify", "{ scheme: static, from: \"header:X\", hash: sha1 }"),
        replaced("verify", "{ scheme: basic, from: \"header:X\" }"),
        replaced("verify", "{ scheme: none, prefix: a }"),
        replaced("verify", "hmac"),
        replaced("event", "$.id"),
        replaced("acknowledge", "204"),
    ];
    for text in broken {
        assert!(errors(&text) > 0, "the reader accepts\n{text}");
        assert!(checker.complaint(&text).is_some(), "the schema accepts\n{text}");
    }
}

#[track_caller]
fn changed(from: &str, to: &str) -> String {
    changed_in(WHOLE, from, to)
}

#[track_caller]
fn changed_in(whole: &str, from: &str, to: &str) -> String {
    assert!(whole.contains(from), "`{from}` is not in it");
    whole.replacen(from, to, 1)
}

/// With another value for a key of the file.
fn replaced(key: &str, value: &str) -> String {
    format!("{}{key}: {value}\n", without(WHOLE, key))
}

/// Without a key of the file and what is below it.
#[track_caller]
fn without(whole: &str, key: &str) -> String {
    let mut kept = true;
    let mut lines: Vec<String> = Vec::new();
    for line in whole.lines() {
        if !line.starts_with(' ') {
            kept = !line.starts_with(&format!("{key}:"));
        }
        if kept {
            lines.push(line.to_owned());
        }
    }
    assert!(lines.len() < whole.lines().count(), "`{key}` is not in it");
    lines.join("\n") + "\n"
}

/// The folder of the reader's rooms.
fn source() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}
