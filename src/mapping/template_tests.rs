//! Templates: what is found when they are loaded, and what may be written.

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
            format!("{} {}: {}", d.place, d.code, d.help.as_ref().map(Sentence::english).unwrap_or_default())
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
        (r#"{{ x | truncate("a") }}"#, "m.yaml:1:21 bad-argument: write it as {{ texto | truncate(40) }}"),
        ("{{ x | upper(x=1) }}", "m.yaml:1:12 bad-argument: write it as {{ nome | upper }}"),
        (r#"{{ x | date("dd/MM") }}"#, "m.yaml:1:12 wrong-filter: take `x` with `as: date`"),
        ("{{ total | upper }}", "m.yaml:1:16 wrong-filter: write {{ total | brl }}"),
        ("{{ total | join }}", "m.yaml:1:16 wrong-filter: take all of `total` with `many: true`"),
        ("{{ itens | brl }}", "m.yaml:1:16 wrong-filter: take `itens` with `as: money`"),
        (
            r#"{{ event.received_at | date("dd/MM", "Marte/Olympus") }}"#,
            "m.yaml:1:42 bad-date: time zones are named after places, such as `America/Sao_Paulo`",
        ),
        ("{% if x > 3 %}{% endif %}", "m.yaml:1:11 text-and-number: take `x` with `as: number`"),
        ("{{ body.n < 3 }}", "m.yaml:1:8 text-and-number: take it as a value, with `as: number`"),
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
    let error =
        render("{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}", context! {});
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
