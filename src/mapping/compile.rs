//! A mapping file, from text to a [`Mapping`] or to all its mistakes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::cases::Case;
use super::message::{self, Message, Reader};
use super::names::Names;
use super::template::Engine;
use super::value::{Tables, ValueRule, read_tables};
use crate::diagnostic::{Diagnostic, Place, Problems, SourceText};
use crate::event::{SecretRef, SecretRefError, SourceName};
use crate::provider::{Acknowledge, Catalogue, EventRule, read_acknowledge, read_event_rule};
use crate::session::Destination;
use crate::verify::{Scheme, read_scheme};
use crate::yaml::{Fields, Node, parse};

/// The configured connections, by name.
pub type Connections = BTreeMap<String, Destination>;

/// What a mapping is read against. The closure reads a sample body by the path
/// that a test names; compiling itself does no I/O.
pub struct World<'a> {
    pub catalogue: &'a Catalogue,
    /// None: not known here, and so not checked.
    pub connections: Option<&'a Connections>,
    pub sample: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
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
    pub secrets: Vec<(SecretRef, Place)>,
    pub(super) values: Vec<(String, ValueRule)>,
    pub(super) messages: Vec<Message>,
    pub(super) engine: Engine,
    /// Whether some text looks into `body`.
    pub(super) uses_body: bool,
    pub(super) cases: Vec<Case>,
}

const KEYS: [&str; 13] = [
    "provider",
    "verify",
    "secrets",
    "event",
    "acknowledge",
    "values",
    "tables",
    "messages",
    "connection",
    "when",
    "once_per",
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
    let start = Place::start_of(file);
    let fields = Fields::open(&node, "a mapping", &KEYS, problems)?;
    let sender = read_sender(&fields, &start, world, problems);
    let secrets = read_secrets(&fields, &start, problems);
    let tables = fields.get("tables").map(|node| read_tables(node, problems)).unwrap_or_default();
    let values = read_values(fields.get("values"), &tables, problems);
    let names =
        Names { values: values.iter().map(|(name, rule)| (name.clone(), rule.needs_filter())).collect() };
    let mut engine = Engine::new();
    let mut reader = Reader { world, tables: &tables, names: &names, engine: &mut engine, problems };
    let messages = read_messages(&fields, source, &start, &mut reader);
    let cases = fields.get("tests").map(|node| Case::read_all(node, world, problems)).unwrap_or_default();
    let used = used_names(&messages);
    warn_unused(fields.get("values"), &used, problems);
    let (verify, event, acknowledge) = sender?;
    Some(Mapping {
        source: source.clone(),
        version: version_of(&file.text),
        verify,
        event,
        acknowledge,
        secrets,
        values,
        messages,
        engine,
        uses_body: used.contains("body"),
        cases,
    })
}

