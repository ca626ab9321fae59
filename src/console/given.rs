//! What an operation can be asked with, and reading what it was: every mistake is
//! found before anybody is told, and a name that is not known is one.
//!
//! A [`Field`] is a parameter of a query or a key of a JSON body; the same
//! description is printed in `/openapi.json`.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::problems::Fault;
use crate::diagnostic::nearest;
use crate::event::{EventId, SourceName, Timestamp};

#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// In a query it may be said more than once, in a body it is a list.
    pub many: bool,
    pub needed: bool,
    pub says: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Text,
    /// One of these.
    Word(fn() -> Vec<&'static str>),
    Source,
    Id,
    Time,
    /// From 1 to this.
    UpTo(u32),
    Cursor,
    Flag,
    /// A map of these.
    Map(&'static [Field]),
}

/// The most characters of a text, and the most entries of a list.
const TEXT_CHARS: usize = 500;
pub const LIST_LENGTH: usize = 500;

/// What was asked with. Every value is one that its field allows.
#[derive(Debug, Default)]
pub struct Given {
    values: BTreeMap<&'static str, Vec<String>>,
    maps: BTreeMap<&'static str, Given>,
}

impl Given {
    pub fn of_query(fields: &'static [Field], query: &str, faults: &mut Vec<Fault>) -> Self {
        let mut given = Self::default();
        // A query that is dropped unread would ask for everything.
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_else(|why| {
            faults.push(fault("query", &format!("it cannot be read: {why}")));
            Vec::new()
        });
        for (name, value) in pairs {
            let Some(field) = known(fields, &name, "", faults) else { continue };
            given.take(field, field.name, value, faults);
        }
        given
    }

    /// Reads a JSON body; one without a byte is an empty map.
    pub fn of_body(fields: &'static [Field], body: &[u8], faults: &mut Vec<Fault>) -> Self {
        let value = match body.is_empty() {
            true => Ok(Value::Object(Map::new())),
            false => serde_json::from_slice(body),
        };
        match value {
            Ok(Value::Object(map)) => Self::of_map(fields, map, "", faults),
            Ok(_) => {
                faults.push(fault("body", "it is a JSON object"));
                Self::default()
            }
            Err(why) => {
                faults.push(fault("body", &format!("it is not JSON: {why}")));
                Self::default()
            }
        }
    }

    fn of_map(
        fields: &'static [Field],
        map: Map<String, Value>,
        before: &str,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut given = Self::default();
        for (name, value) in map {
            let Some(field) = known(fields, &name, before, faults) else { continue };
            given.take_json(field, &format!("{before}{name}"), value, faults);
        }
        for field in fields.iter().filter(|field| field.needed && !given.has(field.name)) {
            let at = format!("{before}{}", field.name);
            // One that is there and wrong was told already.
            if !faults.iter().any(|fault| fault.at == at) {
                faults.push(fault(&at, "it is missing"));
            }
        }
        given
    }

    fn take_json(&mut self, field: &Field, at: &str, value: Value, faults: &mut Vec<Fault>) {
        match (value, field.kind) {
            (Value::Null, _) => {}
            (Value::Object(map), Kind::Map(fields)) => {
                let inner = Self::of_map(fields, map, &format!("{at}."), faults);
                self.maps.insert(field.name, inner);
            }
            (Value::Array(list), _) if field.many => {
                if list.len() > LIST_LENGTH {
                    faults.push(fault(at, &format!("it has more than {LIST_LENGTH} entries")));
                    return;
                }
                // A list of nothing is said, too.
                self.values.entry(field.name).or_default();
                for entry in list {
                    match entry {
                        Value::String(text) => self.take(field, at, text, faults),
                        _ => faults.push(fault(at, &format!("each entry is {}", field.kind.wanted()))),
                    }
                }
            }
            (Value::String(text), kind) if !field.many && !matches!(kind, Kind::Flag | Kind::Map(_)) => {
                self.take(field, at, text, faults);
            }
            (Value::Bool(flag), Kind::Flag) => self.take(field, at, flag.to_string(), faults),
            (Value::Number(number), Kind::UpTo(_)) => self.take(field, at, number.to_string(), faults),
            (_, kind) => {
                let list = if field.many { "a list; each entry is " } else { "" };
                faults.push(fault(at, &format!("it is {list}{}", kind.wanted())));
            }
        }
    }

    fn take(&mut self, field: &Field, at: &str, text: String, faults: &mut Vec<Fault>) {
        if let Err(why) = field.kind.check(&text) {
            faults.push(fault(at, &why));
            return;
        }
        let values = self.values.entry(field.name).or_default();
        if !field.many && !values.is_empty() {
            faults.push(fault(at, "it is said twice"));
            return;
        }
        values.push(text);
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.maps.contains_key(name)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.values.get(name)?.first().cloned()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// What was checked when it was read.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.values.get(name)?.first()?.parse().ok()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text == "true")
    }

    pub fn map(&self, name: &str) -> Option<&Self> {
        self.maps.get(name)
    }
}

impl Kind {
    /// Err: what it should be.
    pub fn check(self, text: &str) -> Result<(), String> {
        let right = match self {
            Self::Text => !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS,
            Self::Word(words) => words().contains(&text),
            Self::Source => text.parse::<SourceName>().is_ok(),
            Self::Id => text.parse::<EventId>().is_ok(),
            Self::Time => text.parse::<Timestamp>().is_ok(),
            Self::UpTo(most) => text.parse().is_ok_and(|number: u32| (1..=most).contains(&number)),
            Self::Cursor => text.parse::<i64>().is_ok_and(|cursor| cursor >= 0),
            Self::Flag => matches!(text, "true" | "false"),
            Self::Map(_) => false,
        };
        let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
        if right { Ok(()) } else { Err(format!("it is {}; `{shown}` is not", self.wanted())) }
    }

    fn wanted(self) -> String {
        match self {
            Self::Text => format!("a text of 1 to {TEXT_CHARS} characters"),
            Self::Word(words) => format!("one of {}", words().join(", ")),
            Self::Source => "the name of a source, such as loja".to_owned(),
            Self::Id => "an id, whole, as the lists show it".to_owned(),
            Self::Time => "a moment such as 2026-03-02T12:00:00Z".to_owned(),
            Self::UpTo(most) => format!("a whole number from 1 to {most}"),
            Self::Cursor => "what `next` of the page before says".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Map(_) => "a JSON object".to_owned(),
        }
    }
}

fn known<'a>(fields: &'a [Field], name: &str, before: &str, faults: &mut Vec<Fault>) -> Option<&'a Field> {
    let found = fields.iter().find(|field| field.name == name);
    if found.is_none() {
        let names = || fields.iter().map(|field| field.name);
        let detail = match nearest(name, names()) {
            Some(near) => format!("there is no such name here; did you mean `{near}`?"),
            None if fields.is_empty() => "there is no such name here: nothing is said with this".to_owned(),
            None => {
                format!("there is no such name here; there are {}", names().collect::<Vec<_>>().join(", "))
            }
        };
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        faults.push(Fault { at: format!("{before}{shown}"), detail });
    }
    found
}

fn fault(at: &str, detail: &str) -> Fault {
    Fault { at: at.to_owned(), detail: detail.to_owned() }
}
