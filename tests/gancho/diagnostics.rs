//! What an admin reads. Each file of `tests/diagnostics/` has one realistic
//! mistake, and beside it stands what is drawn of it in both languages.
//!
//! `GANCHO_BLESS=1 cargo test --test gancho diagnostics` writes what is drawn
//! now. Read it as who made the mistake would, before it is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use gancho::app::{Secrets, load, of_this_machine};
use gancho::config::Config;
use gancho::diagnostic::{Diagnostic, Language, Palette, Problems, SourceText, render};
use gancho::event::{Secret, SecretRef};
use gancho::mapping::{Connections, Mapping, World};
use gancho::provider::Catalogue;
use gancho::session::Destination;
use regex::Regex;

use crate::layering::source::{files, sources};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diagnostics");

/// What is drawn is never wider.
const WIDEST: usize = 110;

/// Stands for a secret that was pasted into a file.
const PASTED: &str = "segredo-colado";
/// The only secret that is not set.
const UNSET: &str = "GANCHO_NAO_DEFINIDA";

/// Codes that no file here shows, and why not.
const ELSEWHERE: [(&str, &str); 8] = [
    ("body-unreadable", "of an event whose body is no document"),
    ("file-too-large", "it takes a file of 256 KiB, and no line of it is to blame"),
    ("not-a-batch", "of an event that is no list, where a list comes"),
    ("not-read", "it is of a file by its name, before it is opened"),
    ("text-too-long", "it takes a text of 4 KiB, which nobody would read here"),
    ("too-many-items", "of an event; in a file it is told by `test-failed`, and takes 1,001 items"),
    ("unreadable", "it is of a folder or file that cannot be opened"),
    ("value-missing", "of an event; in a file it is told by `test-failed`"),
];

/// A file with a mistake.
struct Case {
    path: PathBuf,
    problems: Vec<Diagnostic>,
}

impl Case {
    fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    /// Where what is drawn of it is kept, and what is drawn now.
    fn drawn(&self) -> [(PathBuf, String); 2] {
        [("txt", Language::English), ("pt.txt", Language::Portuguese)].map(|(extension, language)| {
            let drawn = render(&self.problems, Palette::Plain, language);
            (self.path.with_extension(extension), drawn)
        })
    }
}

/// All of them. Reading the catalogue takes a while, so it is done once.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut paths = Vec::new();
    files(Path::new(FOLDER), "yaml", &mut paths);
    let catalogue = Catalogue::embedded(&mut Problems::default());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let problems = check(path.file_stem().unwrap().to_str().unwrap(), &text, &catalogue);
        Case { path, problems: problems.sorted() }
    };
    paths.into_iter().map(read).collect()
});

/// As `gancho check` does, each kind of file by the end of its name.
fn check(stem: &str, text: &str, catalogue: &Catalogue) -> Problems {
    let mut problems = Problems::default();
    if stem.ends_with(".config") {
        Config::read(&SourceText::new("gancho.yaml", text), Path::new(""), &mut problems);
    } else if stem.ends_with(".provider") {
        Catalogue::default().add("erp", &SourceText::new("providers/erp.yaml", text), &mut problems);
    } else {
        check_mapping(&SourceText::new("mappings/loja.yaml", text), catalogue, &mut problems);
    }
    problems
}

fn check_mapping(file: &Arc<SourceText>, catalogue: &Catalogue, problems: &mut Problems) {
    let connections = connections();
    let sample = |path: &str| load::read_sample(&Path::new(FOLDER).join(path));
    let world = World { catalogue, connections: Some(&connections), sample: &sample };
    let Some(mapping) = Mapping::compile(&"loja".parse().unwrap(), file, &world, problems) else { return };
    problems.extend(mapping.run_tests());
    load::check_public_url(&mapping, None, problems);
    load::warn_unset(&mapping, &secrets(), problems);
}

fn connections() -> Connections {
    let channels = [
        ("whatsapp", "urn:talqui:whatsapp-internal:0"),
        ("oficial", "urn:talqui:whatsapp-cloud:0"),
        ("ifood", "urn:talqui:ifood:0"),
        ("telegram", "urn:talqui:telegram:0"),
    ];
    let connection = |(name, urn): (&str, &str)| {
        let (tenant_id, plugin_connection_id) = ("tenant".to_owned(), format!("connection of {name}"));
        (name.to_owned(), Destination { tenant_id, plugin_connection_id, channel: urn.parse().unwrap() })
    };
    channels.into_iter().map(connection).collect()
}

