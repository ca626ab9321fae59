//! The keys and words that the readers of files know, taken from their
//! source: where it opens a map (`Fields::open`) and where it takes one word of
//! several (`.word`, `read_words`). A list is written there, or has a name in the same file
//! or beside it; one that is found in neither way fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use regex::Regex;

use super::source;

pub type Known = BTreeMap<String, BTreeSet<String>>;

/// By the name of a map, without its quotes: its keys.
pub fn keys(rooms: &[&str]) -> Known {
    let open = Regex::new(r#"Fields::open\(\s*[^,]+,\s*"([^"]+)",\s*&(\[[^\]]*\]|[\w:]+)"#).unwrap();
    let mut known = Known::new();
    each_call(rooms, "Fields::open(", &open, |name, list| {
        let again = known.insert(name.replace('`', ""), texts(list));
        let same = again.is_none_or(|again| again == texts(list));
        assert!(same, "two maps of the reader are called {name}: tell them apart");
    });
    known
}

/// By the name of a key: its words.
pub fn words(rooms: &[&str]) -> Known {
    let word = Regex::new(r#"\.word\(\s*"([^"]+)",\s*&(\[[^\]]*\]|[\w:]+)"#).unwrap();
    let words = Regex::new(r#"read_words\(\w+,\s*"([^"]+)",\s*&(\[[^\]]*\]|[\w:]+)"#).unwrap();
    let mut known = Known::new();
    for (call, pattern) in [(".word(", word), ("read_words(", words)] {
        each_call(rooms, call, &pattern, |name, list| {
            known.entry(name.to_owned()).or_default().extend(first_texts(list))
        });
    }
    known
}

/// Hands the name and the list of each call to `take`. All calls must be
/// understood, or the comparison would pass by not looking.
fn each_call(rooms: &[&str], call: &str, pattern: &Regex, mut take: impl FnMut(&str, &str)) {
    let files = files(rooms);
    assert!(files.len() > 1, "is this the right folder?");
    let (mut seen, mut understood) = (0, 0);
    for (_, text) in &files {
        seen += text.matches(call).count();
        for found in pattern.captures_iter(text) {
            let list = &found[2];
            let before = &text[..found.get(0).unwrap().start()];
            let literal = if list.starts_with('[') { list.to_owned() } else { named(list, before, &files) };
            take(&found[1], &literal);
            understood += 1;
        }
    }
    assert_eq!(understood, seen, "a call of `{call}` is written in a way that this test cannot read");
}

/// The list that `name` stands for: the last one before the call, which is
/// how one function's list is told from another's, or else a constant.
fn named(name: &str, before: &str, files: &[(String, String)]) -> String {
    // `message::KEYS` is the one in message.rs.
    if let Some((module, name)) = name.rsplit_once("::") {
        let of_module: Vec<_> = files.iter().filter(|(stem, _)| stem == module).cloned().collect();
        return named(name, "", &of_module);
    }
    let found = |words: &str, text: &str| {
        let pattern = format!(r"{words}\s+{name}(?:\s*:[^=]+)?\s*=\s*&?(\[[^\]]*\])");
        Some(Regex::new(&pattern).unwrap().captures_iter(text).last()?[1].to_owned())
    };
    found("(?:const|let)", before)
        .or_else(|| files.iter().find_map(|(_, text)| found("const", text)))
        .unwrap_or_else(|| panic!("`{name}` is a list of keys or words that this test cannot find"))
}

fn texts(list: &str) -> BTreeSet<String> {
    let text = Regex::new(r#""([^"]*)""#).unwrap();
    text.captures_iter(list).map(|found| found[1].to_owned()).collect()
}

/// Of pairs, such as `("hex", Encoding::Hex)`; or of words alone.
fn first_texts(list: &str) -> BTreeSet<String> {
    if !list.contains('(') {
        return texts(list);
    }
    let text = Regex::new(r#"\(\s*"([^"]*)""#).unwrap();
    text.captures_iter(list).map(|found| found[1].to_owned()).collect()
}

/// By the name of a key: the least and the most of its number. Only numbers that
/// are written where they are read.
pub fn ranges(rooms: &[&str]) -> BTreeMap<String, (i64, i64)> {
    let number = Regex::new(r#"\.number\(\s*"([^"]+)",\s*([\d_]+)\.\.=([\d_]+),"#).unwrap();
    let digits = |text: &str| text.replace('_', "").parse().unwrap();
    let mut known = BTreeMap::new();
    for (_, text) in files(rooms) {
        let found: Vec<(String, (i64, i64))> = number
            .captures_iter(&text)
            .map(|found| (found[1].to_owned(), (digits(&found[2]), digits(&found[3]))))
            .collect();
        assert_eq!(found.len(), text.matches(".number(").count(), "a number cannot be read here");
        for (name, range) in found {
            let again = known.insert(name.clone(), range);
            assert!(again.is_none_or(|again| again == range), "two ranges for `{name}`");
        }
    }
    known
}

/// Every file of the rooms, or a file alone, with its name and without its tests.
fn files(rooms: &[&str]) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = rooms.iter().map(|room| source().join(room)).collect();
    let mut texts = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|have| have == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            texts.push((path.file_stem().unwrap().to_str().unwrap().to_owned(), text.to_owned()));
        }
    }
    texts
}
