//! The check: a raw webhook, a scheme and its keys give a verified event or the
//! reason why not. Bytes are verified before anything is parsed, except where
//! the proof itself is in the body.

use serde_json::Value;

use super::hmac::Mac;
use super::key::{KeyError, Token};
use super::scheme::{HmacRule, Scheme, TimestampFrom, TimestampRule, TimestampUnit, TokenRule};
use super::signature::{Encoding, Found};
use super::{Refusal, scheme};
use crate::event::{RawWebhook, Secret, Timestamp};
use crate::payload::{ContentType, Locator, Request, read_body};

/// A webhook whose sender was checked. A token or password outside the body that
/// proved it is not in it any more: nothing later needs it, and it would be kept
/// on disk.
#[derive(Debug, Clone)]
pub struct VerifiedEvent {
    raw: RawWebhook,
}

impl VerifiedEvent {
    pub fn webhook(&self) -> &RawWebhook {
        &self.raw
    }

    pub fn into_webhook(self) -> RawWebhook {
        self.raw
    }
}

/// A scheme with the keys of one source.
#[derive(Clone)]
pub struct Verifier {
    scheme: Scheme,
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    Macs(Vec<Mac>),
    Tokens(Vec<Token>),
}

impl Verifier {
    /// Any of `secrets` may match. Err: which of them cannot be a key, and why.
    pub fn new(scheme: Scheme, secrets: &[Secret]) -> Result<Self, (usize, KeyError)> {
        let each = |make: &dyn Fn(&Secret) -> Result<Token, KeyError>| -> Result<Keys, (usize, KeyError)> {
            let tokens = secrets.iter().enumerate().map(|(n, secret)| make(secret).map_err(|e| (n, e)));
            Ok(Keys::Tokens(tokens.collect::<Result<_, _>>()?))
        };
        let keys = match &scheme {
            Scheme::Hmac(rule) => {
                let macs = secrets
                    .iter()
                    .enumerate()
                    .map(|(n, secret)| rule.key.mac(rule.hash, secret).map_err(|e| (n, e)));
                Keys::Macs(macs.collect::<Result<_, _>>()?)
            }
            Scheme::Static(_) => each(&Token::new)?,
            Scheme::Basic => each(&Token::credentials)?,
            Scheme::None => each(&Token::address)?,
        };
        Ok(Self { scheme, keys })
    }

    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The only way to a [`VerifiedEvent`].
    pub fn verify(&self, raw: RawWebhook, now: Timestamp) -> Result<VerifiedEvent, Refusal> {
        match (&self.scheme, &self.keys) {
            (Scheme::Hmac(rule), Keys::Macs(macs)) => check_hmac(rule, macs, &raw, now),
            (Scheme::Static(rule), Keys::Tokens(tokens)) => check_token(rule, tokens, &raw),
            (Scheme::Basic, Keys::Tokens(tokens)) => check_basic(tokens, &raw),
            (Scheme::None, Keys::Tokens(tokens)) => check_address(tokens, &raw),
            // `new` pairs them; a mismatch believes nobody.
            _ => Err(Refusal::CredentialsMismatch),
        }?;
        Ok(VerifiedEvent { raw: self.without_credential(raw) })
    }

    /// A signature proves one request and may stay; a token proves them all. One
    /// in the body stays where it is, since the body is kept as it came.
    fn without_credential(&self, mut raw: RawWebhook) -> RawWebhook {
        let place = match &self.scheme {
            Scheme::Basic => Some(Locator::Header("authorization".to_owned())),
            Scheme::Static(rule) => Some(rule.from.clone()),
            Scheme::Hmac(_) | Scheme::None => None,
        };
        match place {
            Some(Locator::Header(name)) => raw.headers.replace(&name, WITHHELD),
            Some(Locator::Query(name)) => {
                let mut pairs = raw.query_pairs();
                pairs
                    .iter_mut()
                    .filter(|(have, _)| *have == name)
                    .for_each(|(_, value)| *value = WITHHELD.to_owned());
                raw.query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
            }
            _ => {}
        }
        raw.path_secret = None;
        raw.path.clear();
        raw
    }
}

const WITHHELD: &str = "[secret]";

fn check_hmac(rule: &HmacRule, macs: &[Mac], raw: &RawWebhook, now: Timestamp) -> Result<(), Refusal> {
    let in_body = rule.signature.from.needs_body()
        || matches!(&rule.timestamp, Some(TimestampRule { from: TimestampFrom::At(at), .. }) if at.needs_body());
    let opened = Opened::of(raw, in_body)?;
    let found = rule.signature.find(&opened.request(raw))?;
    let timestamp = match &rule.timestamp {
        Some(stamp) => Some(timestamp_text(stamp, rule, &found, &opened.request(raw))?),
        None => None,
    };
    for mac in macs {
        let mut mac = mac.clone();
        rule.signed
            .splice(raw, timestamp.as_deref(), |bytes| mac.update(bytes))
            .map_err(|part| Refusal::SignedPartMissing { part })?;
        if found.candidates.iter().any(|candidate| mac.matches(candidate)) {
            // Freshness after the MAC: stale and forged looks like forged.
            return match (&rule.timestamp, &timestamp) {
                (Some(stamp), Some(text)) => check_freshness(stamp, text, now),
                _ => Ok(()),
            };
        }
    }
    Err(Refusal::SignatureMismatch { place: rule.signature.from.described() })
}

