//! `/v1/pause` and `/v1/resume`: what an operator stops and starts.

use serde::{Deserialize, Serialize};

use super::Console;
use super::call::{Answer, Call, json};
use super::problems::{Fault, Problem};
use super::shown::Paused as ShownPause;
use crate::diagnostic::nearest;
use crate::store::Paused;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pauses {
    /// False: it was so already.
    pub changed: bool,
    /// Everything that is paused now.
    pub paused: Vec<ShownPause>,
}

const NO_REASON: &str = "by an operator";

pub async fn pause(call: Call) -> Answer {
    let what = what(&call)?;
    known(&call.console, &what)?;
    let reason = call.body.text("reason").unwrap_or_else(|| NO_REASON.to_owned());
    let changed = call.console.store.pause(what.clone(), &reason, true, call.now()).await?;
    if changed {
        tracing::warn!(kind = what.kind(), name = what.name(), "paused by an operator");
    }
    answer(&call.console, changed).await
}

pub async fn resume(call: Call) -> Answer {
    let what = what(&call)?;
    let changed = call.console.worker.resume(what.clone()).await?;
    if changed {
        tracing::info!(kind = what.kind(), name = what.name(), "resumed by an operator");
    }
    answer(&call.console, changed).await
}

async fn answer(console: &Console, changed: bool) -> Answer {
    let paused = console.store.paused().await?.into_iter().map(ShownPause::of).collect();
    json(&Pauses { changed, paused })
}

/// Exactly one of the three.
fn what(call: &Call) -> Result<Paused, Problem> {
    let connection = call.body.text("connection").map(Paused::Connection);
    let source = call.body.text("source").map(Paused::Source);
    let everything = call.body.flag("everything").then_some(Paused::Everything);
    let mut said = [connection, source, everything].into_iter().flatten();
    match (said.next(), said.next()) {
        (Some(what), None) => Ok(what),
        _ => Err(invalid("body", "say one of `connection`, `source` and `everything`".to_owned())),
    }
}

/// A misspelt name would stop nothing, and its writer would believe it did.
fn known(console: &Console, what: &Paused) -> Result<(), Problem> {
    let sources = console.sources.all();
    let names: Vec<&str> = match what {
        Paused::Everything => return Ok(()),
        Paused::Connection(_) => console.connections.iter().map(String::as_str).collect(),
        Paused::Source(_) => sources.keys().map(|name| name.as_str()).collect(),
    };
    if names.contains(&what.name()) {
        return Ok(());
    }
    let (kind, name) = (what.kind(), what.name());
    let detail = match nearest(name, names.iter().copied()) {
        Some(near) => format!("there is no {kind} `{name}`; did you mean `{near}`?"),
        None if names.is_empty() => format!("there is no {kind} at all"),
        None => format!("there is no {kind} `{name}`; there are {}", names.join(", ")),
    };
    Err(invalid(kind, detail))
}

fn invalid(at: &str, detail: String) -> Problem {
    Problem::Invalid(vec![Fault { at: at.to_owned(), detail }])
}
