//! The tests of a mapping file: a request, and what it must become. They run at
//! `gancho check` and at every reload; one that fails keeps the file out.

use std::sync::Arc;

use serde_json::Value;

use super::compile::{Mapping, World};
use super::message::is_unchecked;
use super::plan::{EventInput, Plan, Skip};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence};
use crate::event::{Headers, Timestamp, parse_query};
use crate::payload::{BodyProblem, DocumentRule, Request, read_document};
use crate::yaml::{Data, Fields, Node};

#[derive(Debug, Clone)]
pub struct Case {
    name: String,
    headers: Headers,
    query: Vec<(String, String)>,
    body: Arc<Value>,
    expect: Vec<Expected>,
    expect_place: Place,
}

/// A message that must come, and those of its fields that the test names.
#[derive(Debug, Clone)]
struct Expected {
    message: String,
    place: Place,
    fields: Vec<(String, Value, Place)>,
}

/// Where the bodies of tests come from, and how they are read.
pub struct Samples<'a> {
    pub world: &'a World<'a>,
    pub document: &'a DocumentRule,
}

/// Tests run at a time of their own, so that they say the same every day.
const RUN_AT: Timestamp = Timestamp::from_secs(1_772_452_800);

impl Case {
    pub fn read_all(node: &Node, samples: &Samples<'_>, problems: &mut Problems) -> Vec<Self> {
        match node.as_list() {
            Some(items) => items.iter().filter_map(|item| Self::read(item, samples, problems)).collect(),
            None => {
                problems.push(
                    Diagnostic::error("wrong-type", &node.place, say!("`tests` is a list of tests"))
                        .help(say!("begin each with a dash and its name: - name: pedido pago")),
                );
                Vec::new()
            }
        }
    }

    fn read(node: &Node, samples: &Samples<'_>, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::open(node, "a test", &["name", "given", "expect"], problems)?;
        let name = fields.required_text("name", &node.place, problems);
        let Some(given) = fields.get("given") else {
            problems.push(
                Diagnostic::error("missing-key", &node.place, say!("a test needs `given`: the request"))
                    .help(say!("such as given: { body: samples/loja/pedido.json }")),
            );
            return None;
        };
        let Some(expect) = fields.get("expect") else {
            problems.push(
                Diagnostic::error("missing-key", &node.place, say!("a test needs `expect`: the messages"))
                    .help(say!("write expect: [] where nothing must be sent")),
            );
            return None;
        };
        let given = Fields::open(given, "`given`", &["headers", "query", "body"], problems)?;
        let headers = read_headers(given.get("headers"), problems);
        let query = given.text("query", problems).map(parse_query).unwrap_or_default();
        let body = read_case_body(given.get("body"), &headers, samples, problems)?;
        let items = expect.as_list().or_else(|| {
            problems.push(
                Diagnostic::error("wrong-type", &expect.place, say!("`expect` is a list of messages"))
                    .help(say!("such as - message: pedido-pago")),
            );
            None
        })?;
        let expected: Vec<_> = items.iter().map(|item| Expected::read(item, problems)).collect();
        Some(Self {
            name: name?.to_owned(),
            headers,
            query,
            body: Arc::new(body),
            expect: expected.into_iter().collect::<Option<_>>()?,
            expect_place: fields.key_place("expect")?.clone(),
        })
    }
}

fn read_headers(node: Option<&Node>, problems: &mut Problems) -> Headers {
    let mut headers = Headers::default();
    for (key, value) in node.and_then(Node::as_map).unwrap_or_default() {
        match &value.data {
            Data::Text(text) => headers.push(&key.name, text.clone()),
            Data::Int(number) => headers.push(&key.name, number.to_string()),
            _ => problems.push(
                Diagnostic::error(
                    "wrong-type",
                    &value.place,
                    say!("a header is text; here is {}", value.kind()),
                )
                .help(say!("put it in quotes")),
            ),
        }
    }
    headers
}

