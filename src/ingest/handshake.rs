//! A sender's question to its address: answered, recorded, never an event.
//!
//! Whether it is one is seen after its signature was checked, so that no body is
//! read for a caller who may be anybody, beyond what the source's allowance gives.

use serde_json::Value;

use super::{Ingest, Rejected};
use crate::event::{RawWebhook, Timestamp};
use crate::payload::{Request, read_document};
use crate::provider::{Asked, Handshake, Reply, Unanswered};
use crate::source::Source;
use crate::store::HandshakeRecord;

/// A request to a source that is asked questions by its method. Whole: verifying
/// takes credentials and the address out of the other copy.
pub struct Asking<'s> {
    source: &'s Source,
    raw: RawWebhook,
}

impl<'s> Asking<'s> {
    /// None: this source is asked nothing in this way.
    pub fn of(source: &'s Source, raw: &RawWebhook) -> Option<Self> {
        let asked = source.mapping.handshakes.iter().any(|rule| rule.method == raw.method);
        asked.then(|| Self { source, raw: raw.clone() })
    }

    /// The rules that may be answered: with the signature wrong, only those that
    /// need none. Where the secret is the address, whoever lacks it gets nothing.
    fn rules(&self, verified: bool) -> Vec<&'s Handshake> {
        let open = verified || !self.source.verifier.scheme().secret_in_path();
        let rules = self.source.mapping.handshakes.iter();
        rules.filter(|rule| rule.method == self.raw.method && open && (verified || !rule.verified)).collect()
    }
}

impl Ingest {
    /// None: the request is no handshake of this source. What an unverified one
    /// costs was spent.
    pub(super) async fn answer(
        &self,
        asking: Asking<'_>,
        verified: bool,
        now: Timestamp,
    ) -> Option<Result<Reply, Rejected>> {
        let rules = asking.rules(verified);
        let Asking { source, raw } = &asking;
        let body = match rules.iter().any(|rule| rule.needs_body()) {
            true => read_document(&source.mapping.document, &raw.headers, &raw.body).unwrap_or_default(),
            false => Value::Null,
        };
        let query = raw.query_pairs();
        let request = Request { headers: &raw.headers, query: &query, body: &body };
        let rule = rules.into_iter().find(|rule| rule.matches(&raw.method, &request))?;
        let asked = Asked { raw, request, verifier: &source.verifier, now, challenge: None };
        Some(self.shake_hands(source, rule, &asked, verified).await)
    }

    async fn shake_hands(
        &self,
        source: &Source,
        rule: &Handshake,
        asked: &Asked<'_>,
        verified: bool,
    ) -> Result<Reply, Rejected> {
        let name = &source.mapping.source;
        let reply = rule.answer(asked).map_err(|why| {
            tracing::warn!(source = %name, handshake = rule.name, "handshake refused: {why}");
            match why {
                Unanswered::WrongToken(_) => Rejected::WrongToken(why.to_string()),
                _ => Rejected::BadHandshake(why.to_string()),
            }
        })?;
        if rule.capture.is_some() && source.takes_captured() {
            self.capture(source, rule, asked).await?;
        }
        let record = HandshakeRecord {
            source: name.clone(),
            at: asked.now,
            name: rule.name.clone(),
            verified,
            status: reply.status,
        };
        self.store.keep_handshake(record).await.map_err(Rejected::of_store)?;
        tracing::info!(source = %name, handshake = rule.name, verified, "handshake answered");
        Ok(reply)
    }

    /// Takes over the secret that the sender hands over. The first is trusted;
    /// another one is not taken.
    async fn capture(&self, source: &Source, rule: &Handshake, asked: &Asked<'_>) -> Result<(), Rejected> {
        let name = &source.mapping.source;
        let Some(secret) = rule.captured(&asked.request) else {
            return Err(Rejected::BadHandshake(
                "the secret that is handed over has 8 to 512 characters".into(),
            ));
        };
        if let Err(why) = source.verifier.with_secret(secret.clone()) {
            return Err(Rejected::BadHandshake(format!("the secret that is handed over: {why}")));
        }
        if self.store.capture_secret(name, &secret, asked.now).await.map_err(Rejected::of_store)? {
            self.sources.capture(name, secret);
            tracing::info!(source = %name, "the sender handed over its secret");
            return Ok(());
        }
        tracing::warn!(
            source = %name,
            "another secret was handed over, and not taken; `gancho handshakes` says how to forget the first"
        );
        Err(Rejected::SecretTaken)
    }
}
