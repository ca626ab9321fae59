//! The whole gateway on free ports, as `serve` starts it, and a sender that
//! talks to it over HTTP: for what is seen from outside.

use std::net::SocketAddr;

use gancho::app::{App, Setup};
use gancho::delivery::DeliveryState;
use gancho::event::{Headers, RawWebhook};
use gancho::store::{DeliveryView, EventView};
use serde_json::Value;

use super::{Setting, draft, sign, wait_for};

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

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect(),
        body: response.text().await.unwrap(),
    }
}
