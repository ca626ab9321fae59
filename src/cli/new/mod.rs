//! `gancho new NAME --provider P`: a mapping that passes `check`, to begin with.

mod skeleton;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::skeleton::{hands_over, skeleton, variable};
use super::check::find_config;
use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::app::load;
use crate::config::{Config, Connection, connections_of};
use crate::diagnostic::{Problems, Sentence, nearest};
use crate::event::SourceName;
use crate::provider::{Provider, starter};
use crate::session::Channel;

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// The source: `loja` becomes mappings/loja.yaml, at /hooks/loja
    name: SourceName,
    /// Who sends; `gancho providers` lists them
    #[arg(long, value_name = "PROVIDER")]
    provider: String,
    /// The configuration, for its connections and its folder of mappings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let Ok(config) = find_config(arguments.config.clone(), &mut problems) else {
        print!("{}", screen.draw(&problems.sorted()));
        return not_done();
    };
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), &mut problems);
    let Some(provider) = catalogue.get(&arguments.provider) else {
        eprintln!("{}", screen.say(say!("There is no provider `{}`.", arguments.provider)));
        let said = match nearest(&arguments.provider, catalogue.ids()) {
            Some(near) => say!("Did you mean `{}`?", near),
            None => say!("`gancho providers` lists the providers."),
        };
        eprintln!("{}", screen.say(said));
        return not_done();
    };
    let folder = config.as_ref().map_or_else(|| PathBuf::from("mappings"), |config| config.mappings.clone());
    let file = folder.join(format!("{}.yaml", arguments.name));
    let (text, missing) = written(&arguments.name, provider, config.as_ref());
    if let Err(why) = save(&folder, &file, &text) {
        let said = match why.kind() {
            ErrorKind::AlreadyExists => say!("`{}` is there already, and was not changed.", file.display()),
            _ => say!("`{}` cannot be written: {}", file.display(), why),
        };
        eprintln!("{}", screen.say(said));
        return not_done();
    }
    println!("{}", screen.good(&screen.say(say!("{} was written.", file.display()))));
    let mut problems = Problems::default();
    let connections = config.as_ref().map(|config| connections_of(&config.connections));
    let mapping = load::mapping(&file, &catalogue, connections.as_ref(), &mut problems);
    if let Some(mapping) = &mapping {
        let said = match mapping.tests() {
            1 => say!("Its test passes: gancho check"),
            tests => say!("Its {} tests pass: gancho check", tests),
        };
        println!("{}", screen.say(said));
    }
    if config.is_none() {
        let said = say!("There is no gancho.yaml here, so connections were not checked.");
        println!("{}", screen.dim(&screen.say(said)));
    }
    for said in next_steps(arguments, provider, &missing) {
        print!("{}", wrap(&screen.say(said), "", WIDTH));
    }
    ExitCode::SUCCESS
}

/// The file, and the connections that it names and that are not configured.
fn written(name: &SourceName, provider: &Provider, config: Option<&Config>) -> (String, Vec<String>) {
    let text = starter(&provider.id).map_or_else(|| skeleton(provider), str::to_owned);
    let id = &provider.id;
    let mut text = text
        .replace(&format!("/hooks/{id}"), &format!("/hooks/{name}"))
        .replace(&format!("env:{}_", variable(id)), &format!("env:{}_", variable(name.as_str())));
    let mut missing = Vec::new();
    for wanted in ["whatsapp", "telegram-equipe", "ifood"] {
        let line = format!("connection: {wanted}");
        let named = text.lines().any(|have| connection_of(have) == Some(wanted));
        let Some(config) = config.filter(|_| named) else { continue };
        match fitting(wanted, &config.connections) {
            Some(connection) => {
                let renamed = format!("connection: {}", connection.name);
                let lines = text.lines().map(|have| match connection_of(have) == Some(wanted) {
                    true => have.replacen(&line, &renamed, 1),
                    false => have.to_owned(),
                });
                text = lines.collect::<Vec<_>>().join("\n") + "\n";
                if connection.destination.channel == Channel::WhatsappCloud {
                    text = with_model(&text, &connection.name);
                }
            }
            None => missing.push(wanted.to_owned()),
        }
    }
    (text, missing)
}

