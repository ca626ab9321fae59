//! `docs/promises.md` names tests and scenarios that are there.

use std::fs;
use std::path::Path;

use regex::Regex;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every file of the tests, and of the sources, which have tests beside them.
fn code() -> String {
    let mut paths = vec![Path::new(ROOT).join("tests"), Path::new(ROOT).join("src")];
    let mut text = String::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() && !path.ends_with("sdk") {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}

#[test]
fn every_promise_names_tests_that_exist() {
    let page = fs::read_to_string(format!("{ROOT}/docs/promises.md")).unwrap();
    let code = code();
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect());
    let promises: Vec<Vec<&str>> =
        cells.filter(|cells: &Vec<&str>| cells[0].starts_with(|c: char| c.is_ascii_digit())).collect();
    assert_eq!(promises.len(), 10);
    let (test, scenario) = (Regex::new("`([a-z0-9_]+)`").unwrap(), Regex::new(r"\*([^*]+)\*").unwrap());
    for row in promises {
        let tests: Vec<&str> =
            test.captures_iter(row[2]).map(|found| found.get(1).unwrap().as_str()).collect();
        assert!(!tests.is_empty(), "{}: no test is named", row[0]);
        for name in tests {
            assert!(code.contains(&format!("fn {name}(")), "{}: there is no test `{name}`", row[0]);
        }
        for found in scenario.captures_iter(row[1]) {
            assert!(code.contains(&format!("\"{}\"", &found[1])), "{}: no scenario {}", row[0], &found[1]);
        }
    }
}
