//! Every code that a person can be told is explained in both languages, nothing
//! is explained that nobody says, and the examples are what they say they are: a
//! whole file that is `wrong` gets the code, one that is `right` gets none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gancho::app::load::check_public_url;
use gancho::config::Config;
use gancho::diagnostic::{
    Block, Example, Explanation, Language, Problems, Sentence, SourceText, Verdict, explanations,
};
use gancho::event::{Headers, SourceName, Timestamp};
use gancho::mapping::{EventInput, Mapping, World};
use gancho::payload::Request;
use gancho::provider::{Batch, Catalogue};
use gancho::session::Destination;
use regex::Regex;
use serde_json::Value;

use crate::layering::source::sources;

const BOTH: [Language; 2] = [Language::English, Language::Portuguese];

/// The rooms that find problems of files and of events.
const ROOMS: [&str; 9] =
    ["app", "config", "mapping", "payload", "provider", "session", "verify", "worker", "yaml"];

/// Of these rooms, files whose words with hyphens are other lists: senders, and why
/// a request was refused, which `gancho refused` and `gancho verify` tell.
const OTHER_LISTS: [&str; 3] = ["provider/catalogue.rs", "provider/starters.rs", "verify/refusal.rs"];

/// Words with hyphens that are no codes: headers, values of keys, days, a thread.
const NO_CODES: [&str; 10] = [
    "content-disposition",
    "content-encoding",
    "content-type",
    "gancho-reload",
    "http-date",
    "quarta-feira",
    "quinta-feira",
    "segunda-feira",
    "sexta-feira",
    "x-gzip",
];

/// Explained in words only: what is wrong is too long to show.
const NO_EXAMPLE: [&str; 1] = ["file-too-large"];

