//! What is wrong with a file, and where: file, place, code, sentence, help.
//!
//! Lives here: the type, its rendering for a terminal and for programs, "did you
//! mean", and what each code means. Never here: the rules that are broken; each
//! room checks its own. Every room reports all its problems, never only the first.

#[macro_use]
mod sentence;

mod explain;
mod formats;
mod hide;
mod language;
mod nearest;
mod place;
mod render;

pub use explain::{Block, Example, Explanation, Verdict, explain, explanations, more_about};
pub use formats::{to_github, to_json};
pub use language::{Language, entries};
pub use nearest::nearest;
pub use place::{LineCol, Place, SourceText};
pub use render::{Palette, render, summary};
pub use sentence::{Fill, Filling, Sentence, holes};

/// How bad it is. A file with an error never replaces a running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// One problem of one file, for the person who wrote that file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable word, such as `unknown-key`.
    pub code: &'static str,
    pub severity: Severity,
    pub place: Place,
    /// One plain sentence: what is wrong.
    pub message: Sentence,
    /// What stands at the caret, in a few words.
    pub label: Option<Sentence>,
    /// Further lines below the caret, each with its name, such as `expected`.
    pub notes: Vec<(Sentence, Sentence)>,
    /// One line: what to do.
    pub help: Option<Sentence>,
    /// Whether its line can be shown; not if it may be a secret.
    pub shows_line: bool,
}

impl Diagnostic {
    pub fn error(code: &'static str, place: &Place, message: Sentence) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place: place.clone(),
            message,
            label: None,
            notes: Vec::new(),
            help: None,
            shows_line: true,
        }
    }

    pub fn warning(code: &'static str, place: &Place, message: Sentence) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    pub fn label(self, label: Sentence) -> Self {
        Self { label: Some(label), ..self }
    }

    pub fn note(mut self, name: Sentence, text: Sentence) -> Self {
        self.notes.push((name, text));
        self
    }

    /// Says where its line is and does not show it.
    pub fn without_line(self) -> Self {
        Self { shows_line: false, ..self }
    }

    pub fn help(self, help: Sentence) -> Self {
        Self { help: Some(help), ..self }
    }

    /// `did you mean …?`, if some candidate is near; else the whole list, if short.
    pub fn suggest<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Self {
        if let Some(near) = nearest(name, candidates.clone()) {
            return self.help(say!("did you mean `{}`?", near));
        }
        let all: Vec<String> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
        match all.len() {
            0 => self,
            1..=24 => self.help(say!("known here: {}", all.join(", "))),
            _ => self,
        }
    }
}

/// What a check found. Collected through a whole file, then looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Diagnostic>);

impl Problems {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn errors(&self) -> usize {
        self.0.iter().filter(|d| d.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.0.len() - self.errors()
    }

    /// In the order of the files, then of the places in them.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|a, b| a.place.order().cmp(&b.place.order()));
        self.0
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}
