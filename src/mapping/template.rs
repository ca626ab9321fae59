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
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence};
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
        let broken = !uses.problems.is_empty();
        for found in uses.problems {
            let mut problem = Diagnostic::error(found.code, &node.inner_place(found.at), found.message);
            problem.help = found.help;
            problems.push(problem);
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
            let text = value.to_string();
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
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::mapping::value::Shape;
    use minijinja::context;

    fn names() -> Names {
        let mut names = Names::default();
        for (name, needs) in
            [("nome", Shape::Any), ("itens", Shape::List), ("total", Shape::Money), ("x", Shape::Any)]
        {
            names.values.insert(name.to_owned(), needs);
        }
        names
    }

    fn node(text: &str) -> Node {
        let quoted = format!("t: '{}'\n", text.replace('\'', "''"));
        let tree = crate::yaml::parse(&SourceText::new("m.yaml", quoted), &mut Problems::default()).unwrap();
        tree.as_map().unwrap()[0].1.clone()
    }

    fn check(text: &str) -> Vec<String> {
        let mut problems = Problems::default();
        Engine::new().add_text(&node(text), &names(), &mut problems);
        problems
            .iter()
            .map(|d| {
                format!(
                    "{} {}: {}",
                    d.place,
                    d.code,
                    d.help.as_ref().map(Sentence::english).unwrap_or_default()
                )
            })
            .collect()
    }

    fn render(text: &str, scope: Value) -> Result<String, (&'static str, String)> {
        let mut engine = Engine::new();
        let template = engine.add_text(&node(text), &names(), &mut Problems::default()).expect(text);
        engine
            .render(&template, &scope)
            .map_err(|e| (if e.undefined { "undefined" } else { "unfit" }, e.problem.message.english()))
    }

    #[test]
    fn unknown_names_are_found_at_load_with_a_suggestion() {
        for (text, found) in [
            ("Oi {{ nmoe }}", "m.yaml:1:11 unknown-name: did you mean `nome`?"),
            ("{% if nome %}{{ xx }}{% endif %}", "m.yaml:1:21 unknown-name: did you mean `x`?"),
            ("{{ nome | frist_name }}", "m.yaml:1:15 unknown-filter: did you mean `first_name`?"),
            ("{{ nome is defnied }}", "m.yaml:1:16 unknown-test: did you mean `defined`?"),
            ("{{ event.tipe }}", "m.yaml:1:8 unknown-name: did you mean `type`?"),
            ("{{ title(nome) }}", "m.yaml:1:8 unknown-function: it is a filter: {{ value | title }}"),
            ("{{ nome.upper() }}", "m.yaml:1:8 unknown-function: use a filter: {{ value | upper }}"),
            ("{{ total }}", "m.yaml:1:8 needs-filter: write {{ total | brl }}"),
            ("{{ itens }}", "m.yaml:1:8 needs-filter: write {{ itens | join(', ') }}"),
            (
                "{{ [1] * 9 }}",
                "m.yaml:1:8 unbounded: numbers up to 10000 can, and values with `as: number` or `as: money`",
            ),
            ("{{ x * 2 }}", "m.yaml:1:8 unbounded: take `x` with `as: number`"),
            (
                "{% set a = x %}{% set b = a %}{{ b }}",
                "m.yaml:1:31 unbounded: make it of values, or write it where it is used",
            ),
            ("{{ x | truncate }}", "m.yaml:1:12 bad-argument: write it as {{ texto | truncate(40) }}"),
            (
                r#"{{ x | truncate("a") }}"#,
                "m.yaml:1:21 bad-argument: write it as {{ texto | truncate(40) }}",
            ),
            ("{{ x | upper(x=1) }}", "m.yaml:1:12 bad-argument: write it as {{ nome | upper }}"),
            (r#"{{ x | date("dd/MM") }}"#, "m.yaml:1:12 wrong-filter: take `x` with `as: date`"),
            ("{{ total | upper }}", "m.yaml:1:16 wrong-filter: write {{ total | brl }}"),
            ("{{ total | join }}", "m.yaml:1:16 wrong-filter: take all of `total` with `many: true`"),
            ("{{ itens | brl }}", "m.yaml:1:16 wrong-filter: take `itens` with `as: money`"),
            (
                r#"{{ event.received_at | date("dd/MM", "Marte/Olympus") }}"#,
                "m.yaml:1:42 bad-date: time zones are named after places, such as `America/Sao_Paulo`",
            ),
            (r#"{{ "a" ~ total }}"#, "m.yaml:1:14 not-text: write {{ total | brl }}"),
            (
                r#"{{ x ~ "a" }}"#,
                "m.yaml:1:8 not-text: take `x` with `as: text`, or write {{ a }}{{ b }} instead of {{ a ~ b }}",
            ),
            ("{% for i in itens %}{{ i }}{% endfor %}{{ i }}", "m.yaml:1:47 unknown-name: did you mean `x`?"),
            ("{{ x[nmoe:] }}", "m.yaml:1:10 unknown-name: did you mean `nome`?"),
            ("{% filter truncate(nmoe) %}a{% endfilter %}", "m.yaml:1:24 unknown-name: did you mean `nome`?"),
        ] {
            assert_eq!(check(text), [found], "{text}");
        }
        for fine in [
            "{% for i in itens %}{{ loop.index * 2 }} {{ i }}{% endfor %}{{ body.a }}",
            "{{ (total * 1.1) | brl }} {{ (x | title) ~ ', ' ~ 2 }} {{ itens | length * 3 }}",
            "{% set a = x %}{{ a }}{{ event.received_at | date('HH:mm', 'America/Manaus') }}",
        ] {
            assert_eq!(check(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn broken_templates_are_placed() {
        assert!(check("Oi {{ nome")[0].starts_with("m.yaml:1:"), "{:?}", check("Oi {{ nome"));
        assert!(check(&"a".repeat(5_000))[0].contains("text-too-long"));
        assert!(check("{% include 'x' %}")[0].contains("bad-template"), "{:?}", check("{% include 'x' %}"));
    }

    #[test]
    fn nothing_prints_by_accident() {
        let scope = context! { nome => (), x => true, itens => vec!["a"] };
        for (text, outcome) in [
            ("{{ nome }}", "an empty value (null)"),
            ("{{ x }}", "`true` or `false`"),
            ("{{ x == 1 }}", "`true` or `false`"),
            ("{{ itens | first }}", "ok"),
            ("{{ body }}", "no value"),
            ("{{ event }}", "no value"),
            ("{{ x | upper }}", "`true` or `false`"),
            ("{{ nome | title }}", "an empty value (null)"),
            ("{{ [1, nome] | join }}", "an empty value (null)"),
            ("{{ (nome | default('a')) }}", "ok"),
        ] {
            match render(text, scope.clone()) {
                Ok(text) => assert_eq!((outcome, text.as_str()), ("ok", "a")),
                Err((_, message)) => assert!(message.contains(outcome), "{text}: {message}"),
            }
        }
        for text in ["{{ total | brl }}", "{{ itens | length }}", "{{ x + 1 }}", "{% if x %}a{% endif %}"] {
            assert_eq!(render(text, context! {}).unwrap_err().0, "undefined", "{text}");
        }
        assert_eq!(render("{{ x | default('y') }}", context! {}).unwrap(), "y");
    }

    #[test]
    fn blocks_leave_no_empty_lines() {
        let text = "Oi\n  {% for i in itens %}\n- {{ i }}\n  {% endfor %}\nfim";
        let mut engine = Engine::new();
        let source = format!("t: |\n  {}\n", text.replace('\n', "\n  "));
        let tree = crate::yaml::parse(&SourceText::new("m.yaml", source), &mut Problems::default()).unwrap();
        let node = tree.as_map().unwrap()[0].1.clone();
        let template = engine.add_text(&node, &names(), &mut Problems::default()).unwrap();
        let rendered = engine.render(&template, &context! { itens => vec!["a", "b"] }).unwrap();
        assert_eq!(rendered, "Oi\n- a\n- b\nfim");
    }

    #[test]
    fn conditions_hold_or_not_and_cannot_escape() {
        let mut engine = Engine::new();
        let mut holds = |text: &str, scope: Value| {
            let mut problems = Problems::default();
            let condition = engine.add_condition(&node(text), &names(), &mut problems);
            condition.map(|condition| engine.holds(&condition, &scope).map_err(|e| e.problem))
        };
        assert_eq!(
            holds("total > 100 and nome == 'Zé'", context! { total => 149.9, nome => "Zé" }),
            Some(Ok(true))
        );
        assert_eq!(holds("nome in ['a', 'b']", context! { nome => "c" }), Some(Ok(false)));
        assert_eq!(holds("1) %}x{% endif %}{% if (1", context! {}), None);
        let undefined =
            holds("event.type == \"a\" and total > 1", context! { event => context! { type => "a" } });
        let problem = undefined.unwrap().unwrap_err();
        assert_eq!((problem.code.as_str(), problem.place.as_str()), ("value-missing", "m.yaml:1:23"));
    }

    /// Without optimisation the engine's parser needs several times the stack;
    /// optimised, all of this fits into 2 MiB (measured).
    #[test]
    fn deep_nesting_within_the_caps_does_not_overflow_the_stack() {
        let thread = std::thread::Builder::new().stack_size(16 * 1024 * 1024).spawn(check_deep_nesting);
        thread.unwrap().join().unwrap();
    }

    fn check_deep_nesting() {
        for (open, inner, close) in [
            ("-", "1", ""),
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("not ", "x", ""),
            ("x[", "x", "]"),
            ("x|default(", "x", ")"),
            ("{'a':", "1", "}"),
            ("x.a.", "a", ""),
            ("x and ", "x", ""),
        ] {
            let deepest = (MAX_TEXT_BYTES - 64) / (open.len() + close.len());
            let text = format!("{{{{ {}{inner}{} }}}}", open.repeat(deepest), close.repeat(deepest));
            let _ = check(&text);
        }
        for (open, close) in [("{% if x %}", "{% endif %}"), ("{% for i in x %}", "{% endfor %}")] {
            let deepest = MAX_TEXT_BYTES / (open.len() + close.len());
            let _ = check(&format!("{}{}", open.repeat(deepest), close.repeat(deepest)));
        }
        let _ = check(&format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(330)));
    }

    #[test]
    fn a_runaway_text_runs_out_of_fuel() {
        let error = render(
            "{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}",
            context! {},
        );
        assert!(error.unwrap_err().1.contains("too many steps"));
        let long = context! { x => "a".repeat(2_000), itens => vec![1; 50] };
        for text in [
            "{% for i in itens %}{{ x }}{% endfor %}",
            "{% set a %}{% for i in itens %}{{ x }}{% endfor %}{% endset %}b",
            "{{ x | replace('a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb') }}",
        ] {
            let error = render(text, long.clone()).unwrap_err();
            assert!(error.1.contains("becomes longer"), "{text}: {error:?}");
        }
        assert_eq!(render("{{ x | truncate(3) }}", long).unwrap(), "aa…");
    }
}
