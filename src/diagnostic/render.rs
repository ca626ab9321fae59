//! Showing diagnostics in a terminal: the file, the line, a caret under the
//! exact characters. `annotate-snippets` draws; this file is the only one that
//! knows it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Problems, Severity, hide};

/// Whether to use colour. Both read the same without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    Plain,
    Colour,
}

/// The width that is assumed: no line is wrapped, long source lines are cut.
const COLUMNS: usize = 100;

/// All of them, in order, each followed by an empty line.
pub fn render(problems: &[Diagnostic], palette: Palette) -> String {
    let renderer = match palette {
        Palette::Plain => Renderer::plain(),
        Palette::Colour => Renderer::styled(),
    }
    .term_width(COLUMNS);
    let mut out = String::new();
    for problem in problems {
        out.push_str(&renderer.render(&[group(problem, hide::may_show(problem, problems))]));
        out.push_str("\n\n");
    }
    out
}

fn group(problem: &Diagnostic, may_show: bool) -> Group<'_> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let file = &problem.place.file;
    let mut mark = AnnotationKind::Primary.span(problem.place.span.clone());
    if let Some(label) = &problem.label {
        mark = mark.label(label.as_str());
    }
    let title = level.primary_title(problem.message.as_str()).id(problem.code);
    let mut group = if file.text.is_empty() {
        title.element(Origin::path(file.name.as_str()))
    } else if may_show {
        title.element(Snippet::source(file.text.as_str()).path(file.name.as_str()).annotation(mark))
    } else {
        let at = problem.place.line_col();
        title.element(Origin::path(file.name.as_str()).line(at.line).char_column(at.column))
    };
    for (name, text) in &problem.notes {
        group = group.element(Level::NOTE.with_name(*name).message(text.as_str()));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// `2 errors, 1 warning`
pub fn summary(problems: &Problems) -> String {
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (problems.errors(), problems.warnings()) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceText};

    #[test]
    fn draws_the_caret_under_the_characters() {
        let file = SourceText::new("mappings/loja.yaml", "values:\n  nome: $.nmoe\n");
        let problem = Diagnostic::error("unknown-key", &Place::new(&file, 16..22), "nothing is there")
            .label("this path")
            .help("did you mean `$.nome`?");
        let drawn = render(&[problem], Palette::Plain);
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
    fn counts_in_words() {
        let file = SourceText::new("f", "");
        let mut problems = Problems::default();
        assert_eq!(summary(&problems), "no problems");
        problems.push(Diagnostic::error("a", &Place::start_of(&file), "x"));
        assert_eq!(summary(&problems), "1 error");
        problems.push(Diagnostic::warning("a", &Place::start_of(&file), "x"));
        problems.push(Diagnostic::warning("a", &Place::start_of(&file), "x"));
        assert_eq!(summary(&problems), "1 error, 2 warnings");
    }
}
