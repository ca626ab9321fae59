//! Taking typed things out of a map: the keys that are known, the types they
//! must have, and every mistake reported on the way.

use super::{Data, Key, Node};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence};

/// A map whose keys are all known. Unknown keys were reported.
pub struct Fields<'a> {
    entries: &'a [(Key, Node)],
}

impl<'a> Fields<'a> {
    /// Opens `node` as a map with the keys `known`. `what` names it in a
    /// sentence: "a mapping file".
    pub fn open(node: &'a Node, what: &'static str, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let what = Sentence::new(what, Vec::new());
        let Some(entries) = node.as_map() else {
            problems.push(
                Diagnostic::error(
                    "wrong-type",
                    &node.place,
                    say!("{} is a map of keys; here is {}", what, node.kind()),
                )
                .help(say!("its keys: {}", known.join(", "))),
            );
            return None;
        };
        for (key, _) in entries {
            if !known.contains(&key.name.as_str()) {
                problems.push(
                    Diagnostic::error("unknown-key", &key.place, say!("{} has no key `{}`", what, key.name))
                        .suggest(&key.name, known.iter().copied()),
                );
            }
        }
        Some(Self { entries })
    }

    /// A value; a key that is written with nothing after it is absent.
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.entry(name).map(|(_, node)| node)
    }

    pub fn entry(&self, name: &str) -> Option<&'a (Key, Node)> {
        self.entries.iter().find(|(key, node)| key.name == name && node.data != Data::Null)
    }

    pub fn key_place(&self, name: &str) -> Option<&'a Place> {
        self.entry(name).map(|(key, _)| &key.place)
    }

    pub fn text(&self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        let node = self.get(name)?;
        let text = node.as_text();
        if text.is_none() {
            let help = match node.data {
                Data::List(_) | Data::Map(_) => say!("write one text after `{}:`", name),
                _ => say!("put it in quotes"),
            };
            problems.push(expected(name, say!("text"), node).help(help));
        }
        text
    }

    /// As `text`, and its absence is a problem at `whole`.
    pub fn required_text(&self, name: &str, whole: &Place, problems: &mut Problems) -> Option<&'a str> {
        if self.get(name).is_none() {
            problems.push(
                Diagnostic::error("missing-key", whole, say!("`{}` is missing here", name))
                    .help(say!("add it: {}: …", name)),
            );
            return None;
        }
        self.text(name, problems)
    }

    pub fn bool(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(name)?;
        match node.data {
            Data::Bool(value) => Some(value),
            _ => {
                let problem = expected(name, say!("`true` or `false`"), node);
                problems.push(problem.help(say!("write one of these two words, without quotes")));
                None
            }
        }
    }

    /// A whole number within `range`.
    pub fn number(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
        problems: &mut Problems,
    ) -> Option<i64> {
        let node = self.get(name)?;
        match node.data {
            Data::Int(value) if range.contains(&value) => Some(value),
            _ => {
                let problem = match node.data {
                    Data::Int(value) => {
                        Diagnostic::error("wrong-type", &node.place, say!("`{}` cannot be {}", name, value))
                    }
                    _ => expected(name, say!("a whole number"), node),
                };
                let help = say!("write a whole number from {} to {}", range.start(), range.end());
                problems.push(problem.help(help));
                None
            }
        }
    }

    /// One word of `words`, with its meaning.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let node = self.get(name)?;
        let said = node.as_text();
        if let Some((_, meaning)) = words.iter().find(|(word, _)| Some(*word) == said) {
            return Some(*meaning);
        }
        let choices = words.iter().map(|(word, _)| *word);
        let problem = match said {
            Some(said) => {
                Diagnostic::error("unknown-word", &node.place, say!("`{}` cannot be `{}`", name, said))
                    .suggest(said, choices)
            }
            None => expected(name, say!("a word"), node).suggest("", choices),
        };
        problems.push(problem);
        None
    }
}

/// A list of words of `words`, or one word, with their meanings. None: one of
/// them is none, and was reported, or there is none at all.
pub fn read_words<T: Copy>(
    node: &Node,
    name: &str,
    words: &[(&str, T)],
    problems: &mut Problems,
) -> Option<Vec<T>> {
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    let mut meanings = Vec::new();
    for item in items {
        let said = item.as_text().unwrap_or_default();
        match words.iter().find(|(word, _)| *word == said) {
            Some((_, meaning)) => meanings.push(*meaning),
            None => problems.push(
                Diagnostic::error("unknown-word", &item.place, say!("`{}` cannot hold `{}`", name, said))
                    .suggest(said, words.iter().map(|(word, _)| *word)),
            ),
        }
    }
    (meanings.len() == items.len() && !meanings.is_empty()).then_some(meanings)
}

fn expected(name: &str, wanted: Sentence, node: &Node) -> Diagnostic {
    Diagnostic::error(
        "wrong-type",
        &node.place,
        say!("`{}` must be {}; here is {}", name, wanted, node.kind()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::yaml::parse;

    #[test]
    fn all_mistakes_of_a_map_are_reported_with_a_way_out() {
        let file = SourceText::new("t.yaml", "nmae: x\nage: old\nkind: catt\non: 1\n");
        let mut problems = Problems::default();
        let node = parse(&file, &mut problems).unwrap();
        let fields = Fields::open(&node, "a pet", &["name", "age", "kind", "on"], &mut problems).unwrap();
        assert_eq!(fields.number("age", 0..=99, &mut problems), None);
        assert_eq!(fields.word("kind", &[("cat", 1), ("dog", 2)], &mut problems), None);
        assert_eq!(fields.bool("on", &mut problems), None);
        assert_eq!(fields.required_text("name", &node.place, &mut problems), None);
        let found: Vec<String> = problems
            .iter()
            .map(|d| {
                format!(
                    "{} {} / {}",
                    d.place,
                    d.message.english(),
                    d.help.as_ref().map_or("-".to_owned(), Sentence::english)
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "t.yaml:1:1 a pet has no key `nmae` / did you mean `name`?",
                "t.yaml:2:6 `age` must be a whole number; here is text / write a whole number from 0 to 99",
                "t.yaml:3:7 `kind` cannot be `catt` / did you mean `cat`?",
                "t.yaml:4:5 `on` must be `true` or `false`; here is a number / write one of these two words, without quotes",
                "t.yaml:1:1 `name` is missing here / add it: name: …",
            ]
        );
    }
}
