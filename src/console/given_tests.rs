//! What was asked is read whole, and every mistake of it is named.

use super::given::*;

const INNER: &[Field] = &[Field { name: "at", kind: Kind::Time, many: false, needed: true, says: "" }];
const FIELDS: &[Field] = &[
    Field { name: "state", kind: Kind::Word(|| vec!["held", "dead"]), many: false, needed: false, says: "" },
    Field { name: "search", kind: Kind::Text, many: true, needed: false, says: "" },
    Field { name: "limit", kind: Kind::UpTo(500), many: false, needed: false, says: "" },
    Field { name: "force", kind: Kind::Flag, many: false, needed: false, says: "" },
    Field { name: "filter", kind: Kind::Map(INNER), many: false, needed: false, says: "" },
];

fn query(text: &str) -> (Given, Vec<String>) {
    let mut faults = Vec::new();
    let given = Given::of_query(FIELDS, text, &mut faults);
    (given, faults.into_iter().map(|fault| format!("{}: {}", fault.at, fault.detail)).collect())
}

fn body(text: &str) -> (Given, Vec<String>) {
    let mut faults = Vec::new();
    let given = Given::of_body(FIELDS, text.as_bytes(), &mut faults);
    (given, faults.into_iter().map(|fault| format!("{}: {}", fault.at, fault.detail)).collect())
}

#[test]
fn a_query_is_read_whole() {
    let (given, faults) = query("state=held&search=maria&search=1001&limit=7");
    assert_eq!(faults, [""; 0]);
    assert_eq!(given.text("state").as_deref(), Some("held"));
    assert_eq!(given.texts("search"), ["maria", "1001"]);
    assert_eq!(given.parsed::<u32>("limit"), Some(7));
}

#[test]
fn every_mistake_of_a_query_is_named() {
    let (_, faults) = query("sate=held&state=gone&limit=0&limit=501&search=&state=held&state=held");
    assert_eq!(
        faults,
        [
            "sate: there is no such name here; did you mean `state`?",
            "state: it is one of held, dead; `gone` is not",
            "limit: it is a whole number from 1 to 500; `0` is not",
            "limit: it is a whole number from 1 to 500; `501` is not",
            "search: it is a text of 1 to 500 characters; `` is not",
            "state: it is said twice",
        ]
    );
}

#[test]
fn a_body_is_read_and_its_mistakes_are_named() {
    let (given, faults) = body(r#"{"search":["a"],"force":true,"filter":{"at":"2026-03-02T12:00:00Z"}}"#);
    assert_eq!(faults, [""; 0]);
    assert!(given.flag("force") && given.map("filter").is_some_and(|filter| filter.has("at")));

    let (_, faults) = body(r#"{"search":"a","force":"yes","filter":{},"limit":1.5,"x":1}"#);
    assert_eq!(
        faults,
        [
            "search: it is a list; each entry is a text of 1 to 500 characters",
            "force: it is true or false",
            "filter.at: it is missing",
            "limit: it is a whole number from 1 to 500; `1.5` is not",
            "x: there is no such name here; there are state, search, limit, force, filter",
        ]
    );
    assert_eq!(body("[1]").1, ["body: it is a JSON object"]);
    assert!(body("{").1[0].starts_with("body: it is not JSON"));
    assert_eq!(body("").1, [""; 0]);
}
