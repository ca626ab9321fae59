//! The check: a raw webhook, a scheme and its keys give a verified event or the
//! reason why not. Bytes are verified before anything is parsed, except where
//! the proof itself is in the body.

use serde_json::Value;

use super::Refusal;
use super::jwt::{JwtChecking, JwtFrom, JwtRule};
use super::key::{KeyError, Token};
use super::keys::{DatedSecret, Key, Keys};
use super::scheme::{Form, Proof, Scheme, TokenRule};
use super::setting::Setting;
use super::signature::Encoding;
use super::signed::{Checking, check_signed};
use super::signing::text_at;
use crate::event::{RawWebhook, Secret, Timestamp};
use crate::payload::{Locator, Path, Request, read_document};

/// A webhook whose sender was checked. A token or password outside the body that
/// proved it is not in it any more: nothing later needs it, and it would be kept
/// on disk.
#[derive(Debug, Clone)]
pub struct VerifiedEvent {
    raw: RawWebhook,
    nonce: Option<Nonce>,
}

/// A value that its sender uses once, to be remembered for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce {
    /// SHA-256.
    pub hash: [u8; 32],
    /// After this moment the request is too old to be believed anyway.
    pub until: Timestamp,
}

/// A webhook that is not believed.
#[derive(Debug)]
pub struct Unverified {
    pub refusal: Refusal,
    /// Whole, with whatever credential it carried.
    pub raw: RawWebhook,
}

impl VerifiedEvent {
    pub fn webhook(&self) -> &RawWebhook {
        &self.raw
    }

    pub fn into_webhook(self) -> RawWebhook {
        self.raw
    }

    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }
}

/// A scheme with the keys of one source.
#[derive(Clone)]
pub struct Verifier {
    scheme: Scheme,
    /// For each form of the scheme.
    keys: Vec<Keys>,
    secrets: Vec<DatedSecret>,
    setting: Setting,
}

impl Verifier {
    /// Any of `secrets` may match. Err: which of them cannot be a key of any
    /// form of the scheme, and why.
    pub fn new(
        scheme: Scheme,
        secrets: impl IntoIterator<Item = impl Into<DatedSecret>>,
        setting: Setting,
    ) -> Result<Self, (usize, KeyError)> {
        let secrets: Vec<DatedSecret> = secrets.into_iter().map(Into::into).collect();
        let keys = Keys::of_each_form(&scheme, &secrets)?;
        Ok(Self { scheme, keys, secrets, setting })
    }

    /// The same with one secret more: one that the sender handed over.
    pub fn with_secret(&self, secret: Secret) -> Result<Self, KeyError> {
        if self.secrets.iter().any(|dated| dated.secret.is_same_as(&secret)) {
            return Ok(self.clone());
        }
        let secrets = self.secrets.iter().cloned().chain([secret.into()]);
        Self::new(self.scheme.clone(), secrets.collect::<Vec<_>>(), self.setting.clone())
            .map_err(|(_, why)| why)
    }

    pub(super) fn secrets(&self) -> &[DatedSecret] {
        &self.secrets
    }

    /// `bytes` without the source's own secrets: whoever sets up a sender may put
    /// one where a signature belongs. None: there is none in it.
    pub fn without_secrets(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut masked = None;
        for dated in &self.secrets {
            let secret = dated.secret.expose();
            let found = masked.as_deref().unwrap_or(bytes);
            if !secret.is_empty() && found.windows(secret.len()).any(|window| window == secret) {
                masked = Some(replaced(found, secret));
            }
        }
        masked
    }

    /// The tokens that `raw` has in its body, right or wrong, each once: a wrong
    /// one may be that of another source.
    pub fn tokens_in_body(&self, raw: &RawWebhook) -> Vec<String> {
        let rules = self.scheme.forms.iter().filter_map(|form| match &form.proof {
            Proof::Token(rule) if rule.from.needs_body() => Some(rule),
            _ => None,
        });
        let mut tokens = Vec::new();
        for rule in rules {
            let Ok(opened) = Opened::of(raw, true, &self.setting) else { continue };
            for body in scopes(rule.each.as_ref(), &opened.body).unwrap_or_default() {
                tokens.extend(text_at(&rule.from, &Request { body, ..opened.request(raw) }));
            }
        }
        // The longest first, since one may begin with another.
        tokens.retain(|token| !token.is_empty());
        tokens.sort_unstable_by_key(|token| std::cmp::Reverse(token.len()));
        tokens.dedup();
        tokens
    }

