//! A single value of a document with the words on the way to it, and how much
//! those words say of it.

use serde_json::{Map, Value};

use super::route::Step;
use super::words::{self, Table};

/// A single value: text, number, truth or null.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    pub steps: Vec<Step>,
    pub value: &'a Value,
    /// The plain words of the keys to it, the nearest first. The label of an
    /// item is as good as a key.
    pub keys: Vec<String>,
    /// The object that it is a field of.
    pub beside: Option<&'a Map<String, Value>>,
    /// By the order of the document.
    pub order: usize,
}

/// A phrase that was found on the way to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub word: &'static str,
    pub points: i32,
    /// How many keys that mean something stand between it and the value.
    pub level: usize,
}

/// How much of a word is left the farther away it stands, in percent.
const FADE: [i32; 4] = [100, 70, 40, 20];

/// Keys that only say that a value follows.
const NEUTRAL: [&str; 32] = [
    "value",
    "valor",
    "values",
    "valores",
    "data",
    "dados",
    "answer",
    "answers",
    "resposta",
    "respostas",
    "text",
    "texto",
    "content",
    "attributes",
    "raw",
    "formatted",
    "formated",
    "number",
    "numero",
    "full number",
    "formatted number",
    "formated number",
    "payload",
    "resource",
    "object",
    "body",
    "result",
    "response",
    "fields",
    "custom fields",
    "meta data",
    "field value",
];

pub fn is_neutral(words: &str) -> bool {
    words::is_any(&NEUTRAL, words) || words.trim().is_empty()
}

impl Leaf<'_> {
    /// The words of its own key.
    pub fn own(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// The first key above its own that means something.
    pub fn parent(&self) -> Option<&str> {
        self.keys.iter().skip(1).find(|key| !is_neutral(key)).map(String::as_str)
    }

    /// The best phrase of a table on the way, where near is better than far.
    pub fn near(&self, table: &Table) -> Option<Hit> {
        let mut level = 0;
        let mut found: Option<Hit> = None;
        for key in &self.keys {
            let Some(fade) = FADE.get(level) else { break };
            if let Some((word, points)) = words::best(table, key) {
                let hit = Hit { word, points: points * fade / 100, level };
                if found.is_none_or(|best| hit.points > best.points) {
                    found = Some(hit);
                }
            }
            level += usize::from(!is_neutral(key));
        }
        found
    }

    /// The heaviest objection on the way, wherever it stands.
    pub fn against(&self, table: &Table) -> i32 {
        let found = self.keys.iter().filter_map(|key| words::worst(table, key));
        found.map(|(_, points)| points).min().unwrap_or(0)
    }

    /// What the nearest key that the table knows says, for or against: in
    /// `store.customer.name` it is the customer, not the store.
    pub fn nearest(&self, table: &Table) -> i32 {
        let judged = self.keys.iter().find_map(|key| {
            let (_, worst) = words::worst(table, key)?;
            let (_, best) = words::best(table, key)?;
            Some(if worst < 0 { worst } else { best })
        });
        judged.unwrap_or(0)
    }

    /// Keys between the document and the value.
    pub fn depth(&self) -> usize {
        self.keys.len()
    }

    /// Whether an item of a list was taken by its place.
    pub fn is_in_list(&self) -> bool {
        self.steps[..self.steps.len().saturating_sub(1)].iter().any(|step| matches!(step, Step::Index(_)))
    }

    /// A text without the spaces around it, or the digits of a number.
    pub fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}
