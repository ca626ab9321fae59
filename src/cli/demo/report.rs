//! What the demo prints. 80 columns, the same words with and without colour.

use super::files;
use super::play::{Played, signed_order};
use super::scenes::Scene;
use super::stage::Stage;
use crate::app;
use crate::cli::screen::{Screen, wrap};
use crate::cli::show;
use crate::delivery::{DeliveryState, EventState};
use crate::sandbox::{Answered, Recorded};
use crate::session::SessionStart;
use crate::store::{DeliveryView, EventView};

/// Below what is said of each step.
const INDENT: &str = "              ";

pub fn opening(stage: &Stage, screen: &Screen) {
    println!("{}", screen.bold("gancho demo: webhooks in, messages to people out"));
    println!("Everything runs on this machine. Talqui is a stand-in: nobody gets a message.\n");
    println!("  gateway   http://{}/hooks/<source>", stage.app.public);
    println!("  sandbox   {} (the stand-in Talqui)", stage.sandbox.url());
    println!("  mappings  {}", stage.mappings().display());
}

pub fn title(n: usize, scene: &Scene, screen: &Screen) {
    println!("\n{}", screen.bold(&format!("{n:>2}  {}", scene.title)));
}

pub fn played(stage: &Stage, played: &Played, screen: &Screen) {
    let kilobytes = format!("{:.1} kB", played.bytes as f64 / 1000.0);
    let took = format!("{:.0} ms", played.answered_in.as_secs_f64() * 1000.0);
    let said = format!("{kilobytes}, with {}", played.proof);
    println!("    webhook   {}", screen.dim(&said));
    match &played.problem {
        Some(problem) => refused(problem, screen),
        None => println!(
            "    answer    {} {}",
            screen.good(&format!("{} verified and on disk", played.status)),
            screen.dim(&took)
        ),
    }
    if let Some(view) = &played.event {
        became(view, screen);
        for delivery in &view.deliveries {
            one_delivery(stage, delivery, &played.requests, screen);
        }
    }
    if let Err(why) = &played.verdict {
        println!("    {}", screen.bad(&format!("✗ not as expected: {why}")));
    }
}

/// An event that came from elsewhere, while the demo stays up.
pub fn visitor(stage: &Stage, view: &EventView, screen: &Screen) {
    println!("\n{}", screen.bold(&format!("→   {}: a webhook came", view.event.source)));
    became(view, screen);
    let requests = stage.sandbox.requests();
    for delivery in &view.deliveries {
        one_delivery(stage, delivery, &requests, screen);
    }
}

fn refused(problem: &serde_json::Value, screen: &Screen) {
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    let status = problem["status"].as_u64().unwrap_or_default();
    println!("    answer    {}", screen.bad(&format!("{status} refused: {}", text("code"))));
    print!("{}", wrap(&text("detail"), INDENT, show::WIDTH));
}

fn became(view: &EventView, screen: &Screen) {
    match view.event.state {
        EventState::Planned | EventState::Received => {}
        EventState::Ignored => {
            println!("    became    {}", screen.odd("nothing: no message wants this event"))
        }
        EventState::Duplicate => {
            println!(
                "    became    {}",
                screen.odd("a repeat: acknowledged, kept, and nothing is sent again")
            );
        }
        EventState::Unmapped => parked(view, screen),
    }
}

fn parked(view: &EventView, screen: &Screen) {
    println!("    became    {}", screen.odd("parked: kept until the mapping is mended; nothing was sent"));
    for problem in view.event.problems.iter().flat_map(|problems| problems.as_array()).flatten() {
        let text = |name: &str| problem[name].as_str().unwrap_or_default();
        let place = text("place").rsplit('/').next().unwrap_or_default();
        print!("{}", wrap(text("message"), INDENT, show::WIDTH));
        println!("{INDENT}{}", screen.dim(&format!("{place} ({})", text("code"))));
    }
}

