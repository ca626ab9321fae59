//! A sentence for a person: a template with holes, and what fills them. It is
//! said in a language only when it is shown, so no room below has to know one.
//!
//! A template is English, written where the mistake is found, and is its own key
//! in the catalogue of translations (`language.rs`), as in gettext.

use std::fmt::Display;

use super::Language;

/// `say!("there is no provider `{}`", id)`: each `{}` takes the next argument,
/// anything that can be displayed, or a sentence, which is translated with it.
/// Nothing else in braces is special.
macro_rules! say {
    ($template:literal $(, $argument:expr)* $(,)?) => {{
        const GIVEN: &[&str] = &[$(stringify!($argument)),*];
        const _: () = assert!(
            $crate::diagnostic::holes($template) == GIVEN.len(),
            "a template has as many holes as there are arguments"
        );
        #[allow(unused_imports)]
        use $crate::diagnostic::Fill as _;
        $crate::diagnostic::Sentence::new($template, vec![$(($argument).fill()),*])
    }};
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    template: &'static str,
    fillings: Box<[Filling]>,
}

/// What fills a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// The same in every language: a name, a number, a path.
    Text(String),
    Said(Sentence),
}

pub trait Fill {
    fn fill(&self) -> Filling;
}

impl<T: Display> Fill for T {
    fn fill(&self) -> Filling {
        Filling::Text(self.to_string())
    }
}

// `Sentence` has no `Display`: which language would that be?
impl Fill for Sentence {
    fn fill(&self) -> Filling {
        Filling::Said(self.clone())
    }
}

impl Sentence {
    pub fn new(template: &'static str, fillings: Vec<Filling>) -> Self {
        Self { template, fillings: fillings.into() }
    }

    /// As text that is the same in every language, such as what a library says.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self::new("{}", vec![Filling::Text(text.into())])
    }

    /// Several, one after the other, joined by `between`.
    pub fn joined(parts: Vec<Self>, between: &str) -> Self {
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_else(|| Self::verbatim(""));
        parts.fold(first, |before, part| {
            Self::new(
                "{}{}{}",
                vec![Filling::Said(before), Filling::Text(between.to_owned()), Filling::Said(part)],
            )
        })
    }

    pub fn english(&self) -> String {
        self.in_language(Language::English)
    }

    pub fn in_language(&self, language: Language) -> String {
        let template = language.template(self.template);
        let mut out = String::with_capacity(template.len() + 16);
        let mut pieces = template.split("{}");
        out.push_str(pieces.next().unwrap_or_default());
        for (piece, filling) in pieces.zip(&self.fillings) {
            match filling {
                Filling::Text(text) => out.push_str(text),
                Filling::Said(sentence) => out.push_str(&sentence.in_language(language)),
            }
            out.push_str(piece);
        }
        out
    }
}

/// How many arguments a template takes.
pub const fn holes(template: &str) -> usize {
    let bytes = template.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at + 1 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1] == b'}' {
            count += 1;
        }
        at += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_in_order_and_other_braces_stay() {
        let sentence = say!("`{}` is {}; write {{ x }} or { a: 1 }", "nome", say!("text"));
        assert_eq!(sentence.english(), "`nome` is text; write {{ x }} or { a: 1 }");
        assert_eq!(holes("{{ x }} {} {a}"), 1);
        assert_eq!(Sentence::verbatim("{}").english(), "{}");
        let joined = Sentence::joined(vec![say!("a"), say!("b"), say!("c")], ", ");
        assert_eq!(joined.english(), "a, b, c");
    }
}
