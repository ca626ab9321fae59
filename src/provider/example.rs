//! The examples in a provider's file: a request, and whether it must be
//! believed. Every file has one that is and one that was tampered with.

use super::EventRule;
use crate::diagnostic::{Diagnostic, Problems};
use crate::event::{Headers, RawWebhook, Secret, SourceName, Timestamp};
use crate::payload::{Request, read_document};
use crate::verify::{Scheme, Setting, Verifier};
use crate::yaml::{Data, Fields, Node};

#[derive(Debug, Clone)]
pub struct Example {
    secret: Secret,
    setting: Setting,
    headers: Headers,
    /// None: that of a source, `/hooks/<name>`.
    path: Option<String>,
    query: String,
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
}

impl Example {
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let known = [
            "secret",
            "params",
            "public_url",
            "headers",
            "path",
            "query",
            "path_secret",
            "body",
            "at_secs",
            "expect",
        ];
        let fields = Fields::open(node, "an example", &known, problems)?;
        let secret = fields.required_text("secret", &node.place, problems);
        let body = fields.required_text("body", &node.place, problems);
        let expect = fields.required_text("expect", &node.place, problems);
        let at_secs = fields.number("at_secs", 0..=i64::MAX / 1000, problems).unwrap_or(0);
        let headers: Headers = texts(fields.get("headers"), problems).into_iter().collect();
        let params = texts(fields.get("params"), problems).into_iter();
        let params = params.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        let setting = Setting {
            public_url: fields.text("public_url", problems).map(str::to_owned),
            params: params.collect(),
            ..Setting::default()
        };
        Some(Self {
            secret: Secret::new(secret?),
            setting,
            headers,
            path: fields.text("path", problems).map(str::to_owned),
            query: fields.text("query", problems).unwrap_or_default().to_owned(),
            body: body?.as_bytes().to_vec(),
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
        self.run_with(scheme, source, &self.body)
    }

    /// The event's id by `rule`, if the body can be read.
    pub fn event_id(&self, rule: &EventRule) -> Option<String> {
        let query: Vec<(String, String)> = serde_urlencoded::from_str(&self.query).ok()?;
        let body = read_document(&self.setting.document, &self.headers, &self.body).ok()?;
        rule.id(&Request { headers: &self.headers, query: &query, body: &body })
    }

    /// What `scheme` makes of it with another body.
    pub fn run_with(&self, scheme: &Scheme, source: &SourceName, body: &[u8]) -> Expected {
        let raw = RawWebhook {
            source: source.clone(),
            method: "POST".into(),
            path: self.path.clone().unwrap_or_else(|| format!("/hooks/{source}")),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: body.to_vec().into(),
            path_secret: self.path_secret.clone(),
            received_at: self.at,
        };
        match Verifier::new(scheme.clone(), [&self.secret], self.setting.clone()) {
            Ok(verifier) => match verifier.check(&raw, self.at) {
                Ok(_) => Expected::Accepted,
                Err(refusal) => Expected::Refused(refusal.code().to_owned()),
            },
            Err((_, error)) => Expected::Refused(error.to_string()),
        }
    }
}

/// Names with their texts; a number counts as its digits.
fn texts<'n>(node: Option<&'n Node>, problems: &mut Problems) -> Vec<(&'n str, String)> {
    let mut texts = Vec::new();
    for (key, value) in node.and_then(Node::as_map).unwrap_or_default() {
        match &value.data {
            Data::Text(text) => texts.push((key.name.as_str(), text.clone())),
            Data::Int(number) => texts.push((key.name.as_str(), number.to_string())),
            _ => problems.push(Diagnostic::error(
                "wrong-type",
                &value.place,
                format!("`{}` is text", key.name),
            )),
        }
    }
    texts
}