fn one_delivery(
    stage: &Stage,
    delivery: &DeliveryView,
    requests: &[std::sync::Arc<Recorded>],
    screen: &Screen,
) {
    let start = SessionStart::from_stored(delivery.body.clone());
    println!("    message   {} through {}", delivery.message, delivery.connection);
    println!("              to {}", delivery.contact);
    print!("{}", show::message(&start, INDENT, screen));
    let got = requests
        .iter()
        .rev()
        .find(|request| request.body == serde_json::Value::Object(delivery.body.clone()));
    if let Some(got) = got {
        println!("    sent      {} {}", got.method, short_path(&got.path));
        if let Some(credential) = &got.authorization {
            println!("{INDENT}{}", screen.dim(&format!("Authorization: {credential}")));
        }
        print!("{}", show::body(&start, INDENT, screen));
        println!("    talqui    {}", talqui_said(got));
    }
    let state = match delivery.state {
        DeliveryState::Delivered => screen.good("delivered"),
        DeliveryState::Held => screen.odd("held"),
        other => screen.odd(other.as_str()),
    };
    println!("    outcome   {state}");
    if delivery.state != DeliveryState::Delivered
        && let Some(reason) = &delivery.reason
    {
        let plain = reason.replace(&stage.sandbox.url(), "Talqui");
        print!("{}", wrap(&plain, INDENT, show::WIDTH));
        if delivery.state == DeliveryState::Held {
            print!("{}", wrap("It is not sent again by itself: a person decides.", INDENT, show::WIDTH));
        }
    }
}

fn talqui_said(got: &Recorded) -> String {
    match (got.answered, &got.delivered) {
        (Answered::Status(status), Some(delivered)) => {
            format!("{status}, session {}", delivered.session_id)
        }
        (Answered::Status(status), None) => format!("{status}, and no message went out"),
        (Answered::Reset, _) => "no answer: the connection broke after the request was read".to_owned(),
    }
}

/// Ids in an address are long and say nothing here.
fn short_path(path: &str) -> String {
    let shorten = |part: &str| if part.len() == 36 { format!("{}…", &part[..8]) } else { part.to_owned() };
    path.split('/').map(shorten).collect::<Vec<_>>().join("/")
}

/// Whether all went as expected.
pub fn closing(played: &[Played], screen: &Screen) -> bool {
    let wrong = played.iter().filter(|played| played.verdict.is_err()).count();
    let count = |wanted: DeliveryState| {
        let deliveries = played.iter().filter_map(|p| p.event.as_ref()).flat_map(|view| &view.deliveries);
        deliveries.filter(|delivery| delivery.state == wanted).count()
    };
    let events = |wanted: EventState| {
        played.iter().filter(|p| p.event.as_ref().is_some_and(|v| v.event.state == wanted)).count()
    };
    let refused = played.iter().filter(|played| played.problem.is_some()).count();
    println!("\n{}", screen.bold(&format!("{} webhooks", played.len())));
    println!(
        "    {} delivered, {} held, {} repeated, {} parked, {refused} refused",
        count(DeliveryState::Delivered),
        count(DeliveryState::Held),
        events(EventState::Duplicate),
        events(EventState::Unmapped),
    );
    match wrong {
        0 => println!("    {}", screen.good("✓ every outcome was the expected one")),
        _ => println!("    {}", screen.bad(&format!("✗ {wrong} not as expected"))),
    }
    wrong == 0
}

/// What a person can do while it stays up.
pub fn invitation(stage: &Stage, screen: &Screen) {
    let shopify = "loja-shopify".parse().map(|source| app::address_of(stage.app.public, &source));
    let body = files::read("samples/shopify/orders-paid.json").replace("#1001", "#2001");
    let file = stage.folder().join("order-2001.json");
    let signed = signed_order(stage, body.as_bytes(), "9c1d5b7e-0000-4000-8000-000000002001");
    println!("\n{}", screen.bold("It stays up. Try, from another terminal:"));
    if let (Ok(url), Some(headers), Ok(())) = (shopify, signed, std::fs::write(&file, &body)) {
        println!("\n  another order, signed as Shopify would; change the file and it is refused\n");
        println!("    curl -i {url} \\");
        for (name, value) in headers.iter() {
            println!("      -H '{name}: {value}' \\");
        }
        println!("      --data-binary @{}", file.display());
    }
    println!("\n  what the stand-in Talqui got\n\n    curl {}/_sandbox/requests", stage.sandbox.url());
    println!("\n  edit a mapping: it is taken over at once, or its mistake is said here\n");
    println!("    {}", stage.mappings().join("loja-shopify.yaml").display());
    println!("\n{}", screen.dim("Ctrl-C ends it and removes its files."));
}
