//! `gancho serve`: the gateway, until it is told to stop.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use super::screen::{Screen, wrap};
use super::show::WIDTH;
use super::{block_on, not_done};
use crate::app::telemetry::{self, LogFormat};
use crate::app::{self, App, load};
use crate::diagnostic::{Palette, Problems, render, summary};

pub fn run(config: &Path, log: LogFormat, screen: &Screen) -> ExitCode {
    let colour = std::io::stderr().is_terminal() && screen.palette() == Palette::Colour;
    let _telemetry = telemetry::start(log, colour);
    let mut problems = Problems::default();
    let setup = load::setup(config, &app::of_this_machine(), &mut problems);
    let counted = screen.say(summary(&problems));
    if !problems.is_empty() {
        let palette = if colour { Palette::Colour } else { Palette::Plain };
        eprint!("{}", render(&problems.sorted(), palette, screen.language));
    }
    let Some(setup) = setup else {
        eprintln!("gancho does not start: {counted}.");
        if !config.exists() {
            eprintln!("Write a first configuration with: gancho config > {}", config.display());
        }
        return not_done();
    };
    block_on(serve(setup)).unwrap_or_else(|code| code)
}

async fn serve(setup: app::Setup) -> ExitCode {
    let token = setup.config.admin_token.reference.clone();
    // From here on a signal is heeded: sending begins before all is ready.
    let stop = app::until_told_to_stop();
    let mut app = match App::start(setup, app::system_clock()).await {
        Ok(app) => app,
        Err(why) => {
            eprint!("{}", wrap(&format!("gancho does not start: {why}"), "", WIDTH));
            return not_done();
        }
    };
    if !app.admin_api {
        tracing::warn!("the admin API is closed: {token} is not set (`gancho status` and its like need it)");
    }
    let sources = app.sources.all();
    tracing::info!(public = %app.public, admin = %app.admin, sources = sources.len(), "gancho is ready");
    for (name, source) in sources.iter() {
        tracing::info!(
            source = %name, verify = source.verifier.scheme().name(),
            "POST /hooks/{name}{}", if source.verifier.scheme().secret_in_path() { "/<secret>" } else { "" }
        );
    }
    tokio::select! {
        () = stop => {}
        () = app.worker_is_gone() => {
            tracing::error!("nothing is sent any more, by a defect: restart gancho; nothing is lost");
            return ExitCode::FAILURE;
        }
    }
    tracing::info!("stopping: no new webhooks; what is in flight gets its answer");
    app.stop().await;
    tracing::info!("stopped");
    ExitCode::SUCCESS
}
