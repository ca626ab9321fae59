//! `gancho prune` and `gancho erase`: forgetting what is old, and a person who
//! asked for it.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::ask::ask;
use super::client::{Client, meant};
use super::words::{counted, messages, webhooks};
use super::{Asked, Done};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::WIDTH;
use crate::console::upkeep::{Erased, Pruned};

#[derive(clap::Args)]
pub struct Prune {
    /// Only count what would be forgotten
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    asked: Asked,
}

#[derive(clap::Args)]
pub struct Erase {
    /// Whose, with its area code
    #[arg(long, value_name = "NUMBER")]
    phone: String,
    /// Only count what there is of that person
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    asked: Asked,
}

pub async fn erase(arguments: &Erase, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let json = arguments.asked.json;
    let order = |dry_run: bool| json!({ "phone": arguments.phone, "dry_run": dry_run });
    let answer = client.post("/v1/erase", &order(true)).await?;
    let would: Erased = meant(&answer)?;
    let nothing = would.events == 0 && would.refused == 0 && would.under_way.is_empty();
    if json && (arguments.dry_run || nothing || !arguments.yes) {
        println!("{answer:#}");
    } else if !json {
        print!("{}", what_is_erased(&would));
    }
    if arguments.dry_run || nothing {
        return Ok(ExitCode::SUCCESS);
    }
    ask("Erase all of it? It cannot be brought back.", arguments.yes)?;
    let answer = client.post("/v1/erase", &order(false)).await?;
    let erased: Erased = meant(&answer)?;
    match json {
        true => println!("{answer:#}"),
        false => print!("{}", was_erased(&erased)),
    }
    Ok(if erased.under_way.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn what_is_erased(would: &Erased) -> String {
    if would.events == 0 && would.refused == 0 && would.under_way.is_empty() {
        return "There is nothing of this person.\n".to_owned();
    }
    let mut said = format!("{} that this person is in\n", webhooks(would.events));
    said += &format!("{} to this person", messages(would.deliveries));
    if would.cancelled > 0 {
        said += &format!(", {} of them not sent yet", would.cancelled);
    }
    said += &format!("\n{} refused\n", counted(would.refused, "request that was", "requests that were"));
    if !would.under_way.is_empty() {
        said += &format!("{} of which a message is just being sent\n", webhooks(would.under_way.len()));
    }
    said
}

fn was_erased(erased: &Erased) -> String {
    let mut said = format!("Erased: {}, {}.", messages(erased.deliveries), webhooks(erased.events));
    if erased.cancelled > 0 {
        said += &format!(" {} will not be sent.", messages(erased.cancelled));
    }
    if erased.swept == Some(false) {
        said += "\nThe file is too large to be written anew at once: remains can stay in unused parts of it \
                 until they are written over.";
    }
    if !erased.under_way.is_empty() {
        said += "\nA message is just being sent. Say it again in a moment.";
    }
    wrap(&said, "", WIDTH)
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
