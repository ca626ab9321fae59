//! Texts that are no Jinja: the likely cause, for who never read a grammar. The
//! engine says what it expected, and often at the place where it gave up.

use std::ops::Range;

use minijinja::Error;

use crate::diagnostic::Sentence;

/// What is wrong, and at which bytes. An empty range: nobody knows where.
pub struct Slip {
    pub at: Range<usize>,
    pub message: Sentence,
    pub help: Sentence,
}

/// What `error` means, which the engine found in `text`: a text or a condition.
pub fn explain(text: &str, error: &Error) -> Slip {
    let said = error.detail().unwrap_or_default();
    // Of what ends too early, the engine's place is behind the end.
    let at = error.range().unwrap_or_default();
    let at = at.start.min(text.len())..at.end.min(text.len());
    let here = text.get(at.clone()).unwrap_or_default();
    // Those of words are at the word; of signs, what the engine read is longer.
    let first = here.chars().next().map_or(at.clone(), |first| at.start..at.start + first.len_utf8());
    if said.starts_with("unexpected end of input")
        && let Some(slip) = left_open(text)
    {
        return slip;
    }
    let slip = |at: Range<usize>, message: Sentence, help: Sentence| Slip { at, message, help };
    if let Some(name) = said.strip_prefix("unknown statement ") {
        let help = say!(
            "there are {% if … %}, {% elif … %}, {% else %}, {% endif %}, {% for … in … %}, {% endfor %} and {% set … %}"
        );
        return slip(at, say!("there is no tag `{}`", name), help);
    }
    match here.chars().next() {
        Some('=') => {
            slip(first, say!("a comparison is written with two signs"), say!("write == instead of ="))
        }
        Some('&' | '|') => {
            slip(first, say!("conditions are joined with words"), say!("write `and` and `or`"))
        }
        Some('!') => slip(
            first,
            say!("a condition is turned around with a word"),
            say!("write `not`; unequal is `!=`"),
        ),
        Some('?') => slip(
            first,
            say!("a choice is written with words"),
            say!("write {{ nome if nome else 'cliente' }}"),
        ),
        Some('}') if said.ends_with("expected end of variable block") => {
            slip(first, say!("what `{{` opens is closed with `}}`"), say!("write it as {{ nome }}"))
        }
        _ if said.ends_with("expected end of variable block") => slip(
            at,
            say!("`}}` is missing before this"),
            say!("between {{ and }} stands one name, perhaps with filters: {{ nome | title }}"),
        ),
        _ if said.ends_with("expected end of block") => {
            slip(at, say!("`%}` is missing before this"), say!("such as {% if total > 100 %}"))
        }
        _ if said == "unexpected input after expression" => slip(
            at,
            say!("the condition was complete before this"),
            say!("join conditions with `and` and `or`; text stands in quotes"),
        ),
        _ if said == "unexpected character" => slip(
            first,
            say!("this character means nothing here"),
            say!("text stands in quotes, and names have letters, digits and `_`"),
        ),
        _ if said == "unexpected end of string" => {
            let quote = text.rfind(['\'', '"']).map_or(at, |quote| quote..quote + 1);
            slip(quote, say!("this quote is not closed"), say!("end the text with the same quote"))
        }
        _ => {
            let said = if said.is_empty() { error.kind().to_string() } else { said.to_owned() };
            slip(
                at,
                say!("this is not Jinja: {}", said),
                say!(
                    "{{ name | filter }} writes a value; {% if … %}…{% endif %} decides; {% for x in list %}…{% endfor %} repeats"
                ),
            )
        }
    }
}

/// What is opened last and not closed: `{{`, `{%`, or a tag without its end.
fn left_open(text: &str) -> Option<Slip> {
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    let mut rest = 0;
    while let Some(at) = text[rest..].find("{").map(|at| at + rest) {
        let marks = [("{{", "}}"), ("{%", "%}")];
        let Some((mark, end)) = marks.into_iter().find(|(mark, _)| text[at..].starts_with(mark)) else {
            rest = at + 1;
            continue;
        };
        let Some(close) = text[at..].find(end).map(|close| at + close) else {
            let message = say!("this `{}` is never closed", mark);
            return Some(Slip { at: at..at + 2, message, help: say!("close it with `{}`", end) });
        };
        if mark == "{%" {
            let inner = text[at + 2..close].trim_start_matches('-').trim_start();
            let tag = inner.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            match tag.strip_prefix("end") {
                Some(_) => {
                    open.pop();
                }
                None if opens(tag, inner) => open.push((tag, at..close + 2)),
                None => {}
            }
        }
        rest = close + 2;
    }
    let (tag, at) = open.pop()?;
    let message = say!("this `{}` is never closed", tag);
    Some(Slip { at, message, help: say!("where it ends, write {% end{} %}", tag) })
}

/// Whether a tag has an end of its own.
fn opens(tag: &str, inner: &str) -> bool {
    matches!(tag, "if" | "for" | "with" | "filter" | "autoescape" | "raw")
        || (tag == "set" && !inner.contains('='))
}

#[cfg(test)]
mod tests {
    use minijinja::machinery::{parse, parse_expr};

    use super::*;

    #[track_caller]
    fn check(text: &str, slip: Slip, at: &str, word: &str) {
        assert_eq!(&text[slip.at], at, "{text}");
        assert!(slip.message.english().contains(word), "{text}: {}", slip.message.english());
    }

    #[test]
    fn the_usual_mistakes_of_a_text_are_named_at_their_characters() {
        for (text, at, word) in [
            ("Oi {{ nome", "{{", "never closed"),
            ("Oi {{ nome }.", "}", "closed with"),
            ("{{ nome do cliente }}", "do", "`}}` is missing"),
            ("{% if a %}{% if b %}x{% endif %}", "{% if a %}", "`if` is never closed"),
            ("{% for a in b %}x", "{% for a in b %}", "`for` is never closed"),
            ("{% se a %}", "se", "no tag `se`"),
            ("{{ a ? b : c }}", "?", "words"),
            ("{{ 'a }}", "'", "quote"),
            ("{é} {{ nome", "{{", "never closed"),
        ] {
            let error = parse(text, "t", Default::default()).expect_err(text);
            check(text, explain(text, &error), at, word);
        }
    }

    #[test]
    fn those_of_a_condition_too() {
        for (text, at, word) in [
            ("a = 1", "=", "two signs"),
            ("a > 1 && b", "&", "words"),
            ("a || b", "|", "words"),
            ("!a", "!", "word"),
            ("a > 1 b", "b", "complete"),
        ] {
            let error = parse_expr(text).expect_err(text);
            check(text, explain(text, &error), at, word);
        }
    }
}
