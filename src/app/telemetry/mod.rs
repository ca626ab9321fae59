//! Logs, to stderr: one sentence with fields, once, where a thing is handled.
//! `GANCHO_LOG` chooses what is said (`info`, `debug`, `gancho::worker=debug`).
//!
//! Built with the feature `otel`, it also exports spans: see `otel.rs`.

#[cfg(feature = "otel")]
mod otel;

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::observe::span;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// The sandbox's deliberate resets are errors to actix; the rest is quiet.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off";

/// To be kept for as long as there is something to export.
#[must_use]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    _exported: Option<otel::Exported>,
}

type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging. A second call changes nothing.
pub fn start(format: LogFormat, colour: bool) -> Telemetry {
    let filter = EnvFilter::try_from_env("GANCHO_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines: Lines = match format {
        LogFormat::Text => lines.with_ansi(colour).with_target(false).boxed(),
        LogFormat::Json => lines.with_ansi(false).json().boxed(),
    };
    // A span that is exported is no part of a line.
    let of_lines = filter_fn(|of| of.target() != span::TARGET);
    let lines = lines.with_filter(filter).with_filter(of_lines);
    let registry = tracing_subscriber::registry().with(lines);
    // An error: it is already started, and whoever did it has chosen.
    #[cfg(feature = "otel")]
    {
        let (layer, exported) = otel::start().unzip();
        let _ = registry.with(layer).try_init();
        Telemetry { _exported: exported }
    }
    #[cfg(not(feature = "otel"))]
    {
        let _ = registry.try_init();
        Telemetry {}
    }
}
