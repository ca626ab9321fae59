//! `gancho try`: what a mapping makes of one body. Nothing is verified and
//! nothing is sent.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::check::find_config;
use super::screen::{Screen, wrap};
use super::{not_done, show};
use crate::app::{load, system_clock};
use crate::config::connections_of;
use crate::diagnostic::Problems;
use crate::event::{Headers, parse_query};
use crate::mapping::{EventInput, Mapping, Plan};
use crate::payload::{Request, read_document};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// The source: `loja` is mappings/loja.yaml
    source: String,
    /// A file with the body, as the sender would post it
    body_file: PathBuf,
    /// A request header; may be given more than once
    #[arg(short = 'H', value_name = "'Name: value'", value_parser = parse_header)]
    headers: Vec<(String, String)>,
    /// The query of the address, such as 'a=1&b=2'
    #[arg(long, default_value = "", hide_default_value = true)]
    query: String,
    /// The configuration to use
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the mappings [default: as gancho.yaml says]
    #[arg(long, value_name = "DIR")]
    mappings: Option<PathBuf>,
}

pub fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written as 'Name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let loaded = load_mapping(arguments, &mut problems);
    // Warnings are `check`'s to say; here only what keeps the mapping from use.
    if problems.has_errors() {
        print!("{}", screen.draw(&problems.sorted()));
    }
    let Some((mapping, connections_known)) = loaded else { return not_done() };
    let bytes = match std::fs::read(&arguments.body_file) {
        Ok(bytes) => bytes,
        Err(why) => {
            eprintln!("The body `{}` cannot be read: {why}", arguments.body_file.display());
            return not_done();
        }
    };
    show_event(&mapping, connections_known, arguments, &bytes, screen)
}

/// Also whether the connections are known.
fn load_mapping(arguments: &Arguments, problems: &mut Problems) -> Option<(Mapping, bool)> {
    let config = find_config(arguments.config.clone(), problems).ok()?;
    let folder = arguments.mappings.clone().or_else(|| config.as_ref().map(|config| config.mappings.clone()));
    let folder = folder.unwrap_or_else(|| PathBuf::from("mappings"));
    let file = folder.join(format!("{}.yaml", arguments.source));
    if !file.is_file() {
        eprintln!("There is no mapping `{}`.", file.display());
        tell_others(&folder);
        return None;
    }
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), problems);
    let connections = config.as_ref().map(|config| connections_of(&config.connections));
    let mapping = load::mapping(&file, &catalogue, connections.as_ref(), problems)?;
    Some((mapping, connections.is_some()))
}

fn tell_others(folder: &Path) {
    let files = load::yaml_files(folder, &mut Problems::default());
    let names: Vec<String> =
        files.iter().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    if !names.is_empty() {
        eprint!("{}", wrap(&format!("There are: {}.", names.join(", ")), "", show::WIDTH));
    }
}

fn show_event(
    mapping: &Mapping,
    connections_known: bool,
    arguments: &Arguments,
    bytes: &[u8],
    screen: &Screen,
) -> ExitCode {
    let headers: Headers = arguments.headers.iter().map(|(name, value)| (name, value.clone())).collect();
    let query = parse_query(&arguments.query);
    let headers = with_type(headers, bytes);
    if mapping.document.admits(&headers).is_err() {
        println!("{} a body of this content-type would be refused with 415", screen.bad("✗"));
        return ExitCode::FAILURE;
    }
    let body = match read_document(&mapping.document, &headers, bytes) {
        Ok(body) => body,
        Err(why) => {
            println!("{} the event would be parked: {why}", screen.bad("✗"));
            return ExitCode::FAILURE;
        }
    };
    let request = Request { headers: &headers, query: &query, body: &body };
    let (id, kind) = (mapping.event.id(&request), mapping.event.kind(&request));
    let plan = mapping.plan(&EventInput {
        id: id.as_deref(),
        kind: kind.as_deref(),
        source: &mapping.source,
        received_at: (system_clock())(),
        headers: &headers,
        query: &query,
        body: &body,
    });
    let none = || screen.dim("(none in this request)");
    println!("{}  {}, version {}", screen.bold("source"), mapping.source, mapping.version);
    println!("{}   id {}, type {}", screen.bold("event"), id.unwrap_or_else(none), kind.unwrap_or_else(none));
    show_plan(&plan, connections_known, screen)
}

/// A file has no content-type; where none was given, its first characters tell.
pub fn with_type(mut headers: Headers, bytes: &[u8]) -> Headers {
    if headers.get("content-type").is_none() {
        let first = bytes.trim_ascii_start().first();
        let kind = match first {
            Some(b'<') => "application/xml",
            Some(b'{' | b'[' | b'"') | None => "application/json",
            Some(_) if bytes.contains(&b'=') => "application/x-www-form-urlencoded",
            Some(_) => "application/json",
        };
        headers.push("content-type", kind);
    }
    headers
}

fn show_plan(plan: &Plan, connections_known: bool, screen: &Screen) -> ExitCode {
    if !plan.values.is_empty() {
        println!("{}\n{}", screen.bold("values"), show::values(&plan.values, screen).trim_end());
    }
    for skipped in &plan.skipped {
        println!("{} {}: its `when` does not hold ({})", screen.bold("message"), skipped.name, skipped.place);
    }
    for message in &plan.messages {
        println!("{} {} through {}", screen.bold("message"), message.name, message.connection);
        println!("  to {}", message.start.contact());
        if let Some(key) = &message.business_key {
            print!("{}", wrap(&format!("once per {key}"), "  ", show::WIDTH));
        }
        print!("{}", show::message(&message.start, "  ", screen));
        println!("{}\n{}", screen.bold("request"), show::body(&message.start, "  ", screen).trim_end());
    }
    if !plan.problems.is_empty() {
        print!("{}\n{}", screen.bold("problems"), show::problems(&plan.problems, screen));
        println!("The event would be kept and nothing sent, until the mapping is mended.");
        return ExitCode::FAILURE;
    }
    if plan.messages.is_empty() {
        println!("The event would be ignored: no message wants it.");
    } else {
        println!("{}", screen.dim("Nothing was sent."));
        if !connections_known {
            println!(
                "{}",
                screen.dim("There is no gancho.yaml here: what belongs to the connection is made up.")
            );
        }
    }
    ExitCode::SUCCESS
}
