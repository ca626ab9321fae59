//! `gancho providers`: the senders that mappings can name, and for one of them
//! what to copy from where.

use std::path::PathBuf;
use std::process::ExitCode;

use super::check::find_config;
use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::app::load;
use crate::diagnostic::{Problems, nearest, render};
use crate::provider::{AcknowledgeBody, Catalogue, Evidence, Payload, Provider};

pub fn run(name: Option<&str>, config: Option<PathBuf>, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let Ok(config) = find_config(config, &mut problems) else {
        print!("{}", render(&problems.sorted(), screen.palette()));
        return not_done();
    };
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), &mut problems);
    if problems.has_errors() {
        print!("{}", render(&problems.sorted(), screen.palette()));
        return not_done();
    }
    match name {
        None => list(&catalogue, screen),
        Some(name) => match catalogue.get(name) {
            Some(provider) => explain(provider, screen),
            None => {
                eprintln!("There is no provider `{name}`.");
                match nearest(name, catalogue.ids()) {
                    Some(near) => eprintln!("Did you mean `{near}`?"),
                    None => eprintln!("`gancho providers` lists them."),
                }
                return not_done();
            }
        },
    }
    ExitCode::SUCCESS
}

fn list(catalogue: &Catalogue, screen: &Screen) {
    let width = catalogue.ids().map(str::len).max().unwrap_or(0);
    for provider in catalogue.iter() {
        let id = format!("{:width$}", provider.id);
        println!("{}  {:8}  {}", screen.bold(&id), provider.verify.name(), provider.name);
    }
    println!("\n{} providers. About one of them: gancho providers NAME", catalogue.iter().count());
}

fn explain(provider: &Provider, screen: &Screen) {
    let line = |name: &str, text: &str| {
        let margin = " ".repeat(12);
        let wrapped = wrap(text, &margin, WIDTH);
        print!("{}{}", screen.dim(&format!("{name:12}")), &wrapped[margin.len()..]);
    };
    println!("{} (provider: {})\n", screen.bold(&provider.name), provider.id);
    line("proof", &provider.verify.described());
    line("secret", &provider.secret);
    let end = if provider.verify.secret_in_path() { "/<secret>" } else { "" };
    line("address", &format!("https://<your host>/hooks/<name of the mapping file>{end}"));
    line(
        "event id",
        &provider.event.described_id().unwrap_or_else(|| "none, so repeats are not removed".to_owned()),
    );
    line("event type", &provider.event.described_kind().unwrap_or_else(|| "none".to_owned()));
    let body = match provider.acknowledge.body {
        AcknowledgeBody::EventId => "with our id of the event",
        AcknowledgeBody::Empty => "without a body",
    };
    line("answer", &format!("{} {body}", provider.acknowledge.status));
    if let Some(secs) = provider.timeout_secs {
        line("time limit", &format!("{secs} s"));
    }
    if let Some(failures) = &provider.failures {
        line("failures", failures);
    }
    if let Some(note) = &provider.note {
        line("note", note);
    }
    line("payload", payload(provider.payload));
    line("evidence", evidence(provider.evidence));
    if let Some(docs) = &provider.docs {
        line("docs", docs);
    }
    println!("\nA mapping for it begins with:\n\n  provider: {}", provider.id);
    if provider.verify.needs_secret() {
        println!("  secrets: [env:NAME_OF_A_VARIABLE]");
    }
}

fn payload(payload: Payload) -> &'static str {
    match payload {
        Payload::Fat => "the event has the name and the contact of the person",
        Payload::Thin => "the event only names something; the contact is not in it",
        Payload::Any => "whoever sets up the sender decides what is in it",
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Official => "official: read in the sender's own documentation or code",
        Evidence::Secondary => "secondary: read in what others wrote about the sender",
        Evidence::Unconfirmed => "unconfirmed: look at a captured delivery before relying on it",
    }
}
