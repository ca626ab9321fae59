//! `gancho release`, `settle` and `cancel`: what a person decides about messages.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::ask::ask;
use super::client::{Client, Query, meant};
use super::{Asked, Done, Stopped, words};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::WIDTH;
use crate::console::shown::{DeliveryPage, Moved};
use crate::event::{DeliveryId, SourceName};

#[derive(clap::Args)]
pub struct Many {
    /// The ids of the deliveries, whole, as the lists show them
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<DeliveryId>,
    /// All that are held
    #[arg(long)]
    all: bool,
    /// Of those, the ones through this connection
    #[arg(long, value_name = "NAME", requires = "all")]
    connection: Option<String>,
    /// Of those, the ones of this source
    #[arg(long, value_name = "NAME", requires = "all")]
    source: Option<SourceName>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    asked: Asked,
}

#[derive(clap::Args)]
pub struct Cancel {
    #[command(flatten)]
    many: Many,
    /// Which `--all` means: those that are held, or those that wait
    #[arg(long, value_name = "STATE", requires = "all", default_value = HELD, value_parser = [HELD, "pending"])]
    state: String,
}

const HELD: &str = "held";

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("found_out").required(true))]
pub struct Settle {
    /// The ids of the deliveries, whole, as the lists show them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<DeliveryId>,
    /// They arrived
    #[arg(long, group = "found_out")]
    delivered: bool,
    /// They did not arrive, and are not to be sent
    #[arg(long, group = "found_out")]
    not_sent: bool,
    #[command(flatten)]
    asked: Asked,
}

/// `--all` without `--limit`.
const AT_MOST: u32 = 10_000;

pub async fn release(arguments: &Many, screen: &Screen) -> Done {
    let says = "Send them? Those that did arrive the first time are read twice.";
    decide(arguments, HELD, "release", says, screen).await
}

pub async fn cancel(arguments: &Cancel, screen: &Screen) -> Done {
    decide(&arguments.many, &arguments.state, "cancel", "Never send them?", screen).await
}

pub async fn settle(arguments: &Settle, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    let found_out = if arguments.delivered { "delivered" } else { "not_sent" };
    let ids: Vec<String> = arguments.ids.iter().map(ToString::to_string).collect();
    each(&client, &ids, "settle", &json!({ "as": found_out }), &arguments.asked, screen).await
}

async fn decide(arguments: &Many, state: &str, verb: &str, question: &str, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    if !arguments.all {
        let ids: Vec<String> = arguments.ids.iter().map(ToString::to_string).collect();
        return each(&client, &ids, verb, &json!({}), &arguments.asked, screen).await;
    }
    let found = found(&client, arguments, state).await?;
    if found.deliveries.is_empty() {
        match arguments.asked.json {
            true => println!("{:#}", json!({ "moved": [], "refused": [] })),
            false => println!("None is {state}."),
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.asked.json {
        for delivery in found.deliveries.iter().take(10) {
            print!("{}", words::of_delivery(delivery, "", screen));
        }
        let more = if found.next.is_some() { ", and there are more" } else { "" };
        println!("{} {state}{more}.", words::messages(found.deliveries.len()));
    }
    ask(question, arguments.yes)?;
    let ids: Vec<String> = found.deliveries.into_iter().map(|delivery| delivery.id).collect();
    each(&client, &ids, verb, &json!({}), &arguments.asked, screen).await
}

async fn found(client: &Client, arguments: &Many, state: &str) -> Result<DeliveryPage, Stopped> {
    let mut query: Query = vec![("state", state.to_owned())];
    query.extend(arguments.connection.iter().map(|name| ("connection", name.clone())));
    query.extend(arguments.source.iter().map(|name| ("source", name.to_string())));
    let limit = arguments.asked.limit.unwrap_or(AT_MOST);
    meant(&client.pages("/v1/deliveries", "deliveries", &query, limit).await?)
}

/// One after the other. One that is refused does not keep the others from it.
async fn each(
    client: &Client,
    ids: &[String],
    verb: &str,
    body: &Value,
    asked: &Asked,
    screen: &Screen,
) -> Done {
    let (mut moved, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        match client.post(&format!("/v1/deliveries/{id}/{verb}"), body).await {
            Ok(answer) => {
                if !asked.json {
                    let one: Moved = meant(&answer)?;
                    println!("{} {} is {} now", screen.good("✓"), one.id, one.to);
                }
                moved.push(answer);
            }
            Err(Stopped::NotAsHoped(why)) => {
                if !asked.json {
                    let said = wrap(&format!("{id}: {why}"), "  ", WIDTH);
                    print!("{}", said.replacen(' ', &screen.bad("✗"), 1));
                }
                refused.push(json!({ "id": id, "why": why }));
            }
            Err(stopped) => return Err(stopped),
        }
    }
    let all = refused.is_empty();
    match asked.json {
        true => println!("{:#}", json!({ "moved": moved, "refused": refused })),
        false if !all => println!("{} of {} left as they were.", refused.len(), ids.len()),
        false => {}
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
