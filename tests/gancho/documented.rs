//! What the documentation shows as a whole mapping is one.

use std::sync::LazyLock;

use gancho::diagnostic::{Language, Palette, Problems, Sentence, SourceText, render};
use gancho::mapping::{Mapping, World};
use gancho::provider::Catalogue;

const DOCUMENTS: [(&str, &str); 2] = [
    ("README.md", include_str!("../../README.md")),
    ("docs/mapping.md", include_str!("../../docs/mapping.md")),
];

/// The blocks of YAML that begin as a mapping does, each with its line.
fn mappings(document: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if line.trim() != "```yaml" {
            continue;
        }
        let block: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
        let first = block.iter().find(|line| !line.starts_with('#')).copied().unwrap_or_default();
        let is_whole = block.iter().any(|line| line.starts_with("session:") || line.starts_with("messages:"));
        if is_whole && (first.starts_with("provider:") || first.starts_with("verify:")) {
            found.push((at + 2, block.join("\n")));
        }
    }
    found
}

#[test]
fn whole_mappings_of_the_documentation_pass_check() {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded(&mut Problems::default()));
    let mut count = 0;
    for (name, document) in DOCUMENTS {
        for (line, text) in mappings(document) {
            let mut problems = Problems::default();
            let sample = |_: &str| Err(Sentence::verbatim("the documentation has no samples"));
            let world = World { catalogue: &CATALOGUE, connections: None, sample: &sample };
            let file = SourceText::new(format!("{name}, line {line}"), text);
            let mapping = Mapping::compile(&"loja".parse().unwrap(), &file, &world, &mut problems);
            if let Some(mapping) = mapping {
                problems.extend(mapping.run_tests());
            }
            assert!(
                !problems.has_errors(),
                "{}",
                render(&problems.sorted(), Palette::Plain, Language::English)
            );
            count += 1;
        }
    }
    assert!(count > 3, "{count} mappings: are they still found?");
}
