//! What `try` looks at: the mapping, and a body or a stored event.

use std::path::{Path, PathBuf};

use super::super::check::find_config;
use super::super::request::read;
use super::super::screen::{Screen, wrap};
use super::super::show::WIDTH;
use super::{Arguments, Gathered, with_type};
use crate::app::{load, system_clock};
use crate::config::{Config, connections_of};
use crate::diagnostic::Problems;
use crate::event::{EventId, Headers, RawWebhook, SourceName};
use crate::ingest::events_of;
use crate::mapping::Mapping;
use crate::store::{InboxEvent, Look};

/// None: something is not there or has mistakes, and was said.
pub fn gather(arguments: &Arguments, screen: &Screen) -> Option<Gathered> {
    let mut problems = Problems::default();
    let Ok(config) = find_config(arguments.config.clone(), &mut problems) else {
        print!("{}", screen.draw(&problems.sorted()));
        return None;
    };
    let stored = match arguments.event {
        Some(id) => Some(stored(id, config.as_ref(), screen)?),
        None => None,
    };
    let source = match (&arguments.source, &stored) {
        (Some(source), _) => source.clone(),
        (None, Some(event)) => event.source.to_string(),
        (None, None) => return None,
    };
    let (mapping, connections_known) = load_mapping(&source, arguments, config.as_ref(), screen)?;
    if let Some(event) = stored {
        return Some(Gathered { mapping, connections_known, events: vec![event], admitted: true });
    }
    let body = read(arguments.body_file.as_deref().unwrap_or("-"))?;
    let headers: Headers = arguments.headers.iter().map(|(name, value)| (name, value.clone())).collect();
    let now = (system_clock())();
    let raw = RawWebhook {
        source: mapping.source.clone(),
        method: "POST".to_owned(),
        path: format!("/hooks/{source}"),
        query: arguments.query.clone(),
        headers: with_type(headers, &body),
        body: body.into(),
        path_secret: None,
        received_at: now,
    };
    let admitted = mapping.document.admits(&raw.headers).is_ok();
    let events = if admitted { events_of(&mapping, raw, now) } else { Vec::new() };
    Some(Gathered { mapping, connections_known, events, admitted })
}

fn stored(id: EventId, config: Option<&Config>, screen: &Screen) -> Option<InboxEvent> {
    let Some(config) = config else {
        eprintln!(
            "{}",
            screen.say(say!("A stored event needs the store, which gancho.yaml names: --config FILE"))
        );
        return None;
    };
    let found = Look::open(&config.store).map_err(|why| why.to_string());
    match found.and_then(|look| look.event(id).map_err(|why| why.to_string())) {
        Ok(Some(event)) => Some(event),
        Ok(None) => {
            eprintln!("{}", screen.say(say!("There is no event {} in the store.", id)));
            None
        }
        Err(why) => {
            eprintln!("{}", screen.say(say!("The store cannot be read: {}", why)));
            None
        }
    }
}

/// Also whether the connections are known.
fn load_mapping(
    source: &str,
    arguments: &Arguments,
    config: Option<&Config>,
    screen: &Screen,
) -> Option<(Mapping, bool)> {
    let mut problems = Problems::default();
    let folder = arguments.mappings.clone().or_else(|| config.map(|config| config.mappings.clone()));
    let folder = folder.unwrap_or_else(|| PathBuf::from("mappings"));
    let file = folder.join(format!("{source}.yaml"));
    if source.parse::<SourceName>().is_err() || !file.is_file() {
        eprintln!("{}", screen.say(say!("There is no mapping `{}`.", file.display())));
        tell_others(&folder, screen);
        return None;
    }
    let catalogue = load::catalogue(config.and_then(|config| config.providers.as_deref()), &mut problems);
    let connections = config.map(|config| connections_of(&config.connections));
    let mapping = load::mapping(&file, &catalogue, connections.as_ref(), &mut problems);
    // Warnings are `check`'s to say; here only what keeps the mapping from use.
    if problems.has_errors() {
        print!("{}", screen.draw(&problems.sorted()));
    }
    Some((mapping?, connections.is_some()))
}

fn tell_others(folder: &Path, screen: &Screen) {
    let files = load::yaml_files(folder, &mut Problems::default());
    let names: Vec<String> =
        files.iter().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    if !names.is_empty() {
        eprint!("{}", wrap(&screen.say(say!("There are: {}.", names.join(", "))), "", WIDTH));
    }
}
