//! Lines that are not shown. Who writes a configuration for the first time
//! pastes a secret where its name belongs, and what is printed ends in logs and
//! chats. The diagnostic still says where the line is.

use std::ops::RangeInclusive;

use super::{Diagnostic, Place};

/// Whether the lines of `problem` can be shown, among all that is reported.
pub(super) fn may_show(problem: &Diagnostic, all: &[Diagnostic]) -> bool {
    let place = &problem.place;
    let beside_a_secret = all.iter().any(|other| {
        !other.shows_line && other.place.file == place.file && overlap(&lines(&other.place), &lines(place))
    });
    !beside_a_secret && !lines(place).any(|line| names_a_secret(&place.file.text, line))
}

fn lines(place: &Place) -> RangeInclusive<usize> {
    place.line_col().line..=place.end().line_col().line
}

fn overlap(a: &RangeInclusive<usize>, b: &RangeInclusive<usize>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}

/// Whether a line is of a key like `token:` or `secrets:`, even misspelt, and
/// holds no reference. A file that is no YAML has only its lines to go by.
fn names_a_secret(text: &str, line: usize) -> bool {
    let before: Vec<&str> = text.lines().take(line).collect();
    let Some((last, above)) = before.split_last() else { return false };
    let is_item = |line: &str| line.trim_start().starts_with(['-', '#']) || line.trim().is_empty();
    let owner = if is_item(last) { above.iter().rfind(|line| !is_item(line)) } else { None };
    let refers = last.contains("env:") || last.contains("file:");
    !refers && std::iter::once(last).chain(owner).any(|line| has_secret_key(line))
}

fn has_secret_key(line: &str) -> bool {
    line.split(':').rev().skip(1).any(|before| {
        let key = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
        key != "take"
            && ["token", "secret", "secrets"].iter().any(|name| strsim::damerau_levenshtein(&key, name) <= 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_may_hold_a_secret_are_told_from_the_others() {
        for (text, hidden) in [
            ("token: abc", true),
            ("tokne: abc", true),
            ("a: { token: abc, x: 1 }", true),
            ("secrts: [abc]", true),
            ("secrets:\n  # of the shop\n\n  - env:OLD\n  - abc", true),
            ("secrets:\n  - abc", true),
            ("token: env:NAME", false),
            ("secrets:\n  - env:NAME", false),
            ("secrets: [env:A]\nvalues:\n  nome: $.nome", false),
            ("from: header:X-Token", false),
            ("total: $.total", false),
            ("split: { item: x, take: v1 }", false),
            ("when: $.code", false),
            ("", false),
        ] {
            assert_eq!(names_a_secret(text, text.lines().count()), hidden, "{text}");
        }
    }
}
