//! `gancho check`: every mistake of every mapping, and their tests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::not_done;
use super::screen::Screen;
use crate::app::{self, load};
use crate::config::{Config, connections_of};
use crate::diagnostic::{Problems, summary};

/// Used when it is there and nothing else was named.
const USUAL_CONFIG: &str = "gancho.yaml";

pub fn run(dir: Option<PathBuf>, config: Option<PathBuf>, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let Ok(config) = find_config(config, &mut problems) else {
        print!("{}", screen.draw(&problems.sorted()));
        return not_done();
    };
    let folder = dir
        .or_else(|| config.as_ref().map(|config| config.mappings.clone()))
        .unwrap_or_else(|| PathBuf::from("mappings"));
    if !folder.is_dir() {
        eprintln!(
            "There is no folder `{}`. Name the folder of the mappings: gancho check DIR",
            folder.display()
        );
        return not_done();
    }
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), &mut problems);
    let connections = config.as_ref().map(|config| connections_of(&config.connections));
    let files = load::yaml_files(&folder, &mut problems);
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
    print!("{}", screen.draw(&problems.sorted()));
    if connections.is_none() {
        println!("{}", screen.dim("There is no gancho.yaml here, so connections were not checked."));
    }
    let total = many(files.len(), "mapping");
    match files.len() - right {
        0 => println!("{}: {total} and {} passed", folder.display(), many(tests, "test")),
        wrong => println!("{}: {wrong} of {total} cannot be used", folder.display()),
    }
    println!("{}", if failed { screen.bad(&counted) } else { screen.good(&counted) });
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
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

fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
