//! How events and messages read on a screen of 80 columns: what it is, where it
//! is, why, and what to do next.

use serde_json::Value;

use super::moment;
use super::next::{self, Next, Waits};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::{WIDTH, cut};
use crate::console::shown::{Delivery, Event};
use crate::session::Fields;

pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub fn messages(count: usize) -> String {
    counted(count, "message", "messages")
}

pub fn webhooks(count: usize) -> String {
    counted(count, "webhook", "webhooks")
}

/// Of an event in a list.
pub fn event(event: &Event, waits: &Waits, screen: &Screen) -> String {
    let mut out = head(event, screen);
    out += &state(event, waits, screen);
    for delivery in &event.deliveries {
        out += &of_delivery(delivery, "  ", screen);
        out += &next_step(&next::of_delivery(delivery, waits), "    ", screen);
    }
    out
}

/// What it is, when it came, and its id.
pub fn head(event: &Event, screen: &Screen) -> String {
    let when = moment::shown(&event.received_at);
    let parts = [Some(event.source.as_str()), event.kind.as_deref(), event.key.as_deref()];
    let what = parts.into_iter().flatten().collect::<Vec<_>>().join("  ").replace('\n', " ");
    let room = WIDTH - when.len() - 2;
    let what = cut(&what, room);
    let padding = " ".repeat(room - what.chars().count() + 2);
    format!("{}{padding}{}\n  event {}\n", screen.bold(&what), screen.dim(&when), event.id)
}

/// Where the event itself is, if that is not told by its messages.
pub fn state(event: &Event, waits: &Waits, screen: &Screen) -> String {
    let (mark, said) = match event.state.as_str() {
        "planned" => return String::new(),
        "received" => (screen.dim("·"), "received, not mapped yet".to_owned()),
        "ignored" => {
            let why = event.reason.as_deref().unwrap_or("no message wanted it");
            (screen.dim("–"), format!("ignored: {why}"))
        }
        "duplicate" => (screen.dim("–"), "a repeat".to_owned()),
        "unmapped" => (screen.bad("✗"), "unmapped: its mapping made no message of it".to_owned()),
        other => (screen.dim("·"), other.to_owned()),
    };
    let mut out = marked(&mark, &said, "  ");
    out += &event.problems.as_ref().map(|all| problems(all, "    ")).unwrap_or_default();
    out + &next_step(&next::of_event(event, waits), "    ", screen)
}

/// What kept it from being mapped, each with its place in the file.
pub fn problems(all: &Value, indent: &str) -> String {
    let mut out = String::new();
    for problem in all.as_array().into_iter().flatten() {
        let text = |name: &str| problem[name].as_str().filter(|text| !text.is_empty());
        let place = text("place").map(|place| format!(" ({place})")).unwrap_or_default();
        out += &wrap(&format!("{}{place}", text("message").unwrap_or("a problem")), indent, WIDTH);
    }
    out
}

/// Who, what, where, when and why.
pub fn of_delivery(delivery: &Delivery, indent: &str, screen: &Screen) -> String {
    let mark = mark(&delivery.state, screen);
    let said = format!(
        "{:<10} {} to {}",
        delivery.state,
        delivery.message,
        named(&delivery.body, &delivery.contact)
    );
    let mut out = marked(&mark, &said, indent);
    let below = format!("{indent}  ");
    out += &wrap(&format!("by {}, {}", delivery.connection, when(delivery)), &below, WIDTH);
    if let Some(reason) = delivery.reason.as_deref().filter(|_| delivery.state != "delivered") {
        out += &wrap(reason, &below, WIDTH);
    }
    out
}

/// Of a delivery in a list of its own.
pub fn delivery_alone(delivery: &Delivery, waits: &Waits, screen: &Screen) -> String {
    let mut out = of_delivery(delivery, "", screen);
    out += &format!("  of {}, event {}\n", delivery.source, delivery.event);
    out += &format!("  delivery {}\n", delivery.id);
    out += &once_per(delivery.business_key.as_deref(), "  ");
    out + &next_step(&next::of_delivery(delivery, waits), "  ", screen)
}

/// `once_per`, whose parts are kept as a list of texts.
pub fn once_per(key: Option<&str>, indent: &str) -> String {
    let Some(key) = key else { return String::new() };
    let parts: Option<Vec<String>> = serde_json::from_str(key).ok();
    let parts = parts.map_or_else(|| key.to_owned(), |parts| parts.join(", "));
    wrap(&format!("once per {parts}"), indent, WIDTH)
}

pub fn next_step(next: &Next, indent: &str, screen: &Screen) -> String {
    let mut out = next.says.as_ref().map_or(String::new(), |says| wrap(says, indent, WIDTH));
    for command in &next.commands {
        out += &format!("{indent}{}\n", screen.bold(command));
    }
    out
}

/// The name, if the request has one, and the contact.
pub fn named(body: &Fields, contact: &str) -> String {
    match body.get("contactFullName").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({contact})"),
        None => contact.to_owned(),
    }
}

fn when(delivery: &Delivery) -> String {
    let moved = moment::shown(&delivery.moved_at);
    let said = match delivery.state.as_str() {
        "pending" => format!("planned {}", moment::shown(&delivery.planned_at)),
        "in_flight" => format!("being sent since {moved}"),
        "held" => format!("since {moved}"),
        _ => moved,
    };
    match delivery.attempt_count {
        0 => said,
        1 => format!("{said}, 1 attempt"),
        count => format!("{said}, {count} attempts"),
    }
}

fn mark(state: &str, screen: &Screen) -> String {
    match state {
        "delivered" => screen.good("✓"),
        "held" => screen.odd("?"),
        "dead" | "expired" => screen.bad("✗"),
        "cancelled" => screen.dim("–"),
        _ => screen.dim("·"),
    }
}

/// With a mark of one column before the first line.
pub fn marked(mark: &str, text: &str, indent: &str) -> String {
    let below = format!("{indent}  ");
    wrap(text, &below, WIDTH).replacen(&below, &format!("{indent}{mark} "), 1)
}
