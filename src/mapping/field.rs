//! The fields of `session:`, at any depth: a path keeps the JSON type of what it
//! finds, text with `{{ }}` makes text, anything else is itself.

use serde_json::Value;

use super::Problem;
use super::names::Names;
use super::slip;
use super::template::{Engine, RenderError, Template};
use super::value::{Around, FoundIn, KEYS, Spot, Tables, Traced, ValueRule};
use crate::diagnostic::Problems;
use crate::yaml::{Data, Node};

#[derive(Debug)]
pub enum Field {
    Constant(Value),
    Text(Template),
    Value(Box<ValueRule>),
    List(Vec<Field>),
    Map(Vec<(String, Field)>),
}

impl Field {
    pub fn read(
        node: &Node,
        tables: &Tables,
        names: &Names,
        engine: &mut Engine,
        problems: &mut Problems,
    ) -> Option<Self> {
        let around = Around { tables, has_item: names.has_item };
        slip::look(node, names, problems);
        match &node.data {
            Data::Text(text)
                if text.starts_with("$.") || text.starts_with("$[") || Spot::is_of_item(text) =>
            {
                ValueRule::read(node, around, problems).map(|rule| Self::Value(Box::new(rule)))
            }
            Data::Text(text) if text.contains("{{") || text.contains("{%") || text.contains("{#") => {
                engine.add_text(node, names, problems).map(Self::Text)
            }
            Data::List(items) => {
                let read: Vec<_> =
                    items.iter().map(|item| Self::read(item, tables, names, engine, problems)).collect();
                read.into_iter().collect::<Option<_>>().map(Self::List)
            }
            Data::Map(_) if is_value(node) => {
                ValueRule::read(node, around, problems).map(|rule| Self::Value(Box::new(rule)))
            }
            Data::Map(entries) => {
                let read: Vec<_> = entries
                    .iter()
                    .map(|(key, node)| {
                        Some((key.name.clone(), Self::read(node, tables, names, engine, problems)?))
                    })
                    .collect();
                read.into_iter().collect::<Option<_>>().map(Self::Map)
            }
            _ => Some(Self::Constant(node.to_json())),
        }
    }

    /// The names its texts use.
    pub fn uses(&self, used: &mut std::collections::BTreeSet<String>) {
        match self {
            Self::Constant(_) | Self::Value(_) => {}
            Self::Text(template) => used.extend(template.uses.iter().cloned()),
            Self::List(items) => items.iter().for_each(|item| item.uses(used)),
            Self::Map(entries) => entries.iter().for_each(|(_, field)| field.uses(used)),
        }
    }

    pub fn render(&self, render: &Render<'_>) -> Result<Value, Vec<Problem>> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Text(template) => render.text(template).map(Value::String),
            Self::Value(rule) => match rule.evaluate("", &render.found_in).outcome {
                Ok(typed) => Ok(typed.to_json()),
                Err(problem) => Err(vec![problem]),
            },
            Self::List(items) => gather(items.iter().map(|item| item.render(render))).map(Value::Array),
            Self::Map(entries) => {
                let fields = entries.iter().map(|(name, field)| Ok((name.clone(), field.render(render)?)));
                gather(fields).map(|fields| Value::Object(fields.into_iter().collect()))
            }
        }
    }
}

/// A map is a value if it says where it comes from and nothing a value does not.
fn is_value(node: &Node) -> bool {
    let entries = node.as_map().unwrap_or_default();
    entries.iter().any(|(key, _)| key.name == "from")
        && entries.iter().all(|(key, _)| KEYS.contains(&key.name.as_str()))
}

/// All the successes, or all the problems.
pub fn gather<T>(results: impl Iterator<Item = Result<T, Vec<Problem>>>) -> Result<Vec<T>, Vec<Problem>> {
    let (mut done, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => done.push(value),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(done) } else { Err(problems) }
}

/// Everything a field needs to become a value.
pub struct Render<'a> {
    pub engine: &'a Engine,
    pub scope: &'a minijinja::Value,
    pub values: &'a [Traced],
    /// The values of this message alone, for one item.
    pub own: &'a [Traced],
    pub found_in: FoundIn<'a>,
}

impl Render<'_> {
    pub fn values(&self) -> impl Iterator<Item = &Traced> {
        self.values.iter().chain(self.own)
    }

    pub fn text(&self, template: &Template) -> Result<String, Vec<Problem>> {
        self.engine.render(template, self.scope).map_err(|error| self.explain(template, error))
    }

    pub fn holds(&self, condition: &Template) -> Result<bool, Vec<Problem>> {
        self.engine.holds(condition, self.scope).map_err(|error| self.explain(condition, error))
    }

    /// A name without a value is explained by the value, not by the template.
    fn explain(&self, template: &Template, error: RenderError) -> Vec<Problem> {
        let failed = |value: &&Traced| template.uses.contains(&value.name);
        let causes: Vec<Problem> = match error.undefined {
            true => self.values().filter(failed).filter_map(|v| v.outcome.clone().err()).collect(),
            false => Vec::new(),
        };
        if causes.is_empty() { vec![error.problem] } else { causes }
    }
}
