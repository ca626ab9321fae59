//! `gancho prune`: forgetting what is old now, and not when its turn comes.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::client::{Client, meant};
use super::{Asked, Done};
use crate::cli::screen::Screen;
use crate::console::upkeep::Pruned;

#[derive(clap::Args)]
pub struct Prune {
    /// Only count what would be forgotten
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    asked: Asked,
}

pub async fn prune(arguments: &Prune, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let order = json!({ "dry_run": arguments.dry_run });
    let mut answers: Vec<Value> = Vec::new();
    let mut all = Pruned::default();
    loop {
        let answer = client.post("/v1/prune", &order).await?;
        let part: Pruned = meant(&answer)?;
        all = sum(&all, &part);
        answers.push(answer);
        // So many parts at most; each takes a while.
        let parts = arguments.asked.limit.unwrap_or(u32::MAX) as usize;
        if !all.more || answers.len() >= parts {
            break;
        }
    }
    match arguments.asked.json {
        true => println!("{:#}", json!(all)),
        false => print!("{}", told(&all)),
    }
    Ok(ExitCode::SUCCESS)
}

fn sum(before: &Pruned, part: &Pruned) -> Pruned {
    Pruned {
        dry_run: part.dry_run,
        more: part.more,
        emptied: before.emptied + part.emptied,
        events: before.events + part.events,
        undecided: before.undecided + part.undecided,
        deliveries: before.deliveries + part.deliveries,
        keys: before.keys + part.keys,
        refused: before.refused + part.refused,
        freed_pages: before.freed_pages + part.freed_pages,
    }
}

fn told(pruned: &Pruned) -> String {
    let lines = [
        (pruned.emptied, "bodies of webhooks that are done with"),
        (pruned.events, "webhooks that are done with"),
        (pruned.undecided, "webhooks that nobody ever decided about"),
        (pruned.deliveries, "messages of those"),
        (pruned.keys, "ids that told a repeat"),
        (pruned.refused, "requests that were refused"),
    ];
    let there: String = lines
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count:>8}  {what}\n"))
        .collect();
    match (there.is_empty(), pruned.dry_run) {
        (true, _) => "Nothing is older than it is kept.\n".to_owned(),
        (false, true) => format!("{there}Nothing was forgotten yet: gancho prune\n"),
        (false, false) => format!("{there}Forgotten.\n"),
    }
}
