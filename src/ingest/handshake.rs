//! A sender's question to its address: answered, recorded, never an event.
//!
//! Whether it is one is seen after its signature was checked, so that no body is
//! read for a caller who may be anybody, beyond what the source's allowance gives.

use serde_json::Value;

use super::{Arrival, Ingest, Rejected};
use crate::event::RawWebhook;
use crate::payload::{Request, read_document};
use crate::provider::{Asked, Handshake, Reply, Unanswered};
use crate::store::HandshakeRecord;

/// A request to a source that is asked questions by its method. Whole: verifying
/// takes credentials and the address out of the other copy.
pub struct Asking<'s> {
    arrival: Arrival<'s>,
    raw: RawWebhook,
}

impl<'s> Asking<'s> {
    /// None: this source is asked nothing in this way.
    pub fn of(arrival: Arrival<'s>, raw: &RawWebhook) -> Option<Self> {
        let asked = arrival.source.mapping.handshakes.iter().any(|rule| rule.method == raw.method);
        asked.then(|| Self { arrival, raw: raw.clone() })
    }

    /// The rules that may be answered: with the signature wrong, only those that
    /// need none. Where the secret is the address, whoever lacks it gets nothing.
    fn rules(&self, verified: bool) -> Vec<&'s Handshake> {
        let source = self.arrival.source;
        let open = verified || !source.verifier.scheme().secret_in_path();
        let rules = source.mapping.handshakes.iter();
        rules.filter(|rule| rule.method == self.raw.method && open && (verified || !rule.verified)).collect()
    }
}

impl Ingest {
    /// None: the request is no handshake of this source. What an unverified one
    /// costs was spent.
    pub(super) async fn answer(&self, asking: Asking<'_>, verified: bool) -> Option<Result<Reply, Rejected>> {
        let rules = asking.rules(verified);
        let Asking { arrival, raw } = &asking;
        let Arrival { source, now, .. } = *arrival;
        let body = match rules.iter().any(|rule| rule.needs_body()) {
            true => read_document(&source.mapping.document, &raw.headers, &raw.body).unwrap_or_default(),
            false => Value::Null,
        };
        let query = raw.query_pairs();
        let request = Request { headers: &raw.headers, query: &query, body: &body };
        let rule = rules.into_iter().find(|rule| rule.matches(&raw.method, &request))?;
        let asked = Asked { raw, request, verifier: &source.verifier, now, challenge: None };
        Some(self.shake_hands(*arrival, rule, &asked, verified).await)
    }

    async fn shake_hands(
        &self,
        arrival: Arrival<'_>,
        rule: &Handshake,
        asked: &Asked<'_>,
        verified: bool,
    ) -> Result<Reply, Rejected> {
        let (name, request) = (arrival.name(), arrival.request);
        let reply = rule.answer(asked).map_err(|why| {
            tracing::warn!(request, source = %name, handshake = rule.name, "handshake refused: {why}");
            match why {
                Unanswered::WrongToken(_) => Rejected::WrongToken(why.to_string()),
                _ => Rejected::BadHandshake(why.to_string()),
            }
        })?;
        if rule.capture.is_some() && arrival.source.takes_captured() {
            self.capture(arrival, rule, asked).await?;
        }
        let record = HandshakeRecord {
            source: name.clone(),
            at: asked.now,
            name: rule.name.clone(),
            verified,
            status: reply.status,
        };
        self.store.keep_handshake(record).await.map_err(|error| arrival.put_off(error))?;
        tracing::info!(request, source = %name, handshake = rule.name, verified, "handshake answered");
        Ok(reply)
    }

    /// Takes over the secret that the sender hands over. The first is trusted;
    /// another one is not taken.
    async fn capture(
        &self,
        arrival: Arrival<'_>,
        rule: &Handshake,
        asked: &Asked<'_>,
    ) -> Result<(), Rejected> {
        let (name, request) = (arrival.name(), arrival.request);
        let Some(secret) = rule.captured(&asked.request) else {
            return Err(Rejected::BadHandshake(
                "the secret that is handed over has 8 to 512 characters".into(),
            ));
        };
        if let Err(why) = arrival.source.verifier.with_secret(secret.clone()) {
            return Err(Rejected::BadHandshake(format!("the secret that is handed over: {why}")));
        }
        let captured = self.store.capture_secret(name, &secret, asked.now).await;
        if captured.map_err(|error| arrival.put_off(error))? {
            self.sources.capture(name, secret);
            tracing::info!(request, source = %name, "the sender handed over its secret");
            return Ok(());
        }
        tracing::warn!(
            request, source = %name,
            "another secret was handed over, and not taken; `gancho handshakes` says how to forget the first"
        );
        Err(Rejected::SecretTaken)
    }
}