    pub(super) fn forms(&self) -> impl Iterator<Item = (&Form, &Keys)> {
        self.scheme.forms.iter().zip(&self.keys)
    }

    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    pub fn verify(&self, raw: RawWebhook, now: Timestamp) -> Result<VerifiedEvent, Box<Unverified>> {
        match self.check(&raw, now) {
            Ok(nonce) => Ok(VerifiedEvent { raw: self.withhold(raw), nonce }),
            Err(refusal) => Err(Box::new(Unverified { refusal, raw })),
        }
    }

    /// Whether `raw` would be believed. Ok: the nonce that it carries, if any.
    pub fn check(&self, raw: &RawWebhook, now: Timestamp) -> Result<Option<Nonce>, Refusal> {
        let mut furthest: Option<Refusal> = None;
        for (form, keys) in self.forms() {
            match check_form(form, keys, raw, &self.setting, now) {
                Ok(nonce) => return Ok(nonce),
                Err(refusal) => {
                    if furthest.as_ref().is_none_or(|have| refusal.progress() > have.progress()) {
                        furthest = Some(refusal);
                    }
                }
            }
        }
        Err(furthest.unwrap_or(Refusal::NoSecretInForce))
    }

    /// `raw` without what would prove any other request. A signature proves one
    /// request and may stay; a token proves them all. One in the body stays where
    /// it is, since the body is kept as it came.
    pub fn withhold(&self, mut raw: RawWebhook) -> RawWebhook {
        for form in &self.scheme.forms {
            match &form.proof {
                Proof::Basic => raw.headers.replace("authorization", WITHHELD),
                Proof::Token(TokenRule { from, .. }) => withhold_at(from, &mut raw),
                // Whoever holds it can send it again until it expires.
                Proof::Jwt(rule) => {
                    if let JwtRule { from: JwtFrom::At(from), .. } = &**rule {
                        withhold_at(from, &mut raw);
                    }
                }
                Proof::Signed(_) | Proof::Address => {}
            }
        }
        raw.path_secret = None;
        raw.path.clear();
        raw
    }
}

/// Instead of a credential, where it stood.
pub const WITHHELD: &str = "[secret]";

fn withhold_at(place: &Locator, raw: &mut RawWebhook) {
    match place {
        Locator::Header(name) => raw.headers.replace(name, WITHHELD),
        Locator::Query(name) => raw.query = without_value(raw, name),
        Locator::Body(_) | Locator::Form(_) => {}
    }
}

