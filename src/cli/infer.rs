//! `gancho infer`: what a mapping could take out of a body that nobody knows.
//! First a text to paste, then what else could be meant.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::screen::{Screen, wrap};
use super::try_event::{parse_header, with_type};
use super::{not_done, show};
use crate::event::Headers;
use crate::infer::{self, As, Found, Kind, Proposal, Source};
use crate::mapping::convert::Unit;
use crate::payload::{DocumentRule, read_document};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// A file with the body, as the sender posts it; `-` reads it from stdin
    body_file: PathBuf,
    /// A request header; may be given more than once
    #[arg(short = 'H', value_name = "'Name: value'", value_parser = parse_header)]
    headers: Vec<(String, String)>,
    /// Print all findings as JSON, for programs
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let bytes = match read(&arguments.body_file) {
        Ok(bytes) => bytes,
        Err(why) => {
            eprintln!("The body `{}` cannot be read: {why}", arguments.body_file.display());
            return not_done();
        }
    };
    let headers: Headers = arguments.headers.iter().map(|(name, value)| (name, value.clone())).collect();
    let document = match read_document(&DocumentRule::AsIs, &with_type(headers.clone(), &bytes), &bytes) {
        Ok(document) => document,
        Err(why) => {
            eprint!("{}", wrap(&format!("The body cannot be read: {why}"), "", show::WIDTH));
            return ExitCode::FAILURE;
        }
    };
    let proposal = infer::infer(&document, &headers);
    if arguments.json {
        println!("{:#}", as_json(&proposal));
    } else {
        print!("{}", as_text(&proposal, screen));
    }
    if proposal.chosen.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn as_text(proposal: &Proposal, screen: &Screen) -> String {
    let mut out = String::new();
    if proposal.chosen.is_empty() {
        out.push_str("Nothing that a message needs was recognised in this body.\n");
    }
    for line in infer::yaml(proposal).lines() {
        // What was found stands behind the code; a `#` of a path is in quotes.
        match line.rsplit_once("  # ") {
            Some((code, comment)) => {
                out.push_str(&format!("{code}  {}", screen.dim(&format!("# {comment}"))))
            }
            None if line.trim_start().starts_with('#') => out.push_str(&screen.odd(line)),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    if !proposal.others.is_empty() {
        out.push_str(&format!("\n{}\n{}", screen.bold("also seen"), others(&proposal.others, screen)));
    }
    out
}

/// One finding a line; a path that does not fit stands on a line of its own.
fn others(others: &[Found], screen: &Screen) -> String {
    let width = others.iter().map(|found| found.kind.name().len()).max().unwrap_or(0);
    let mut out = String::new();
    for found in others {
        let value = infer::cut(&infer::clean(&found.value), 24);
        let path = infer::clean(&paths(&found.source).join(", "));
        let head = format!("  {:width$}  {:8}  ", found.kind.name(), found.score());
        let padding = " ".repeat(24 - value.chars().count());
        let fits = head.len() + 26 + path.chars().count() <= show::WIDTH;
        let gap = if fits { format!("{padding}  ") } else { "\n      ".to_owned() };
        out.push_str(&format!("{head}{value}{gap}{}\n", screen.dim(&path)));
        // Of an amount that was not taken, its unit does not matter.
        if let Some(caution) = found.caution.as_ref().filter(|_| found.kind != Kind::Total) {
            out.push_str(&wrap(caution, "      ", show::WIDTH));
        }
    }
    out
}

fn paths(source: &Source) -> Vec<String> {
    match source {
        Source::Path(path) => vec![path.clone()],
        Source::Join(paths) => paths.clone(),
        Source::Parts { ddi, ddd, number } => {
            [ddi.as_ref(), ddd.as_ref(), Some(number)].into_iter().flatten().cloned().collect()
        }
    }
}

fn as_json(proposal: &Proposal) -> Value {
    let each = proposal.each.iter().map(|(each, count)| {
        json!({
            "kind": "each", "name": "each", "paths": [each], "as": null, "unit": null, "score": "likely",
            "value": count, "reason": "the body is a list of alike items", "proposed": true,
        })
    });
    let chosen = proposal.chosen.iter().map(|proposed| {
        let next = proposed.next.iter().flat_map(|found| paths(&found.source));
        finding(&proposed.best, next.collect(), true)
    });
    let others = proposal.others.iter().map(|found| finding(found, Vec::new(), false));
    each.chain(chosen).chain(others).collect()
}

fn finding(found: &Found, next: Vec<String>, proposed: bool) -> Value {
    let (kind, name) = found.kind.words();
    let (read, unit, format) = match found.read {
        As::Text => (None, None, None),
        As::Phone => (Some("phone"), None, None),
        As::Money(Unit::Cents) => (Some("money"), Some("cents"), None),
        As::Money(Unit::Units) => (Some("money"), Some("units"), None),
        As::Date(format) => (Some("date"), None, format),
        As::Many => (None, None, None),
    };
    let mut finding = json!({
        "kind": kind,
        "name": name,
        "paths": paths(&found.source).into_iter().chain(next).collect::<Vec<_>>(),
        "as": read,
        "unit": unit,
        "score": found.score(),
        "value": found.value,
        "reason": found.reason,
        "proposed": proposed,
    });
    if let Source::Parts { ddi, ddd, number } = &found.source {
        finding["parts"] = json!({ "ddi": ddi, "ddd": ddd, "number": number });
    }
    if let Source::Join(_) = &found.source {
        finding["join"] = Value::Bool(true);
    }
    if found.read == As::Many {
        finding["many"] = Value::Bool(true);
    }
    if let Some(format) = format {
        finding["format"] = format.into();
    }
    if let Some(caution) = &found.caution {
        finding["caution"] = caution.as_str().into();
    }
    finding
}
