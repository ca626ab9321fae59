//! What `try` shows a person.

use super::super::screen::{Screen, wrap};
use super::super::show::{self, WIDTH};
use super::{Gathered, Looked};
use crate::diagnostic::Sentence;
use crate::mapping::{Decided, Plan, PlannedMessage, Skip, Skipped};
use crate::store::InboxEvent;

pub fn print(gathered: &Gathered, looked: &[Looked], screen: &Screen) {
    if !gathered.admitted {
        let said = screen.say(say!("a body of this content-type would be refused with 415"));
        println!("{} {said}", screen.bad("✗"));
        return;
    }
    let mapping = &gathered.mapping;
    let version = screen.say(say!("version {}", mapping.version));
    println!("{}  {}, {version}", screen.bold(&screen.say(say!("source"))), mapping.source);
    if looked.is_empty() {
        println!("{}", screen.say(say!("The list of this batch is empty: there is no event.")));
    }
    for (event, looked) in gathered.events.iter().zip(looked) {
        print_event(event, gathered.events.len(), looked, screen);
    }
    if looked.iter().any(|looked| looked.outcome.as_ref().is_ok_and(|plan| !plan.messages.is_empty())) {
        println!("{}", screen.dim(&screen.say(say!("Nothing was sent."))));
        if !gathered.connections_known {
            let said =
                screen.say(say!("There is no gancho.yaml here: what belongs to the connection is made up."));
            println!("{}", screen.dim(&said));
        }
    }
}

fn print_event(event: &InboxEvent, total: usize, looked: &Looked, screen: &Screen) {
    let none = || screen.dim(&screen.say(say!("(none in this request)")));
    let id = event.key.clone().unwrap_or_else(none);
    let kind = event.kind.clone().unwrap_or_else(none);
    let mut about = screen.say(say!("id {}, type {}", id, kind));
    if let Some(item) = event.item {
        about = format!("{}, {about}", screen.say(say!("{} of {}", item, total)));
    }
    println!("{}   {about}", screen.bold(&screen.say(say!("event"))));
    match &looked.outcome {
        Ok(plan) => print_plan(plan, &looked.because, screen),
        Err(why) => {
            let said = screen.say(say!("the event would be parked: {}", why.message));
            println!("{} {said}", screen.bad("✗"));
        }
    }
}

fn print_plan(plan: &Plan, because: &[Vec<Decided>], screen: &Screen) {
    if !plan.values.is_empty() {
        let head = screen.bold(&screen.say(say!("values")));
        println!("{head}\n{}", show::values(&plan.values, screen).trim_end());
    }
    for (skipped, because) in plan.skipped.iter().zip(because) {
        print_skipped(skipped, because, screen);
    }
    for message in &plan.messages {
        print_message(message, screen);
    }
    if !plan.problems.is_empty() {
        let head = screen.bold(&screen.say(say!("problems")));
        print!("{head}\n{}", show::problems(&plan.problems, screen));
        println!(
            "{}",
            screen.say(say!("The event would be kept and nothing sent, until the mapping is mended."))
        );
    } else if plan.messages.is_empty() {
        println!("{}", screen.say(say!("The event would be ignored: no message wants it.")));
    }
}

/// `pedido`, or `pedido (item 2)`.
fn named(name: &str, item: Option<usize>) -> Sentence {
    match item {
        Some(item) => say!("{} (item {})", name, item),
        None => Sentence::verbatim(name),
    }
}

fn print_skipped(skipped: &Skipped, because: &[Decided], screen: &Screen) {
    let name = named(&skipped.name, skipped.item);
    let said = match skipped.why {
        Skip::When => say!("{}: its `when` does not hold ({})", name, skipped.place),
        Skip::NoItems => say!("{}: there is no item at its `each` ({})", name, skipped.place),
    };
    println!("{} {}", screen.bold(&screen.say(say!("message"))), screen.say(said));
    for decided in because {
        let said = match decided.holds {
            false => Sentence::verbatim(decided.condition.as_str()),
            true => say!("{} holds, and it must not", decided.condition),
        };
        print!("{}", wrap(&screen.say(said), "  ", WIDTH));
        for (name, value) in &decided.values {
            let said = match value {
                Some(value) => say!("{} is {}", name, show::short(&value.to_string())),
                None => say!("{} is not there", name),
            };
            print!("{}", screen.dim(&wrap(&screen.say(said), "    ", WIDTH)));
        }
    }
}

fn print_message(message: &PlannedMessage, screen: &Screen) {
    let name = named(&message.name, message.item);
    let head = screen.bold(&screen.say(say!("message")));
    println!("{head} {}", screen.say(say!("{} through {}", name, message.connection)));
    if !message.values.is_empty() {
        print!("{}", show::values(&message.values, screen));
    }
    println!("  {}", screen.say(say!("to {}", message.start.contact())));
    if let Some(key) = &message.business_key {
        print!("{}", wrap(&screen.say(say!("once per {}", key)), "  ", WIDTH));
    }
    print!("{}", show::message(&message.start, "  ", screen));
    let head = screen.bold(&screen.say(say!("request")));
    println!("{head}\n{}", show::body(&message.start, "  ", screen).trim_end());
}
