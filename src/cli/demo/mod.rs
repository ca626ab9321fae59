//! `gancho demo`: the whole job on this machine, with nothing installed. A
//! stand-in Talqui and the gateway run on free ports over a temporary store and
//! the shipped example mappings; real-shaped, rightly signed webhooks go through
//! real HTTP, and what became of each is shown as it happens.

mod files;
mod play;
mod report;
mod scenes;
mod stage;

use std::process::ExitCode;

use super::screen::Screen;
use super::{block_on, not_done};
use crate::app;
use play::Played;
use stage::Stage;

pub fn run(once: bool, screen: &Screen) -> ExitCode {
    block_on(perform(once, screen)).unwrap_or_else(|code| code)
}

async fn perform(once: bool, screen: &Screen) -> ExitCode {
    let stage = match Stage::set().await {
        Ok(stage) => stage,
        Err(why) => {
            eprintln!("The demo cannot start: {why}");
            return not_done();
        }
    };
    report::opening(&stage, screen);
    let mut played = Vec::new();
    let mut cursor = 0;
    for (n, scene) in scenes::all().iter().enumerate() {
        report::title(n + 1, scene, screen);
        match play::play(&stage, scene, &mut cursor).await {
            Ok(result) => {
                report::played(&stage, &result, screen);
                played.push(result);
            }
            Err(why) => {
                println!("   {} {why}", screen.bad("✗"));
                played.push(Played::failed(why));
            }
        }
    }
    let as_expected = report::closing(&played, screen);
    if !once {
        stay(&stage, cursor, screen).await;
    }
    stage.strike().await;
    if as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows what comes from now on, until the person has had enough.
async fn stay(stage: &Stage, mut cursor: i64, screen: &Screen) {
    report::invitation(stage, screen);
    let stop = app::until_told_to_stop();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            came = play::next_event(stage, cursor) => {
                if let Ok((seq, view)) = came {
                    cursor = seq;
                    report::visitor(stage, &view, screen);
                }
            }
        }
    }
}