/// `bytes` with every `secret` in them masked.
pub fn replaced(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(WITHHELD.as_bytes());
        rest = &rest[at + secret.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn without_value(raw: &RawWebhook, name: &str) -> String {
    let mut pairs = raw.query_pairs();
    for (_, value) in pairs.iter_mut().filter(|(have, _)| have == name) {
        WITHHELD.clone_into(value);
    }
    serde_urlencoded::to_string(&pairs).unwrap_or_default()
}

fn check_form(
    form: &Form,
    keys: &Keys,
    raw: &RawWebhook,
    setting: &Setting,
    now: Timestamp,
) -> Result<Option<Nonce>, Refusal> {
    let opened = Opened::of(raw, form.needs_document(), setting)?;
    let request = opened.request(raw);
    for (locator, wanted) in &form.require {
        if text_at(locator, &request).as_deref() != Some(wanted) {
            return Err(Refusal::RequirementUnmet { place: locator.described(), wanted: wanted.clone() });
        }
    }
    if form.takes_secret() && !keys.any_in_force(now) {
        return Err(Refusal::NoSecretInForce);
    }
    match &form.proof {
        Proof::Signed(rule) => {
            check_signed(&Checking { rule, keys, raw, setting, now }, &request, &opened.body)
        }
        Proof::Jwt(rule) => JwtChecking { rule, keys, raw, setting, now }.check(&request).map(|()| None),
        Proof::Token(rule) => check_tokens(rule, keys, &request, &opened.body, now).map(|()| None),
        Proof::Basic => check_basic(keys, raw, now).map(|()| None),
        Proof::Address => {
            let given = raw.path_secret.as_deref().unwrap_or_default();
            match matches_token(keys, given.as_bytes(), now) {
                true => Ok(None),
                false => Err(Refusal::AddressMismatch),
            }
        }
    }
}

fn matches_token(keys: &Keys, given: &[u8], now: Timestamp) -> bool {
    keys.in_force(now).any(|(key, _)| matches!(key, Key::Token(token) if token.matches(given)))
}

/// With `each`, one item without the token is enough to refuse them all.
fn check_tokens(
    rule: &TokenRule,
    keys: &Keys,
    request: &Request<'_>,
    document: &Value,
    now: Timestamp,
) -> Result<(), Refusal> {
    for body in scopes(rule.each.as_ref(), document)? {
        check_token(rule, keys, &Request { body, ..*request }, now)?;
    }
    Ok(())
}

/// The document, or each of its items. No item at all proves nothing.
pub fn scopes<'d>(each: Option<&Path>, document: &'d Value) -> Result<Vec<&'d Value>, Refusal> {
    let Some(path) = each else { return Ok(vec![document]) };
    let items = path.nodes(document);
    match items.is_empty() {
        true => Err(Refusal::NothingToVerify { path: path.to_string() }),
        false => Ok(items),
    }
}

fn check_token(rule: &TokenRule, keys: &Keys, request: &Request<'_>, now: Timestamp) -> Result<(), Refusal> {
    let missing = || Refusal::TokenMissing { place: rule.from.described() };
    let nodes = rule.from.nodes(request);
    let found = nodes.first().and_then(|node| node.as_str()).ok_or_else(missing)?;
    let given = found.strip_prefix(rule.prefix.as_str()).ok_or_else(missing)?;
    match matches_token(keys, given.as_bytes(), now) {
        true => Ok(()),
        false => Err(Refusal::TokenMismatch { place: rule.from.described() }),
    }
}

fn check_basic(keys: &Keys, raw: &RawWebhook, now: Timestamp) -> Result<(), Refusal> {
    let header = raw.headers.get("authorization").ok_or(Refusal::CredentialsMissing)?;
    let (scheme, digits) = header.split_once(' ').ok_or(Refusal::CredentialsMissing)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::CredentialsMissing);
    }
    let given = Encoding::Base64.decode(digits.trim()).ok_or(Refusal::CredentialsMissing)?;
    match matches_token(keys, &given, now) {
        true => Ok(()),
        false => Err(Refusal::CredentialsMismatch),
    }
}

/// The query, and the body if the proof is in it.
struct Opened {
    query: Vec<(String, String)>,
    body: Value,
}

impl Opened {
    fn of(raw: &RawWebhook, with_body: bool, setting: &Setting) -> Result<Self, Refusal> {
        let body = if with_body {
            read_document(&setting.document, &raw.headers, &raw.body).map_err(|_| Refusal::BodyUnreadable)?
        } else {
            Value::Null
        };
        Ok(Self { query: raw.query_pairs(), body })
    }

    fn request<'a>(&'a self, raw: &'a RawWebhook) -> Request<'a> {
        Request { headers: &raw.headers, query: &self.query, body: &self.body }
    }
}

/// A token for comparing with, of the kind that `proof` takes.
pub fn token_key(proof: &Proof, secret: &Secret) -> Result<Token, KeyError> {
    match proof {
        Proof::Basic => Token::credentials(secret),
        Proof::Address => Token::address(secret),
        Proof::Token(_) | Proof::Signed(_) | Proof::Jwt(_) => Token::new(secret),
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier({}, {} keys)", self.scheme.name(), self.keys.iter().map(Keys::len).sum::<usize>())
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "vector_tests.rs"]
mod vectors;

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod signed_tokens;
