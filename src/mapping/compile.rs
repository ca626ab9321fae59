//! A mapping file, from text to a [`Mapping`] or to all its mistakes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::cases::{Case, Samples};
use super::message::{self, Message, Reader};
use super::names::Names;
use super::policy::POLICY_KEYS;
use super::scope::Asked;
use super::sender::{Param, SecretEntry, Sender};
use super::template::Engine;
use super::value::{Around, Values, read_tables, read_values, warn_unused};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence, SourceText};
use crate::event::SourceName;
use crate::payload::DocumentRule;
use crate::provider::{Acknowledge, Catalogue, EventRule, Handshake};
use crate::session::Destination;
use crate::verify::Scheme;
use crate::yaml::{Fields, parse};

/// The configured connections, by name.
pub type Connections = BTreeMap<String, Destination>;

/// What a mapping is read against. The closure reads a sample body by the path
/// that a test names; compiling itself does no I/O.
pub struct World<'a> {
    pub catalogue: &'a Catalogue,
    /// None: not known here, and so not checked.
    pub connections: Option<&'a Connections>,
    pub sample: &'a dyn Fn(&str) -> Result<Vec<u8>, Sentence>,
}

/// A mapping file, ready to use.
#[derive(Debug)]
pub struct Mapping {
    pub source: SourceName,
    /// The beginning of the SHA-256 of the file, in hexadecimal.
    pub version: String,
    pub verify: Scheme,
    pub event: EventRule,
    pub acknowledge: Acknowledge,
    pub document: DocumentRule,
    pub handshakes: Vec<Handshake>,
    pub secrets: Vec<SecretEntry>,
    pub params: Vec<Param>,
    /// Where it says who the sender is.
    pub sender_place: Place,
    pub(super) values: Values,
    pub(super) messages: Vec<Message>,
    pub(super) engine: Engine,
    pub(super) asked: Asked,
    pub(super) cases: Vec<Case>,
}

const KEYS: [&str; 23] = [
    "provider",
    "verify",
    "secrets",
    "params",
    "event",
    "each",
    "body",
    "handshakes",
    "acknowledge",
    "values",
    "tables",
    "messages",
    "connection",
    "when",
    "once_per",
    "attempts",
    "backoff",
    "timeout_secs",
    "on_unknown",
    "expires_after",
    "lane_waits_for_held",
    "session",
    "tests",
];

impl Mapping {
    /// Reads and checks `file`. None: it has errors; they are in `problems`.
    pub fn compile(
        source: &SourceName,
        file: &Arc<SourceText>,
        world: &World<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut found = Problems::default();
        let mapping = read(source, file, world, &mut found);
        let failed = found.has_errors();
        problems.extend(found);
        mapping.filter(|_| !failed)
    }

    pub fn tests(&self) -> usize {
        self.cases.len()
    }
}

fn read(
    source: &SourceName,
    file: &Arc<SourceText>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Mapping> {
    let node = parse(file, problems)?;
    let start = node.place.clone();
    let fields = Fields::open(&node, "a mapping", &KEYS, problems)?;
    let sender = Sender::read(&fields, &start, world, problems);
    let tables = fields.get("tables").map(|node| read_tables(node, problems)).unwrap_or_default();
    let has_item = sender.as_ref().is_some_and(|sender| sender.event.is_batch());
    let around = Around { tables: &tables, has_item };
    let values = read_values(fields.get("values"), around, &[], problems);
    let known = values.iter().map(|(name, rule)| (name.clone(), rule.shape()));
    let no_event = sender.as_ref().map(|sender| sender.event.lacks()).unwrap_or_default();
    let choices = values.iter().filter_map(|(name, rule)| Some((name.clone(), rule.choices()?)));
    let blank = values.iter().filter(|(_, rule)| rule.may_be_blank()).map(|(name, _)| name.clone());
    let names = Names {
        values: known.collect(),
        has_item,
        no_event,
        may_be_blank: blank.collect(),
        event_types: sender.as_ref().map(|sender| sender.event_types.clone()).unwrap_or_default(),
        choices: choices.collect(),
    };
    let mut engine = Engine::new();
    let mut reader = Reader { world, tables: &tables, names: &names, engine: &mut engine, problems };
    let messages = read_messages(&fields, source, &start, &mut reader);
    let document = sender.as_ref().map(|sender| sender.document.clone()).unwrap_or_default();
    let samples = Samples { world, document: &document };
    let cases = fields.get("tests").map(|node| Case::read_all(node, &samples, problems)).unwrap_or_default();
    let used = used_names(&messages);
    if !problems.has_errors() {
        warn_unused(fields.get("values"), &used, problems);
    }
    let sender = sender?;
    Some(Mapping {
        source: source.clone(),
        version: version_of(&file.text),
        verify: sender.verify,
        event: sender.event,
        acknowledge: sender.acknowledge,
        document: sender.document,
        handshakes: sender.handshakes,
        secrets: sender.secrets,
        params: sender.params,
        sender_place: sender.place,
        values,
        messages,
        engine,
        asked: Asked::of(&used),
        cases,
    })
}

/// What is sent depends on the file alone, so its hash is the version.
fn version_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// `messages:`, or the one message that the file itself is.
fn read_messages(
    fields: &Fields<'_>,
    source: &SourceName,
    start: &Place,
    reader: &mut Reader<'_>,
) -> Vec<Message> {
    let Some(node) = fields.get("messages") else {
        return reader.message(fields, start, Some(source.as_str())).into_iter().collect();
    };
    for key in ["connection", "when", "once_per", "session"].iter().chain(&POLICY_KEYS) {
        if let Some(place) = fields.key_place(key) {
            let problem =
                Diagnostic::error("misplaced-key", place, say!("`{}` stands beside `messages`", key));
            reader.problems.push(problem.help(say!("move it into a message of the list")));
        }
    }
    let Some(items) = node.as_list().filter(|items| !items.is_empty()) else {
        reader.problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("`messages` is a list of messages"))
                .help(say!("begin each with a dash and its name: - name: pedido-pago")),
        );
        return Vec::new();
    };
    let mut messages: Vec<Message> = Vec::new();
    for item in items {
        let Some(fields) = Fields::open(item, "a message", &message::KEYS, reader.problems) else { continue };
        let place = fields.get("name").map_or(&item.place, |node| &node.place);
        let Some(message) = reader.message(&fields, place, None) else { continue };
        if messages.iter().any(|other| other.name == message.name) {
            let text = say!("two messages are named `{}`", message.name);
            let problem = Diagnostic::error("duplicate-name", &message.place, text);
            reader.problems.push(problem.help(say!("give one of them another name")));
        }
        messages.push(message);
    }
    messages
}

fn used_names(messages: &[Message]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    messages.iter().for_each(|message| message.uses(&mut used));
    used
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
