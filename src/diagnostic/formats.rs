//! Diagnostics for programs: a list of objects, and the annotations of GitHub's
//! workflows. Neither shows a line of a file, so neither can show a secret.

use serde_json::{Value, json};

use super::{Diagnostic, Language, Severity};

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Lines and columns from 1, columns in characters.
pub fn to_json(problems: &[Diagnostic], language: Language) -> Value {
    problems
        .iter()
        .map(|problem| {
            let (start, end) = (problem.place.line_col(), problem.place.end().line_col());
            json!({
                "file": problem.place.file.name,
                "line": start.line,
                "column": start.column,
                "end_line": end.line,
                "end_column": end.column,
                "code": problem.code,
                "severity": problem.severity.word(),
                "message": with_notes(problem, language),
                "help": problem.help.as_ref().map(|help| help.in_language(language)),
            })
        })
        .collect()
}

/// One annotation a line: `::error file=…,line=…,col=…::message`.
pub fn to_github(problems: &[Diagnostic], language: Language) -> String {
    let mut out = String::new();
    for problem in problems {
        let start = problem.place.line_col();
        let mut message = with_notes(problem, language);
        if let Some(help) = &problem.help {
            message.push('\n');
            message.push_str(&help.in_language(language));
        }
        out.push_str(&format!(
            "::{} file={},line={},col={},title={}::{}\n",
            problem.severity.word(),
            escaped(&problem.place.file.name, true),
            start.line,
            start.column,
            escaped(problem.code, true),
            escaped(&message, false),
        ));
    }
    out
}

fn with_notes(problem: &Diagnostic, language: Language) -> String {
    let mut message = problem.message.in_language(language);
    for (name, text) in &problem.notes {
        message.push_str(&format!("\n{}: {}", name.in_language(language), text.in_language(language)));
    }
    message
}

/// As a workflow command wants it; a property more than the message.
fn escaped(text: &str, property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceText};

    #[test]
    fn programs_get_places_in_characters_and_no_line_of_the_file() {
        let file = SourceText::new("mappings/a,b.yaml", "é: [\n  nmoe]\n");
        let problem = Diagnostic::error(
            "unknown-name",
            &Place::new(&file, 8..12),
            say!("there is no value named `{}`", "nmoe"),
        )
        .note(say!("got"), say!("nothing"))
        .help(say!("did you mean `{}`?", "nome"));
        let problems = [problem];
        assert_eq!(
            to_json(&problems, Language::English),
            json!([{
                "file": "mappings/a,b.yaml", "line": 2, "column": 3, "end_line": 2, "end_column": 7,
                "code": "unknown-name", "severity": "error",
                "message": "there is no value named `nmoe`\ngot: nothing", "help": "did you mean `nome`?",
            }])
        );
        assert_eq!(
            to_github(&problems, Language::English),
            "::error file=mappings/a%2Cb.yaml,line=2,col=3,title=unknown-name::there is no value named `nmoe`%0Agot: nothing%0Adid you mean `nome`?\n"
        );
    }
}
