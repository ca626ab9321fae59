//! Asking a running gateway: where it is, with which token, and what a refusal
//! says to who typed the command.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::check::find_config;
use super::super::screen::Screen;
use super::{Asked, Stopped};
use crate::app;
use crate::config::{ADMIN_TOKEN, Config};
use crate::diagnostic::Problems;
use crate::event::{Secret, SecretRef};

/// A search through many events takes a while, and looking for a person in all of
/// them a long one.
const PATIENCE: Duration = Duration::from_secs(600);
const CONNECT: Duration = Duration::from_secs(5);
/// The most that the API gives at a time.
const PAGE: u32 = 500;

pub struct Client {
    http: reqwest::Client,
    pub url: String,
    token: Secret,
}

/// Names and values of a query.
pub type Query = Vec<(&'static str, String)>;

impl Client {
    pub fn open(asked: &Asked, screen: &Screen) -> Result<Self, Stopped> {
        let config = match &asked.url {
            Some(_) => None,
            None => {
                let mut problems = Problems::default();
                find_config(asked.config.clone(), &mut problems).map_err(|()| {
                    let drawn = screen.draw(&problems.sorted());
                    eprint!("{drawn}");
                    Stopped::NotDone("Mend it, or say where the gateway is with --url.".to_owned())
                })?
            }
        };
        let config = config.unwrap_or_else(|| Config::defaults(Path::new("")));
        let url = match &asked.url {
            Some(url) => url_of(url)?,
            None => address(config.admin)?,
        };
        let token = token(&config.admin_token.reference)?;
        let built = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT);
        let built = built.redirect(reqwest::redirect::Policy::none()).build();
        let http = built.map_err(|why| Stopped::NotDone(format!("No client can be made: {why}.")))?;
        Ok(Self { http, url, token })
    }

    pub async fn get(&self, path: &str, query: &Query) -> Result<Value, Stopped> {
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        let request = self.request(Method::GET, &format!("{path}?{query}")).timeout(PATIENCE);
        self.read(self.send(request).await?).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Stopped> {
        let request = self.request(Method::POST, path).timeout(PATIENCE);
        let request = request.header("content-type", "application/json").body(body.to_string());
        self.read(self.send(request).await?).await
    }

    /// Up to `limit` of the list `name`, over as many pages as that takes: one can
    /// be empty although more follow. As one page.
    pub async fn pages(&self, path: &str, name: &str, query: &Query, limit: u32) -> Result<Value, Stopped> {
        let mut found: Vec<Value> = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let left = limit.saturating_sub(found.len() as u32);
            let mut query = query.clone();
            query.push(("limit", left.min(PAGE).to_string()));
            query.extend(next.take().map(|cursor| ("cursor", cursor)));
            let mut page = self.get(path, &query).await?;
            if let Some(items) = page[name].as_array_mut() {
                found.append(items);
            }
            next = page["next"].as_str().map(str::to_owned);
            if next.is_none() || found.len() as u32 >= limit {
                return Ok(json!({ name: found, "next": next }));
            }
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = String::from_utf8_lossy(self.token.expose());
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token)
    }

    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Stopped> {
        request.send().await.map_err(|why| {
            Stopped::NotDone(match why.is_timeout() && !why.is_connect() {
                true => format!("The gateway at {} does not answer in time. Look at its log.", self.url),
                false => format!(
                    "No gateway answers at {} ({}). `gancho serve` must run; where it listens is \
                     `listen.admin` of its gancho.yaml (--config), or say it with --url.",
                    self.url,
                    root_cause(&why)
                ),
            })
        })
    }

    async fn read(&self, response: Response) -> Result<Value, Stopped> {
        let status = response.status();
        let body = self.accepted(response).await?.bytes().await.map_err(|why| {
            Stopped::NotDone(format!("The answer of {} broke off: {}.", self.url, root_cause(&why)))
        })?;
        serde_json::from_slice(&body).map_err(|_| self.stranger(status))
    }

    /// An answer that is what was asked for. Err: why it is not, in the gateway's
    /// words.
    pub async fn accepted(&self, response: Response) -> Result<Response, Stopped> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        match (problem["detail"].as_str(), status) {
            (Some(said), StatusCode::NOT_FOUND | StatusCode::CONFLICT) => {
                Err(Stopped::NotAsHoped(said.to_owned()))
            }
            (Some(said), _) => Err(Stopped::NotDone(said.to_owned())),
            (None, status) => Err(self.stranger(status)),
        }
    }

    fn stranger(&self, status: StatusCode) -> Stopped {
        Stopped::NotDone(format!("What answers at {} is no gancho, or an older one ({status}).", self.url))
    }
}

/// As what the API says it is, with nothing in it that speaks to a terminal:
/// senders chose much of it.
pub fn meant<T: DeserializeOwned>(answer: &Value) -> Result<T, Stopped> {
    serde_json::from_value(printable(answer.clone())).map_err(|why| {
        Stopped::NotDone(format!(
            "The gateway answers something that this gancho does not know ({why}). Are both of one version?"
        ))
    })
}

/// Without what speaks to a terminal.
pub fn printable(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let seen = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
            Value::String(text.replace("\r\n", "\n").replace('\t', " ").chars().map(seen).collect())
        }
        Value::Array(list) => list.into_iter().map(printable).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, printable(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn url_of(text: &str) -> Result<String, Stopped> {
    match text.starts_with("http://") || text.starts_with("https://") {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => {
            Err(Stopped::NotDone(format!("--url is written as http://127.0.0.1:8081; `{text}` is not.")))
        }
    }
}

/// Of a gateway that listens on every address, the one of this machine.
fn address(mut listening: SocketAddr) -> Result<String, Stopped> {
    if listening.port() == 0 {
        return Err(Stopped::NotDone(
            "`listen.admin` has port 0, which is another one at every start. Say where the gateway \
             listens with --url; its first log line has it."
                .to_owned(),
        ));
    }
    match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listening.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listening.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(format!("http://{listening}"))
}

/// From where people have it, or else from where the configuration says.
fn token(configured: &SecretRef) -> Result<Secret, Stopped> {
    let secrets = app::of_this_machine();
    let usual = SecretRef::Env(ADMIN_TOKEN.to_owned());
    secrets(&usual).or_else(|_| secrets(configured)).map_err(|why| {
        Stopped::NotDone(format!(
            "The token of the admin API is needed, and {}. It is the one that `gancho serve` was started \
             with.",
            why.english()
        ))
    })
}

/// The innermost error's own words: the outer ones say only that it failed.
fn root_cause(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&cause| cause.source()).last().unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_on_every_address_is_asked_on_this_machine() {
        let asked = |text: &str| address(text.parse().unwrap()).ok();
        assert_eq!(asked("0.0.0.0:8081").as_deref(), Some("http://127.0.0.1:8081"));
        assert_eq!(asked("[::]:8081").as_deref(), Some("http://[::1]:8081"));
        assert_eq!(asked("10.0.0.7:99").as_deref(), Some("http://10.0.0.7:99"));
        assert_eq!(asked("127.0.0.1:0"), None);
    }

    #[test]
    fn what_senders_wrote_does_not_speak_to_the_terminal() {
        let shown: Value = meant(&json!({ "a": ["\u{1b}[2Jx\ty\r\nz"] })).ok().unwrap();
        assert_eq!(shown, json!({ "a": ["\u{fffd}[2Jx y\nz"] }));
    }
}
