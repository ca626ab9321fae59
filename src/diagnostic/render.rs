//! Showing diagnostics in a terminal: the file, the line, a caret under the
//! exact characters. `annotate-snippets` draws; this file is the only one that
//! knows it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Language, Problems, Sentence, Severity, hide};

/// Whether to use colour. Both read the same without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    Plain,
    Colour,
}

/// The width that is assumed: sentences are wrapped, long source lines are cut.
const COLUMNS: usize = 100;
/// No sentence is made narrower than this.
const NARROW: usize = 40;

/// All of them, in order, each followed by an empty line.
pub fn render(problems: &[Diagnostic], palette: Palette, language: Language) -> String {
    let renderer = match palette {
        Palette::Plain => Renderer::plain(),
        Palette::Colour => Renderer::styled(),
    }
    .term_width(COLUMNS);
    let mut out = String::new();
    for problem in problems {
        out.push_str(&renderer.render(&[group(problem, hide::may_show(problem, problems), language)]));
        out.push_str("\n\n");
    }
    out
}

fn group(problem: &Diagnostic, may_show: bool, language: Language) -> Group<'_> {
    let (level, name) = match problem.severity {
        Severity::Error => (Level::ERROR, say!("error").in_language(language)),
        Severity::Warning => (Level::WARNING, say!("warning").in_language(language)),
    };
    let before_title = name.chars().count() + problem.code.len() + "[]: ".len();
    let level = level.with_name(name);
    let file = &problem.place.file;
    let mut mark = AnnotationKind::Primary.span(problem.place.span.clone());
    if let Some(label) = &problem.label {
        mark = mark.label(label.in_language(language));
    }
    let title =
        level.primary_title(wrapped(&problem.message.in_language(language), before_title)).id(problem.code);
    let mut group = if file.text.is_empty() {
        title.element(Origin::path(file.name.as_str()))
    } else if may_show {
        title.element(Snippet::source(file.text.as_str()).path(file.name.as_str()).annotation(mark))
    } else {
        let at = problem.place.line_col();
        title.element(Origin::path(file.name.as_str()).line(at.line).char_column(at.column))
    };
    let names: Vec<String> = problem.notes.iter().map(|(name, _)| name.in_language(language)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, (_, text)) in names.iter().zip(&problem.notes) {
        group = group.element(
            Level::NOTE
                .with_name(format!("{name:>width$}"))
                .message(wrapped(&text.in_language(language), width + MARGIN)),
        );
    }
    if let Some(help) = &problem.help {
        let name = say!("help").in_language(language);
        let help = wrapped(&help.in_language(language), name.chars().count() + MARGIN);
        group = group.element(Level::HELP.with_name(name).message(help));
    }
    group
}

/// What stands before the name of a line below the caret, and after it.
const MARGIN: usize = "1000 = : ".len();

/// In lines that fit behind `before` columns. A piece of code, between backticks
/// or braces, stays in one line.
fn wrapped(text: &str, before: usize) -> String {
    let most = COLUMNS.saturating_sub(before).max(NARROW);
    let (mut out, mut width) = (String::with_capacity(text.len() + 4), 0);
    for piece in pieces(text) {
        let length = piece.chars().count();
        match width {
            0 => width = length,
            _ if width + 1 + length > most => {
                out.push('\n');
                width = length;
            }
            _ => {
                out.push(' ');
                width += 1 + length;
            }
        }
        out.push_str(piece);
    }
    out
}

/// Split at the spaces outside backticks and braces.
fn pieces(text: &str) -> Vec<&str> {
    let (mut ticks, mut braces) = (0_usize, 0_usize);
    text.split(move |c| {
        match c {
            '`' => ticks += 1,
            '{' if ticks % 2 == 0 => braces += 1,
            '}' if ticks % 2 == 0 => braces = braces.saturating_sub(1),
            _ => {}
        }
        c == ' ' && ticks % 2 == 0 && braces == 0
    })
    .collect()
}

/// `2 errors, 1 warning`
pub fn summary(problems: &Problems) -> Sentence {
    let errors = match problems.errors() {
        1 => say!("1 error"),
        count => say!("{} errors", count),
    };
    let warnings = match problems.warnings() {
        1 => say!("1 warning"),
        count => say!("{} warnings", count),
    };
    match (problems.errors(), problems.warnings()) {
        (0, 0) => say!("no problems"),
        (0, _) => warnings,
        (_, 0) => errors,
        _ => say!("{}, {}", errors, warnings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceText};

    #[test]
    fn draws_the_caret_under_the_characters() {
        let file = SourceText::new("mappings/loja.yaml", "values:\n  nome: $.nmoe\n");
        let problem = Diagnostic::error("unknown-key", &Place::new(&file, 16..22), say!("nothing is there"))
            .label(say!("this path"))
            .help(say!("did you mean `$.nome`?"));
        let drawn = render(&[problem], Palette::Plain, Language::English);
        assert_eq!(
            drawn,
            "error[unknown-key]: nothing is there\n \
             --> mappings/loja.yaml:2:9\n  \
               |\n\
             2 |   nome: $.nmoe\n  \
               |         ^^^^^^ this path\n  \
               |\n  \
               = help: did you mean `$.nome`?\n\n"
        );
    }

    #[test]
    fn a_long_sentence_is_wrapped_and_code_stays_whole() {
        assert_eq!(wrapped("uma frase curta", 10), "uma frase curta");
        let long = wrapped(&format!("{}{{{{ nome | title }}}} e `a b`", "palavra ".repeat(6)), 48);
        let lines: Vec<&str> = long.lines().collect();
        assert_eq!(lines, ["palavra palavra palavra palavra palavra palavra", "{{ nome | title }} e `a b`"]);
    }

    #[test]
    fn counts_in_words() {
        let file = SourceText::new("f", "");
        let mut problems = Problems::default();
        assert_eq!(summary(&problems).english(), "no problems");
        problems.push(Diagnostic::error("a", &Place::start_of(&file), say!("x")));
        assert_eq!(summary(&problems).english(), "1 error");
        problems.push(Diagnostic::warning("a", &Place::start_of(&file), say!("x")));
        problems.push(Diagnostic::warning("a", &Place::start_of(&file), say!("x")));
        assert_eq!(summary(&problems).english(), "1 error, 2 warnings");
    }
}
