//! `gancho status`: one screen that says whether all is well and, where it is
//! not, which command looks at it.

use std::process::ExitCode;

use super::client::{Client, meant};
use super::words::{counted, messages, webhooks};
use super::{Asked, Done, moment, next};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::WIDTH;
use crate::console::status::{Connection, Source, Status};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
}

/// Of the first column.
const NAMES: usize = 11;

pub async fn run(arguments: &Arguments, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let answer = client.get("/v1/status", &Vec::new()).await?;
    if arguments.asked.json {
        println!("{answer:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let status: Status = meant(&answer)?;
    print!("{}", told(&status, &client.url, arguments.asked.limit, screen));
    Ok(ExitCode::SUCCESS)
}

fn told(status: &Status, url: &str, limit: Option<u32>, screen: &Screen) -> String {
    let up = moment::between(&status.started_at, &status.now);
    let mut out = format!("{} {}, up for {up}, at {url}\n", screen.bold("gancho"), status.version);
    out += &match (status.sending, status.paused.is_empty()) {
        (true, true) => format!("{} It is sending.\n", screen.good("✓")),
        (true, false) => format!("{} It is sending, but not what is paused.\n", screen.odd("?")),
        (false, _) => format!("{} Nothing is sent: everything is paused.\n", screen.bad("✗")),
    };
    for pause in &status.paused {
        let by = if pause.by_hand { "by a person" } else { "by the gateway itself" };
        let since = moment::shown(&pause.since);
        out += &line("paused", &format!("{}\n{by}, {since}", next::paused(pause)), screen);
        out += &command(&next::resume(pause), screen);
    }
    out += "\n";
    out += &waiting(status, screen);
    out += &needs_a_person(status, screen);
    out += &line("delivered", &messages(count(&status.deliveries, "delivered")), screen);
    out += "\n";
    let shown = limit.map_or(usize::MAX, |limit| limit as usize);
    out += &connections(&status.connections, shown, screen);
    out += &sources(&status.sources, shown, screen);
    let (used, free) = (size(status.store.bytes), size(status.store.free_bytes));
    out + &line("disk", &format!("{used}, of which {free} are free to be used again"), screen)
}

fn waiting(status: &Status, screen: &Screen) -> String {
    let since = |at: &Option<String>| {
        at.as_ref()
            .map_or(String::new(), |at| format!(", the oldest for {}", moment::between(at, &status.now)))
    };
    let pending = count(&status.deliveries, "pending");
    let received = count(&status.events, "received");
    let in_flight = count(&status.deliveries, "in_flight");
    let mut said = Vec::new();
    if pending > 0 {
        said.push(format!("{} to be sent{}", messages(pending), since(&status.oldest_pending_at)));
    }
    if in_flight > 0 {
        said.push(format!("{} being sent", messages(in_flight)));
    }
    if received > 0 {
        said.push(format!("{} to be mapped{}", webhooks(received), since(&status.oldest_received_at)));
    }
    match said.is_empty() {
        true => line("waiting", "nothing", screen),
        false => line("waiting", &said.join("\n"), screen),
    }
}

/// Each that there is of, and the command that looks at it.
fn needs_a_person(status: &Status, screen: &Screen) -> String {
    let held = count(&status.deliveries, "held");
    let dead = count(&status.deliveries, "dead");
    let expired = count(&status.deliveries, "expired");
    let unmapped = count(&status.events, "unmapped");
    let all = [
        (
            held,
            "held",
            counted(held, "message that may have arrived, or not", "messages that may have arrived, or not"),
            "gancho deliveries --state held",
        ),
        (
            unmapped,
            "unmapped",
            counted(unmapped, "webhook that could not be mapped", "webhooks that could not be mapped"),
            "gancho events --state unmapped",
        ),
        (
            dead,
            "dead",
            counted(dead, "message that was given up", "messages that were given up"),
            "gancho deliveries --state dead",
        ),
        (
            expired,
            "expired",
            counted(
                expired,
                "message that came to be too old to help",
                "messages that came to be too old to help",
            ),
            "gancho deliveries --state expired",
        ),
    ];
    let there = all.into_iter().filter(|(count, ..)| *count > 0);
    there.map(|(_, name, said, look)| line(name, &said, screen) + &command(look, screen)).collect()
}

fn connections(all: &[Connection], shown: usize, screen: &Screen) -> String {
    let width = all.iter().map(|connection| connection.name.chars().count()).max().unwrap_or(0).clamp(10, 40);
    let head = format!("{:width$}  {:>8}  {:>8}  {:>8}", "connection", "to send", "sending", "held");
    let mut out = screen.dim(&head) + "\n";
    for connection in all.iter().take(shown) {
        let Connection { name, pending, in_flight, held, .. } = connection;
        let gone = if connection.configured { "" } else { "  (not configured)" };
        out += &format!("{name:width$}  {pending:>8}  {in_flight:>8}  {held:>8}{gone}\n");
    }
    out + "\n"
}

fn sources(all: &[Source], shown: usize, screen: &Screen) -> String {
    let width = all.iter().map(|source| source.name.chars().count()).max().unwrap_or(0).clamp(10, 40);
    let head = format!("{:width$}  {:>8}  {:>8}", "source", "to map", "unmapped");
    let mut out = screen.dim(&head) + "\n";
    for source in all.iter().take(shown) {
        let Source { name, received, unmapped, .. } = source;
        let gone = if source.open { "" } else { "  (no mapping)" };
        out += &format!("{name:width$}  {received:>8}  {unmapped:>8}{gone}\n");
    }
    out + "\n"
}

fn line(name: &str, said: &str, screen: &Screen) -> String {
    let margin = " ".repeat(NAMES);
    let wrapped = wrap(said, &margin, WIDTH);
    format!("{}{}", screen.dim(&format!("{name:NAMES$}")), &wrapped[NAMES..])
}

fn command(command: &str, screen: &Screen) -> String {
    format!("{:NAMES$}{}\n", "", screen.bold(command))
}

fn count(counts: &std::collections::BTreeMap<String, u64>, state: &str) -> usize {
    counts.get(state).copied().unwrap_or(0) as usize
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
