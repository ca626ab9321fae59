//! The whole gateway on free ports, as `serve` starts it, and a sender that
//! talks to it over HTTP: for what is seen from outside.

use std::net::SocketAddr;

use gancho::app::{App, Setup};
use gancho::delivery::{DeliveryState, EventState};
use gancho::event::{Headers, RawWebhook};
use gancho::store::{DeliveryView, EventView};
use serde_json::Value;

use super::{Setting, draft, secret, sign, wait_for};

/// A whole gateway, and a sender.
pub struct Gateway {
    pub app: App,
    pub setting: Setting,
    client: reqwest::Client,
}

/// What a sender was told.
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
}

impl Gateway {
    pub async fn start(mappings: &[(&str, &str)]) -> Self {
        Self::start_with(mappings, |_| {}).await
    }

    /// With a change to what the files say.
    pub async fn start_with(mappings: &[(&str, &str)], change: impl FnOnce(&mut Setup)) -> Self {
        let setting = Setting::new(mappings);
        let mut setup = setting.load();
        change(&mut setup);
        let app = App::start(setup, setting.time.clock()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, setting, client }
    }

    pub fn signed(&self, source: &str, body: impl Into<Vec<u8>>) -> RawWebhook {
        sign(&self.app.sources, draft(source, body), self.setting.time.now())
    }

    pub async fn post(&self, raw: RawWebhook) -> Answer {
        let mut path = raw.path.clone();
        path.extend(raw.path_secret.iter().map(|secret| format!("/{secret}")));
        if !raw.query.is_empty() {
            path = format!("{path}?{}", raw.query);
        }
        let request = self.client.post(format!("http://{}{path}", self.app.public)).body(raw.body.clone());
        let request = raw.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        answer(request).await
    }

    /// Signs and posts an event.
    pub async fn tell(&self, source: &str, event: &Value) -> Answer {
        self.post(self.signed(source, event.to_string())).await
    }

    pub async fn request(&self, method: &str, path: &str) -> Answer {
        let url = format!("http://{}{path}", self.app.public);
        answer(self.client.request(method.parse().unwrap(), url)).await
    }

    pub async fn get(&self, listener: SocketAddr, path: &str) -> Answer {
        answer(self.client.get(format!("http://{listener}{path}"))).await
    }

    /// Asks the admin API, with its token: `GET /v1/status`. Null is no body.
    pub async fn operator(&self, asked: &str, body: &Value) -> Answer {
        let (method, path) = asked.split_once(' ').expect("a method and a path");
        let url = format!("http://{}{path}", self.app.admin);
        let token = String::from_utf8(secret("GANCHO_ADMIN_TOKEN").expose().to_vec()).unwrap();
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(token);
        answer(if body.is_null() { request } else { request.body(body.to_string()) }).await
    }

    /// What it answers, which must be 200 and JSON.
    #[track_caller]
    pub fn ask(&self, path: &str) -> impl Future<Output = Value> {
        let asked = format!("GET {path}");
        async move {
            let answer = self.operator(&asked, &Value::Null).await;
            assert_eq!(answer.status, 200, "{asked}: {}", answer.body);
            serde_json::from_str(&answer.body).unwrap()
        }
    }

    /// Waits until so many events are there and nothing is under way.
    pub async fn rest(&self, events: usize) {
        wait_for("all events to come to rest", async || {
            let counts = self.app.store.counts().await.unwrap();
            let all: u64 = counts.events.iter().map(|(_, count)| count).sum();
            let moving = counts.events(EventState::Received)
                + counts.deliveries(DeliveryState::Pending)
                + counts.deliveries(DeliveryState::InFlight);
            (all as usize == events && moving == 0).then_some(())
        })
        .await
    }

    /// The oldest event, once a mapping has decided and nothing is under way.
    pub async fn first_event_at_rest(&self) -> EventView {
        wait_for("the first event to come to rest", async || {
            let id = self.app.store.events_after(0, 1).await.unwrap().first()?.id;
            let view = self.app.store.event(id).await.unwrap()?;
            let moving =
                |d: &DeliveryView| matches!(d.state, DeliveryState::Pending | DeliveryState::InFlight);
            (view.event.planned_at.is_some() && !view.deliveries.iter().any(moving)).then_some(view)
        })
        .await
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect(),
        body: response.text().await.unwrap(),
    }
}
