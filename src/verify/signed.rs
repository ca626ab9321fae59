//! Checking a signature: candidates, keys and spellings of the address against
//! each other until one holds, then what must hold besides.

use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Refusal;
use super::check::{Nonce, scopes};
use super::fetched::{Fetched, FetchedKind, Wanted};
use super::freshness::check_freshness;
use super::keys::{Key, Keys};
use super::mac::{Mac, digest};
use super::public_key::PublicKey;
use super::scheme::{BodyDigest, SignedRule, TimestampFrom};
use super::setting::Setting;
use super::signature::Group;
use super::signing::{Missing, Signing, text_at};
use crate::event::{RawWebhook, Secret, Timestamp};
use crate::payload::Request;

pub struct Checking<'a> {
    pub rule: &'a SignedRule,
    pub keys: &'a Keys,
    pub raw: &'a RawWebhook,
    pub setting: &'a Setting,
    pub now: Timestamp,
}

/// `request` is that of the whole `document`.
pub fn check_signed(
    of: &Checking<'_>,
    request: &Request<'_>,
    document: &Value,
) -> Result<Option<Nonce>, Refusal> {
    let mut nonce = None;
    for body in scopes(of.rule.each.as_ref(), document)? {
        nonce = of.check_scope(&Request { body, ..*request })?.or(nonce);
    }
    Ok(nonce)
}

impl Checking<'_> {
    fn check_scope(&self, request: &Request<'_>) -> Result<Option<Nonce>, Refusal> {
        let groups = self.rule.signature.find(request)?;
        let (urls, named) = (self.urls(), self.named_key(request)?);
        let mut refused = Refusal::SignatureMismatch { place: self.rule.signature.described() };
        for group in &groups {
            match self.check_group(group, request, &urls, named.as_ref()) {
                Ok(true) => return self.check_rest(group, request),
                Ok(false) => {}
                Err(refusal) if groups.len() == 1 => return Err(refusal),
                Err(refusal) => refused = refusal,
            }
        }
        Err(refused)
    }

    fn urls(&self) -> Vec<String> {
        if !self.rule.signed.uses_url() {
            return vec![self.setting.url_of(self.raw)];
        }
        let url = self.setting.url_of(self.raw);
        self.rule.url_forms.iter().filter_map(|form| form.of(&url)).collect()
    }

    /// The key in the certificate that the request names. None: the scheme has
    /// no such thing, and its keys are secrets.
    fn named_key(&self, request: &Request<'_>) -> Result<Option<Key>, Refusal> {
        let Some(rule) = &self.rule.certificate else { return Ok(None) };
        let place = rule.from.described();
        let Some(said) = text_at(&rule.from, request) else {
            return Err(Refusal::SignedPartMissing { part: place });
        };
        let Some(address) = rule.vet(&said) else {
            return Err(Refusal::CertificateAddress { place });
        };
        let fetched = self.setting.fetched.get(&address);
        let Some(Fetched::Certificate(der)) = fetched.as_deref() else {
            let wanted = Wanted { address, kind: FetchedKind::Certificate };
            return Err(Refusal::KeysNotHere { wanted });
        };
        let key = PublicKey::new(self.rule.algorithm, der);
        key.map(|key| Some(Key::Public(key))).map_err(|_| Refusal::CertificateAddress { place })
    }

    /// Whether some key and some spelling of the address make a candidate.
    fn check_group(
        &self,
        group: &Group,
        request: &Request<'_>,
        urls: &[String],
        named: Option<&Key>,
    ) -> Result<bool, Refusal> {
        let timestamp = self.timestamp(group, request)?;
        let none = Secret::new("");
        let mut pairs: Vec<(&Key, &Secret)> = self.keys.in_force(self.now).collect();
        if let Some(named) = named {
            pairs.iter_mut().for_each(|(key, _)| *key = named);
            if pairs.is_empty() {
                pairs.push((named, &none));
            }
        }
        for (key, secret) in pairs {
            for url in urls {
                let signing = Signing {
                    raw: self.raw,
                    request: *request,
                    timestamp: timestamp.as_deref(),
                    secret,
                    setting: self.setting,
                    url,
                };
                if self.key_matches(key, &signing, group)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn key_matches(&self, key: &Key, signing: &Signing<'_>, group: &Group) -> Result<bool, Refusal> {
        let missing = |Missing(part)| Refusal::SignedPartMissing { part };
        match key {
            Key::Mac(mac) => {
                let mut mac = Mac::clone(mac);
                match self.rule.prehash {
                    None => self.rule.signed.splice(signing, &mut |bytes| mac.update(bytes)),
                    Some(hash) => {
                        self.rule.signed.bytes(signing).map(|bytes| mac.update(&digest(hash, &bytes)))
                    }
                }
                .map_err(missing)?;
                Ok(group.candidates.iter().any(|candidate| mac.matches(candidate)))
            }
            Key::Public(key) => {
                let message = self.rule.signed.bytes(signing).map_err(missing)?;
                let message = self.rule.prehash.map_or(message.clone(), |hash| digest(hash, &message));
                Ok(group.candidates.iter().any(|candidate| key.verifies(&message, candidate)))
            }
            Key::Token(_) | Key::Jwt(_) | Key::Part => Ok(false),
        }
    }

    /// What a signature that holds is worth nothing without. Freshness comes
    /// after the MAC, so that stale and forged looks like forged.
    fn check_rest(&self, group: &Group, request: &Request<'_>) -> Result<Option<Nonce>, Refusal> {
        if let Some(rule) = &self.rule.timestamp {
            let text = self.timestamp(group, request)?.unwrap_or_default();
            check_freshness(rule, &text, self.now)?;
        }
        if let Some(rule) = &self.rule.body_digest {
            check_digest(rule, self.raw, request)?;
        }
        let Some(locator) = &self.rule.nonce else { return Ok(None) };
        let text = text_at(locator, request)
            .ok_or_else(|| Refusal::SignedPartMissing { part: locator.described() })?;
        let past_secs = self.rule.timestamp.as_ref().and_then(|rule| rule.tolerance.past_secs);
        let kept_secs = past_secs.unwrap_or(NONCE_SECS).max(0).unsigned_abs();
        Ok(Some(Nonce {
            hash: Sha256::digest(text.as_bytes()).into(),
            until: self.now.plus(std::time::Duration::from_secs(kept_secs)),
        }))
    }

    /// As text, verbatim. None: the scheme has none.
    fn timestamp(&self, group: &Group, request: &Request<'_>) -> Result<Option<String>, Refusal> {
        let Some(rule) = &self.rule.timestamp else { return Ok(None) };
        let found = match &rule.from {
            TimestampFrom::SignatureField(name) => self.rule.signature.field(group, name).map(str::to_owned),
            TimestampFrom::At(locator) => text_at(locator, request),
        };
        let missing = || Refusal::SignedPartMissing { part: "the timestamp".to_owned() };
        found.map(Some).ok_or_else(missing)
    }
}

/// How long a nonce is remembered where the scheme bounds no age: a day.
const NONCE_SECS: i64 = 86_400;

fn check_digest(rule: &BodyDigest, raw: &RawWebhook, request: &Request<'_>) -> Result<(), Refusal> {
    let place = rule.equals.described();
    let Some(text) = text_at(&rule.equals, request) else {
        return Err(Refusal::SignedPartMissing { part: place });
    };
    let given = rule.encoding.decode(text.trim()).unwrap_or_default();
    match bool::from(digest(rule.hash, &raw.body).ct_eq(&given)) {
        true => Ok(()),
        false => Err(Refusal::DigestMismatch { place }),
    }
}
