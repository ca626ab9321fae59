//! The examples in a provider's file: a request, and whether it must be
//! believed. Every file has one that is and one that was tampered with.

use serde_json::Value;

use super::{Asked, Batch, Provider};
use crate::diagnostic::{Diagnostic, Problems};
use crate::event::{Headers, RawWebhook, Secret, SourceName, Timestamp};
use crate::payload::{Request, read_document};
use crate::verify::{Fetched, FetchedKeys, FetchedKind, Setting, Verifier};
use crate::yaml::{Data, Fields, Node};

#[derive(Debug, Clone)]
pub struct Example {
    /// None: the sender's keys are fetched.
    secret: Option<Secret>,
    setting: Setting,
    method: String,
    pub headers: Headers,
    /// None: that of a source, `/hooks/<name>`.
    path: Option<String>,
    pub query: String,
    pub body: Vec<u8>,
    /// The last segment of the address, where that is the secret.
    path_secret: Option<String>,
    at: Timestamp,
    pub expect: Expected,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Accepted,
    /// The code of the refusal.
    Refused(String),
    /// A handshake, answered like this.
    Handshake {
        status: u16,
        body: String,
    },
}

impl Example {
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let known = [
            "secret",
            "params",
            "public_url",
            "fetched",
            "method",
            "headers",
            "path",
            "query",
            "path_secret",
            "body",
            "at_secs",
            "expect",
            "reply",
        ];
        let fields = Fields::open(node, "an example", &known, problems)?;
        let secret = fields.text("secret", problems).map(Secret::new);
        let body = fields.required_text("body", &node.place, problems);
        let at_secs = fields.number("at_secs", 0..=i64::MAX / 1000, problems).unwrap_or(0);
        let headers: Headers = texts(fields.get("headers"), problems).into_iter().collect();
        let params = texts(fields.get("params"), problems).into_iter();
        let params = params.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        let setting = Setting {
            public_url: fields.text("public_url", problems).map(str::to_owned),
            params: params.collect(),
            fetched: read_fetched(fields.get("fetched"), problems),
            ..Setting::default()
        };
        let expect = read_expected(&fields, node, problems);
        Some(Self {
            secret,
            setting,
            method: fields.text("method", problems).unwrap_or("POST").to_owned(),
            headers,
            path: fields.text("path", problems).map(str::to_owned),
            query: fields.text("query", problems).unwrap_or_default().to_owned(),
            body: body?.as_bytes().to_vec(),
            path_secret: fields.text("path_secret", problems).map(str::to_owned),
            at: Timestamp::from_secs(at_secs),
            expect: expect?,
        })
    }

    /// What the rules of `provider` make of it.
    pub fn run(&self, provider: &Provider, source: &SourceName) -> Expected {
        self.run_with(provider, source, &self.body)
    }

    /// What they make of it with another body.
    pub fn run_with(&self, provider: &Provider, source: &SourceName, body: &[u8]) -> Expected {
        let raw = RawWebhook {
            source: source.clone(),
            method: self.method.clone(),
            path: self.path.clone().unwrap_or_else(|| format!("/hooks/{source}")),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: body.to_vec().into(),
            path_secret: self.path_secret.clone(),
            received_at: self.at,
        };
        let setting = Setting { document: provider.document.clone(), ..self.setting.clone() };
        let verifier = match Verifier::new(provider.verify.clone(), &self.secret, setting) {
            Ok(verifier) => verifier,
            Err((_, error)) => return Expected::Refused(error.to_string()),
        };
        if let Some(answered) = self.shake_hands(provider, &verifier, &raw) {
            return answered;
        }
        match verifier.check(&raw, self.at) {
            Ok(_) => Expected::Accepted,
            Err(refusal) => Expected::Refused(refusal.code().to_owned()),
        }
    }

    fn shake_hands(&self, provider: &Provider, verifier: &Verifier, raw: &RawWebhook) -> Option<Expected> {
        let document = read_document(&provider.document, &raw.headers, &raw.body).unwrap_or_default();
        let query = raw.query_pairs();
        let request = Request { headers: &raw.headers, query: &query, body: &document };
        let rule = provider.handshakes.iter().find(|rule| rule.matches(&raw.method, &request))?;
        if rule.verified
            && let Err(refusal) = verifier.check(raw, self.at)
        {
            return Some(Expected::Refused(refusal.code().to_owned()));
        }
        let asked = Asked { raw, request, verifier, now: self.at, challenge: None };
        Some(match rule.answer(&asked) {
            Ok(reply) => Expected::Handshake { status: reply.status, body: reply.body },
            Err(why) => Expected::Refused(why.to_string()),
        })
    }

    /// The id of its event, or of the first of its batch, if the body can be read.
    pub fn event_id(&self, provider: &Provider) -> Option<String> {
        let query: Vec<(String, String)> = serde_urlencoded::from_str(&self.query).ok()?;
        let document = read_document(&provider.document, &self.headers, &self.body).ok()?;
        let id = |body: &Value| provider.event.id(&Request { headers: &self.headers, query: &query, body });
        match provider.event.split(&document) {
            Batch::Whole => id(&document),
            Batch::Items(items) => items.first().and_then(|item| id(item)),
        }
    }
}

