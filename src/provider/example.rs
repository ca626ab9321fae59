//! The examples in a provider's file: a request, and whether it must be
//! believed. Every file has one that is and one that was tampered with.

use crate::diagnostic::{Diagnostic, Problems};
use crate::event::{Headers, RawWebhook, Secret, SourceName, Timestamp};
use crate::verify::{Fetched, FetchedKeys, FetchedKind, Scheme, Setting, Verifier};
use crate::yaml::{Data, Fields, Node};

#[derive(Debug, Clone)]
pub struct Example {
    /// None: the sender's keys are fetched.
    secret: Option<Secret>,
    setting: Setting,
    headers: Headers,
    query: String,
    body: String,
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
}

impl Example {
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let known = [
            "secret",
            "params",
            "public_url",
            "fetched",
            "headers",
            "query",
            "path_secret",
            "body",
            "at_secs",
            "expect",
        ];
        let fields = Fields::open(node, "an example", &known, problems)?;
        let secret = fields.text("secret", problems).map(Secret::new);
        let body = fields.required_text("body", &node.place, problems);
        let expect = fields.required_text("expect", &node.place, problems);
        let at_secs = fields.number("at_secs", 0..=i64::MAX / 1000, problems).unwrap_or(0);
        let mut headers = Headers::default();
        for (key, value) in fields.get("headers").and_then(Node::as_map).unwrap_or_default() {
            match &value.data {
                Data::Text(text) => headers.push(&key.name, text.clone()),
                Data::Int(number) => headers.push(&key.name, number.to_string()),
                _ => problems.push(Diagnostic::error("wrong-type", &value.place, "a header is text")),
            }
        }
        let params = fields.get("params").and_then(Node::as_map).unwrap_or_default();
        let params =
            params.iter().filter_map(|(key, value)| Some((key.name.clone(), Secret::new(value.as_text()?))));
        let setting = Setting {
            public_url: fields.text("public_url", problems).map(str::to_owned),
            params: params.collect(),
            fetched: read_fetched(fields.get("fetched"), problems),
            ..Setting::default()
        };
        Some(Self {
            secret,
            setting,
            headers,
            query: fields.text("query", problems).unwrap_or_default().to_owned(),
            body: body?.to_owned(),
            path_secret: fields.text("path_secret", problems).map(str::to_owned),
            at: Timestamp::from_secs(at_secs),
            expect: match expect? {
                "accepted" => Expected::Accepted,
                code => Expected::Refused(code.to_owned()),
            },
        })
    }

    /// What `scheme` makes of it.
    pub fn run(&self, scheme: &Scheme, source: &SourceName) -> Expected {
        let raw = RawWebhook {
            source: source.clone(),
            method: "POST".into(),
            path: format!("/hooks/{source}"),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone().into(),
            path_secret: self.path_secret.clone(),
            received_at: self.at,
        };
        match Verifier::new(scheme.clone(), &self.secret, self.setting.clone()) {
            Ok(verifier) => match verifier.check(&raw, self.at) {
                Ok(_) => Expected::Accepted,
                Err(refusal) => Expected::Refused(refusal.code().to_owned()),
            },
            Err((_, error)) => Expected::Refused(error.to_string()),
        }
    }
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
                problems.push(Diagnostic::error(
                    "wrong-type",
                    &value.place,
                    format!("`{}`: {why}", key.name),
                ));
            }
        }
    }
    keys
}