/// Written here, or the path of a file that holds it.
fn read_case_body(
    node: Option<&Node>,
    headers: &Headers,
    samples: &Samples<'_>,
    problems: &mut Problems,
) -> Option<Value> {
    let Some(node) = node else { return Some(Value::Null) };
    let Some(path) = node.as_text() else { return Some(node.to_json()) };
    let unreadable = |message: Sentence| Diagnostic::error("bad-sample", &node.place, message);
    let bytes = match (samples.world.sample)(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            problems.push(unreadable(say!("the sample `{}` cannot be read: {}", path, why)).help(say!(
                "the path is taken from the folder of the mappings; a body may also be written here as YAML"
            )));
            return None;
        }
    };
    match read_document(samples.document, headers, &bytes) {
        Ok(body) => Some(body),
        Err(why) => {
            let problem = match line_and_column(&why) {
                Some((line, column)) => unreadable(say!(
                    "the sample `{}` is not JSON: look at line {}, column {} of it",
                    path,
                    line,
                    column
                )),
                None => unreadable(say!("the sample `{}` cannot be read: {}", path, why)),
            };
            problems.push(problem.help(say!("copy the body again, whole and as the sender sent it")));
            None
        }
    }
}

/// Where a body is no JSON.
fn line_and_column(problem: &BodyProblem) -> Option<(&str, &str)> {
    let BodyProblem::NotJson(why) = problem else { return None };
    why.rsplit_once(" at line ")?.1.split_once(" column ")
}

impl Expected {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Some(entries) = node.as_map() else {
            problems.push(
                Diagnostic::error("wrong-type", &node.place, say!("an expected message is a map"))
                    .help(say!("such as - message: pedido-pago")),
            );
            return None;
        };
        let named =
            entries.iter().find(|(key, _)| key.name == "message").and_then(|(_, node)| node.as_text());
        let Some(message) = named else {
            problems.push(
                Diagnostic::error("missing-key", &node.place, say!("an expected message needs its name"))
                    .help(say!("such as - message: pedido-pago")),
            );
            return None;
        };
        let others = entries.iter().filter(|(key, _)| key.name != "message");
        Some(Self {
            message: message.to_owned(),
            place: entries.first().map_or(&node.place, |(key, _)| &key.place).clone(),
            fields: others
                .map(|(key, node)| (key.name.clone(), node.to_json(), node.place.clone()))
                .collect(),
        })
    }
}

impl Mapping {
    /// Runs the tests of the file. Each that fails is an error with its diff.
    pub fn run_tests(&self) -> Problems {
        let mut problems = Problems::default();
        for case in &self.cases {
            self.run(case, &mut problems);
        }
        problems
    }

    fn run(&self, case: &Case, problems: &mut Problems) {
        let request = Request { headers: &case.headers, query: &case.query, body: &case.body };
        let (id, kind) = (self.event.id(&request), self.event.kind(&request));
        let plan = self.plan(&EventInput {
            id: id.as_deref(),
            kind: kind.as_deref(),
            source: &self.source,
            received_at: RUN_AT,
            headers: &case.headers,
            query: &case.query,
            body: &case.body,
        });
        case.compare(&plan, problems);
    }
}

impl Case {
    /// Why other messages are sent than those that are expected.
    fn why(&self, plan: &Plan) -> Sentence {
        let planned = |name: &str| plan.messages.iter().any(|message| message.name == name);
        let missing = self.expect.iter().map(|message| message.message.as_str()).find(|name| !planned(name));
        let Some(missing) = missing else { return say!("change `expect`, or the `when` of the message") };
        match plan.skipped.iter().find(|skipped| skipped.name == missing) {
            Some(skipped) if skipped.why == Skip::NoItems => {
                say!("the list of `each` of `{}` is empty or not there: {}", missing, skipped.place)
            }
            Some(skipped) => say!("the `when` of `{}` does not hold: {}", missing, skipped.place),
            None => say!("no message of this file has the name `{}`", missing),
        }
    }

