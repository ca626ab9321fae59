//! One message of a mapping: when it is sent, through which connection, once
//! per what, and the fields of its Session Start.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compile::World;
use super::field::Field;
use super::names::{EVENT_KEYS, Names};
use super::plan::{Skip, Skipped};
use super::policy::read_policy;
use super::reach;
use super::template::{Engine, Template};
use super::value::{Around, Tables, Values, read_values, warn_unused};
use crate::delivery::PolicyChange;
use crate::diagnostic::{Diagnostic, Place, Problems, nearest};
use crate::provider::Each;
use crate::session::{Channel, Destination, SessionStart, check_fields};
use crate::yaml::{Fields, Node};

#[derive(Debug)]
pub struct Message {
    pub name: String,
    pub place: Place,
    /// One message for each item of this list.
    pub each: Option<Each>,
    /// Its own values, found for each item anew.
    pub values: Values,
    pub when: Option<Template>,
    pub connection: String,
    pub destination: Destination,
    pub once_per: Vec<KeyPart>,
    /// What it says differently from its connection.
    pub policy: PolicyChange,
    pub session: Vec<(String, Field)>,
    /// The place of each field of the session, for its problems.
    pub session_place: Place,
}

/// A part of the business key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    Value(String),
    Event(&'static str),
}

pub const KEYS: [&str; 13] = [
    "name",
    "each",
    "values",
    "when",
    "connection",
    "once_per",
    "attempts",
    "backoff",
    "timeout_secs",
    "on_unknown",
    "expires_after",
    "lane_waits_for_held",
    "session",
];

/// Everything a message is read against.
pub struct Reader<'a> {
    pub world: &'a World<'a>,
    pub tables: &'a Tables,
    pub names: &'a Names,
    pub engine: &'a mut Engine,
    pub problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Reads a message from `fields`; `whole` is where it stands, and
    /// `unnamed` its name where it is the only one.
    pub fn message(&mut self, fields: &Fields<'_>, whole: &Place, unnamed: Option<&str>) -> Option<Message> {
        let name = match unnamed {
            Some(name) => Some(name),
            None => fields.required_text("name", whole, self.problems),
        };
        if unnamed.is_some() {
            return self.rest(fields, whole, name, None);
        }
        let each = fields.get("each").map(|node| Each::read(node, self.problems));
        let outer: Vec<&str> = self.names.values.keys().map(String::as_str).collect();
        let has_item = self.names.has_item || each.is_some();
        let around = Around { tables: self.tables, has_item };
        let values = read_values(fields.get("values"), around, &outer, self.problems);
        let mut names = Names { has_item, ..self.names.clone() };
        let blank = values.iter().filter(|(_, rule)| rule.may_be_blank());
        names.may_be_blank.extend(blank.map(|(name, _)| name.clone()));
        names.values.extend(values.iter().map(|(name, rule)| (name.clone(), rule.shape())));
        let mut inner = Reader {
            world: self.world,
            tables: self.tables,
            names: &names,
            engine: self.engine,
            problems: self.problems,
        };
        let message = inner.rest(fields, whole, name, fields.get("values"));
        message.map(|message| {
            Some(Message { each: each.map_or(Some(None), |e| e.map(Some))?, values, ..message })
        })?
    }

    /// Everything but the list it is made for, and its own values, which stand at
    /// `own`.
    fn rest(
        &mut self,
        fields: &Fields<'_>,
        whole: &Place,
        name: Option<&str>,
        own: Option<&Node>,
    ) -> Option<Message> {
        let when = match fields.get("when") {
            Some(node) => self.condition(node, name.unwrap_or_default()).map(Some),
            None => Some(None),
        };
        let destination = self.destination(fields, whole);
        let once_per = self.once_per(fields.get("once_per"));
        let policy = read_policy(fields, self.problems);
        let session = self.session(fields, whole, destination.as_ref().map(|(_, to)| &to.channel));
        let (connection, destination) = destination?;
        let message = Message {
            name: name?.to_owned(),
            place: whole.clone(),
            each: None,
            values: Values::new(),
            when: when?,
            connection,
            destination,
            once_per: once_per?,
            policy: policy?,
            session: session?,
            session_place: fields.key_place("session").unwrap_or(whole).clone(),
        };
        let mut used = BTreeSet::new();
        message.uses(&mut used);
        warn_unused(own, &used, self.problems);
        Some(message)
    }

    /// A condition that some event can meet, as far as can be seen.
    fn condition(&mut self, node: &Node, message: &str) -> Option<Template> {
        let condition = self.engine.add_condition(node, self.names, self.problems)?;
        for found in reach::doubts(node.as_text().unwrap_or_default(), message, self.names) {
            let place = found.at.map_or_else(|| node.place.clone(), |at| node.inner_place(at));
            let problem = Diagnostic::warning(found.code, &place, found.message);
            self.problems.push(Diagnostic { help: Some(found.help), ..problem });
        }
        Some(condition)
    }

    fn destination(&mut self, fields: &Fields<'_>, whole: &Place) -> Option<(String, Destination)> {
        if fields.get("connection").is_none() {
            let message = say!("`connection` is missing here: which way the message leaves");
            let known = self.world.connections.into_iter().flat_map(|known| known.keys().map(String::as_str));
            let problem = Diagnostic::error("missing-key", whole, message);
            self.problems.push(problem.help(say!("add it: connection: …")).suggest("", known));
            return None;
        }
        let name = fields.text("connection", self.problems)?;
        let Some(connections) = self.world.connections else {
            return Some((name.to_owned(), unchecked()));
        };
        if let Some(to) = connections.get(name) {
            return Some((name.to_owned(), to.clone()));
        }
        let place = fields.get("connection").map_or(whole, |node| &node.place);
        self.problems.push(
            Diagnostic::error("unknown-connection", place, say!("no connection `{}` is configured", name))
                .suggest(name, connections.keys().map(String::as_str)),
        );
        None
    }

    fn once_per(&mut self, node: Option<&Node>) -> Option<Vec<KeyPart>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        let parts: Vec<_> = items.iter().filter_map(|item| self.key_part(item)).collect();
        (parts.len() == items.len()).then_some(parts)
    }

    fn key_part(&mut self, node: &Node) -> Option<KeyPart> {
        let text = node.as_text().unwrap_or_default();
        if self.names.values.contains_key(text) {
            return Some(KeyPart::Value(text.to_owned()));
        }
        let of_event =
            text.strip_prefix("event.").and_then(|key| EVENT_KEYS.into_iter().find(|known| *known == key));
        if let Some(key) = of_event.filter(|key| *key != "received_at" && !self.names.no_event.contains(key))
        {
            return Some(KeyPart::Event(key));
        }
        let known =
            self.names.values.keys().map(String::as_str).chain(["event.id", "event.type", "event.source"]);
        self.problems.push(
            Diagnostic::error(
                "unknown-name",
                &node.place,
                say!("`once_per` names values, and `{}` is none", text),
            )
            .suggest(text, known),
        );
        None
    }

    fn session(
        &mut self,
        fields: &Fields<'_>,
        whole: &Place,
        channel: Option<&Channel>,
    ) -> Option<Vec<(String, Field)>> {
        let Some((key, node)) = fields.entry("session") else {
            self.problems.push(
                Diagnostic::error("missing-key", whole, say!("`session` is missing here: what is sent"))
                    .help(say!("session: { contactExternalID: …, messageValue: … }")),
            );
            return None;
        };
        let Some(entries) = node.as_map() else {
            self.problems.push(
                Diagnostic::error(
                    "wrong-type",
                    &node.place,
                    say!("`session` is a map of Talqui's fields; here is {}", node.kind()),
                )
                .help(say!("one field a line, without dashes: messageValue: \"Olá!\"")),
            );
            return None;
        };
        if let Some(channel) = channel {
            let has = |name: &str| entries.iter().any(|(key, _)| key.name == name);
            for found in check_fields(channel, has) {
                let problem = Diagnostic::error("channel-rule", &key.place, found.message).help(found.help);
                self.problems.push(problem);
            }
        }
        let read: Vec<_> = entries
            .iter()
            .map(|(key, node)| {
                self.check_field_name(&key.name, &key.place);
                Some((
                    key.name.clone(),
                    Field::read(node, self.tables, self.names, self.engine, self.problems)?,
                ))
            })
            .collect();
        read.into_iter().collect()
    }

    fn check_field_name(&mut self, name: &str, place: &Place) {
        if SessionStart::OF_THE_CONNECTION.contains(&name) {
            self.problems.push(
                Diagnostic::error("reserved-field", place, say!("`{}` comes from the connection", name))
                    .help(say!("remove it here; it is set under `connections:` in the configuration")),
            );
        } else if !SessionStart::DOCUMENTED.contains(&name)
            && let Some(near) = nearest(name, SessionStart::DOCUMENTED)
        {
            self.problems.push(
                Diagnostic::warning("unknown-field", place, say!("Talqui documents no field `{}`", name))
                    .help(say!("did you mean `{}`? other names are sent as they are", near)),
            );
        }
    }
}

