//! `gancho replay`: webhooks mapped again after their mapping was mended. It shows
//! what would be sent, as its people would read it, and asks.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::ask::ask;
use super::client::{Client, meant};
use super::list::EventFilter;
use super::words::{messages, webhooks};
use super::{Asked, Done, SHOWN, words};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::{self, WIDTH};
use crate::console::replays::{Message, Preview, Replayed};
use crate::event::EventId;
use crate::session::SessionStart;

#[derive(clap::Args)]
pub struct Arguments {
    /// The ids of the webhooks, whole, as the lists show them
    #[arg(
        value_name = "ID",
        required_unless_present_any = ["source", "state", "kind", "key", "since", "until"],
        conflicts_with_all = ["source", "state", "kind", "key", "since", "until"],
    )]
    ids: Vec<EventId>,
    #[command(flatten)]
    filter: EventFilter,
    /// Also to whoever has the message already, who reads it twice
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    asked: Asked,
}

pub async fn run(arguments: &Arguments, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let mut order = arguments.order();
    let shown = client.post("/v1/replays", &order).await?;
    let preview: Preview = meant(&shown)?;
    let json = arguments.asked.json;
    if !json {
        print!(
            "{}",
            told(&preview, arguments.asked.limit.unwrap_or(SHOWN), !arguments.ids.is_empty(), screen)
        );
    }
    // A filter may find what cannot be mapped again; who names an id means it.
    let refused = !arguments.ids.is_empty() && !preview.refused.is_empty();
    if preview.would_send == 0 && preview.ignored == 0 {
        if json {
            println!("{shown:#}");
        }
        let mended = preview.unmapped.is_empty() && !refused;
        return Ok(if mended { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if json && !arguments.yes {
        println!("{shown:#}");
    }
    let question = match preview.would_send {
        0 => "Nothing would be sent. Map them again all the same?".to_owned(),
        count => format!("Send {}?", messages(count)),
    };
    ask(&question, arguments.yes)?;
    order["confirm"] = json!(preview.confirm);
    let answer = client.post("/v1/replays", &order).await?;
    let done: Replayed = meant(&answer)?;
    match json {
        true => println!("{answer:#}"),
        false => print!("{}", ended(&done, screen)),
    }
    let all = done.left.is_empty() && done.unmapped == 0 && !refused;
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Arguments {
    fn order(&self) -> Value {
        let mut order = json!({ "force": self.force });
        match self.ids.as_slice() {
            [] => {
                let said = self.filter.query().into_iter();
                let said = said.map(|(name, value)| (name.to_owned(), Value::String(value)));
                order["filter"] = Value::Object(said.collect());
            }
            ids => order["events"] = ids.iter().map(ToString::to_string).collect(),
        }
        order
    }
}

/// `named`: by its id, so that what cannot be mapped again is told one by one.
fn told(preview: &Preview, limit: u32, named: bool, screen: &Screen) -> String {
    let mut out = String::new();
    let shown = preview.messages.len().min(limit as usize);
    for message in &preview.messages[..shown] {
        out += &of_message(message, screen);
        out.push('\n');
    }
    let not_shown = (preview.would_send + preview.would_skip).saturating_sub(shown);
    if not_shown > 0 {
        out += &format!("… and {} that are not shown here (--limit)\n\n", messages(not_shown));
    }
    for unmapped in preview.unmapped.iter().take(limit as usize) {
        out += &format!("{} event {}\n", screen.bad("✗"), unmapped.event);
        out += "  The mapping of today makes no message of it either:\n";
        out += &words::problems(&unmapped.problems, "  ");
    }
    for refused in preview.refused.iter().filter(|_| named).take(limit as usize) {
        out += &format!("{} event {}\n", screen.bad("✗"), refused.event);
        out += &wrap(&refused.why, "  ", WIDTH);
    }
    out + &summary(preview)
}

/// Whom it goes to, by which way, as they would read it.
fn of_message(message: &Message, screen: &Screen) -> String {
    let sends = message.would == "send";
    let mark = if sends { screen.good("→") } else { screen.dim("–") };
    let who = words::named(&message.body, &message.contact);
    let said = format!("{} to {who} by {}", message.message, message.connection);
    let mut out = words::marked(&mark, &said, "");
    out += &format!("  event {}\n", message.event);
    out += &words::once_per(message.business_key.as_deref(), "  ");
    match &message.why {
        Some(why) => out + &wrap(&format!("not sent: {why}"), "  ", WIDTH),
        None => out + &show::message(&SessionStart::from_stored(message.body.clone()), "  ", screen),
    }
}

fn summary(preview: &Preview) -> String {
    let mut said = format!(
        "{}: {} would be sent, {} not",
        webhooks(preview.events),
        messages(preview.would_send),
        preview.would_skip
    );
    if preview.ignored > 0 {
        said += &format!("; of {} no message is wanted", webhooks(preview.ignored));
    }
    if !preview.unmapped.is_empty() {
        said += &format!("; {} cannot be mapped yet", webhooks(preview.unmapped.len()));
    }
    if !preview.refused.is_empty() {
        said += &format!("; {} cannot be mapped again", webhooks(preview.refused.len()));
    }
    said += ".";
    if preview.more {
        said += " There are more of them than one replay takes: when this is done, say it again.";
    }
    wrap(&said, "", WIDTH)
}

fn ended(done: &Replayed, screen: &Screen) -> String {
    let said = format!(
        "{}: {} on their way, {} not sent, {} not mapped.",
        webhooks(done.events),
        messages(done.sent),
        done.skipped,
        webhooks(done.unmapped)
    );
    let mut out = words::marked(&screen.good("✓"), &said, "");
    for left in &done.left {
        out += &format!("{} event {left} changed meanwhile, and was left\n", screen.odd("?"));
    }
    if done.sent > 0 {
        out += "What becomes of them: gancho tail, or gancho deliveries\n";
    }
    out
}
