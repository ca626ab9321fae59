//! A provider's file, read and checked.

use std::sync::Arc;

use super::{Acknowledge, EventRule, Example, Handshake, read_acknowledge, read_event_rule, read_handshakes};
use crate::diagnostic::{Diagnostic, Problems, SourceText};
use crate::payload::{DocumentRule, read_document_rule};
use crate::verify::{Scheme, read_scheme};
use crate::yaml::{Fields, Node, parse};

#[derive(Debug, Clone)]
pub struct Provider {
    /// The word by which mappings name it: the name of its file.
    pub id: String,
    /// As the sender writes itself.
    pub name: String,
    pub docs: Option<String>,
    pub evidence: Evidence,
    pub payload: Payload,
    pub verify: Scheme,
    /// What a mapping must give besides a secret: a name, and what it is.
    pub params: Vec<(String, String)>,
    pub document: DocumentRule,
    pub event: EventRule,
    /// The types of its events that are known, and what each means, for a
    /// person. Senders add new ones, so the list is never taken for whole.
    pub events: Vec<(String, String)>,
    pub handshakes: Vec<Handshake>,
    pub acknowledge: Acknowledge,
    /// Which secret to take from the sender's screens, for a person.
    pub secret: String,
    /// What else a person should know before setting it up.
    pub note: Option<String>,
    /// The sender's time limit for an answer, in seconds.
    pub timeout_secs: Option<i64>,
    /// What makes the sender retry or give up, for a person.
    pub failures: Option<String>,
    pub examples: Vec<Example>,
}

/// How sure the facts of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Read in the sender's own documentation, SDK or source.
    Official,
    /// Read in independent catalogues that cite it.
    Secondary,
    /// General knowledge; check a captured delivery first.
    Unconfirmed,
}

impl Evidence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Secondary => "secondary",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// Whether an event carries what a message needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Name and contact are in the event.
    Fat,
    /// The event names something that must be looked up elsewhere.
    Thin,
    /// The sender's user decides what is in it.
    Any,
}

const KEYS: [&str; 16] = [
    "name",
    "docs",
    "evidence",
    "payload",
    "verify",
    "params",
    "body",
    "event",
    "events",
    "handshakes",
    "acknowledge",
    "secret",
    "timeout_secs",
    "failures",
    "examples",
    "note",
];

pub fn read_provider(id: &str, file: &Arc<SourceText>, problems: &mut Problems) -> Option<Provider> {
    let node = parse(file, problems)?;
    let fields = Fields::open(&node, "a provider's file", &KEYS, problems)?;
    let evidence = [
        ("official", Evidence::Official),
        ("secondary", Evidence::Secondary),
        ("unconfirmed", Evidence::Unconfirmed),
    ];
    let payload = [("fat", Payload::Fat), ("thin", Payload::Thin), ("any", Payload::Any)];
    for key in ["evidence", "payload", "verify"] {
        if fields.get(key).is_none() {
            problems.push(
                Diagnostic::error("missing-key", &node.place, say!("`{}` is missing here", key))
                    .help(say!("add it: {}: …", key)),
            );
        }
    }
    let name = fields.required_text("name", &node.place, problems);
    let secret = fields.required_text("secret", &node.place, problems);
    let verify = fields.get("verify").and_then(|node| read_scheme(node, problems));
    let acknowledge = match fields.get("acknowledge") {
        Some(node) => read_acknowledge(node, problems),
        None => Some(Acknowledge::default()),
    };
    let document = match fields.get("body") {
        Some(node) => read_document_rule(node, problems),
        None => Some(DocumentRule::AsIs),
    };
    let handshakes = fields.get("handshakes").map(|node| read_handshakes(node, problems)).unwrap_or_default();
    let mut named = |key| fields.get(key).map(|node| read_named(key, node, problems)).unwrap_or_default();
    let (params, events) = (named("params"), named("events"));
    let examples = fields.get("examples").and_then(|node| node.as_list()).unwrap_or_default();
    Some(Provider {
        id: id.to_owned(),
        docs: fields.text("docs", problems).map(str::to_owned),
        evidence: fields.word("evidence", &evidence, problems)?,
        payload: fields.word("payload", &payload, problems)?,
        event: fields.get("event").map(|node| read_event_rule(node, problems)).unwrap_or_default(),
        timeout_secs: fields.number("timeout_secs", 1..=3_600, problems),
        failures: fields.text("failures", problems).map(str::to_owned),
        note: fields.text("note", problems).map(str::to_owned),
        examples: examples.iter().filter_map(|node| Example::read(node, problems)).collect(),
        document: document?,
        events,
        handshakes,
        params,
        name: name?.to_owned(),
        secret: secret?.to_owned(),
        verify: verify?,
        acknowledge: acknowledge?,
    })
}

/// `params:` and `events:`: names, and what each is, for a person.
fn read_named(section: &str, node: &Node, problems: &mut Problems) -> Vec<(String, String)> {
    let Some(entries) = node.as_map() else {
        let message = say!("`{}` is a map: a name, and what it is", section);
        problems.push(
            Diagnostic::error("wrong-type", &node.place, message)
                .help(say!("one a line, such as order.paid: a paid order")),
        );
        return Vec::new();
    };
    let mut named = Vec::new();
    for (key, value) in entries {
        match value.as_text() {
            Some(what) => named.push((key.name.clone(), what.to_owned())),
            None => {
                let message = say!("say in words what `{}` is", key.name);
                problems.push(
                    Diagnostic::error("wrong-type", &value.place, message).help(say!("put it in quotes")),
                );
            }
        }
    }
    named
}
