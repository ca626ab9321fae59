//! A sender's question to its address: answered, recorded, never an event.

use serde_json::Value;

use super::{Ingest, Rejected};
use crate::event::{RawWebhook, Timestamp};
use crate::payload::{Request, read_document};
use crate::provider::{Asked, Handshake, Reply, Unanswered};
use crate::source::Source;
use crate::store::HandshakeRecord;

impl Ingest {
    /// None: the request is no handshake of this source.
    pub(super) async fn shake_hands(
        &self,
        source: &Source,
        raw: &RawWebhook,
        now: Timestamp,
    ) -> Option<Result<Reply, Rejected>> {
        let rules: Vec<&Handshake> =
            source.mapping.handshakes.iter().filter(|rule| rule.method == raw.method).collect();
        if rules.is_empty() {
            return None;
        }
        let body = match rules.iter().any(|rule| rule.needs_body()) {
            true => read_document(&source.mapping.document, &raw.headers, &raw.body).unwrap_or_default(),
            false => Value::Null,
        };
        let query = raw.query_pairs();
        let request = Request { headers: &raw.headers, query: &query, body: &body };
        let rule = rules.into_iter().find(|rule| rule.matches(&raw.method, &request))?;
        Some(self.answer(source, rule, raw, request, now).await)
    }

    async fn answer(
        &self,
        source: &Source,
        rule: &Handshake,
        raw: &RawWebhook,
        request: Request<'_>,
        now: Timestamp,
    ) -> Result<Reply, Rejected> {
        // Where the secret is the address, whoever knows it is the sender.
        let verified = rule.verified || source.verifier.scheme().secret_in_path();
        if verified && let Err(refusal) = source.verifier.check(raw, now) {
            return Err(self.refuse(source, raw.clone(), refusal, now).await);
        }
        if !verified {
            self.spend(&raw.source, now)?;
        }
        let asked = Asked { raw, request, verifier: &source.verifier, now, challenge: None };
        let reply = rule.answer(&asked).map_err(|why| {
            tracing::warn!(source = %raw.source, handshake = rule.name, "handshake refused: {why}");
            match why {
                Unanswered::WrongToken(_) => Rejected::WrongToken(why.to_string()),
                _ => Rejected::BadHandshake(why.to_string()),
            }
        })?;
        self.capture(rule, raw, &request, now).await?;
        let record = HandshakeRecord {
            source: raw.source.clone(),
            at: now,
            name: rule.name.clone(),
            verified,
            status: reply.status,
        };
        self.store.keep_handshake(record).await.map_err(Rejected::of_store)?;
        tracing::info!(source = %raw.source, handshake = rule.name, verified, "handshake answered");
        Ok(reply)
    }

    /// Takes over the secret that the sender hands over, if the source waits for
    /// one. The first is trusted; another one is not taken.
    async fn capture(
        &self,
        rule: &Handshake,
        raw: &RawWebhook,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        if rule.capture.is_none() {
            return Ok(());
        }
        let Some(secret) = rule.captured(request) else {
            return Err(Rejected::BadHandshake(
                "the secret that is handed over has 8 to 512 characters".into(),
            ));
        };
        match self.store.capture_secret(&raw.source, &secret, now).await.map_err(Rejected::of_store)? {
            true => {
                self.sources.capture(&raw.source, secret);
                tracing::info!(source = %raw.source, "the sender handed over its secret");
                Ok(())
            }
            false => {
                tracing::warn!(
                    source = %raw.source,
                    "another secret was handed over, and not taken; `gancho handshakes` says how to forget the first"
                );
                Err(Rejected::SecretTaken)
            }
        }
    }
}