fn read_expected(fields: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<Expected> {
    match fields.required_text("expect", &node.place, problems)? {
        "accepted" => Some(Expected::Accepted),
        "handshake" => {
            let Some(reply) = fields.get("reply") else {
                let problem = Diagnostic::error("missing-key", &node.place, say!("`reply` is missing here"));
                problems.push(
                    problem.help(say!("what the handshake is answered: reply: { status: 200, body: … }")),
                );
                return None;
            };
            let reply_fields = Fields::open(reply, "`reply`", &["status", "body"], problems)?;
            let status = reply_fields.number("status", 200..=299, problems).unwrap_or(200);
            let body = reply_fields.text("body", problems).unwrap_or_default().to_owned();
            Some(Expected::Handshake { status: status as u16, body })
        }
        code => Some(Expected::Refused(code.to_owned())),
    }
}

/// Names with their texts; a number counts as its digits.
fn texts<'n>(node: Option<&'n Node>, problems: &mut Problems) -> Vec<(&'n str, String)> {
    let mut texts = Vec::new();
    if let Some(node) = node.filter(|node| node.as_map().is_none()) {
        let message = say!("names and their texts stand here, not {}", node.kind());
        problems.push(Diagnostic::error("wrong-type", &node.place, message));
    }
    for (key, value) in node.and_then(Node::as_map).unwrap_or_default() {
        match &value.data {
            Data::Text(text) => texts.push((key.name.as_str(), text.clone())),
            Data::Int(number) => texts.push((key.name.as_str(), number.to_string())),
            _ => problems.push(Diagnostic::error("wrong-type", &value.place, say!("`{}` is text", key.name))),
        }
    }
    texts
}

/// `{ "https://…": "-----BEGIN CERTIFICATE-----…" }`: what an address answers, in
/// this example.
fn read_fetched(node: Option<&Node>, problems: &mut Problems) -> FetchedKeys {
    let keys = FetchedKeys::default();
    for (key, value) in node.and_then(Node::as_map).unwrap_or_default() {
        let text = value.as_text().unwrap_or_default();
        let kind = match text.starts_with("-----BEGIN") {
            true => FetchedKind::Certificate,
            false => FetchedKind::KeySet,
        };
        match Fetched::read(kind, text.as_bytes()) {
            Ok(fetched) => keys.put(&key.name, fetched),
            Err(why) => {
                problems.push(Diagnostic::error("wrong-type", &value.place, say!("`{}`: {}", key.name, why)));
            }
        }
    }
    keys
}

#[cfg(test)]
mod signing {
    use super::*;

    impl Example {
        /// What they make of it when it is signed again at `now`. Err: it cannot be.
        pub fn signed_anew(
            &self,
            provider: &Provider,
            now: Timestamp,
        ) -> Result<Expected, crate::verify::CannotSign> {
            let setting = Setting { document: provider.document.clone(), ..self.setting.clone() };
            let secret = self.secret.clone().unwrap_or_else(|| Secret::new("none"));
            let kept = self.headers.iter().filter(|(name, _)| *name == "content-type");
            let draft = RawWebhook {
                source: "example".parse().expect("a name"),
                method: self.method.clone(),
                path: self.path.clone().unwrap_or_else(|| "/hooks/example".to_owned()),
                query: String::new(),
                headers: kept.collect(),
                body: self.body.clone().into(),
                path_secret: None,
                received_at: now,
            };
            let signed = provider.verify.sign(&draft, &secret, &setting, now)?;
            let verifier = Verifier::new(provider.verify.clone(), [secret], setting).expect("a key");
            Ok(match verifier.check(&signed, now) {
                Ok(_) => Expected::Accepted,
                Err(refusal) => Expected::Refused(refusal.to_string()),
            })
        }
    }
}
