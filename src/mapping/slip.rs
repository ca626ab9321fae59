//! Slips of the pen that are right YAML and right text, and that a person would
//! read: a value in single braces, and a text that ends at a `#`.

use std::ops::Range;

use super::names::Names;
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::yaml::Node;

/// Looks at a text of `session`.
pub fn look(node: &Node, names: &Names, problems: &mut Problems) {
    let text = node.as_text().unwrap_or_default();
    for at in single_braces(text, names) {
        let name = text[at.clone()].trim_matches(['{', '}', ' ']);
        let message = say!("`{}` would be sent as it is: a value stands in two braces", &text[at.clone()]);
        problems.push(
            Diagnostic::error("single-braces", &node.inner_place(at.clone()), message)
                .help(say!("write {{ {} }}", name)),
        );
    }
    if let Some(place) = cut(&node.place) {
        let message = say!("this text ends before the `#`: what follows is a comment");
        problems.push(
            Diagnostic::warning("cut-text", &place, message)
                .help(say!("put the whole text in quotes; before a comment, write a space after the `#`")),
        );
    }
}

/// Each `{nome}` that is the name of a value.
fn single_braces(text: &str, names: &Names) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (open, _) in text.match_indices('{') {
        let doubled = text[..open].ends_with('{') || text[open + 1..].starts_with(['{', '%', '#']);
        let Some(close) = text[open..].find('}').map(|at| at + open) else { continue };
        if doubled || text[close + 1..].starts_with('}') {
            continue;
        }
        if names.values.contains_key(text[open + 1..close].trim()) {
            found.push(open..close + 1);
        }
    }
    found
}

/// Where a comment that may be none begins, right after a text without quotes.
fn cut(place: &Place) -> Option<Place> {
    let file = &place.file.text;
    let written = &file[place.span.clone()];
    if written.starts_with(['"', '\'']) || written.contains('\n') {
        return None;
    }
    let rest = file[place.span.end..].lines().next().unwrap_or_default();
    let comment = rest.trim_start_matches(' ');
    let after = comment.strip_prefix('#')?.chars().next()?;
    let at = place.span.end + rest.len() - comment.len();
    (after.is_alphanumeric() || after == '{').then(|| Place::new(&place.file, at..at + 1))
}
