//! From one event to the messages it becomes: a pure function. If any message
//! that is wanted cannot be made whole, none is sent and the event is kept with
//! every reason: sending half of them would send that half again on replay.

use serde_json::Value;

use super::compile::Mapping;
use super::field::{Render, gather};
use super::message::{KeyPart, Message, key_text};
use super::value::Traced;
use super::{Problem, scope};
use crate::event::{Headers, SourceName, Timestamp};
use crate::payload::Request;
use crate::session::{FieldProblem, Fields, SessionStart};

/// A verified event whose body was read.
#[derive(Debug, Clone, Copy)]
pub struct EventInput<'a> {
    /// The sender's own id, if it has one.
    pub id: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub source: &'a SourceName,
    pub received_at: Timestamp,
    pub headers: &'a Headers,
    pub query: &'a [(String, String)],
    pub body: &'a Value,
}

/// What becomes of an event.
#[derive(Debug)]
pub struct Plan {
    /// Every value with where it came from, for people.
    pub values: Vec<Traced>,
    /// To be sent, in file order. Empty if there is a problem.
    pub messages: Vec<PlannedMessage>,
    pub skipped: Vec<Skipped>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMessage {
    pub name: String,
    pub connection: String,
    pub start: SessionStart,
    /// `once_per`: one such message to this person, ever.
    pub business_key: Option<String>,
}

/// A message whose `when` did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub name: String,
    /// `mappings/loja.yaml:20:11`, of its condition's message.
    pub place: String,
}

impl Mapping {
    pub fn plan(&self, event: &EventInput<'_>) -> Plan {
        let request = Request { headers: event.headers, query: event.query, body: event.body };
        let values: Vec<Traced> =
            self.values.iter().map(|(name, rule)| rule.evaluate(name, &request)).collect();
        let scope = scope::build(event, &values, self.uses_body);
        let render = Render { engine: &self.engine, scope: &scope, values: &values, request: &request };
        let (mut messages, mut skipped, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for message in &self.messages {
            match wanted(message, &render) {
                Ok(true) => match make(message, event, &render) {
                    Ok(planned) => messages.push(planned),
                    Err(found) => problems.extend(found),
                },
                Ok(false) => {
                    skipped.push(Skipped { name: message.name.clone(), place: message.place.to_string() });
                }
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            messages.clear();
        }
        Plan { values, messages, skipped, problems: distinct(problems) }
    }
}

fn wanted(message: &Message, render: &Render<'_>) -> Result<bool, Vec<Problem>> {
    message.when.as_ref().map_or(Ok(true), |when| render.holds(when))
}

fn make(
    message: &Message,
    event: &EventInput<'_>,
    render: &Render<'_>,
) -> Result<PlannedMessage, Vec<Problem>> {
    let fields =
        gather(message.session.iter().map(|(name, field)| Ok((name.clone(), field.render(render)?))))?;
    let mut fields: Fields = fields.into_iter().collect();
    trim_text(&mut fields);
    let start = SessionStart::build(fields, &message.destination).map_err(|found| {
        let to_problem = |field: FieldProblem| {
            let said = say!("message `{}`: {}", message.name, field.message);
            Problem::new("channel-rule", &message.session_place, said).help(field.help)
        };
        found.into_iter().map(to_problem).collect::<Vec<_>>()
    })?;
    let business_key = business_key(message, event, render)?;
    Ok(PlannedMessage {
        name: message.name.clone(),
        connection: message.connection.clone(),
        start,
        business_key,
    })
}

/// A block scalar ends with a line break that nobody means to send.
fn trim_text(fields: &mut Fields) {
    if let Some(Value::String(text)) = fields.get_mut("messageValue") {
        text.truncate(text.trim_end().len());
    }
}

fn business_key(
    message: &Message,
    event: &EventInput<'_>,
    render: &Render<'_>,
) -> Result<Option<String>, Vec<Problem>> {
    if message.once_per.is_empty() {
        return Ok(None);
    }
    let part = |part: &KeyPart| match part {
        KeyPart::Value(name) => {
            match render.values.iter().find(|value| value.name == *name).map(|v| &v.outcome) {
                Some(Ok(typed)) => Ok(typed.to_json()),
                Some(Err(problem)) => Err(vec![problem.clone()]),
                None => Ok(Value::Null),
            }
        }
        KeyPart::Event(key) => {
            let found = match *key {
                "id" => event.id,
                "type" => event.kind,
                _ => Some(event.source.as_str()),
            };
            found.map(Value::from).ok_or_else(|| {
                let said =
                    say!("`once_per` of `{}` needs event.{}, and this event has none", message.name, key);
                vec![Problem::new("value-missing", &message.place, said)]
            })
        }
    };
    // Order 1001 of one shop is not order 1001 of another.
    let source = std::iter::once(Ok(Value::from(event.source.as_str())));
    gather(source.chain(message.once_per.iter().map(part))).map(|parts| Some(key_text(&parts)))
}

/// Two messages that need one missing value have one problem.
fn distinct(problems: Vec<Problem>) -> Vec<Problem> {
    let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        if !kept.contains(&problem) {
            kept.push(problem);
        }
    }
    kept
}
