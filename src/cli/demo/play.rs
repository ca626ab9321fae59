//! Playing a scene: it is signed and posted as its sender would, and followed
//! through the store until nothing more happens to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scenes::{Expect, Scene};
use super::stage::Stage;
use crate::app;
use crate::delivery::{DeliveryState, EventState};
use crate::event::{Headers, RawWebhook, SourceName};
use crate::sandbox::{InjectedFault, Recorded};
use crate::store::EventView;

/// What came of a scene.
pub struct Played {
    pub proof: String,
    pub bytes: usize,
    pub status: u16,
    pub answered_in: Duration,
    /// The answer's problem, if it was one.
    pub problem: Option<Value>,
    pub event: Option<EventView>,
    /// What the sandbox got meanwhile.
    pub requests: Vec<Arc<Recorded>>,
    /// Err: what was expected instead.
    pub verdict: Result<(), String>,
}

impl Played {
    pub fn failed(why: String) -> Self {
        Self {
            proof: String::new(),
            bytes: 0,
            status: 0,
            answered_in: Duration::ZERO,
            problem: None,
            event: None,
            requests: Vec::new(),
            verdict: Err(why),
        }
    }
}

/// Nothing in the demo takes this long.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub async fn play(stage: &Stage, scene: &Scene, cursor: &mut i64) -> Result<Played, String> {
    let faults = scene.trouble.map(|trouble| trouble.parse::<InjectedFault>()).transpose();
    stage.sandbox.set_faults(faults.map_err(|error| error.to_string())?.into_iter().collect());
    let seen = stage.sandbox.requests().len();
    let (proof, signed) = sign(stage, scene)?;
    let bytes = signed.body.len();
    let began = Instant::now();
    let answer =
        post(stage, &signed).await.map_err(|error| format!("the gateway did not answer: {error}"))?;
    let answered_in = began.elapsed();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap_or_default();
    let accepted = (200..300).contains(&status);
    let problem = if accepted { None } else { serde_json::from_str(&text).ok() };
    let event = match accepted {
        true => {
            let (seq, view) = tokio::time::timeout(PATIENCE, next_event(stage, *cursor))
                .await
                .map_err(|_| "it took too long to become a message".to_owned())??;
            *cursor = seq;
            Some(view)
        }
        false => None,
    };
    let requests = stage.sandbox.requests().into_iter().skip(seen).collect();
    let mut played = Played { proof, bytes, status, answered_in, problem, event, requests, verdict: Ok(()) };
    played.verdict = judge(scene.expect, &played);
    Ok(played)
}

fn sign(stage: &Stage, scene: &Scene) -> Result<(String, RawWebhook), String> {
    let source: SourceName =
        scene.source.parse().map_err(|error: crate::event::IdError| error.to_string())?;
    let source_now = stage.app.sources.get(scene.source).ok_or("its source is not open")?;
    let verifier = &source_now.verifier;
    let secret = stage.secret_of(scene.source).ok_or("its secret is not set")?;
    let now = (stage.clock)();
    let draft = RawWebhook {
        path: format!("/hooks/{source}"),
        source,
        method: "POST".to_owned(),
        query: String::new(),
        headers: scene.headers.clone(),
        body: scene.body.clone().into(),
        path_secret: None,
        received_at: now,
    };
    let signed = verifier.scheme().sign(&draft, secret, verifier.setting(), now);
    let mut signed = signed.map_err(|error| error.to_string())?;
    if scene.tampered {
        let mut body = signed.body.to_vec();
        if let Some(last) = body.iter().rposition(u8::is_ascii_digit) {
            body[last] = if body[last] == b'9' { b'8' } else { body[last] + 1 };
        }
        signed.body = body.into();
    }
    Ok((verifier.scheme().proof(), signed))
}

async fn post(stage: &Stage, signed: &RawWebhook) -> reqwest::Result<reqwest::Response> {
    let url = app::address_of(stage.app.public, &signed.source);
    let mut request = stage.sender.post(url).body(signed.body.clone());
    for (name, value) in signed.headers.iter() {
        request = request.header(name, value);
    }
    request.send().await
}

/// Waits for the event after `cursor` to come to rest.
pub async fn next_event(stage: &Stage, cursor: i64) -> Result<(i64, EventView), String> {
    loop {
        let came = stage.app.store.events_after(cursor, 1).await.map_err(|error| error.to_string())?;
        if let Some(summary) = came.first() {
            let view = stage.app.store.event(summary.id).await.map_err(|error| error.to_string())?;
            if let Some(view) = view.filter(at_rest) {
                return Ok((summary.seq, view));
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn at_rest(view: &EventView) -> bool {
    let moving = |state| matches!(state, DeliveryState::Pending | DeliveryState::InFlight);
    view.event.state != EventState::Received && !view.deliveries.iter().any(|delivery| moving(delivery.state))
}

fn judge(expect: Expect, played: &Played) -> Result<(), String> {
    let code = played.problem.as_ref().and_then(|problem| problem["code"].as_str());
    let event = played.event.as_ref();
    let state = event.map(|view| view.event.state);
    let all = |wanted: DeliveryState| {
        event.is_some_and(|view| {
            !view.deliveries.is_empty() && view.deliveries.iter().all(|d| d.state == wanted)
        })
    };
    let sent = played.requests.len();
    let (right, wanted) = match expect {
        Expect::Delivered => (all(DeliveryState::Delivered) && sent == 1, "a delivered message"),
        Expect::Refused(wanted) => {
            (played.status == 401 && code == Some(wanted) && sent == 0, "a refusal with 401")
        }
        Expect::Repeat => (state == Some(EventState::Duplicate) && sent == 0, "a repeat, and nothing sent"),
        Expect::Parked => {
            (state == Some(EventState::Unmapped) && sent == 0, "a parked event, and nothing sent")
        }
        Expect::Held => (all(DeliveryState::Held) && sent == 1, "a held message, sent once"),
    };
    right.then_some(()).ok_or_else(|| format!("expected {wanted}"))
}

/// For the invitation at the end: a new order, signed, as headers for `curl`.
pub fn signed_order(stage: &Stage, body: &[u8], id: &str) -> Option<Headers> {
    let scene = Scene {
        title: "",
        source: "loja-shopify",
        headers: [
            ("Content-Type", "application/json"),
            ("X-Shopify-Topic", "orders/paid"),
            ("X-Shopify-Webhook-Id", id),
        ]
        .into_iter()
        .collect(),
        body: body.to_vec(),
        tampered: false,
        trouble: None,
        expect: Expect::Delivered,
    };
    sign(stage, &scene).ok().map(|(_, signed)| signed.headers)
}