    fn compare(&self, plan: &Plan, problems: &mut Problems) {
        let fail = |place: &Place, message: Sentence| {
            Diagnostic::error("test-failed", place, say!("test `{}`: {}", self.name, message))
        };
        if let Some(first) = plan.problems.first() {
            let problem = fail(&self.expect_place, say!("no message could be made"));
            let problem = plan.problems.iter().fold(problem, |problem, found| {
                problem.note(Sentence::verbatim(found.place.as_str()), found.message.clone())
            });
            problems.push(Diagnostic { help: first.help.clone(), ..problem });
            return;
        }
        let sent: Vec<&str> = plan.messages.iter().map(|message| message.name.as_str()).collect();
        let expected: Vec<&str> = self.expect.iter().map(|message| message.message.as_str()).collect();
        if sent != expected {
            let list = |names: &[&str]| {
                if names.is_empty() { say!("nothing") } else { Sentence::verbatim(names.join(", ")) }
            };
            let message = say!("expected {}, and it sends {}", list(&expected), list(&sent));
            let place = self.expect.first().map_or(&self.expect_place, |first| &first.place);
            problems.push(fail(place, message).help(self.why(plan)));
            return;
        }
        for (expected, planned) in self.expect.iter().zip(&plan.messages) {
            for (name, wanted, place) in &expected.fields {
                let got = planned.start.body().get(name);
                if got != Some(wanted) && !is_unchecked(&planned.start, name) {
                    let message = say!("`{}` of `{}` is not what was expected", name, expected.message);
                    problems.push(with_difference(fail(place, message), wanted, got));
                }
            }
        }
    }
}

/// Shows both, of texts with several lines the first line that differs.
fn with_difference(problem: Diagnostic, wanted: &Value, got: Option<&Value>) -> Diagnostic {
    let Some(got) = got else {
        return problem
            .note(say!("expected"), Sentence::verbatim(around_the_difference(&wanted.to_string(), "").0))
            .note(say!("got"), say!("nothing"));
    };
    if let (Value::String(wanted), Value::String(got)) = (wanted, got)
        && (wanted.contains('\n') || got.contains('\n'))
    {
        let same = wanted.lines().zip(got.lines()).take_while(|(a, b)| a == b).count();
        let line = |text: &str| text.lines().nth(same).map(|line| Value::from(line).to_string());
        let (wanted, got) = (line(wanted), line(got));
        let (a, b) =
            around_the_difference(wanted.as_deref().unwrap_or_default(), got.as_deref().unwrap_or_default());
        let or_end = |line: Option<String>, cut: String| match line {
            Some(_) => Sentence::verbatim(cut),
            None => say!("no more lines"),
        };
        return problem
            .note(say!("expected, line {}", same + 1), or_end(wanted, a))
            .note(say!("got, line {}", same + 1), or_end(got, b));
    }
    let (a, b) = around_the_difference(&wanted.to_string(), &got.to_string());
    let problem =
        problem.note(say!("expected"), Sentence::verbatim(a)).note(say!("got"), Sentence::verbatim(b));
    match (wanted, got) {
        (Value::Number(number), Value::String(text)) if number.to_string() == *text => {
            problem.help(say!("it is text: write it in quotes"))
        }
        _ => problem,
    }
}

/// Both, cut alike to a stretch around where they begin to differ.
fn around_the_difference(a: &str, b: &str) -> (String, String) {
    const LEAD: usize = 20;
    const ROOM: usize = 56;
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let long = a.chars().count().max(b.chars().count()) > ROOM;
    let from = if long { same.saturating_sub(LEAD) } else { 0 };
    let cut = |text: &str| {
        let mut rest = text.chars().skip(from);
        let kept: String = rest.by_ref().take(ROOM).collect();
        let (before, after) = (if from > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
        format!("{before}{kept}{after}")
    };
    (cut(a), cut(b))
}
