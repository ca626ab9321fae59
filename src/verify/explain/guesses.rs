//! The usual mistakes, each tried: would the request be believed if this one
//! thing were otherwise?
//!
//! The work is bounded: the mistakes are a list, and none is tried on a body
//! that is longer than [`MOST_BYTES`].

use serde_json::Value;

use super::super::check::Verifier;
use super::super::keys::DatedSecret;
use super::super::scheme::{
    Algorithm, Hash, KeyEncoding, KeyRule, Proof, Scheme, SignedRule, TimestampUnit, Tolerance,
};
use super::super::signature::Encoding;
use super::super::{Refusal, Setting};
use crate::event::{RawWebhook, Secret, Timestamp};

/// Longer bodies are not rewritten.
const MOST_BYTES: usize = 64 * 1024;

/// What a request may have been meant for, if not for this source.
#[derive(Default)]
pub struct Others<'a> {
    /// Schemes by the name of their provider.
    pub schemes: Vec<(&'a str, &'a Scheme)>,
    /// The secrets of other sources, by the name of the source.
    pub secrets: Vec<(&'a str, Secret)>,
}

pub fn explain(
    verifier: &Verifier,
    raw: &RawWebhook,
    now: Timestamp,
    refusal: &Refusal,
    others: &Others<'_>,
) -> Option<String> {
    let asking = Asking { verifier, raw, now };
    match refusal {
        Refusal::TimestampTooOld { .. } | Refusal::TimestampInFuture { .. } | Refusal::TimestampMalformed => {
            asking.about_time()
        }
        _ if raw.body.len() > MOST_BYTES => None,
        _ => asking
            .about_secret()
            .or_else(|| asking.about_scheme())
            .or_else(|| asking.about_body())
            .or_else(|| asking.about_address())
            .or_else(|| asking.about_others(others)),
    }
}

struct Asking<'a> {
    verifier: &'a Verifier,
    raw: &'a RawWebhook,
    now: Timestamp,
}

