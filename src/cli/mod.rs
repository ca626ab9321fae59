//! Commands: what a person types, and what it prints.
//!
//! Lives here: arguments, exit codes and everything that is written to a
//! terminal. What a command does is in the rooms below. Exit codes: 0 as asked,
//! 1 not as hoped (a check failed, nothing could be sent), 2 not done (usage, an
//! unreadable file, a configuration with errors).

/// As the standard one, except that a reader that has gone (`gancho demo | head`)
/// is no reason to panic. Above the modules, so that they print with it.
macro_rules! print {
    ($($words:tt)*) => { $crate::cli::screen::print(format_args!($($words)*)) };
}

macro_rules! println {
    () => { $crate::cli::screen::print(format_args!("\n")) };
    ($($words:tt)*) => { $crate::cli::screen::print(format_args!("{}\n", format_args!($($words)*))) };
}

mod backup;
mod check;
mod demo;
mod explain;
mod health;
mod infer;
mod new;
mod operate;
mod providers;
mod request;
mod sandbox;
mod schema;
mod screen;
mod serve;
mod show;
mod sign;
mod try_event;
mod verify;
mod visitors;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::telemetry::LogFormat;
use crate::config;
use crate::diagnostic::Language;
use screen::Screen;

#[derive(Parser)]
#[command(
    name = "gancho",
    version,
    about = "Webhooks in, verified; messages to people out, by Talqui.",
    after_help = "Start with: gancho demo"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// en or pt-BR [default: by the locale]
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = parse_language)]
    lang: Option<Language>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway
    #[command(next_line_help = true)]
    Serve {
        /// The configuration; `gancho config` prints one
        #[arg(long, value_name = "FILE", default_value = "gancho.yaml")]
        config: PathBuf,
        /// The form of log lines
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        log: LogFormat,
    },
    /// Show the whole job on this machine; nothing is needed
    Demo {
        /// End by itself; exit 0 only if all went as expected
        #[arg(long)]
        once: bool,
    },
    /// Check mappings and run their tests
    Check(check::Arguments),
    /// Write a mapping to begin with, for one sender
    New(new::Arguments),
    /// Explain a code such as unknown-key, or list all codes
    Explain {
        /// The code, as it stands in brackets before a problem
        code: Option<String>,
    },
    /// Show what a mapping makes of one body; nothing is sent
    Try(try_event::Arguments),
    /// Propose values for a mapping from one body that nobody knows
    Infer(infer::Arguments),
    /// List the senders that mappings can name, or explain one
    Providers {
        /// The provider to explain: what to copy from where
        name: Option<String>,
        /// The configuration, for a folder of your own providers
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Say step by step why a request is believed or not
    Verify(verify::Arguments),
    /// Make a valid test request, as a curl line
    Sign(sign::Sign),
    /// Make a valid test request and send it
    Send(sign::Send),
    /// List the requests that were refused, and show one whole
    Refused(visitors::Refused),
    /// List the questions that senders asked of their addresses
    Handshakes(visitors::Handshakes),
    /// Copy the store while the gateway runs
    Backup(backup::Arguments),
    #[command(flatten)]
    Operate(operate::Operate),
    /// Print the commented default configuration
    Config,
    /// Print a JSON Schema, so that an editor checks while you type
    Schema {
        /// Of which files
        of: schema::Of,
    },
    /// Run a stand-in Talqui that records what it gets
    Sandbox(sandbox::Arguments),
    /// Ask a running gateway whether it answers
    Health {
        /// What is asked
        #[arg(long, default_value = "http://127.0.0.1:8081/healthz")]
        url: String,
    },
}

/// Runs the command that the arguments say.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let screen = Screen::of_stdout(arguments.lang.unwrap_or_else(language_of_the_locale));
    match arguments.command {
        Command::Serve { config, log } => serve::run(&config, log, &screen),
        Command::Demo { once } => demo::run(once, &screen),
        Command::Check(arguments) => check::run(&arguments, &screen),
        Command::New(arguments) => new::run(&arguments, &screen),
        Command::Explain { code } => explain::run(code.as_deref(), &screen),
        Command::Try(arguments) => try_event::run(&arguments, &screen),
        Command::Infer(arguments) => infer::run(&arguments, &screen),
        Command::Providers { name, config } => providers::run(name.as_deref(), config, &screen),
        Command::Verify(arguments) => verify::run(&arguments, &screen),
        Command::Sign(arguments) => sign::sign(&arguments),
        Command::Send(arguments) => sign::send(&arguments, &screen),
        Command::Refused(arguments) => visitors::refused(&arguments, &screen),
        Command::Handshakes(arguments) => visitors::handshakes(&arguments, &screen),
        Command::Backup(arguments) => backup::run(&arguments, &screen),
        Command::Operate(command) => operate::run(&command, &screen),
        Command::Config => {
            print!("{}", config::DEFAULT);
            ExitCode::SUCCESS
        }
        Command::Schema { of } => schema::run(of),
        Command::Sandbox(arguments) => sandbox::run(arguments),
        Command::Health { url } => health::run(&url),
    }
}

fn parse_language(text: &str) -> Result<Language, String> {
    Language::of_locale(text).ok_or_else(|| "there are en and pt-BR".to_owned())
}

/// By the first of the variables that is set, as POSIX has it.
fn language_of_the_locale() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
    Language::of_locale(&locale).unwrap_or_default()
}

/// Not done: exit code 2.
fn not_done() -> ExitCode {
    ExitCode::from(2)
}

/// The runtime of the commands that wait for a network. Requests are served by
/// actix's own threads; this one is for deliveries and timers.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, ExitCode> {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => Ok(runtime.block_on(work)),
        Err(why) => {
            eprintln!("gancho cannot start its threads: {why}");
            Err(not_done())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
