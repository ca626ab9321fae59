//! Every sentence that is said can be said in Portuguese: the catalogue
//! `lang/pt_BR.po` has each template of the source, none that nobody says, and
//! no translation loses what fills a hole.

use std::collections::BTreeSet;

use gancho::diagnostic::{entries, holes};
use regex::Regex;

use crate::layering::source::sources;

const CATALOGUE: &str = include_str!("../../lang/pt_BR.po");

/// The templates of `say!("…")`, and what a map of keys is called.
fn templates() -> BTreeSet<String> {
    let text = r#""((?:[^"\\]|\\[\s\S])*)""#;
    let said = Regex::new(&format!(r"\bsay!\(\s*{text}")).unwrap();
    let opened = Regex::new(&format!(r"Fields::open\(\s*[^,()]+(?:\([^()]*\))?,\s*{text}")).unwrap();
    let mut found = BTreeSet::new();
    for source in sources() {
        let lines: Vec<&str> = source.code.iter().map(|(_, line)| line.as_str()).collect();
        let code = lines.join("\n");
        for pattern in [&said, &opened] {
            found.extend(pattern.captures_iter(&code).map(|at| unescaped(&at[1])));
        }
    }
    // One without a letter is the same in every language.
    found.retain(|template| template.replace("{}", "").contains(char::is_alphabetic));
    found
}

/// What a literal of Rust means.
fn unescaped(literal: &str) -> String {
    let joined = Regex::new(r"\\\n\s*").unwrap().replace_all(literal, "").into_owned();
    let mut chars = joined.chars();
    let mut meant = String::new();
    while let Some(c) = chars.next() {
        meant.push(match (c, c == '\\') {
            (_, true) => match chars.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                other => other,
            },
            (c, false) => c,
        });
    }
    meant
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[test]
fn every_sentence_has_its_portuguese() {
    let translated = entries(CATALOGUE);
    let said = templates();
    assert!(said.len() > 300, "{} sentences: are they still found?", said.len());
    let missing: Vec<String> = said
        .iter()
        .filter(|template| !translated.contains_key(*template))
        .map(|template| format!("msgid \"{}\"\nmsgstr \"\"\n", escaped(template)))
        .collect();
    assert!(missing.is_empty(), "add to lang/pt_BR.po, translated:\n\n{}", missing.join("\n"));
    let unsaid: Vec<&String> = translated.keys().filter(|id| !said.contains(*id)).collect();
    assert!(unsaid.is_empty(), "remove from lang/pt_BR.po, since nothing says it: {unsaid:#?}");
}

#[test]
fn no_translation_loses_what_it_quotes() {
    let backticks = Regex::new("`[^`]*`").unwrap();
    for (id, translation) in entries(CATALOGUE) {
        assert_eq!(holes(&id), holes(&translation), "{id}");
        for quoted in backticks.find_iter(&id).map(|found| found.as_str()) {
            assert!(translation.contains(quoted), "{quoted} is not in: {translation}");
        }
    }
}
