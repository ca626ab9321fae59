//! Any text as a provider's file, and as a mapping.

#![no_main]

use std::sync::LazyLock;

use gancho::diagnostic::{Language, Palette, Problems, Sentence, SourceText, render};
use gancho::mapping::{Mapping, World};
use gancho::provider::{Catalogue, read_provider};
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded(&mut Problems::default()));

fuzz_target!(|text: &str| {
    let mut problems = Problems::default();
    let file = SourceText::new("fuzz.yaml", text);
    if read_provider("fuzz", &file, &mut problems).is_none() {
        assert!(problems.has_errors(), "refused in silence");
    }
    let mut more = Problems::default();
    let world = World { catalogue: &CATALOGUE, connections: None, sample: &|_| Err(Sentence::verbatim("no samples here")) };
    let source = "fuzz".parse().expect("a name");
    match Mapping::compile(&source, &file, &world, &mut more) {
        Some(mapping) => drop(mapping.run_tests()),
        None => assert!(more.has_errors(), "refused in silence"),
    }
    problems.extend(more);
    let _ = render(&problems.sorted(), Palette::Plain, Language::English);
});
