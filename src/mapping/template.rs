//! Jinja, with its traps closed: names are checked at load, an undefined name is
//! an error, `None`, `True` and lists do not print, sources are capped before
//! they are compiled (the parser can overflow the stack on a few kilobytes of
//! nested text), and rendering has fuel.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::error::Error as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, machinery};

use super::filters::{Unfit, unfit};
use super::moment::Moment;
use super::names::{self, Names, Uses};
use super::{Problem, filters, syntax};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence, Severity};
use crate::yaml::{Data, Node};

const MAX_TEXT_BYTES: usize = 4 * 1024;
const MAX_CONDITION_BYTES: usize = 2 * 1024;
/// Steps of the engine for one text; a long message takes a few hundred.
const FUEL: u64 = 20_000;
/// What all pieces of one text may come to, those it only keeps with them.
const MOST_OUTPUT_BYTES: usize = 64 * 1024;

thread_local! {
    /// Bytes written by the text that this thread is rendering. The engine's fuel
    /// counts steps, and one step can write a megabyte.
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// The engine of one mapping file, holding all its templates compiled.
#[derive(Debug)]
pub struct Engine {
    env: Environment<'static>,
    syntax: SyntaxConfig,
    count: usize,
}

/// A template or condition of the file.
#[derive(Debug, Clone)]
pub struct Template {
    id: String,
    /// Where it stands, for the place of an error inside it.
    node: Node,
    /// Bytes that were put in front of it.
    shift: usize,
    /// The values and roots it uses.
    pub uses: BTreeSet<String>,
}

impl Template {
    pub fn place(&self) -> &Place {
        &self.node.place
    }

    /// As written in the file.
    pub fn source(&self) -> &str {
        self.node.as_text().unwrap_or_default()
    }
}

const CONDITION_HEAD: &str = "{% if (";
const CONDITION_TAIL: &str = ") %}1{% endif %}";

impl Engine {
    pub fn new() -> Self {
        let mut env = Environment::empty();
        // The lines of `{% for %}` and `{% if %}` leave nothing behind. The
        // builder fails only on delimiters, which stay as they are.
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default();
        env.set_syntax(syntax.clone());
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(32);
        env.set_debug(true);
        env.set_formatter(print);
        filters::install(&mut env);
        Self { env, syntax, count: 0 }
    }

    /// Compiles a text with `{{ }}`.
    pub fn add_text(&mut self, node: &Node, names: &Names, problems: &mut Problems) -> Option<Template> {
        let text = capped(node, MAX_TEXT_BYTES, say!("a text"), problems)?;
        let uses = match machinery::parse(text, "text", self.syntax.clone()) {
            Ok(tree) => names::of_template(&tree, names),
            Err(error) => return report_syntax(node, &error, problems),
        };
        self.add(node, text.to_owned(), 0, uses, problems)
    }

    /// Compiles a condition. It is parsed alone first, so that what is put
    /// around it to compile it cannot change what it says.
    pub fn add_condition(&mut self, node: &Node, names: &Names, problems: &mut Problems) -> Option<Template> {
        let text = capped(node, MAX_CONDITION_BYTES, say!("a condition"), problems)?;
        if text.contains("{{") || text.contains("{%") {
            let message = say!("a condition stands without {{ }} and {% %}");
            problems.push(
                Diagnostic::error("bad-template", &node.place, message)
                    .help(say!("such as when: total > 100 and event.type == \"orders/paid\"")),
            );
            return None;
        }
        let uses = match machinery::parse_expr(text) {
            Ok(tree) => names::of_expression(&tree, names),
            Err(error) => return report_syntax(node, &error, problems),
        };
        let source = format!("{CONDITION_HEAD}{text}{CONDITION_TAIL}");
        self.add(node, source, CONDITION_HEAD.len(), uses, problems)
    }

    fn add(
        &mut self,
        node: &Node,
        source: String,
        shift: usize,
        uses: Uses,
        problems: &mut Problems,
    ) -> Option<Template> {
        let broken = uses.problems.iter().any(|found| found.severity == Severity::Error);
        for found in uses.problems {
            let problem = Diagnostic::error(found.code, &node.inner_place(found.at), found.message);
            problems.push(Diagnostic { severity: found.severity, help: found.help, ..problem });
        }
        if broken {
            return None;
        }
        self.count += 1;
        let id = self.count.to_string();
        if let Err(error) = self.env.add_template_owned(id.clone(), source) {
            return report_syntax(node, &error, problems);
        }
        Some(Template { id, node: node.clone(), shift, uses: uses.names })
    }

    pub fn render(&self, template: &Template, scope: &Value) -> Result<String, RenderError> {
        WRITTEN.set(0);
        self.env
            .get_template(&template.id)
            .and_then(|compiled| compiled.render(scope.clone()))
            .map_err(|error| RenderError::of(template, &error))
    }

    /// What an expression of a condition is. None: it fails.
    pub fn value_of(&self, expression: &str, scope: &Value) -> Option<Value> {
        self.env.compile_expression(expression).ok()?.eval(scope.clone()).ok()
    }

    pub fn holds(&self, condition: &Template, scope: &Value) -> Result<bool, RenderError> {
        self.render(condition, scope).map(|text| text == "1")
    }
}

/// A text that could not be written.
#[derive(Debug)]
pub struct RenderError {
    /// It may be for a value that is not there, whose own problem says why.
    pub undefined: bool,
    pub problem: Problem,
}

impl RenderError {
    fn of(template: &Template, error: &Error) -> Self {
        let range = error.range().unwrap_or_default();
        let back = |at: usize| at.saturating_sub(template.shift);
        let place = match range.is_empty() {
            true => template.node.place.clone(),
            false => template.node.inner_place(back(range.start)..back(range.end)),
        };
        // Operators and some filters call an absent operand an invalid operation.
        let undefined = matches!(error.kind(), ErrorKind::UndefinedError | ErrorKind::InvalidOperation);
        let (code, message) = match error.kind() {
            ErrorKind::UndefinedError => {
                ("value-missing", say!("{} has no value in this event", named(error)))
            }
            ErrorKind::OutOfFuel => ("unbounded", say!("this text takes too many steps to write")),
            _ => ("text-unfit", said(error)),
        };
        let problem = Problem::new(code, &place, message);
        let problem = match code {
            "text-unfit" => problem
                .help(say!("say with `as:` what the value is, or go on with its path to one of its fields")),
            _ => problem,
        };
        Self { undefined, problem }
    }
}

/// Our own sentence, or the engine's words.
fn said(error: &Error) -> Sentence {
    let ours = error.source().and_then(|source| source.downcast_ref::<Unfit>());
    match ours {
        Some(Unfit(sentence)) => sentence.clone(),
        None => Sentence::verbatim(error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)),
    }
}

