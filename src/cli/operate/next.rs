//! What to do next about an event or a message that is not where it should be,
//! and what it waits for.

use super::Stopped;
use super::client::{Client, meant};
use super::moment;
use crate::console::shown::{Delivery, Event, Paused};
use crate::console::status::Status;

/// What is paused, asked for only where something waits.
#[derive(Default)]
pub struct Waits {
    now: String,
    paused: Vec<Paused>,
}

impl Waits {
    pub async fn of_events(events: &[Event], client: &Client) -> Result<Self, Stopped> {
        let deliveries = events.iter().flat_map(|event| &event.deliveries);
        let any = events.iter().any(|event| event.state == "received") || deliveries.into_iter().any(pending);
        Self::read(any, client).await
    }

    pub async fn of_deliveries(deliveries: &[Delivery], client: &Client) -> Result<Self, Stopped> {
        Self::read(deliveries.iter().any(pending), client).await
    }

    async fn read(any: bool, client: &Client) -> Result<Self, Stopped> {
        if !any {
            return Ok(Self::default());
        }
        let status: Status = meant(&client.get("/v1/status", &Vec::new()).await?)?;
        Ok(Self { now: status.now, paused: status.paused })
    }

    /// Why nothing of `source` goes through `connection` (or is planned: None).
    fn pause(&self, source: &str, connection: Option<&str>) -> Option<&Paused> {
        self.paused.iter().find(|pause| match pause.kind.as_str() {
            "everything" => true,
            "source" => pause.name.as_deref() == Some(source),
            _ => pause.name.is_some() && pause.name.as_deref() == connection,
        })
    }
}

fn pending(delivery: &Delivery) -> bool {
    delivery.state == "pending"
}

/// Sentences, and then commands as they are typed.
#[derive(Default)]
pub struct Next {
    pub says: Option<String>,
    pub commands: Vec<String>,
}

impl Next {
    fn of(says: impl Into<String>, commands: Vec<String>) -> Self {
        Self { says: Some(says.into()), commands }
    }
}

/// How a pause is ended.
pub fn resume(pause: &Paused) -> String {
    match (pause.kind.as_str(), &pause.name) {
        ("connection", Some(name)) => format!("gancho resume --connection {name}"),
        ("source", Some(name)) => format!("gancho resume --source {name}"),
        _ => "gancho resume --all".to_owned(),
    }
}

/// `the connection loja is paused: reason`.
pub fn paused(pause: &Paused) -> String {
    let what = match &pause.name {
        Some(name) => format!("the {} {name}", pause.kind),
        None => "everything".to_owned(),
    };
    format!("{what} is paused: {}", pause.reason)
}

pub fn of_event(event: &Event, waits: &Waits) -> Next {
    let (id, source) = (&event.id, &event.source);
    match event.state.as_str() {
        "received" => match waits.pause(source, None) {
            Some(pause) => Next::of(format!("It waits: {}", paused(pause)), vec![resume(pause)]),
            None => Next::of("It is about to be mapped.", Vec::new()),
        },
        "unmapped" => Next::of(
            format!("Nothing was sent. Mend mappings/{source}.yaml, look, and do it again:"),
            vec![format!("gancho try --event {id}"), format!("gancho replay {id}")],
        ),
        "duplicate" => match &event.duplicate_of {
            Some(first) => Next::of(
                "Its sender sent it before; what became of it is told there:",
                vec![format!("gancho event {first}")],
            ),
            None => Next::default(),
        },
        _ => Next::default(),
    }
}

pub fn of_delivery(delivery: &Delivery, waits: &Waits) -> Next {
    let (id, event) = (&delivery.id, &delivery.event);
    match delivery.state.as_str() {
        "pending" => match waits.pause(&delivery.source, Some(&delivery.connection)) {
            Some(pause) => Next::of(format!("It waits: {}", paused(pause)), vec![resume(pause)]),
            None if moment::is_after(&delivery.due_at, &waits.now) => {
                Next::of(format!("It is sent next at {}.", moment::shown(&delivery.due_at)), Vec::new())
            }
            None => Next::of("It waits for its turn.", Vec::new()),
        },
        "held" => Next::of(
            "It may have arrived. Find out, then send it after all, or say what is so:",
            vec![format!("gancho release {id}"), format!("gancho settle {id} --delivered | --not-sent")],
        ),
        "dead" => Next::of(
            "It is not tried again. When its cause is mended, do its event again:",
            vec![format!("gancho replay {event}")],
        ),
        "expired" => Next::of(
            "It was too old to help. If it still does, do its event again:",
            vec![format!("gancho replay {event}")],
        ),
        "cancelled" => match &delivery.twin_of {
            Some(twin) => Next::of(format!("That one is the delivery {twin}."), Vec::new()),
            None => Next::default(),
        },
        _ => Next::default(),
    }
}
