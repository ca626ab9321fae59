//! `gancho events` and `gancho deliveries`: finding what an operator is asked
//! about, and saying what became of it.

use std::process::ExitCode;

use super::client::{Client, Query, meant};
use super::next::Waits;
use super::{Asked, Done, SHOWN, moment, words};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::WIDTH;
use crate::console::shown::{DeliveryPage, EventPage};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{EventId, SourceName, Timestamp};

#[derive(clap::Args)]
pub struct Events {
    /// Words that each must have, in its id, its body or a message of it
    #[arg(value_name = "WORD")]
    search: Vec<String>,
    #[command(flatten)]
    filter: EventFilter,
    #[command(flatten)]
    asked: Asked,
}

/// Which events; `replay` asks for them alike.
#[derive(clap::Args)]
pub struct EventFilter {
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    pub source: Option<SourceName>,
    /// received, planned, ignored, duplicate or unmapped
    #[arg(long, value_parser = |word: &str| word_of(word, EventState::ALL))]
    pub state: Option<EventState>,
    /// Only with this word of the sender's for what happened
    #[arg(long, value_name = "WORD")]
    pub kind: Option<String>,
    /// Only with this id of the sender's own
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// From when on: 2h or 3d ago, a day, or a moment
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub since: Option<Timestamp>,
    /// Until when
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub until: Option<Timestamp>,
}

#[derive(clap::Args)]
pub struct Deliveries {
    /// Words that each must have, in who it is for or what it says
    #[arg(value_name = "WORD")]
    search: Vec<String>,
    /// pending, in_flight, delivered, held, dead, expired or cancelled
    #[arg(long, value_parser = |word: &str| word_of(word, DeliveryState::ALL))]
    state: Option<DeliveryState>,
    /// Only through this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Only to this contact, as Talqui has it
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
    /// Only with this `once_per`, in words
    #[arg(long, value_name = "KEY")]
    business_key: Option<String>,
    /// Only of this event
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
    /// From when on: 2h or 3d ago, a day, or a moment
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    since: Option<Timestamp>,
    /// Until when
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    until: Option<Timestamp>,
    #[command(flatten)]
    asked: Asked,
}

fn word_of<T: Copy + ToString>(word: &str, all: &[T]) -> Result<T, String> {
    all.iter().find(|known| known.to_string() == word).copied().ok_or_else(|| {
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        format!("there are {}", words.join(", "))
    })
}

fn said(name: &'static str, value: Option<impl ToString>) -> Option<(&'static str, String)> {
    Some((name, value?.to_string()))
}

fn searched(words: &[String]) -> impl Iterator<Item = (&'static str, String)> {
    words.iter().map(|word| ("search", word.clone()))
}

impl EventFilter {
    /// In the names of the API, for a query and for the filter of a replay.
    pub fn query(&self) -> Query {
        let all = [
            said("source", self.source.as_ref()),
            said("state", self.state),
            said("kind", self.kind.as_ref()),
            said("key", self.key.as_ref()),
            said("since", self.since),
            said("until", self.until),
        ];
        all.into_iter().flatten().collect()
    }
}

impl Deliveries {
    fn query(&self) -> Query {
        let all = [
            said("state", self.state),
            said("connection", self.connection.as_ref()),
            said("source", self.source.as_ref()),
            said("contact", self.contact.as_ref()),
            said("business_key", self.business_key.as_ref()),
            said("event", self.event),
            said("since", self.since),
            said("until", self.until),
        ];
        all.into_iter().flatten().chain(searched(&self.search)).collect()
    }
}

pub async fn events(arguments: &Events, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let query: Query = arguments.filter.query().into_iter().chain(searched(&arguments.search)).collect();
    let limit = arguments.asked.limit.unwrap_or(SHOWN);
    let page = client.pages("/v1/events", "events", &query, limit).await?;
    if arguments.asked.json {
        println!("{page:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let page: EventPage = meant(&page)?;
    if page.events.is_empty() {
        print!("{}", nothing("webhook", &arguments.search, query.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let waits = Waits::of_events(&page.events, &client).await?;
    for event in &page.events {
        println!("{}", words::event(event, &waits, screen));
    }
    let ids: Vec<&str> = page.events.iter().map(|event| event.id.as_str()).collect();
    end(page.next.is_some(), &ids, screen);
    Ok(ExitCode::SUCCESS)
}

pub async fn deliveries(arguments: &Deliveries, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let query = arguments.query();
    let limit = arguments.asked.limit.unwrap_or(SHOWN);
    let page = client.pages("/v1/deliveries", "deliveries", &query, limit).await?;
    if arguments.asked.json {
        println!("{page:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let page: DeliveryPage = meant(&page)?;
    if page.deliveries.is_empty() {
        print!("{}", nothing("message", &arguments.search, query.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let waits = Waits::of_deliveries(&page.deliveries, &client).await?;
    for delivery in &page.deliveries {
        println!("{}", words::delivery_alone(delivery, &waits, screen));
    }
    let ids: Vec<&str> = page.deliveries.iter().map(|delivery| delivery.event.as_str()).collect();
    end(page.next.is_some(), &ids, screen);
    Ok(ExitCode::SUCCESS)
}

/// What there is not, and where else to look.
fn nothing(what: &str, search: &[String], conditions: usize) -> String {
    let said = match (search, conditions) {
        ([], 0) => format!("There is no {what} yet."),
        ([], _) => format!("No {what} is so."),
        ([word], 1) => format!("No {what} has `{word}`."),
        (words, _) => format!("No {what} has all of this: {}.", words.join(", ")),
    };
    let refused = "One that was refused at the door is not here: gancho refused";
    wrap(&format!("{said}\n{refused}"), "", WIDTH)
}

fn end(more: bool, events: &[&str], screen: &Screen) {
    if more {
        println!("{}", screen.dim("There are more: --limit NUMBER, or ask closer."));
    }
    let id = if let [only] = events { only } else { "EVENT-ID" };
    println!("{}", screen.dim(&format!("The whole story of one: gancho event {id}")));
}
