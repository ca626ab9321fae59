//! One bounded POST to the address that the operator gave, which may hold a token
//! and is in no message.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use crate::event::Secret;

/// The whole post, from the name lookup to the status.
const TIME: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("gancho/", env!("CARGO_PKG_VERSION"));

pub struct Receiver {
    client: reqwest::Client,
    url: url::Url,
}

/// Why nothing can be posted there. It does not repeat the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverError {
    #[error("it is not an address that begins with https:// or http://")]
    NotAnAddress,
    #[error("the HTTP client cannot be set up ({0}); are this machine's CA certificates installed?")]
    Client(String),
}

impl Receiver {
    pub fn new(url: &Secret) -> Result<Self, ReceiverError> {
        let text = std::str::from_utf8(url.expose()).map_err(|_| ReceiverError::NotAnAddress)?;
        let url = url::Url::parse(text.trim()).map_err(|_| ReceiverError::NotAnAddress)?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(ReceiverError::NotAnAddress);
        }
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .timeout(TIME)
            // A redirect could take what the address holds to another host.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        let client = client.map_err(|error| ReceiverError::Client(root_cause(&error)))?;
        Ok(Self { client, url })
    }

    /// Err: why it was not taken, without the address.
    pub async fn post(&self, json: &Value) -> Result<(), String> {
        let request = self.client.post(self.url.clone()).body(json.to_string());
        let json = HeaderValue::from_static("application/json");
        match request.header(CONTENT_TYPE, json).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("the receiver answered {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err(format!("the receiver did not answer within {TIME:?}")),
            Err(error) => Err(root_cause(&error.without_url())),
        }
    }
}

fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
