//! The source as the rules see it: files with their rooms, and code apart from
//! comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

use super::ROOT;

/// One file of `src`.
pub struct Source {
    /// `mapping/value/read.rs`
    pub name: String,
    /// The whole file.
    pub text: String,
    /// How many of its lines come before its tests.
    pub lines: usize,
    /// Without comments and tests, with the number of each line.
    pub code: Vec<(usize, String)>,
}

impl Source {
    /// The top-level module that it belongs to; none for `lib.rs` and `main.rs`.
    pub fn room(&self) -> Option<&str> {
        self.name.split_once('/').map(|(room, _)| room)
    }

    pub fn lines_with<'s>(&'s self, word: &'s str) -> impl Iterator<Item = String> + 's {
        let found = self.code.iter().filter(move |(_, line)| line.contains(word));
        found.map(|(number, line)| format!("src/{}:{number}: {}", self.name, line.trim()))
    }
}

/// Those below `folder`, by name.
pub fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|have| have == extension) {
            found.push(path);
        }
    }
    found.sort();
}

/// Every file of `src` that is no test.
pub fn sources() -> Vec<Source> {
    let root = Path::new(ROOT).join("src");
    let mut paths = Vec::new();
    files(&root, "rs", &mut paths);
    let names =
        paths.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
    let all: Vec<Source> = names.zip(&paths).filter(|(name, _)| !is_test(name)).map(read).collect();
    assert!(all.len() > 100, "{} files: is this the right folder?", all.len());
    all
}

fn is_test(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap();
    name.contains("/tests/") || file == "tests.rs" || file.ends_with("_tests.rs")
}

fn read((name, path): (String, &PathBuf)) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let (mut code, mut end) = (Vec::new(), text.lines().count());
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        if line == "#[cfg(test)]" {
            // A module of tests ends the file; one in a file of its own is a few lines.
            while lines.next_if(|(_, line)| line.starts_with("#[")).is_some() {}
            let (_, module) = lines.next().unwrap();
            assert!(module.starts_with("mod "), "src/{name}:{at}: tests are in a module");
            if module.ends_with('{') {
                end = at;
                break;
            }
        } else if !line.trim_start().starts_with("//") {
            code.push((at + 1, line.to_owned()));
        }
    }
    Source { name, text, lines: end, code }
}
