//! The languages in which sentences are said, and the catalogue of translations:
//! `lang/pt_BR.po`, in gettext's format, so that any translator's tool reads it.
//! A test of the whole house keeps it equal to the templates in the source.

use std::collections::HashMap;
use std::sync::LazyLock;

const PORTUGUESE: &str = include_str!("../../lang/pt_BR.po");

static CATALOGUE: LazyLock<HashMap<String, String>> = LazyLock::new(|| entries(PORTUGUESE));

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    /// As written in Brazil.
    Portuguese,
}

impl Language {
    /// From a locale such as `pt_BR.UTF-8`. None: it is no language of these.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let word = locale.split(['_', '-', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "pt" => Some(Self::Portuguese),
            "en" | "c" | "posix" => Some(Self::English),
            _ => None,
        }
    }

    /// The template in this language; the English one where there is none.
    pub(super) fn template(self, english: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Portuguese => CATALOGUE.get(english).map_or(english, String::as_str),
        }
    }
}

/// Every `msgid` of a catalogue with its `msgstr`, as they are in the text.
pub fn entries(text: &str) -> HashMap<String, String> {
    let mut entries = HashMap::new();
    let (mut id, mut translation) = (String::new(), String::new());
    let mut in_id = false;
    let mut keep = |id: &mut String, translation: &mut String| {
        let (id, translation) = (std::mem::take(id), std::mem::take(translation));
        if !id.is_empty() && !translation.is_empty() {
            entries.insert(id, translation);
        }
    };
    for line in text.lines() {
        let quoted = if let Some(quoted) = line.strip_prefix("msgid ") {
            keep(&mut id, &mut translation);
            in_id = true;
            quoted
        } else if let Some(quoted) = line.strip_prefix("msgstr ") {
            in_id = false;
            quoted
        } else {
            line
        };
        if let Some(inner) = quoted.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            let target = if in_id { &mut id } else { &mut translation };
            target.push_str(&unescaped(inner));
        }
    }
    keep(&mut id, &mut translation);
    entries
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_is_read_with_its_escapes_and_folded_lines() {
        let read = entries(
            "# a comment\nmsgid \"\"\nmsgstr \"Language: pt_BR\\n\"\n\nmsgid \"say \\\"{}\\\"\"\nmsgstr \"diga \"\n\"\\\"{}\\\"\"\n\nmsgid \"untranslated\"\nmsgstr \"\"\n",
        );
        assert_eq!(read, HashMap::from([("say \"{}\"".to_owned(), "diga \"{}\"".to_owned())]));
    }

    #[test]
    fn a_locale_names_its_language() {
        for (locale, language) in [
            ("pt_BR.UTF-8", Some(Language::Portuguese)),
            ("pt-BR", Some(Language::Portuguese)),
            ("pt", Some(Language::Portuguese)),
            ("C.UTF-8", Some(Language::English)),
            ("en_US", Some(Language::English)),
            ("de_DE", None),
            ("", None),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
