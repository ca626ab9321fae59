//! `gancho refused` and `gancho handshakes`: what reached a source besides its
//! events. Both look into the store beside a running gateway.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::check::find_config;
use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::config::Config;
use crate::diagnostic::Problems;
use crate::event::SourceName;
use crate::store::{Look, RefusedRequest, Store};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Refused {
    /// Only of this source
    source: Option<SourceName>,
    /// One of them, whole, by its number
    #[arg(long, value_name = "NUMBER")]
    show: Option<i64>,
    /// The configuration that names the store
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Handshakes {
    /// Only of this source
    source: Option<SourceName>,
    /// Print the secret that the sender handed over
    #[arg(long, requires = "source")]
    reveal: bool,
    /// Forget it, so that another one is taken; the gateway must be stopped
    #[arg(long, requires = "source", conflicts_with = "reveal")]
    forget: bool,
    /// The configuration that names the store
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn refused(arguments: &Refused, screen: &Screen) -> ExitCode {
    let Some(look) = open(arguments.config.clone(), screen) else { return not_done() };
    let found = match look.refused(arguments.source.as_ref()) {
        Ok(found) => found,
        Err(why) => return unreadable(&why.to_string()),
    };
    if let Some(wanted) = arguments.show {
        let Some((_, request)) = found.iter().find(|(number, _)| *number == wanted) else {
            eprintln!("There is no refused request {wanted}; only the last of each source are kept.");
            return not_done();
        };
        print!("{}", whole(request, screen));
        return ExitCode::SUCCESS;
    }
    if found.is_empty() {
        println!("No request was refused.");
        return ExitCode::SUCCESS;
    }
    for (number, request) in &found {
        println!(
            "{}  {}  {}  {}",
            screen.bold(&format!("{number:>4}")),
            request.at,
            request.source,
            request.code
        );
        print!("{}", wrap(&request.reason, "      ", WIDTH));
    }
    println!("\nOne of them whole: gancho refused --show NUMBER");
    ExitCode::SUCCESS
}

fn whole(request: &RefusedRequest, screen: &Screen) -> String {
    let mut out = format!("{}  {}  {}\n", screen.bold(request.source.as_str()), request.at, request.code);
    out += &wrap(&request.reason, "", WIDTH);
    if let Some(steps) = request.explanation.as_ref().and_then(|explanation| explanation["steps"].as_array())
    {
        for step in steps {
            let mark = if step["ok"] == true { screen.good("✓") } else { screen.bad("✗") };
            out += &format!("{mark} {}", &wrap(step["text"].as_str().unwrap_or_default(), "  ", WIDTH)[2..]);
        }
    }
    if let Some(hint) = request.explanation.as_ref().and_then(|explanation| explanation["hint"].as_str()) {
        out += &wrap(hint, "", WIDTH);
    }
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    out += &format!("\n{} /hooks/{}{query}\n", request.method, request.source);
    for (name, value) in request.headers.iter() {
        out += &format!("{name}: {value}\n");
    }
    match &request.body {
        None => out + "\nIts body was dropped: bodies of refused requests are kept for a day.\n",
        Some(body) => out + "\n" + &printable(body) + "\n",
    }
}

/// Whoever sent it chose these bytes, and some would speak to the terminal.
fn printable(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '�' } else { c }).collect()
}

pub fn handshakes(arguments: &Handshakes, screen: &Screen) -> ExitCode {
    if arguments.forget {
        return forget(arguments, screen);
    }
    let Some(look) = open(arguments.config.clone(), screen) else { return not_done() };
    let (found, captured) = match (look.handshakes(arguments.source.as_ref()), look.captured_secrets()) {
        (Ok(found), Ok(captured)) => (found, captured),
        (Err(why), _) | (_, Err(why)) => return unreadable(&why.to_string()),
    };
    let wanted = |source: &SourceName| arguments.source.as_ref().is_none_or(|only| only == source);
    let mut captured = captured.into_iter().filter(|(source, _)| wanted(source));
    if arguments.reveal {
        let Some((_, secret)) = captured.next() else {
            eprintln!("The sender of this source has handed over no secret.");
            return ExitCode::FAILURE;
        };
        println!("{}", String::from_utf8_lossy(secret.expose()));
        return ExitCode::SUCCESS;
    }
    if found.is_empty() {
        println!("No handshake was made.");
    }
    for handshake in &found {
        let verified = if handshake.verified { "verified" } else { "not verified" };
        println!(
            "{}  {}  {}  {verified}, answered {}",
            handshake.at, handshake.source, handshake.name, handshake.status
        );
    }
    for (source, _) in captured {
        println!("{source}: its sender handed over a secret; --reveal prints it");
    }
    ExitCode::SUCCESS
}

/// Through the gateway's own way of opening it, so that none has it open.
fn forget(arguments: &Handshakes, screen: &Screen) -> ExitCode {
    let (Some(source), Some(path)) = (&arguments.source, store_of(arguments.config.clone(), screen)) else {
        return not_done();
    };
    let forgotten = super::block_on(async {
        let store = Store::open(&path).map_err(|why| why.to_string())?;
        let forgotten = store.forget_secret(source).await.map_err(|why| why.to_string());
        store.close().await;
        forgotten
    });
    match forgotten {
        Ok(Ok(true)) => {
            println!("Forgotten. The next secret that the sender hands over is taken.");
            ExitCode::SUCCESS
        }
        Ok(Ok(false)) => {
            println!("There was none.");
            ExitCode::SUCCESS
        }
        Ok(Err(why)) => unreadable(&why),
        Err(code) => code,
    }
}

pub(super) fn open(config: Option<PathBuf>, screen: &Screen) -> Option<Look> {
    let path = store_of(config, screen)?;
    Look::open(&path).map_err(|why| eprintln!("{}.", capital(&why.to_string()))).ok()
}

fn store_of(config: Option<PathBuf>, screen: &Screen) -> Option<PathBuf> {
    let mut problems = Problems::default();
    let found = find_config(config, &mut problems);
    let Ok(config) = found else {
        print!("{}", screen.draw(&problems.sorted()));
        return None;
    };
    Some(config.unwrap_or_else(|| Config::defaults(Path::new(""))).store)
}

fn unreadable(why: &str) -> ExitCode {
    eprintln!("{}.", capital(why));
    not_done()
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at_checked(1).unwrap_or(("", text));
    format!("{}{rest}", first.to_uppercase())
}