/// The name that the engine found undefined, as it was written.
fn named(error: &Error) -> Sentence {
    let name = error.detail().and_then(|detail| detail.strip_prefix('`')?.split('`').next());
    name.map_or_else(|| say!("a name used here"), |name| say!("`{}`", name))
}

fn capped<'n>(node: &'n Node, most: usize, what: Sentence, problems: &mut Problems) -> Option<&'n str> {
    let Some(text) = node.as_text() else {
        let message = say!("{} is text; here is {}", what, node.kind());
        problems.push(Diagnostic::error("wrong-type", &node.place, message).help(match node.data {
            Data::Bool(true) => say!("leave it out where it always holds"),
            _ => say!("put it in quotes"),
        }));
        return None;
    };
    if text.len() > most {
        let message = say!("{} has at most {} bytes; this one has {}", what, most, text.len());
        let help = say!("a message is a few lines: shorten it");
        problems.push(Diagnostic::error("text-too-long", &node.place, message).help(help));
        return None;
    }
    Some(text)
}

fn report_syntax<T>(node: &Node, error: &Error, problems: &mut Problems) -> Option<T> {
    let slip = syntax::explain(node.as_text().unwrap_or_default(), error);
    let place = if slip.at.is_empty() { node.place.clone() } else { node.inner_place(slip.at) };
    problems.push(Diagnostic::error("bad-template", &place, slip.message).help(slip.help));
    None
}

/// What may reach a person: text and numbers. Anything else got there by mistake.
fn print(out: &mut minijinja::Output, _: &mut minijinja::State, value: &Value) -> Result<(), Error> {
    let unfit = |what: Sentence| Err(unfit(say!("{} was about to be written into the text", what)));
    if value.downcast_object_ref::<Moment>().is_some() {
        return unfit(say!("a date without `| date('dd/MM/yyyy')`"));
    }
    match value.kind() {
        ValueKind::String | ValueKind::Number => {
            let text = filters::written(value);
            WRITTEN.set(WRITTEN.get() + text.len());
            if WRITTEN.get() > MOST_OUTPUT_BYTES {
                return Err(filters::unfit(say!(
                    "this text becomes longer than {} bytes",
                    MOST_OUTPUT_BYTES
                )));
            }
            out.write_str(&text).map_err(Error::from)
        }
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => unfit(say!("an empty value (null)")),
        ValueKind::Bool => unfit(say!("`true` or `false`")),
        ValueKind::Seq | ValueKind::Iterable => unfit(say!("a whole list, without `| join(', ')`,")),
        _ => unfit(say!("a whole object")),
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
