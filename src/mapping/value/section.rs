//! A `values:` section: names, each with where its value comes from.

use std::collections::BTreeSet;

use super::{Around, ValueRule};
use crate::diagnostic::{Diagnostic, Problems};
use crate::mapping::names::{ITEM, ROOTS};
use crate::yaml::Node;

/// The values of a file, or of one of its messages, in the order of the file.
pub type Values = Vec<(String, ValueRule)>;

/// `outer` are the values that are there already, around this section.
pub fn read_values(
    node: Option<&Node>,
    around: Around<'_>,
    outer: &[&str],
    problems: &mut Problems,
) -> Values {
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("`values` is a map of names")));
        return Vec::new();
    };
    let mut values = Vec::new();
    for (key, node) in entries {
        let name = key.name.as_str();
        if !is_identifier(name) || ROOTS.contains(&name) || (around.has_item && name == ITEM) {
            problems.push(
                Diagnostic::error("bad-name", &key.place, say!("`{}` cannot name a value", name)).help(say!(
                    "use letters, digits and `_`; body, headers, query, event and item are taken"
                )),
            );
        }
        if outer.contains(&name) {
            problems.push(
                Diagnostic::error(
                    "duplicate-name",
                    &key.place,
                    say!("`{}` is a value of the whole file", name),
                )
                .help(say!("give it another name here")),
            );
        }
        // The name of a broken one is known all the same, so that its uses are
        // no mistakes.
        let rule = ValueRule::read(node, around, problems).unwrap_or_else(|| ValueRule::broken(node));
        values.push((name.to_owned(), rule));
    }
    values
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || c == '_') && !OF_JINJA.contains(&name)
}

/// Words that a template would take for something else.
const OF_JINJA: [&str; 12] =
    ["true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if"];

/// Values that no message uses.
pub fn warn_unused(section: Option<&Node>, used: &BTreeSet<String>, problems: &mut Problems) {
    for (key, _) in section.and_then(Node::as_map).unwrap_or_default() {
        if !used.contains(&key.name) {
            problems.push(
                Diagnostic::warning("unused-value", &key.place, say!("nothing uses `{}`", key.name))
                    .help(say!("remove it, or use it in a message")),
            );
        }
    }
}
