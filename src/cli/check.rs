//! `gancho check`: every mistake of every mapping, and their tests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::not_done;
use super::screen::Screen;
use crate::app::changes::Watch;
use crate::app::{self, load};
use crate::config::{Config, connections_of};
use crate::diagnostic::{Diagnostic, Problems, Sentence, more_about, summary, to_github, to_json};

/// Used when it is there and nothing else was named.
const USUAL_CONFIG: &str = "gancho.yaml";

#[derive(clap::Args)]
pub struct Arguments {
    /// A folder of mappings, or one of them [default: as gancho.yaml says]
    #[arg(value_name = "DIR")]
    at: Option<PathBuf>,
    /// The configuration to check against
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How problems are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Drawn for a person
    Text,
    /// A list of objects
    Json,
    /// Annotations of a GitHub workflow
    Github,
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let ended = check(arguments, screen);
    if !arguments.watch {
        return ended;
    }
    let config = arguments.config.clone().unwrap_or_else(|| PathBuf::from(USUAL_CONFIG));
    let folder = folder_of(arguments, load::config(&config, &mut Problems::default()).as_ref());
    let config = Some(config.as_path()).filter(|config| config.exists());
    let paths: Vec<&Path> = std::iter::once(folder.as_path()).chain(config).collect();
    let (_watch, changes) = match Watch::over(&paths) {
        Ok(watching) => watching,
        Err(why) => {
            eprintln!("{}", screen.say(say!("The files cannot be watched: {}", why)));
            return not_done();
        }
    };
    eprintln!("{}", screen.say(say!("Watching for changes; Ctrl-C ends it.")));
    while changes.wait() {
        println!();
        check(arguments, screen);
    }
    ended
}

/// Once.
fn check(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let Ok(config) = find_config(arguments.config.clone(), &mut problems) else {
        show(&problems.sorted(), arguments.format, screen);
        return not_done();
    };
    let at = folder_of(arguments, config.as_ref());
    if !at.exists() {
        let said =
            say!("There is no folder `{}`. Name the folder of the mappings: gancho check DIR", at.display());
        eprintln!("{}", screen.say(said));
        return not_done();
    }
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), &mut problems);
    let connections = config.as_ref().map(|config| connections_of(&config.connections));
    let files = if at.is_file() { vec![at.clone()] } else { load::yaml_files(&at, &mut problems) };
    let (mut right, mut tests) = (0, 0);
    for file in &files {
        if let Some(mapping) = load::mapping(file, &catalogue, connections.as_ref(), &mut problems) {
            right += 1;
            tests += mapping.tests();
            if let Some(config) = &config {
                load::check_public_url(&mapping, config.public_url.as_deref(), &mut problems);
            }
            load::warn_unset(&mapping, &app::of_this_machine(), &mut problems);
        }
    }
    let (failed, counted) = (problems.has_errors(), screen.say(summary(&problems)));
    show(&problems.sorted(), arguments.format, screen);
    if arguments.format == Format::Text {
        if connections.is_none() {
            let said = say!("There is no gancho.yaml here, so connections were not checked.");
            println!("{}", screen.dim(&screen.say(said)));
        }
        let said = match files.len() - right {
            0 => say!("{}: {} and {} passed", at.display(), mappings(files.len()), passed(tests)),
            wrong => say!("{}: {} of {} cannot be used", at.display(), wrong, mappings(files.len())),
        };
        println!("{}", screen.say(said));
        println!("{}", if failed { screen.bad(&counted) } else { screen.good(&counted) });
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn show(problems: &[Diagnostic], format: Format, screen: &Screen) {
    match format {
        Format::Text => {
            print!("{}", screen.draw(problems));
            if let Some(said) = more_about(problems) {
                println!("{}\n", screen.dim(&screen.say(said)));
            }
        }
        Format::Json => println!("{:#}", to_json(problems, screen.language)),
        Format::Github => print!("{}", to_github(problems, screen.language)),
    }
}

fn folder_of(arguments: &Arguments, config: Option<&Config>) -> PathBuf {
    let at = arguments.at.clone().or_else(|| config.map(|config| config.mappings.clone()));
    at.unwrap_or_else(|| PathBuf::from("mappings"))
}

/// The configuration that was named, or the usual one if it is there. Err: it
/// has errors, or the one named is not there.
pub fn find_config(named: Option<PathBuf>, problems: &mut Problems) -> Result<Option<Config>, ()> {
    let path = match named {
        Some(path) => path,
        None if Path::new(USUAL_CONFIG).exists() => PathBuf::from(USUAL_CONFIG),
        None => return Ok(None),
    };
    let config = load::config(&path, problems);
    match problems.has_errors() {
        true => Err(()),
        false => Ok(config),
    }
}

fn mappings(count: usize) -> Sentence {
    match count {
        1 => say!("1 mapping"),
        count => say!("{} mappings", count),
    }
}

fn passed(count: usize) -> Sentence {
    match count {
        1 => say!("1 test"),
        count => say!("{} tests", count),
    }
}
