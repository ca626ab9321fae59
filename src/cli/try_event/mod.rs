//! `gancho try`: what a mapping makes of a body, or of an event that was stored.
//! Nothing is verified and nothing is sent.

mod gather;
mod json;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use super::not_done;
use super::screen::Screen;
use crate::event::{EventId, Headers};
use crate::mapping::{Decided, Mapping, Plan, Skip};
use crate::store::InboxEvent;
use crate::worker::{Unplannable, read_event};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// The source: `loja` is mappings/loja.yaml [default: that of the event]
    #[arg(required_unless_present = "event")]
    source: Option<String>,
    /// A file with the body, as the sender posts it; - is the standard input
    #[arg(required_unless_present = "event", conflicts_with = "event")]
    body_file: Option<String>,
    /// An event of the store, by its id, instead of a body
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
    /// A request header; may be given more than once
    #[arg(short = 'H', value_name = "'Name: value'", value_parser = parse_header, conflicts_with = "event")]
    headers: Vec<(String, String)>,
    /// The query of the address, such as 'a=1&b=2'
    #[arg(long, default_value = "", hide_default_value = true)]
    query: String,
    /// Print it for programs
    #[arg(long)]
    json: bool,
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

/// What there is to look at.
struct Gathered {
    mapping: Mapping,
    connections_known: bool,
    /// One, or those of a batch.
    events: Vec<InboxEvent>,
    /// Whether a body of this content-type would be taken at all.
    admitted: bool,
}

/// What became of one event.
struct Looked {
    outcome: Result<Plan, Unplannable>,
    /// For each message that was skipped, what decided it.
    because: Vec<Vec<Decided>>,
}

impl Looked {
    fn at(mapping: &Mapping, event: &InboxEvent) -> Self {
        let looked = read_event(mapping, event, |input| {
            let plan = mapping.plan(input);
            let because = plan.skipped.iter().map(|skipped| match skipped.why {
                Skip::When => mapping.why(input, skipped),
                Skip::NoItems => Vec::new(),
            });
            let because = because.collect();
            (plan, because)
        });
        match looked {
            Ok((plan, because)) => Self { outcome: Ok(plan), because },
            Err(why) => Self { outcome: Err(why), because: Vec::new() },
        }
    }

    fn is_mappable(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|plan| plan.problems.is_empty())
    }
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let Some(gathered) = gather::gather(arguments, screen) else { return not_done() };
    let looked: Vec<Looked> =
        gathered.events.iter().map(|event| Looked::at(&gathered.mapping, event)).collect();
    match arguments.json {
        true => json::print(&gathered, &looked),
        false => text::print(&gathered, &looked, screen),
    }
    match gathered.admitted && looked.iter().all(Looked::is_mappable) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
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