fn secrets() -> Secrets {
    let this_machine = of_this_machine();
    Arc::new(move |reference| match reference {
        SecretRef::Env(name) if name == UNSET => this_machine(reference),
        _ => Ok(Secret::new("a")),
    })
}

#[test]
fn each_mistake_is_drawn_as_it_was_read_and_approved() {
    let mute: Vec<&str> = CASES.iter().filter(|case| case.problems.is_empty()).map(Case::name).collect();
    assert!(mute.is_empty(), "of these nothing is said: {mute:#?}");
    let bless = std::env::var_os("GANCHO_BLESS").is_some();
    let mut changed = Vec::new();
    for (path, drawn) in CASES.iter().flat_map(Case::drawn) {
        let approved = fs::read_to_string(&path).unwrap_or_default();
        if bless {
            fs::write(&path, drawn).unwrap();
        } else if approved != drawn {
            changed.push(format!("{}\n{drawn}", path.file_name().unwrap().display()));
        }
    }
    assert!(changed.is_empty(), "GANCHO_BLESS=1 would write:\n\n{}", changed.join("\n"));
}

#[test]
fn nothing_approved_is_left_of_a_mistake_that_is_gone() {
    let expected: BTreeSet<PathBuf> = CASES.iter().flat_map(Case::drawn).map(|(path, _)| path).collect();
    let mut approved = Vec::new();
    files(Path::new(FOLDER), "txt", &mut approved);
    let stray: Vec<_> = approved.iter().filter(|path| !expected.contains(*path)).collect();
    assert!(stray.is_empty(), "{stray:#?}");
}

#[test]
fn what_is_drawn_fits_a_terminal_and_shows_no_secret() {
    let mut hidden = 0;
    for case in CASES.iter() {
        hidden += usize::from(fs::read_to_string(&case.path).unwrap().contains(PASTED));
        for (path, drawn) in case.drawn() {
            assert!(!drawn.contains(PASTED), "{} shows a secret", path.display());
            for line in drawn.lines() {
                let width = line.chars().count();
                assert!(width <= WIDEST, "{}: {width} columns: {line}", path.display());
            }
        }
    }
    assert!(hidden >= 3, "{hidden} files have a pasted secret");
}

#[test]
fn each_problem_says_what_to_do() {
    let silent: Vec<String> = CASES
        .iter()
        .flat_map(|case| case.problems.iter().map(move |problem| (case, problem)))
        .filter(|(_, problem)| problem.help.is_none() && problem.notes.is_empty())
        .map(|(case, problem)| format!("{}: {}: {}", case.name(), problem.place, problem.message.english()))
        .collect();
    assert!(silent.is_empty(), "without a help:\n{}", silent.join("\n"));
}

#[test]
fn every_code_is_drawn_somewhere() {
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in CASES.iter().flat_map(|case| &case.problems) {
        *drawn.entry(problem.code).or_default() += 1;
    }
    let count: usize = drawn.values().sum();
    assert!(count >= 75 && drawn.len() >= 45, "{count} diagnostics, {} codes", drawn.len());
    let elsewhere = ELSEWHERE.map(|(code, _)| code);
    let used = codes();
    let unseen: Vec<_> = used.iter().filter(|code| !drawn.contains_key(code.as_str())).collect();
    assert_eq!(unseen, elsewhere, "add a file that has it, or say in ELSEWHERE why not");
}

/// Those in the source. The stand-in Talqui's problems are of requests.
fn codes() -> BTreeSet<String> {
    let made = Regex::new(
        r#"(?:Diagnostic::(?:error|warning)|Problem::new)\(\s*"([a-z-]+)"|\bcode: "([a-z-]+)"|\breport\([^";]*"([a-z-]+)""#,
    )
    .unwrap();
    let mut found = BTreeSet::new();
    for source in sources().iter().filter(|source| source.room() != Some("sandbox")) {
        let lines: Vec<&str> = source.code.iter().map(|(_, line)| line.as_str()).collect();
        let code = lines.join("\n");
        found.extend(
            made.captures_iter(&code)
                .filter_map(|at| Some(at.iter().skip(1).flatten().next()?.as_str().to_owned())),
        );
    }
    found
}
