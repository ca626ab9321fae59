//! `gancho verify`: the signature doctor.

use std::process::ExitCode;

use super::not_done;
use super::request::{Asked, Described};
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::app::{load, of_this_machine};
use crate::diagnostic::Problems;
use crate::event::{Secret, SecretRef};
use crate::verify::{Explanation, Others, Verifier};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    #[command(flatten)]
    described: Described,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let Some(asked) = arguments.described.resolve() else { return not_done() };
    let verifier = match Verifier::new(asked.scheme.clone(), &asked.secrets, asked.setting.clone()) {
        Ok(verifier) => verifier,
        Err((n, why)) => {
            eprintln!("The secret number {} cannot be used: {why}.", n + 1);
            return not_done();
        }
    };
    let secrets = other_secrets(&asked, &arguments.described.sender);
    let others = Others {
        schemes: asked.catalogue.iter().map(|provider| (provider.id.as_str(), &provider.verify)).collect(),
        secrets: secrets.iter().map(|(name, secret)| (name.as_str(), secret.clone())).collect(),
    };
    let explanation = verifier.explain(&asked.raw, asked.now, &others);
    match arguments.json {
        true => println!("{:#}", explanation.to_json()),
        false => print!("{}", shown(&explanation, screen)),
    }
    if explanation.verified { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shown(explanation: &Explanation, screen: &Screen) -> String {
    let mut out = String::new();
    for step in &explanation.steps {
        let mark = if step.ok { screen.good("✓") } else { screen.bad("✗") };
        out += &format!("{mark} {}", &wrap(&step.text, "  ", WIDTH)[2..]);
    }
    let verdict = match explanation.verified {
        true => screen.good("verified"),
        false => screen.bad(&format!("refused: {}", explanation.code)),
    };
    out += &format!("\n{verdict}\n");
    match &explanation.hint {
        Some(hint) => out + &wrap(&format!("Found it: {hint}."), "", WIDTH),
        None if explanation.verified => out,
        None if explanation.code.ends_with("-missing") => {
            out + &wrap(
                "Something that the sender sends is not in this request. Give its headers as they came, \
                 -H 'Name: value', and its whole address, --url.",
                "",
                WIDTH,
            )
        }
        None => {
            out + &wrap(
                "None of the usual mistakes explains it. Compare the secret with the one on the sender's screen, \
                 and the body with what the sender sent, byte for byte.",
                "",
                WIDTH,
            )
        }
    }
}

/// Those of the other mappings that are set here.
fn other_secrets(asked: &Asked, sender: &str) -> Vec<(String, Secret)> {
    let Some(config) = &asked.config else { return Vec::new() };
    let (mut problems, machine) = (Problems::default(), of_this_machine());
    let mappings = load::mappings(&config.mappings, &asked.catalogue, None, &mut problems);
    let others = mappings.into_iter().filter(|mapping| mapping.source.as_str() != sender);
    let named = others.flat_map(|mapping| {
        let source = mapping.source.to_string();
        mapping.secrets.into_iter().map(move |entry| (source.clone(), entry.reference))
    });
    let set = named.filter(|(_, reference)| *reference != SecretRef::Captured);
    set.filter_map(|(source, reference)| Some((source, machine(&reference).ok()?))).collect()
}
