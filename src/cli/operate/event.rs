//! `gancho event`: the whole story of one webhook, with each message as its
//! person reads it and each attempt.

use std::process::ExitCode;

use super::client::{Client, meant};
use super::next::{self, Waits};
use super::{Asked, Done, moment, words};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::{self, WIDTH};
use crate::console::shown::{Attempt, Delivery, Event};
use crate::event::EventId;
use crate::session::SessionStart;

#[derive(clap::Args)]
pub struct Arguments {
    /// Its id, whole, as the lists show it
    id: EventId,
    #[command(flatten)]
    asked: Asked,
}

pub async fn run(arguments: &Arguments, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let story = client.get(&format!("/v1/events/{}", arguments.id), &Vec::new()).await?;
    if arguments.asked.json {
        println!("{story:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let event: Event = meant(&story)?;
    let waits = Waits::of_events(std::slice::from_ref(&event), &client).await?;
    print!("{}", told(&event, &waits, arguments.asked.limit, screen));
    Ok(ExitCode::SUCCESS)
}

fn told(event: &Event, waits: &Waits, limit: Option<u32>, screen: &Screen) -> String {
    let mut out = words::head(event, screen);
    if let (Some(at), Some(version)) = (&event.planned_at, &event.mapping_version) {
        out += &wrap(
            &format!("mapped {} by version {version} of mappings/{}.yaml", moment::shown(at), event.source),
            "  ",
            WIDTH,
        );
    }
    if let Some(request) = event.webhook.as_ref().and_then(|webhook| webhook.request.as_ref()) {
        out += &format!("  request {request}\n");
    }
    out += &words::state(event, waits, screen);
    for delivery in &event.deliveries {
        out += "\n";
        out += &of_delivery(delivery, waits, limit, screen);
    }
    let whole = match &event.webhook {
        Some(_) => format!("The webhook as it came in:\ngancho event {} --json", event.id),
        None => "The webhook itself is not kept any more.".to_owned(),
    };
    out + "\n" + &screen.dim(&whole) + "\n"
}

fn of_delivery(delivery: &Delivery, waits: &Waits, limit: Option<u32>, screen: &Screen) -> String {
    let mut out = words::of_delivery(delivery, "  ", screen);
    out += &format!("    delivery {}\n", delivery.id);
    out += &words::once_per(delivery.business_key.as_deref(), "    ");
    out += &match delivery.body.is_empty() {
        true => "    its words are not kept any more\n".to_owned(),
        false => show::message(&SessionStart::from_stored(delivery.body.clone()), "    ", screen),
    };
    let attempts = delivery.attempts.as_deref().unwrap_or_default();
    // The last ones say why it is where it is.
    let shown = limit.map_or(attempts.len(), |limit| attempts.len().min(limit as usize));
    for attempt in &attempts[attempts.len() - shown..] {
        out += &of_attempt(attempt, delivery.reason.as_deref());
    }
    out + &words::next_step(&next::of_delivery(delivery, waits), "    ", screen)
}

/// `told`: what was said of its delivery already.
fn of_attempt(attempt: &Attempt, told: Option<&str>) -> String {
    let outcome = match attempt.verdict.as_deref() {
        None => "is open",
        Some("delivered") => "delivered",
        Some("not_sent") => "not sent",
        Some(_) => "unknown",
    };
    let mut said = format!("attempt {}, {}: {outcome}", attempt.number, moment::shown(&attempt.opened_at));
    if let Some(status) = attempt.status {
        said += &format!(", Talqui answered {status}");
    }
    if let Some(session) = &attempt.session_id {
        said += &format!(", session {session}");
    }
    let mut out = wrap(&said, "    ", WIDTH);
    if attempt.verdict.as_deref() == Some("delivered") {
        return out;
    }
    let more = [&attempt.reason, &attempt.excerpt].into_iter().flatten();
    for more in more.filter(|more| !more.is_empty() && Some(more.as_str()) != told) {
        out += &wrap(&show::cut(&more.replace('\n', " "), 300), "      ", WIDTH);
    }
    out
}
