//! One bounded HTTP attempt at Talqui.
//!
//! Lives here: the address, the request, its time limits, reading a reply, and
//! saying of a fault whether anything may have left. Never here: what the
//! answer means and whether to try again (`delivery`), and the content of the
//! request (`session`).
//!
//! What reqwest's own flags cannot tell is told by the body: it notes when its
//! first byte is asked for. A total time limit that ends during the TLS
//! handshake, or a peer that closes on accept, is an error like any other to
//! the client, yet nothing was sent; see `probe.rs`.

mod address;
mod fault;
mod probe;
mod reply;
mod retry_after;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use zeroize::Zeroizing;

use crate::delivery::{Answer, Fault, Sent};
use crate::event::{Secret, Timestamp};
use crate::session::SessionStart;

use address::BaseUrl;
use probe::Probe;

/// How long one attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS together.
    pub connect: Duration,
    /// The whole attempt, from the name lookup to the end of the reply's body.
    pub total: Duration,
}

/// Why a client cannot be made. No variant repeats the address, which may hold
/// a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TalquiError {
    #[error("Talqui's address is not a URL ({0}); it looks like https://api.talqui.chat")]
    NotAUrl(String),
    #[error("Talqui's address begins with https:// or http://, not with {0}:")]
    Scheme(String),
    #[error("Talqui's address holds a user or a password; the credential belongs to a connection's token")]
    Credentials,
    #[error("Talqui's address ends before any `?` or `#`; it looks like https://api.talqui.chat")]
    NotABase,
    #[error("the HTTP client cannot be set up ({0}); are this machine's CA certificates installed?")]
    Client(String),
}

/// Peers close idle connections after a minute or so; a request written to one
/// that is just being closed has an unknown outcome. So ours close first.
const POOL_IDLE: Duration = Duration::from_secs(20);
const USER_AGENT: &str = concat!("gancho/", env!("CARGO_PKG_VERSION"));
const SCHEME: &[u8] = b"PluginConnection ";

/// Sends Session Starts. Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Talqui {
    client: reqwest::Client,
    base: BaseUrl,
    timeouts: Timeouts,
}

impl Talqui {
    /// Builds the client, which reads this machine's CA certificates: once.
    pub fn new(base_url: &str, timeouts: Timeouts) -> Result<Self, TalquiError> {
        let base = base_url.parse()?;
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(POOL_IDLE)
            // A redirect could take the token to another host.
            .redirect(reqwest::redirect::Policy::none())
            // Whether to repeat a message to a person is not the client's to decide.
            .retry(reqwest::retry::never())
            // Otherwise HTTP_PROXY in the environment would see every token sent over http.
            .no_proxy()
            .build()
            .map_err(|error| TalquiError::Client(fault::root_cause(&error)))?;
        Ok(Self { client, base, timeouts })
    }

    /// The same, with another limit for the whole attempt.
    pub fn within(&self, total: Duration) -> Self {
        Self { timeouts: Timeouts { total, ..self.timeouts }, ..self.clone() }
    }

    /// One attempt. `now` is only what a `Retry-After` date is held against.
    pub async fn send(
        &self,
        tenant_id: &str,
        token: &Secret,
        start: &SessionStart,
        now: Timestamp,
    ) -> Answer {
        let bytes = serde_json::to_vec(start.body()).map_err(|_| unsent("the request is not JSON"))?;
        let (body, asked_for) = Probe::new(bytes);
        let request = self.request(tenant_id, token, body)?;
        match self.client.execute(request).await {
            Ok(response) => Ok(reply::read(response, token, now).await),
            Err(error) => Err(fault::describe(&error, asked_for.get(), &self.base, &self.timeouts)),
        }
    }

    fn request(&self, tenant_id: &str, token: &Secret, body: Probe) -> Result<reqwest::Request, Fault> {
        let url = self
            .base
            .sessions_of(tenant_id)
            .ok_or_else(|| unsent("the connection's tenant_id cannot be part of an address"))?;
        self.client
            .post(url)
            .timeout(self.timeouts.total)
            .header(AUTHORIZATION, authorization(token)?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(reqwest::Body::wrap(body))
            .build()
            .map_err(|error| unsent(&format!("the request cannot be built: {}", fault::root_cause(&error))))
    }
}

/// The header as documented: the scheme word as written, one space, the token
/// verbatim. The token's alphabet is not documented; a space or a line break
/// in it can only be a mistake of copying.
fn authorization(token: &Secret) -> Result<HeaderValue, Fault> {
    let token = token.expose();
    if token.is_empty() || !token.iter().all(u8::is_ascii_graphic) {
        return Err(unsent(
            "the connection's token is empty, or has a space, a line break or a letter outside ASCII in it",
        ));
    }
    let line = Zeroizing::new([SCHEME, token].concat());
    let mut value =
        HeaderValue::from_bytes(&line).map_err(|_| unsent("the connection's token cannot be a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unsent(message: &str) -> Fault {
    Fault { sent: Sent::No, message: message.to_owned() }
}
