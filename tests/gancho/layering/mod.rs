//! The rules of the house that a compiler does not know: which room may use
//! which, what may be done where, and what is never left behind. Comments are
//! prose and tests are guests: neither binds a room to another.

pub mod source;

use std::fs;
use std::path::Path;

use gancho::diagnostic::{Problems, SourceText};
use gancho::yaml::{self, Node};

use source::{Source, files, sources};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The rooms, from the top of the house to the ground. A room may use those of
/// the rows below its own, and never one above or beside it.
const HOUSE: [&[&str]; 13] = [
    &["cli"],
    &["app"],
    &["public", "console", "sandbox"],
    &["ingest", "worker", "health"],
    &["store", "talqui", "keyring", "observe"],
    // ------ below this line nothing does I/O ------
    &["schema"],
    &["config", "source", "infer"],
    &["mapping"],
    &["provider"],
    &["verify"],
    &["payload", "session", "delivery"],
    &["yaml"],
    &["diagnostic", "event"],
];
/// The first row below the line.
const BELOW_THE_LINE: usize = 5;

/// Words of doing I/O, of time and of chance, which are arguments down there.
const OF_THE_WORLD: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::io",
    "std::process",
    "std::thread",
    "tokio::",
    "SystemTime",
    "Instant",
    "reqwest",
    "rusqlite",
    "fastrand",
];

/// flate2 speaks through the trait; here it reads from memory.
const READS_MEMORY: (&str, &str) = ("payload/compression.rs", "use std::io::Read;");

/// What only some rooms know of.
const ONLY_IN: [(&str, &[&str]); 5] = [
    ("rusqlite", &["store"]),
    // `cli` asks a running gateway for its health, and is the sender of the demo.
    ("reqwest", &["talqui", "keyring", "cli"]),
    ("actix_web", &["public", "console", "sandbox", "health", "app"]),
    ("SystemTime", &["app"]),
    ("std::env", &["app", "cli"]),
];

/// Names of senders that also mean something else, with where they may.
const ALSO_OURS: [(&str, &[&str]); 4] = [
    // One of Talqui's channels has the name of the sender.
    ("ifood", &["session", "sandbox", "cli"]),
    // What a connection may do with an unknown outcome.
    ("resend", &["config", "delivery"]),
    // The key of what describes a body, such as its event.
    ("meta", &["infer"]),
    // A person, in Spanish.
    ("persona", &["infer"]),
];

/// Counted from the top.
fn row(room: &str) -> usize {
    let found = HOUSE.iter().position(|row| row.contains(&room));
    found.unwrap_or_else(|| panic!("`{room}` has no place in the house: give it one in HOUSE"))
}

#[track_caller]
fn none(what: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{what}\n{}", found.join("\n"));
}

#[test]
fn every_room_has_its_place() {
    let mut built: Vec<String> = Vec::new();
    for source in sources() {
        built.extend(source.room().map(str::to_owned));
    }
    built.sort();
    built.dedup();
    let mut drawn: Vec<&str> = HOUSE.concat();
    drawn.sort_unstable();
    assert_eq!(built, drawn);
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = source.room() else { continue };
        for (number, line) in &source.code {
            for after in line.split("crate::").skip(1) {
                let used = after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                let at = format!("src/{}:{number}: {}", source.name, line.trim());
                assert!(
                    !used.is_empty(),
                    "{at}: one `use crate::room` a line, so that this test can read it"
                );
                if used != room && row(used) <= row(room) {
                    wrong.push(at);
                }
            }
            // From a room's own file, `super` is the house.
            if source.name == format!("{room}/mod.rs") && line.contains("super::") {
                wrong.push(format!("src/{}:{number}: {}", source.name, line.trim()));
            }
        }
    }
    none("these reach up or aside:", wrong);
}

#[test]
fn below_the_line_nothing_does_io() {
    let below = |source: &Source| source.room().is_some_and(|room| row(room) >= BELOW_THE_LINE);
    for source in sources().iter().filter(|source| below(source)) {
        for word in OF_THE_WORLD {
            let (name, line) = READS_MEMORY;
            let lines = source.lines_with(word);
            let lines = lines.filter(|found| source.name != name || !found.ends_with(line));
            none("hand it in as an argument:", lines);
        }
    }
}

#[test]
fn what_belongs_to_a_room_is_nowhere_else() {
    for (word, rooms) in ONLY_IN {
        for source in
            sources().iter().filter(|source| source.room().is_some_and(|room| !rooms.contains(&room)))
        {
            none(&format!("`{word}` belongs in {rooms:?}:"), source.lines_with(word));
        }
    }
}

/// A claim cannot fail in production: it says with `expect` why it holds, or
/// the failure has a way out.
#[test]
fn nothing_is_left_behind() {
    let leftovers = ["todo!(", "dbg!(", "unimplemented!(", ".unwrap()"];
    for source in sources() {
        for word in leftovers {
            none("left behind:", source.lines_with(word));
        }
        for word in ["TODO", "FIXME"] {
            assert!(!source.text.contains(word), "src/{}: {word}", source.name);
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    let silent = |source: &Source| !source.text.starts_with("//! ");
    none("open with `//! `:", sources().into_iter().filter(silent).map(|source| source.name));
}

/// The ids and the names of the files in `providers/`, in lower case.
fn senders() -> Vec<String> {
    let mut paths = Vec::new();
    files(&Path::new(ROOT).join("providers"), "yaml", &mut paths);
    let mut names = Vec::new();
    for path in paths {
        let file = SourceText::new(path.display().to_string(), fs::read_to_string(&path).unwrap());
        let tree = yaml::parse(&file, &mut Problems::default()).unwrap();
        let fields = tree.as_map().unwrap().iter();
        let name = fields.filter(|(key, _)| key.name == "name").find_map(|(_, node)| Node::as_text(node));
        names.push(path.file_stem().unwrap().to_str().unwrap().to_lowercase());
        names.push(name.expect("a provider has a name").to_lowercase());
    }
    assert!(names.len() >= 2, "no providers found");
    names.sort();
    names.dedup();
    names
}

/// As a literal, since some senders are called by a common word (`make`, `box`).
#[test]
fn senders_are_data() {
    let lists = ["provider/catalogue.rs", "provider/starters.rs"];
    let list_of_files = |source: &Source| lists.contains(&source.name.as_str());
    let senders = senders();
    for source in sources() {
        if source.name.starts_with("cli/demo/") || list_of_files(&source) {
            continue;
        }
        let text = source.text.lines().take(source.lines).collect::<Vec<_>>().join("\n").to_lowercase();
        for sender in &senders {
            let allowed = ALSO_OURS.iter().find(|(name, _)| name == sender).map_or(&[][..], |(_, r)| *r);
            if source.room().is_some_and(|room| !allowed.contains(&room)) {
                let literal = format!("\"{sender}\"");
                assert!(!text.contains(&literal), "src/{} knows the sender `{sender}`", source.name);
            }
        }
    }
}
