//! The example mappings are part of the product: people copy them. Each must
//! compile without a warning, pass its own tests, show both an event that sends
//! and one that sends nothing, and believe its sender and nobody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gancho::app::load;
use gancho::diagnostic::{Language, Palette, Problems, SourceText, render};
use gancho::event::{RawWebhook, Secret, SourceName, Timestamp};
use gancho::mapping::{Connections, Mapping, World};
use gancho::provider::Catalogue;
use gancho::session::Destination;
use gancho::verify::{Draft, Setting, Verifier};
use gancho::yaml::Node;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");

/// The connections that the examples name, as the example configuration has them.
fn connections() -> Connections {
    [
        ("whatsapp-loja", "urn:talqui:whatsapp-internal:0"),
        ("whatsapp-oficial", "urn:talqui:whatsapp-cloud:0"),
        ("ifood-loja", "urn:talqui:ifood:0"),
        ("telegram-loja", "urn:talqui:telegram:0"),
    ]
    .into_iter()
    .map(|(name, urn)| {
        let destination = Destination {
            tenant_id: "tenant".to_owned(),
            plugin_connection_id: format!("connection of {name}"),
            channel: urn.parse().unwrap(),
        };
        (name.to_owned(), destination)
    })
    .collect()
}

/// The files of the folder, by name.
fn files() -> Vec<(SourceName, Arc<SourceText>)> {
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).filter(is_yaml).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{FOLDER} has no mappings");
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> (SourceName, Arc<SourceText>) {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    (stem.parse().unwrap(), SourceText::new(format!("mappings/{stem}.yaml"), text))
}

fn compile(source: &SourceName, file: &Arc<SourceText>, problems: &mut Problems) -> Option<Mapping> {
    let catalogue = Catalogue::embedded(problems);
    let connections = connections();
    let sample = |path: &str| load::read_sample(&Path::new(FOLDER).join(path));
    let world = World { catalogue: &catalogue, connections: Some(&connections), sample: &sample };
    Mapping::compile(source, file, &world, problems)
}

fn compiled(source: &SourceName, file: &Arc<SourceText>) -> Mapping {
    let mut problems = Problems::default();
    compile(source, file, &mut problems).unwrap_or_else(|| panic!("{}", shown(problems)))
}

fn shown(problems: Problems) -> String {
    format!("\n{}", render(&problems.sorted(), Palette::Plain, Language::English))
}

#[test]
fn every_mapping_compiles_and_passes_its_tests() {
    let mut problems = Problems::default();
    for (source, file) in files() {
        if let Some(mapping) = compile(&source, &file, &mut problems) {
            problems.extend(mapping.run_tests());
        }
    }
    assert!(problems.is_empty(), "{}", shown(problems));
}

#[test]
fn every_mapping_shows_an_event_that_sends_and_one_that_does_not() {
    for (source, file) in files() {
        let tree = gancho::yaml::parse(&file, &mut Problems::default()).unwrap();
        let tests = child(&tree, "tests").and_then(Node::as_list).unwrap_or_default();
        let sends: Vec<bool> = tests
            .iter()
            .map(|test| child(test, "expect").and_then(Node::as_list).is_some_and(|sent| !sent.is_empty()))
            .collect();
        assert!(sends.contains(&true), "{source}: no test sends a message");
        assert!(sends.contains(&false), "{source}: no test sends nothing");
    }
}

fn child<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.as_map()?.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
}

#[test]
fn every_mapping_believes_its_sender_and_nobody_else() {
    // Fit for every scheme: Standard Webhooks decodes what follows the prefix.
    let secret = Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    let other = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let now = Timestamp::from_secs(1_772_452_800);
    for (source, file) in files() {
        let scheme = compiled(&source, &file).verify;
        let verifier = Verifier::new(scheme.clone(), [&secret], Setting::default()).unwrap();
        let signed = |by: &Secret| scheme.sign(&draft(&source, now), by, &Setting::default(), now).unwrap();
        assert!(verifier.verify(signed(&secret), now).is_ok(), "{source}: its sender is refused");
        assert!(verifier.verify(signed(&other), now).is_err(), "{source}: another secret is believed");
        assert!(verifier.verify(draft(&source, now), now).is_err(), "{source}: no proof is believed");
    }
}

fn draft(source: &SourceName, now: Timestamp) -> Draft {
    RawWebhook {
        source: source.clone(),
        method: "POST".to_owned(),
        path: format!("/hooks/{source}"),
        query: String::new(),
        headers: [("content-type", "application/json")].into_iter().collect(),
        body: r#"{"id":"e1"}"#.into(),
        path_secret: None,
        received_at: now,
    }
}

/// A sample that no test reads is one that nobody keeps right.
#[test]
fn every_sample_is_used() {
    let texts: String = files().iter().map(|(_, file)| file.text.clone()).collect();
    for folder in fs::read_dir(Path::new(FOLDER).join("samples")).unwrap() {
        for sample in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let name = path.strip_prefix(FOLDER).unwrap().to_str().unwrap().replace('\\', "/");
            assert!(texts.contains(&name), "no test reads {name}");
        }
    }
}
