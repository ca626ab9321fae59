//! The patterns of `match()` and `search()`.
//!
//! They run as tables made when a file is loaded (a DFA): a few nanoseconds for
//! each byte, whatever the text. The usual engines make such tables as they go, and
//! where a table would be too large need a microsecond for each byte of a hostile
//! text; here that pattern is refused.

use std::fmt;
use std::sync::Arc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::regexp::translate;

const MAX_NFA_BYTES: usize = 256 * 1024;
/// Building up to here takes less than a tenth of a second.
const MAX_TABLE_BYTES: usize = 1024 * 1024;

#[derive(Clone)]
pub struct Pattern {
    text: String,
    table: Arc<dense::DFA<Vec<u32>>>,
    anchored: Anchored,
}

/// Why a pattern is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternError {
    /// It is not an I-Regexp.
    Unreadable,
    Costly,
}

impl Pattern {
    /// `whole`: the pattern describes all of a text, not some part of it.
    pub fn compile(text: &str, whole: bool) -> Result<Self, PatternError> {
        let translated = translate(text).ok_or(PatternError::Unreadable)?;
        let (pattern, start, anchored) = match whole {
            true => (format!(r"(?:{translated})\z"), StartKind::Anchored, Anchored::Yes),
            false => (translated, StartKind::Unanchored, Anchored::No),
        };
        // A repetition such as {3,2} ends here.
        let syntax = syntax::parse(&pattern).map_err(|_| PatternError::Unreadable)?;
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .nfa_size_limit(Some(MAX_NFA_BYTES))
                    .which_captures(WhichCaptures::None),
            )
            .build_from_hir(&syntax)
            .map_err(|_| PatternError::Costly)?;
        let limits = dense::Config::new()
            .start_kind(start)
            .dfa_size_limit(Some(MAX_TABLE_BYTES))
            .determinize_size_limit(Some(MAX_TABLE_BYTES));
        let table = dense::Builder::new().configure(limits).build_from_nfa(&nfa);
        let table = table.map_err(|_| PatternError::Costly)?;
        Ok(Self { text: text.to_owned(), table: Arc::new(table), anchored })
    }

    pub fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).anchored(self.anchored).earliest(true);
        // The only errors are of a table that gives up at some byte or was not made
        // for this start; this one is neither.
        matches!(self.table.try_search_fwd(&input), Ok(Some(_)))
    }
}

/// As the pattern, and not its table of many pages.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn means_what_the_rfc_says() {
        for (pattern, text, whole, part) in [
            ("CAM.*", "CAM-1", true, true),
            ("CAM.*", "xCAM-1", false, true),
            ("a|b", "ab", false, true),
            (".", "\r", false, false),
            (".", "\u{2028}", true, true),
            (".", "𝄁", true, true),
            ("a[.b]c", "axc", false, false),
            (r"a\.c", "a.c", true, true),
            ("^ab$", "ab", true, true),
            ("^ab$", "xab", false, false),
            ("[a&&b]+", "a&b", true, true),
            ("[-a]", "-", true, true),
            ("[a-]", "-", true, true),
            (r"[\]^]", "^", true, true),
            (r"[^\p{Lu}0-9]+", "abc", true, true),
            (r"\P{Lu}", "A", false, false),
            ("(a|)b{2,3}", "bbb", true, true),
            ("x{2,}", "xxxx", true, true),
            ("a/b#c~d-e f", "a/b#c~d-e f", true, true),
            ("", "", true, true),
            ("", "a", false, true),
        ] {
            assert_eq!(Pattern::compile(pattern, true).unwrap().is_match(text), whole, "{pattern} {text}");
            assert_eq!(Pattern::compile(pattern, false).unwrap().is_match(text), part, "{pattern} {text}");
        }
    }

    #[test]
    fn refuses_what_is_no_i_regexp() {
        for pattern in [
            "(",
            ")",
            "a)",
            "[",
            "[]",
            "[^]",
            "]",
            "}",
            "{",
            "*",
            "a**",
            "a*?",
            "a{",
            "a{}",
            "a{,3}",
            "a{3,2}",
            "a{x}",
            "(?i)a",
            "(?:a)",
            r"\d",
            r"\w",
            r"\b",
            r"\",
            r"\p",
            r"\pL",
            r"\p{Greek}",
            r"\p{}",
            r"\x41",
            "[[a]]",
            "[a--b]",
            "[b-a]",
            r"[\d]",
            r"[a-\p{L}]",
            "a{99999999999}",
            "|*",
            "(*a)",
        ] {
            assert_eq!(Pattern::compile(pattern, true).err(), Some(PatternError::Unreadable), "{pattern}");
        }
    }

    #[test]
    fn refuses_what_has_too_large_a_table() {
        for pattern in
            ["((\\p{L}{1,50}){1,50}){1,3}b", "a[ab]{30}c", "(x{1000}){1000}", "((((a{9}){9}){9}){9}){9}"]
        {
            assert_eq!(Pattern::compile(pattern, false).err(), Some(PatternError::Costly), "{pattern}");
        }
        for pattern in
            [".*(pago|pendente).*", "[0-9]{10,11}", r"\p{L}+ \p{L}+", ".+@.+\\.[a-z]{2,10}", "a.{0,50}b"]
        {
            assert!(Pattern::compile(pattern, true).is_ok(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[a-c.*+?(){}|\\[\\]\\\\^$,1-3pL-]{0,20}", text in ".{0,8}") {
            for whole in [true, false] {
                if let Ok(pattern) = Pattern::compile(&pattern, whole) {
                    pattern.is_match(&text);
                }
            }
        }
    }
}