fn timestamp_text(
    stamp: &TimestampRule,
    rule: &HmacRule,
    found: &Found,
    request: &Request<'_>,
) -> Result<String, Refusal> {
    let missing = || Refusal::SignedPartMissing { part: "the timestamp".to_owned() };
    match &stamp.from {
        TimestampFrom::SignatureField(name) => rule.signature.field(found, name).map(str::to_owned),
        TimestampFrom::At(locator) => locator.nodes(request).first().and_then(|node| match &**node {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }),
    }
    .ok_or_else(missing)
}

fn check_freshness(stamp: &TimestampRule, text: &str, now: Timestamp) -> Result<(), Refusal> {
    let malformed = || Refusal::TimestampMalformed;
    let millis = match stamp.unit {
        TimestampUnit::Secs => {
            text.parse::<i64>().ok().and_then(|secs| secs.checked_mul(1000)).ok_or_else(malformed)?
        }
        TimestampUnit::Millis => text.parse::<i64>().map_err(|_| malformed())?,
        TimestampUnit::Rfc3339 => text.parse::<jiff::Timestamp>().map_err(|_| malformed())?.as_millisecond(),
    };
    let tolerance_secs = stamp.tolerance_secs;
    let secs = now.as_millis().saturating_sub(millis) / 1000;
    match secs {
        _ if tolerance_secs == 0 => Ok(()),
        old if old > tolerance_secs => Err(Refusal::TimestampTooOld { secs, tolerance_secs }),
        ahead if ahead < -tolerance_secs => Err(Refusal::TimestampInFuture { secs: -secs, tolerance_secs }),
        _ => Ok(()),
    }
}

fn check_token(rule: &TokenRule, tokens: &[Token], raw: &RawWebhook) -> Result<(), Refusal> {
    let place = || rule.from.described();
    let opened = Opened::of(raw, rule.from.needs_body())?;
    let nodes = rule.from.nodes(&opened.request(raw));
    let found = nodes
        .first()
        .and_then(|node| node.as_str())
        .ok_or_else(|| Refusal::TokenMissing { place: place() })?;
    let given =
        found.strip_prefix(rule.prefix.as_str()).ok_or_else(|| Refusal::TokenMissing { place: place() })?;
    match tokens.iter().any(|token| token.matches(given.as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::TokenMismatch { place: place() }),
    }
}

fn check_basic(tokens: &[Token], raw: &RawWebhook) -> Result<(), Refusal> {
    let header = raw.headers.get("authorization").ok_or(Refusal::CredentialsMissing)?;
    let (scheme, digits) = header.split_once(' ').ok_or(Refusal::CredentialsMissing)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::CredentialsMissing);
    }
    let given = Encoding::Base64.decode(digits.trim()).ok_or(Refusal::CredentialsMissing)?;
    match tokens.iter().any(|token| token.matches(&given)) {
        true => Ok(()),
        false => Err(Refusal::CredentialsMismatch),
    }
}

fn check_address(tokens: &[Token], raw: &RawWebhook) -> Result<(), Refusal> {
    let given = raw.path_secret.as_deref().unwrap_or_default();
    match tokens.iter().any(|token| token.matches(given.as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::AddressMismatch),
    }
}

/// The query, and the body if the proof is in it.
struct Opened {
    query: Vec<(String, String)>,
    body: Value,
}

impl Opened {
    fn of(raw: &RawWebhook, with_body: bool) -> Result<Self, Refusal> {
        let body = if with_body {
            let kind = ContentType::of(raw.headers.get("content-type")).ok_or(Refusal::BodyUnreadable)?;
            read_body(kind, &raw.body).map_err(|_| Refusal::BodyUnreadable)?
        } else {
            Value::Null
        };
        Ok(Self { query: raw.query_pairs(), body })
    }

    fn request<'a>(&'a self, raw: &'a RawWebhook) -> Request<'a> {
        Request { headers: &raw.headers, query: &self.query, body: &self.body }
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = match &self.keys {
            Keys::Macs(macs) => macs.len(),
            Keys::Tokens(tokens) => tokens.len(),
        };
        write!(f, "Verifier({}, {keys} keys)", scheme::Scheme::name(&self.scheme))
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
