//! Logs, to stderr: one sentence with fields, once, where a thing is handled.
//! `GANCHO_LOG` chooses what is said (`info`, `debug`, `gancho::worker=debug`).

use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// The sandbox's deliberate resets are errors to actix; the rest is quiet.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off";

/// Starts logging. A second call changes nothing.
pub fn start(format: LogFormat, colour: bool) {
    let filter = EnvFilter::try_from_env("GANCHO_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(colour).with_target(false).try_init(),
        LogFormat::Json => builder.json().with_ansi(false).try_init(),
    };
    // It is already started: whoever did it has chosen.
    let _ = started;
}
