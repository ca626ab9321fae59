//! What is found in a request, in the order in which it is looked for.

use serde_json::Value;

use super::Step;
use crate::event::{RawWebhook, Timestamp};
use crate::payload::{Request, read_document};
use crate::verify::check::{Verifier, scopes};
use crate::verify::jwt::JwtFrom;
use crate::verify::scheme::{Form, Proof, SignedRule, TimestampFrom, TokenRule};
use crate::verify::signing::{Missing, Signing, text_at};

pub fn of(verifier: &Verifier, raw: &RawWebhook, now: Timestamp) -> Vec<Step> {
    let mut telling = Telling { verifier, raw, now, steps: Vec::new() };
    let several = verifier.forms().count() > 1;
    for (n, (form, _)) in verifier.forms().enumerate() {
        if several {
            telling.tell(true, format!("the way of signing number {} is tried", n + 1));
        }
        telling.form(form);
    }
    telling.steps
}

struct Telling<'a> {
    verifier: &'a Verifier,
    raw: &'a RawWebhook,
    now: Timestamp,
    steps: Vec<Step>,
}

impl Telling<'_> {
    fn tell(&mut self, ok: bool, text: String) {
        self.steps.push(Step { ok, text });
    }

    fn form(&mut self, form: &Form) {
        let document = match form.needs_document() {
            false => Value::Null,
            true => match read_document(&self.verifier.setting().document, &self.raw.headers, &self.raw.body)
            {
                Ok(document) => document,
                Err(why) => return self.tell(false, why.to_string()),
            },
        };
        let query = self.raw.query_pairs();
        let request = Request { headers: &self.raw.headers, query: &query, body: &document };
        for (locator, wanted) in &form.require {
            let right = text_at(locator, &request).as_ref() == Some(wanted);
            let is = if right { "is" } else { "is not" };
            self.tell(right, format!("{} {is} `{wanted}`, as it must be", locator.described()));
        }
        match &form.proof {
            Proof::Signed(rule) => self.signed(rule, &request, &document),
            Proof::Jwt(rule) => {
                let (there, place) = match &rule.from {
                    JwtFrom::At(at) => (text_at(at, &request).is_some(), at.described()),
                    JwtFrom::Body => (!self.raw.body.is_empty(), "the body".to_owned()),
                };
                self.found(there, "a signed token", &place);
            }
            Proof::Token(rule) => self.token(rule, &request),
            Proof::Basic => {
                let there = self.raw.headers.get("authorization").is_some();
                self.found(there, "HTTP Basic credentials", "the header `authorization`");
            }
            Proof::Address => {
                let there = self.raw.path_secret.is_some();
                self.found(there, "a secret", "the last part of the address");
            }
        }
    }

    fn found(&mut self, there: bool, what: &str, place: &str) {
        let text = match there {
            true => format!("{what} in {place}: found"),
            false => format!("{what} in {place}: there is none"),
        };
        self.tell(there, text);
    }

    fn token(&mut self, rule: &TokenRule, request: &Request<'_>) {
        let found = text_at(&rule.from, request);
        self.found(found.is_some(), "a token", &rule.from.described());
        if let Some(found) = found.filter(|found| !found.starts_with(&rule.prefix)) {
            let length = found.chars().count();
            self.tell(false, format!("it does not begin with `{}` ({length} characters)", rule.prefix));
        }
    }

    fn signed(&mut self, rule: &SignedRule, request: &Request<'_>, document: &Value) {
        let items = match scopes(rule.each.as_ref(), document) {
            Ok(items) => items,
            Err(refusal) => return self.tell(false, refusal.to_string()),
        };
        if rule.each.is_some() {
            self.tell(true, format!("items that carry their own signature: {}", items.len()));
        }
        for body in items {
            self.item(rule, &Request { body, ..*request });
        }
    }

    fn item(&mut self, rule: &SignedRule, request: &Request<'_>) {
        let groups = match rule.signature.find(request) {
            Ok(groups) => groups,
            Err(refusal) => return self.tell(false, refusal.to_string()),
        };
        let place = rule.signature.described();
        for group in &groups {
            for found in &group.candidates {
                self.candidate(rule, &place, found.len());
            }
            let timestamp = match &rule.timestamp {
                None => None,
                Some(stamp) => {
                    let found = match &stamp.from {
                        TimestampFrom::At(at) => text_at(at, request),
                        TimestampFrom::SignatureField(name) => {
                            rule.signature.field(group, name).map(str::to_owned)
                        }
                    };
                    self.timestamp(stamp.unit.millis(found.as_deref().unwrap_or_default()), found.is_some());
                    found
                }
            };
            self.message(rule, request, timestamp.as_deref());
        }
    }

    fn candidate(&mut self, rule: &SignedRule, place: &str, bytes: usize) {
        let found =
            format!("a signature in {place}: found, {bytes} byte{}", if bytes == 1 { "" } else { "s" });
        match rule.algorithm.signature_bytes() {
            Some(wanted) if wanted != bytes => {
                self.tell(false, format!("{found}, where {wanted} are needed"))
            }
            _ => self.tell(true, found),
        }
    }

    fn timestamp(&mut self, millis: Option<i64>, there: bool) {
        let text = match millis {
            _ if !there => "the timestamp: there is none".to_owned(),
            None => "the timestamp: found, and cannot be read".to_owned(),
            Some(millis) => {
                let secs = self.now.as_millis().saturating_sub(millis) / 1000;
                let when = if secs < 0 { "ahead" } else { "old" };
                format!("the timestamp: found, {} s {when}", secs.saturating_abs())
            }
        };
        self.tell(millis.is_some(), text);
    }

    /// The shape of what is signed, with the length of each part.
    fn message(&mut self, rule: &SignedRule, request: &Request<'_>, timestamp: Option<&str>) {
        let url = self.verifier.setting().url_of(self.raw);
        if rule.signed.uses_url() && self.verifier.setting().public_url.is_none() {
            self.tell(false, "the address is signed, and `public_url` does not say what it is".to_owned());
        }
        let secret = crate::event::Secret::new("");
        let signing = Signing {
            raw: self.raw,
            request: *request,
            timestamp,
            secret: &secret,
            setting: self.verifier.setting(),
            url: &url,
        };
        match rule.signed.bytes(&signing) {
            Ok(bytes) => {
                let length = bytes.len();
                let body = self.raw.body.len();
                self.tell(true, format!("signed is {}: {length} bytes, the body being {body}", rule.signed));
            }
            Err(Missing(part)) => {
                self.tell(false, format!("signed is {}, and the request has no {part}", rule.signed));
            }
        }
    }
}
