//! What each code means, at length, for the person who got it: the sections of
//! `docs/diagnostics.md` and of its translation, taken apart for a terminal. A
//! test of the whole house keeps both equal to the codes of the source, and its
//! examples to what they say of themselves.

use super::{Diagnostic, Language, Sentence};

const ENGLISH: &str = include_str!("../../docs/diagnostics.md");
const PORTUGUESE: &str = include_str!("../../docs/diagnostics.pt-BR.md");

/// The section of one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub code: &'static str,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph without its line breaks, after the word in bold that it begins
    /// with. The text is empty where that word introduces an example.
    Words {
        label: Option<&'static str>,
        text: String,
    },
    Example(Example),
}

/// A block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// `yaml`, `json`, `console` or `text`.
    pub language: &'static str,
    /// What its fence says of it.
    pub verdict: Option<Verdict>,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It gets the code that is explained.
    Wrong,
    Right,
}

/// None: there is no such code.
pub fn explain(code: &str, language: Language) -> Option<Explanation> {
    sections(document(language)).find(|(have, _)| *have == code).map(|(code, text)| read(code, text))
}

/// Of every code, in the order of the document.
pub fn explanations(language: Language) -> Vec<Explanation> {
    sections(document(language)).map(|(code, text)| read(code, text)).collect()
}

/// The way from problems that were drawn to what is said here. None: there are
/// none that are explained.
pub fn more_about(problems: &[Diagnostic]) -> Option<Sentence> {
    let explained = |code: &&str| sections(ENGLISH).any(|(have, _)| have == *code);
    let code = problems.iter().map(|problem| problem.code).find(explained)?;
    Some(say!("More about one: gancho explain {}", code))
}

impl Explanation {
    /// Its first sentence.
    pub fn summary(&self) -> &str {
        let text = self.blocks.iter().find_map(|block| match block {
            Block::Words { text, .. } => Some(text.as_str()),
            Block::Example(_) => None,
        });
        let text = text.unwrap_or_default();
        text.find(". ").map_or(text, |end| &text[..=end])
    }

    pub fn examples(&self) -> impl Iterator<Item = &Example> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Example(example) => Some(example),
            Block::Words { .. } => None,
        })
    }
}

fn document(language: Language) -> &'static str {
    match language {
        Language::English => ENGLISH,
        Language::Portuguese => PORTUGUESE,
    }
}

/// Each `## code` with what is below it.
fn sections(document: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    document.split("\n## ").skip(1).map(|section| {
        let (code, text) = section.split_once('\n').unwrap_or((section, ""));
        (code.trim(), text)
    })
}

fn read(code: &'static str, text: &'static str) -> Explanation {
    let mut blocks = Vec::new();
    let mut paragraph: Vec<&'static str> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let fence = line.strip_prefix("```");
        if line.trim().is_empty() || fence.is_some() {
            blocks.extend(words(&std::mem::take(&mut paragraph)));
        } else {
            paragraph.push(line.trim());
        }
        if let Some(info) = fence {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block::Example(example(info, &inside)));
        }
    }
    blocks.extend(words(&paragraph));
    Explanation { code, blocks }
}

fn words(lines: &[&'static str]) -> Option<Block> {
    let (first, rest) = lines.split_first()?;
    let (label, first) = match first.strip_prefix("**").and_then(|first| first.split_once("**")) {
        Some((label, after)) => (Some(label), after.trim_start()),
        None => (None, *first),
    };
    let text = std::iter::once(first).chain(rest.iter().copied()).collect::<Vec<_>>().join(" ");
    Some(Block::Words { label, text })
}

fn example(info: &'static str, lines: &[&str]) -> Example {
    let (language, mark) = info.split_once(',').unwrap_or((info, ""));
    let verdict = match mark {
        "wrong" => Some(Verdict::Wrong),
        "right" => Some(Verdict::Right),
        _ => None,
    };
    Example { language, verdict, text: lines.iter().map(|line| format!("{line}\n")).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceText};

    const DOCUMENT: &str = "# Title\n\nWords before.\n\n## bad-a\n\nThe first one. And\nmore of `a.b`.\n\n\
        **Wrong:**\n\n```yaml,wrong\na:\n  # c\n\n  b: 1\n```\n\n**Do:** this\nand that.\n\n## bad-b\n\nOnly this.\n";

    #[test]
    fn sections_are_taken_apart() {
        let read: Vec<Explanation> = sections(DOCUMENT).map(|(code, text)| read(code, text)).collect();
        let words = |label, text: &str| Block::Words { label, text: text.to_owned() };
        let example = Example {
            language: "yaml",
            verdict: Some(Verdict::Wrong),
            text: "a:\n  # c\n\n  b: 1\n".to_owned(),
        };
        assert_eq!(read[0].code, "bad-a");
        assert_eq!(
            read[0].blocks,
            [
                words(None, "The first one. And more of `a.b`."),
                words(Some("Wrong:"), ""),
                Block::Example(example.clone()),
                words(Some("Do:"), "this and that."),
            ]
        );
        assert_eq!(read[0].examples().collect::<Vec<_>>(), [&example]);
        assert_eq!(
            read.iter().map(Explanation::summary).collect::<Vec<_>>(),
            ["The first one.", "Only this."]
        );
    }

    #[test]
    fn the_way_here_names_a_code_that_is_explained() {
        let place = Place::start_of(&SourceText::new("f", ""));
        let problems = ["no-such-code", "unknown-key", "wrong-type"]
            .map(|code| Diagnostic::error(code, &place, say!("x")));
        assert_eq!(
            more_about(&problems).map(|said| said.english()).as_deref(),
            Some("More about one: gancho explain unknown-key")
        );
        assert_eq!(more_about(&problems[..1]), None);
        assert_eq!(explain("no-such-code", Language::English), None);
    }
}