/// The codes that the source can give. With a hyphen: any literal that is not
/// known to be something else, however it gets into a problem. A single word: where
/// a problem is made with it, or it stands before its message.
fn codes() -> BTreeSet<String> {
    let with_hyphen = Regex::new(r#""([a-z]+(?:-[a-z]+)+)""#).unwrap();
    let single = [
        r#"(?:Diagnostic::(?:error|warning)|Problem::new|\.problem)\(\s*"([a-z]+)""#,
        r#""([a-z]+)",\s*(?:message\b|say!\()"#,
        r#"\bcode: "([a-z]+)""#,
    ]
    .map(|pattern| Regex::new(pattern).unwrap());
    let mut found = BTreeSet::new();
    for source in sources() {
        let ours = source.room().is_some_and(|room| ROOMS.contains(&room));
        if !ours || OTHER_LISTS.contains(&source.name.as_str()) {
            continue;
        }
        let lines: Vec<&str> = source.code.iter().map(|(_, line)| line.as_str()).collect();
        let code = lines.join("\n");
        for pattern in single.iter().chain([&with_hyphen]) {
            found.extend(pattern.captures_iter(&code).map(|at| at[1].to_owned()));
        }
    }
    found.retain(|word| !NO_CODES.contains(&word.as_str()));
    found
}

#[test]
fn every_code_is_explained_and_no_other() {
    let codes: Vec<String> = codes().into_iter().collect();
    assert!(codes.len() > 60, "{} codes: are they still found?", codes.len());
    for language in BOTH {
        let explained: Vec<&str> = explanations(language).iter().map(|one| one.code).collect();
        let missing: Vec<&String> = codes.iter().filter(|code| !explained.contains(&code.as_str())).collect();
        assert!(missing.is_empty(), "explain in docs/diagnostics (or say that it is no code): {missing:?}");
        assert_eq!(explained, codes, "nobody says it, or it is not in its place: {language:?}");
    }
}

#[test]
fn both_languages_say_the_same_of_each() {
    let shape = |one: &Explanation| {
        let labels = one.blocks.iter().map(|block| match block {
            Block::Words { label, .. } => format!("{}", label.is_some()),
            Block::Example(found) => format!("{} {:?}", found.language, found.verdict),
        });
        (one.code, labels.collect::<Vec<_>>())
    };
    let [english, portuguese] = BOTH.map(explanations);
    for (english, portuguese) in english.iter().zip(&portuguese) {
        assert_eq!(shape(english), shape(portuguese));
        assert_ne!(english.summary(), portuguese.summary(), "{}", english.code);
    }
}

#[test]
fn every_explanation_shows_an_example() {
    for explanation in BOTH.into_iter().flat_map(explanations) {
        let exempt = NO_EXAMPLE.contains(&explanation.code);
        assert_eq!(explanation.examples().next().is_none(), exempt, "{}", explanation.code);
    }
}

#[test]
fn examples_are_what_they_say_they_are() {
    let catalogue = Catalogue::embedded(&mut Problems::default());
    let mut checked = BTreeMap::new();
    for explanation in BOTH.into_iter().flat_map(explanations) {
        let event = explanation.examples().find(|example| example.language == "json");
        for example in explanation.examples() {
            let (Some(verdict), Some(found)) = (example.verdict, codes_of(example, event, &catalogue)) else {
                continue;
            };
            let expected: &[&str] = match verdict {
                Verdict::Wrong => &[explanation.code],
                Verdict::Right => &[],
            };
            assert_eq!(found, expected, "{}, {verdict:?}:\n{}", explanation.code, example.text);
            *checked.entry(format!("{verdict:?}")).or_insert(0) += 1;
        }
    }
    assert!(checked["Wrong"] > 110 && checked["Right"] > 90, "are they still found? {checked:?}");
}

/// The codes that a whole file gets, as `check` and the planning of `event` find
/// them. None: it is a piece of a file, or no YAML.
fn codes_of(example: &Example, event: Option<&Example>, catalogue: &Catalogue) -> Option<Vec<String>> {
    if example.language != "yaml" {
        return None;
    }
    let file = SourceText::new("mappings/loja.yaml", example.text.as_str());
    let first = example.text.split(':').next()?;
    let mut problems = Problems::default();
    match first {
        "provider" | "verify" => {
            let event = event.map(|event| serde_json::from_str(&event.text).expect("the event is JSON"));
            Some(codes_of_mapping(&file, event.as_ref(), catalogue))
        }
        "listen" | "public_url" | "store" | "talqui" | "limits" | "connections" => {
            Config::read(&file, Path::new(""), &mut problems);
            Some(problems.iter().map(|problem| problem.code.to_owned()).collect())
        }
        _ => None,
    }
}

fn codes_of_mapping(file: &Arc<SourceText>, event: Option<&Value>, catalogue: &Catalogue) -> Vec<String> {
    let mut problems = Problems::default();
    let connections =
        [("telegram-loja", "urn:talqui:telegram:0"), ("whatsapp-oficial", "urn:talqui:whatsapp-cloud:0")]
            .into_iter()
            .map(|(name, urn)| {
                let destination = Destination {
                    tenant_id: "tenant".to_owned(),
                    plugin_connection_id: "connection".to_owned(),
                    channel: urn.parse().expect("a channel"),
                };
                (name.to_owned(), destination)
            })
            .collect();
    let world = World {
        catalogue,
        connections: Some(&connections),
        sample: &|_| Err(Sentence::verbatim("there is no file")),
    };
    let source: SourceName = "loja".parse().expect("a name");
    let mapping = Mapping::compile(&source, file, &world, &mut problems);
    let mut planned = Vec::new();
    if let Some(mapping) = &mapping {
        check_public_url(mapping, None, &mut problems);
        problems.extend(mapping.run_tests());
        planned.extend(event.into_iter().flat_map(|body| codes_of_event(mapping, &source, body)));
    }
    let mut found: Vec<String> = problems.iter().map(|problem| problem.code.to_owned()).collect();
    found.extend(planned);
    found
}

/// As the worker plans an event.
fn codes_of_event(mapping: &Mapping, source: &SourceName, body: &Value) -> Vec<String> {
    if mapping.event.is_batch() && mapping.event.split(body) == Batch::Whole {
        return vec!["not-a-batch".to_owned()];
    }
    let headers = Headers::default();
    let request = Request { headers: &headers, query: &[], body };
    let (id, kind) = (mapping.event.id(&request), mapping.event.kind(&request));
    let plan = mapping.plan(&EventInput {
        id: id.as_deref(),
        kind: kind.as_deref(),
        source,
        received_at: Timestamp::from_secs(1_772_452_800),
        headers: &headers,
        query: &[],
        body,
    });
    assert_eq!(plan.messages.is_empty(), !plan.problems.is_empty(), "an event that is shown is wanted");
    plan.problems.into_iter().map(|problem| problem.code).collect()
}
