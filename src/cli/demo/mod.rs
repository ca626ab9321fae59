//! `gancho demo`: the whole job on this machine, with nothing installed. A
//! stand-in Talqui and the gateway run on free ports over a temporary store and
//! the shipped example mappings; real-shaped, rightly signed webhooks go through
//! real HTTP, and what became of each is shown as it happens.

mod files;
mod play;
mod report;
mod scenes;
mod stage;

use std::cell::Cell;
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
    let stop = app::until_told_to_stop();
    let stage = match Stage::set().await {
        Ok(stage) => stage,
        Err(why) => {
            eprintln!("The demo cannot start: {why}");
            return not_done();
        }
    };
    let as_expected = Cell::new(None);
    tokio::select! {
        () = show(&stage, once, &as_expected, screen) => {}
        () = stop => {}
    }
    stage.strike().await;
    match as_expected.get() {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(INTERRUPTED),
    }
}

/// Stopped before all was shown.
const INTERRUPTED: u8 = 130;

/// Plays every scene, and then, unless it is to end, stays without end.
async fn show(stage: &Stage, once: bool, as_expected: &Cell<Option<bool>>, screen: &Screen) {
    report::opening(stage, screen);
    let mut played = Vec::new();
    let mut cursor = 0;
    for (n, scene) in scenes::all().iter().enumerate() {
        report::title(n + 1, scene, screen);
        match play::play(stage, scene, &mut cursor).await {
            Ok(result) => {
                report::played(stage, &result, screen);
                played.push(result);
            }
            Err(why) => {
                println!("   {} {why}", screen.bad("✗"));
                played.push(Played::failed(why));
            }
        }
    }
    as_expected.set(Some(report::closing(&played, screen)));
    if !once {
        stay(stage, cursor, screen).await;
    }
}

/// Shows what comes from now on, until the person has had enough.
async fn stay(stage: &Stage, mut cursor: i64, screen: &Screen) {
    report::invitation(stage, screen);
    loop {
        match play::next_event(stage, cursor).await {
            Ok((seq, view)) => {
                cursor = seq;
                report::visitor(stage, &view, screen);
            }
            Err(why) => {
                println!("{}", screen.bad(&format!("✗ the store cannot be read any more: {why}")));
                return;
            }
        }
    }
}