/// What is sent depends on the file alone, so its hash is the version.
fn version_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The provider's preset, with what the file says otherwise.
fn read_sender(
    fields: &Fields<'_>,
    start: &Place,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<(Scheme, EventRule, Acknowledge)> {
    let preset = match fields.get("provider") {
        Some(node) => {
            let id = fields.text("provider", problems)?;
            let preset = world.catalogue.get(id);
            if preset.is_none() {
                problems.push(
                    Diagnostic::error(
                        "unknown-provider",
                        &node.place,
                        format!("there is no provider `{id}`"),
                    )
                    .suggest(id, world.catalogue.ids()),
                );
                return None;
            }
            preset
        }
        None => None,
    };
    if preset.is_none() && fields.get("verify").is_none() {
        problems.push(
            Diagnostic::error("missing-key", start, "this mapping does not say how to verify its sender")
                .help("name a `provider:`, or write the sender's scheme under `verify:`"),
        );
        return None;
    }
    let verify = match fields.get("verify") {
        Some(node) => read_scheme(node, problems),
        None => preset.map(|preset| preset.verify.clone()),
    };
    let own = fields.get("event").map(|node| read_event_rule(node, problems)).unwrap_or_default();
    let event = preset.map_or(own.clone(), |preset| own.or(&preset.event));
    let acknowledge = match fields.get("acknowledge") {
        Some(node) => read_acknowledge(node, problems)?,
        None => preset.map(|preset| preset.acknowledge).unwrap_or_default(),
    };
    Some((verify?, event, acknowledge))
}

fn read_secrets(fields: &Fields<'_>, start: &Place, problems: &mut Problems) -> Vec<(SecretRef, Place)> {
    let Some(node) = fields.get("secrets") else {
        problems.push(
            Diagnostic::error(
                "missing-key",
                start,
                "this mapping names no secret, so nobody could be believed",
            )
            .help("add secrets: [env:NAME] and set that environment variable"),
        );
        return Vec::new();
    };
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    let mut secrets = Vec::new();
    for item in items {
        match item.as_text().unwrap_or_default().parse::<SecretRef>() {
            Ok(reference) => secrets.push((reference, item.place.clone())),
            Err(error) => problems.push(bad_secret(item, error)),
        }
    }
    secrets
}

/// The place and not the text: the text may be the secret.
pub(crate) fn bad_secret(node: &Node, error: SecretRefError) -> Diagnostic {
    Diagnostic::error("bad-secret", &node.place, error.to_string())
        .without_line()
        .help("write env:NAME or file:PATH; the line is not shown here, in case it is the secret itself")
}

fn read_values(node: Option<&Node>, tables: &Tables, problems: &mut Problems) -> Vec<(String, ValueRule)> {
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        problems.push(Diagnostic::error("wrong-type", &node.place, "`values` is a map of names"));
        return Vec::new();
    };
    let mut values = Vec::new();
    for (key, node) in entries {
        if !is_identifier(&key.name) || super::names::ROOTS.contains(&key.name.as_str()) {
            problems.push(
                Diagnostic::error("bad-name", &key.place, format!("`{}` cannot name a value", key.name))
                    .help("use letters, digits and `_`; body, headers, query and event are taken"),
            );
        }
        if let Some(rule) = ValueRule::read(node, tables, problems) {
            values.push((key.name.clone(), rule));
        } else {
            // Its name is known all the same, so that its uses are no mistakes.
            values.push((key.name.clone(), ValueRule::broken(node)));
        }
    }
    values
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || c == '_')
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
    for key in ["connection", "when", "once_per", "session"] {
        if let Some(place) = fields.key_place(key) {
            let problem =
                Diagnostic::error("misplaced-key", place, format!("`{key}` stands beside `messages`"));
            reader.problems.push(problem.help("move it into a message of the list"));
        }
    }
    let Some(items) = node.as_list().filter(|items| !items.is_empty()) else {
        reader.problems.push(Diagnostic::error(
            "wrong-type",
            &node.place,
            "`messages` is a list of messages",
        ));
        return Vec::new();
    };
    let mut messages: Vec<Message> = Vec::new();
    for item in items {
        let Some(fields) = Fields::open(item, "a message", &message::KEYS, reader.problems) else { continue };
        let place = fields.get("name").map_or(&item.place, |node| &node.place);
        let Some(message) = reader.message(&fields, place, None) else { continue };
        if messages.iter().any(|other| other.name == message.name) {
            let text = format!("two messages are named `{}`", message.name);
            reader.problems.push(Diagnostic::error("duplicate-name", &message.place, text));
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

fn warn_unused(values: Option<&Node>, used: &BTreeSet<String>, problems: &mut Problems) {
    if problems.has_errors() {
        return;
    }
    for (key, _) in values.and_then(Node::as_map).unwrap_or_default() {
        if !used.contains(&key.name) {
            problems.push(
                Diagnostic::warning("unused-value", &key.place, format!("nothing uses `{}`", key.name))
                    .help("remove it, or use it in a message"),
            );
        }
    }
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