impl Asking<'_> {
    fn believed(&self, verifier: Option<Verifier>, raw: &RawWebhook) -> bool {
        verifier.is_some_and(|verifier| verifier.check(raw, self.now).is_ok())
    }

    fn secrets(&self) -> Vec<DatedSecret> {
        self.verifier.secrets().to_vec()
    }

    /// The scheme with every signed rule of it changed. None: it has none.
    fn scheme_with(&self, change: impl Fn(&mut SignedRule)) -> Option<Scheme> {
        let mut scheme = self.verifier.scheme().clone();
        let mut any = false;
        for form in &mut scheme.forms {
            if let Proof::Signed(rule) = &mut form.proof {
                change(rule);
                any = true;
            }
        }
        any.then_some(scheme)
    }

    fn with_scheme(&self, change: impl Fn(&mut SignedRule)) -> bool {
        let scheme = self.scheme_with(change);
        self.believed(scheme.and_then(|scheme| self.verifier.changed(scheme, self.secrets())), self.raw)
    }

    /// Every secret as `change` makes it.
    fn with_secrets(&self, scheme: Scheme, change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> bool {
        let changed: Option<Vec<DatedSecret>> = self
            .secrets()
            .iter()
            .map(|dated| change(dated.secret.expose()).map(|s| Secret::new(s).into()))
            .collect();
        self.believed(changed.and_then(|secrets| self.verifier.changed(scheme, secrets)), self.raw)
    }

    fn about_time(&self) -> Option<String> {
        let unlimited = |rule: &mut SignedRule, unit: Option<TimestampUnit>| {
            if let Some(stamp) = &mut rule.timestamp {
                stamp.unit = unit.unwrap_or(stamp.unit);
            }
        };
        let units = [
            (TimestampUnit::Secs, "seconds", "s"),
            (TimestampUnit::Millis, "milliseconds", "ms"),
            (TimestampUnit::Rfc3339, "RFC 3339", "rfc3339"),
            (TimestampUnit::HttpDate, "an HTTP date", "http-date"),
        ];
        for (unit, words, name) in units {
            if self.with_scheme(|rule| unlimited(rule, Some(unit))) {
                return Some(format!("the timestamp is in {words}: write unit: {name} in `timestamp`"));
            }
        }
        let ignored = self.with_scheme(|rule| {
            if let Some(stamp) = &mut rule.timestamp {
                stamp.tolerance = Tolerance { past_secs: None, future_secs: None };
            }
        });
        ignored.then(|| {
            "the signature is right and only the time is not: for a recorded request say --at with the time at \
             which it came; for a live one, compare the clocks of both machines"
                .to_owned()
        })
    }

    fn about_secret(&self) -> Option<String> {
        let scheme = || self.verifier.scheme().clone();
        let trimmed = |secret: &[u8]| {
            let trimmed = secret.trim_ascii();
            (trimmed.len() != secret.len()).then(|| trimmed.to_vec())
        };
        if self.with_secrets(scheme(), trimmed) {
            return Some("the secret has a space or a line break around it: store it without".to_owned());
        }
        let with_break = |secret: &[u8]| Some([secret, b"\n"].concat());
        if self.with_secrets(scheme(), with_break) {
            return Some(
                "the sender's secret ends in a line break: enter it there again, without one".to_owned(),
            );
        }
        let unquoted = |secret: &[u8]| {
            let inner = secret.strip_prefix(b"\"").and_then(|s| s.strip_suffix(b"\""));
            inner.or(secret.strip_prefix(b"'").and_then(|s| s.strip_suffix(b"'"))).map(<[u8]>::to_vec)
        };
        if self.with_secrets(scheme(), unquoted) {
            return Some("the secret is stored with quotes around it: store it without".to_owned());
        }
        let keys = [
            (KeyEncoding::Utf8, "as it stands", "utf8"),
            (KeyEncoding::Base64, "decoded from base64", "base64"),
            (KeyEncoding::Hex, "decoded from hexadecimal", "hex"),
        ];
        for (encoding, words, name) in keys {
            for strip in [None, Some(""), Some("whsec_")] {
                let matches = self.with_scheme(|rule| {
                    let strip = strip.map_or_else(|| rule.key.strip.clone(), str::to_owned);
                    rule.key = KeyRule { strip, encoding };
                });
                if matches {
                    let stripped = match strip {
                        Some("whsec_") => ", strip: whsec_",
                        _ => "",
                    };
                    return Some(format!(
                        "the key is the secret {words}: write key: {{ encoding: {name}{stripped} }} in `verify`"
                    ));
                }
            }
        }
        None
    }

    fn about_scheme(&self) -> Option<String> {
        for (encoding, name) in
            [(Encoding::Hex, "hex"), (Encoding::Base64, "base64"), (Encoding::Base64Url, "base64url")]
        {
            if self.with_scheme(|rule| rule.signature.encoding = encoding) {
                return Some(format!(
                    "the signature is written in {name}: write encoding: {name} in `signature`"
                ));
            }
            for prefix in ["", "sha256=", "sha1=", "sha512=", "v0=", "v1=", "v1,", "hmac-sha256="] {
                let matches = self.with_scheme(|rule| {
                    rule.signature.encoding = encoding;
                    rule.signature.prefix = prefix.to_owned();
                });
                if matches && prefix.is_empty() {
                    return Some(format!(
                        "the signature has no prefix, and is in {name}: take `prefix` away"
                    ));
                }
                if matches {
                    return Some(format!(
                        "the signature begins with `{prefix}`: write prefix: \"{prefix}\", encoding: {name} in `signature`"
                    ));
                }
            }
        }
        for (hash, name) in [(Hash::Sha1, "sha1"), (Hash::Sha256, "sha256"), (Hash::Sha512, "sha512")] {
            let matches = self.with_scheme(|rule| {
                rule.algorithm = match rule.algorithm {
                    Algorithm::Hmac(_) => Algorithm::Hmac(hash),
                    Algorithm::Digest(_) => Algorithm::Digest(hash),
                    Algorithm::Rsa(_) => Algorithm::Rsa(hash),
                    other => other,
                };
            });
            if matches {
                return Some(format!("the sender hashes with {name}: write hash: {name} in `verify`"));
            }
        }
        None
    }

    fn about_body(&self) -> Option<String> {
        let with_body = |body: Vec<u8>| {
            self.believed(Some(self.verifier.clone()), &RawWebhook { body: body.into(), ..self.raw.clone() })
        };
        let body = &self.raw.body;
        if body.ends_with(b"\n") && with_body(body.trim_ascii_end().to_vec()) {
            return Some("a line break was added at the end of the body on its way".to_owned());
        }
        for ending in ["\n", "\r\n"] {
            if with_body([body, ending.as_bytes()].concat()) {
                return Some("the line break at the end of the body was lost on its way".to_owned());
            }
        }
        let text = std::str::from_utf8(body).ok()?;
        if text.contains('\r') && with_body(text.replace("\r\n", "\n").into_bytes()) {
            return Some("line breaks of the body were changed from LF to CR LF on their way".to_owned());
        }
        if with_body(text.replace('\n', "\r\n").into_bytes()) {
            return Some("line breaks of the body were changed from CR LF to LF on their way".to_owned());
        }
        let document: Value = serde_json::from_str(text).ok()?;
        let rewritten = rewritings(&document).into_iter().any(|text| with_body(text.into_bytes()));
        rewritten.then(|| {
            "the body was read and written again on its way: pass it on byte for byte, before any JSON parser \
             (a proxy, a middleware, a test tool that formats it)"
                .to_owned()
        })
    }

    fn about_address(&self) -> Option<String> {
        let uses_url = self.verifier.scheme().uses_url();
        let public = self.verifier.setting().public_url.as_deref().filter(|_| uses_url)?;
        let (scheme, rest) = public.split_once("://")?;
        let other = if scheme == "https" { "http" } else { "https" };
        let spellings = [
            (format!("{other}://{rest}"), self.raw.path.clone(), self.raw.query.clone()),
            (public.to_owned(), format!("{}/", self.raw.path.trim_end_matches('/')), self.raw.query.clone()),
            (public.to_owned(), self.raw.path.trim_end_matches('/').to_owned(), self.raw.query.clone()),
            (public.to_owned(), self.raw.path.clone(), String::new()),
            (format!("{scheme}://www.{rest}"), self.raw.path.clone(), self.raw.query.clone()),
        ];
        for (base, path, query) in spellings {
            let setting = Setting { public_url: Some(base.clone()), ..self.verifier.setting().clone() };
            let verifier = Verifier::new(self.verifier.scheme().clone(), self.secrets(), setting).ok();
            let raw = RawWebhook { path: path.clone(), query: query.clone(), ..self.raw.clone() };
            if self.believed(verifier, &raw) {
                return Some(format!(
                    "the sender signed the address {base}{path}{}: register exactly the address that is called, \
                     and say it in `public_url`",
                    if query.is_empty() { String::new() } else { format!("?{query}") }
                ));
            }
        }
        None
    }

    fn about_others(&self, others: &Others<'_>) -> Option<String> {
        for (source, secret) in &others.secrets {
            let verifier = self.verifier.changed(self.verifier.scheme().clone(), vec![secret.clone().into()]);
            if self.believed(verifier, self.raw) {
                return Some(format!(
                    "it is signed with the secret of the source `{source}`: was that one meant?"
                ));
            }
        }
        for (provider, scheme) in &others.schemes {
            if self.believed(self.verifier.changed((*scheme).clone(), self.secrets()), self.raw) {
                return Some(format!(
                    "it is signed as by the provider `{provider}`: write provider: {provider}"
                ));
            }
        }
        None
    }
}

/// A document as other printers of JSON write it.
fn rewritings(document: &Value) -> Vec<String> {
    let compact = document.to_string();
    let pretty = |indent: &[u8]| {
        let mut out = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
        let mut printer = serde_json::Serializer::with_formatter(&mut out, formatter);
        serde::Serialize::serialize(document, &mut printer).ok()?;
        String::from_utf8(out).ok()
    };
    let spaced = spaced(document);
    let mut texts =
        vec![escaped(&compact), compact.replace('/', "\\/"), escaped(&compact).replace('/', "\\/")];
    texts.extend([escaped(&spaced), spaced, sorted(document).to_string(), compact]);
    texts.extend([pretty(b"  "), pretty(b"    "), pretty(b"\t")].into_iter().flatten());
    texts
}

/// With a space after each colon and comma, as Python prints it.
fn spaced(document: &Value) -> String {
    match document {
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), spaced(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn sorted(document: &Value) -> Value {
    match document {
        Value::Object(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// Everything beyond ASCII as `\uXXXX`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")))
            }
        }
    }
    out
}