/// The connection that a line of a file names.
fn connection_of(line: &str) -> Option<&str> {
    line.trim_start()
        .strip_prefix("connection: ")
        .map(|rest| rest.split(" #").next().unwrap_or(rest).trim_end())
}

/// The one of that name, or the first that can carry such a message.
fn fitting<'c>(wanted: &str, connections: &'c [Connection]) -> Option<&'c Connection> {
    let fits = |connection: &&Connection| match (wanted, &connection.destination.channel) {
        ("whatsapp", channel) => channel.is_whatsapp(),
        ("ifood", channel) => *channel == Channel::Ifood,
        (_, channel) => matches!(channel, Channel::Other(_)),
    };
    let internal = |connection: &&Connection| connection.destination.channel == Channel::WhatsappInternal;
    let named = connections.iter().find(|connection| connection.name == wanted);
    named.or_else(|| connections.iter().filter(fits).find(internal)).or_else(|| connections.iter().find(fits))
}

/// The official WhatsApp opens a conversation with an approved model only.
fn with_model(text: &str, connection: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        out.push_str(line);
        out.push('\n');
        if let Some(named) = connection_of(line) {
            inside = named == connection;
        }
        if inside && line.trim() == "session:" {
            let margin = " ".repeat(line.len() - line.trim_start().len() + 2);
            out.push_str(&format!(
                "{margin}campaignModelID: 00000000-0000-0000-0000-000000000000 # o modelo aprovado: troque pelo seu\n"
            ));
        }
    }
    out
}

/// Never over a file that is there.
fn save(folder: &Path, file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(file)?;
    file.write_all(text.as_bytes())
}

fn next_steps(arguments: &Arguments, provider: &Provider, missing: &[String]) -> Vec<Sentence> {
    let name = &arguments.name;
    let mut steps = Vec::new();
    for connection in missing {
        steps.push(say!(
            "- no connection in gancho.yaml fits `{}`: add one of that name, or name another in the file",
            connection
        ));
    }
    if provider.verify.needs_secret() && !hands_over(provider) {
        steps.push(say!("- set the secret where gancho runs: {}_SECRET", variable(name.as_str())));
    }
    if provider.verify.uses_url() {
        steps.push(say!("- this sender signs its address: set public_url in gancho.yaml"));
    }
    let end = if provider.verify.secret_in_path() { "/<secret>" } else { "" };
    steps.push(say!("- point {} at https://<your host>/hooks/{}{}", provider.name, name, end));
    steps.push(say!("- what the sender wants: gancho providers {}", provider.id));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Language, Palette, SourceText, render};
    use crate::mapping::{Mapping, World};
    use crate::provider::Catalogue;

    /// Also those whose events name nobody.
    #[test]
    fn every_sender_has_one_that_passes_check() {
        let catalogue = Catalogue::embedded(&mut Problems::default());
        let name: SourceName = "minha-loja".parse().unwrap();
        for provider in catalogue.iter() {
            let (text, missing) = written(&name, provider, None);
            assert!(missing.is_empty() && text.contains("/hooks/minha-loja"), "{}", provider.id);
            let mut problems = Problems::default();
            let sample = |_: &str| Err(Sentence::verbatim("it is one file"));
            let world = World { catalogue: &catalogue, connections: None, sample: &sample };
            let file = SourceText::new(provider.id.as_str(), text);
            let mapping = Mapping::compile(&name, &file, &world, &mut problems);
            if let Some(mapping) = &mapping {
                assert!(mapping.tests() > 0, "{}", provider.id);
                problems.extend(mapping.run_tests());
            }
            assert_eq!(render(&problems.sorted(), Palette::Plain, Language::English), "", "{}", provider.id);
        }
    }
}
