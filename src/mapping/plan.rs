//! From one event to the messages it becomes: a pure function. If any message
//! that is wanted cannot be made whole, none is sent and the event is kept with
//! every reason: sending half of them would send that half again on replay.

use minijinja::value::Serde;
use serde_json::Value;

use super::compile::Mapping;
use super::field::{Render, gather};
use super::message::{KeyPart, Message, key_text};
use super::names::ITEM;
use super::scope::Scope;
use super::value::{FoundIn, Traced, Values};
use super::{Problem, scope};
use crate::delivery::PolicyChange;
use crate::event::{Headers, SourceName, Timestamp};
use crate::payload::Request;
use crate::provider::Each;
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
#[derive(Debug, Default)]
pub struct Plan {
    /// Every value with where it came from, for people.
    pub values: Vec<Traced>,
    /// To be sent, in file order. Empty if there is a problem.
    pub messages: Vec<PlannedMessage>,
    pub skipped: Vec<Skipped>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
pub struct PlannedMessage {
    pub name: String,
    /// Which item of the message's `each` it is for, from 1.
    pub item: Option<usize>,
    /// Its own values, beside those of the event.
    pub values: Vec<Traced>,
    pub connection: String,
    pub start: SessionStart,
    /// `once_per`: one such message to this person, ever.
    pub business_key: Option<String>,
    pub policy: PolicyChange,
}

/// A message that is not sent for this event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub name: String,
    pub item: Option<usize>,
    /// `mappings/loja.yaml:20:11`, of its condition or of its `each`.
    pub place: String,
    pub why: Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// Its `when` does not hold.
    When,
    /// There is no item at its `each`.
    NoItems,
}

/// One event does not become more messages of one kind.
const MOST_ITEMS: usize = 1_000;

impl Mapping {
    pub fn plan(&self, event: &EventInput<'_>) -> Plan {
        let request = Request { headers: event.headers, query: event.query, body: event.body };
        let values = evaluate(&self.values, &FoundIn { request: &request, item: event.body });
        let names = self.scope(event, &values);
        let has_items = self.messages.iter().any(|message| message.each.is_some());
        let (scope, names) = match has_items {
            true => (names.clone().into(), names),
            false => (minijinja::Value::from(names), Scope::new()),
        };
        let mut plan = Plan::default();
        for message in &self.messages {
            let render = Render {
                engine: &self.engine,
                scope: &scope,
                values: &values,
                own: &[],
                found_in: FoundIn { request: &request, item: event.body },
            };
            match message.each.as_ref() {
                None => plan.add(message, None, event, &render),
                Some(each) => plan.add_each((message, each), &names, event, &render),
            }
        }
        if !plan.problems.is_empty() {
            plan.messages.clear();
        }
        plan.problems = distinct(plan.problems);
        Plan { values, ..plan }
    }

    pub(super) fn scope<'v>(&self, event: &EventInput<'_>, values: &'v [Traced]) -> Scope<'v> {
        let mut scope = scope::of_event(event, values, self.asked);
        if self.asked.item && self.event.is_batch() {
            scope.insert(ITEM, Serde(event.body).into());
        }
        scope
    }
}

pub(super) fn evaluate(values: &Values, found_in: &FoundIn<'_>) -> Vec<Traced> {
    values.iter().map(|(name, rule)| rule.evaluate(name, found_in)).collect()
}

impl Plan {
    /// `names` is the scope of the event, to which an item adds its own.
    fn add_each(
        &mut self,
        (message, each): (&Message, &Each),
        names: &Scope<'_>,
        event: &EventInput<'_>,
        render: &Render<'_>,
    ) {
        let items = each.items(event.body).unwrap_or_default();
        if items.is_empty() {
            self.skipped.push(message.skipped(None, Skip::NoItems));
        }
        if items.len() > MOST_ITEMS {
            let said = say!("{} has {} items here; the most is {}", each.path(), items.len(), MOST_ITEMS);
            self.problems.push(Problem::new("too-many-items", &message.place, said));
            return;
        }
        for (number, item) in (1..).zip(items) {
            let found_in = FoundIn { item, ..render.found_in };
            let own = evaluate(&message.values, &found_in);
            let mut names = names.clone();
            scope::add_values(&mut names, &own);
            names.insert(ITEM, Serde(item).into());
            let scope = names.into();
            let of_item = Render { scope: &scope, own: &own, found_in, ..*render };
            self.add(message, Some(number), event, &of_item);
        }
    }

    fn add(&mut self, message: &Message, item: Option<usize>, event: &EventInput<'_>, render: &Render<'_>) {
        match wanted(message, render) {
            Ok(true) => match make(message, event, render) {
                Ok(planned) => {
                    self.messages.push(PlannedMessage { item, values: render.own.to_vec(), ..planned });
                }
                Err(found) => self.problems.extend(found),
            },
            Ok(false) => self.skipped.push(message.skipped(item, Skip::When)),
            Err(found) => self.problems.extend(found),
        }
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
        item: None,
        values: Vec::new(),
        connection: message.connection.clone(),
        start,
        business_key,
        policy: message.policy.clone(),
    })
}

/// A block scalar ends with a line break that nobody means to send, and a name
/// made of two ends with a space where the second is empty.
fn trim_text(fields: &mut Fields) {
    if let Some(Value::String(text)) = fields.get_mut("messageValue") {
        text.truncate(text.trim_end().len());
    }
    if let Some(Value::String(name)) = fields.get_mut("contactFullName") {
        *name = name.trim().to_owned();
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
        KeyPart::Value(name) => match render.values().find(|value| value.name == *name).map(|v| &v.outcome) {
            Some(Ok(typed)) => Ok(typed.to_json()),
            Some(Err(problem)) => Err(vec![problem.clone()]),
            None => Ok(Value::Null),
        },
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