impl Message {
    pub fn skipped(&self, item: Option<usize>, why: Skip) -> Skipped {
        let place = match (why, &self.when) {
            (Skip::When, Some(when)) => when.place(),
            _ => &self.place,
        };
        Skipped { name: self.name.clone(), item, place: place.to_string(), why }
    }

    /// The names that its condition, texts and key use.
    pub fn uses(&self, used: &mut BTreeSet<String>) {
        self.when.iter().for_each(|when| used.extend(when.uses.iter().cloned()));
        self.session.iter().for_each(|(_, field)| field.uses(used));
        used.extend(self.once_per.iter().filter_map(|part| match part {
            KeyPart::Value(name) => Some(name.clone()),
            KeyPart::Event(_) => None,
        }));
    }
}

const UNCHECKED: &str = "urn:talqui:unchecked:0";

/// Stands in for a connection that nothing was said of.
fn unchecked() -> Destination {
    Destination {
        tenant_id: "unchecked".to_owned(),
        plugin_connection_id: "unchecked".to_owned(),
        channel: Channel::Other(UNCHECKED.to_owned()),
    }
}

/// Whether the field depends on a connection that nothing was said of.
pub fn is_unchecked(start: &SessionStart, field: &str) -> bool {
    let left_out = SessionStart::OF_THE_CHANNEL.contains(&field) && !start.body().contains_key(field);
    let depends = left_out || SessionStart::OF_THE_CONNECTION.contains(&field);
    depends && start.body().get("channel").is_some_and(|channel| channel == UNCHECKED)
}

/// The business key as one text; the order and number of its parts count.
pub fn key_text(parts: &[Value]) -> String {
    Value::Array(parts.to_vec()).to_string()
}
