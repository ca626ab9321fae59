//! One bounded GET of a small document from an address that was vetted.

use std::time::Duration;

use reqwest::header::CACHE_CONTROL;
use reqwest::{Response, StatusCode};

use crate::verify::Unfit;

/// From the name lookup to the end of the document: a sender waits meanwhile.
const TIME: Duration = Duration::from_secs(3);
const MAX_BYTES: usize = 256 * 1024;
const USER_AGENT: &str = concat!("gancho/", env!("CARGO_PKG_VERSION"));

/// How long a document counts as new, whatever its server says.
const LEAST_FRESH_SECS: u64 = 300;
const MOST_FRESH_SECS: u64 = 86_400;
/// Where its server says nothing.
const USUAL_FRESH_SECS: u64 = 3_600;

/// Why nothing can be fetched at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client for keys cannot be set up ({0}); are this machine's CA certificates installed?")]
pub struct ClientError(String);

/// Why a document did not come.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Http(String),
    #[error("it answered {0}, and only 200 counts")]
    Status(StatusCode),
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

pub struct Client(reqwest::Client);

impl Client {
    pub fn new() -> Result<Self, ClientError> {
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .timeout(TIME)
            // The host was vetted, and another one was not.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        client.map(Self).map_err(|error| ClientError(root_cause(&error)))
    }

    /// The document, and how long it counts as new.
    pub async fn get(&self, address: &str) -> Result<(Vec<u8>, Duration), Fault> {
        let http = |error: reqwest::Error| Fault::Http(root_cause(&error));
        let mut response = self.0.get(address).send().await.map_err(http)?;
        if response.status() != StatusCode::OK {
            return Err(Fault::Status(response.status()));
        }
        let fresh = fresh_for(&response);
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(http)? {
            if bytes.len() + piece.len() > MAX_BYTES {
                return Err(Fault::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok((bytes, fresh))
    }
}

fn fresh_for(response: &Response) -> Duration {
    let header = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    Duration::from_secs(fresh_secs(header.unwrap_or_default()))
}

fn fresh_secs(cache_control: &str) -> u64 {
    let said = cache_control.split(',').find_map(|part| part.trim().strip_prefix("max-age="));
    let secs = said.and_then(|secs| secs.parse().ok()).unwrap_or(USUAL_FRESH_SECS);
    secs.clamp(LEAST_FRESH_SECS, MOST_FRESH_SECS)
}

/// The innermost sentence; the outer ones only repeat the address.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_how_long_within_bounds() {
        for (header, secs) in [
            ("public, max-age=21600, must-revalidate", 21_600),
            ("max-age=0", LEAST_FRESH_SECS),
            ("max-age=99999999", MOST_FRESH_SECS),
            ("max-age=99999999999999999999999", USUAL_FRESH_SECS),
            ("s-maxage=5, no-store", USUAL_FRESH_SECS),
            ("", USUAL_FRESH_SECS),
        ] {
            assert_eq!(fresh_secs(header), secs, "{header}");
        }
    }
}
