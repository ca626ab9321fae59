//! A signed token with claims (RFC 7519): finding it, proving it, and holding
//! its claims against what the source asks for.
//!
//! Never here: keys (`jwt_key.rs`, `fetched.rs`) and how a token is written
//! (`jose.rs`). The algorithm is the rule's to
//! choose: what the token says of itself only picks from the rule's own list.

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::Refusal;
use super::fetched::{Fetched, FetchedKind, Wanted};
use super::jose::Token;
use super::jwt_key::{JwtKeys, matches_kid};
use super::keys::{Key, Keys};
use super::mac::digest;
use super::scheme::Hash;
use super::setting::Setting;
use super::signature::Encoding;
use super::signing::{Missing, Signing, text_at};
use super::template::Template;
use crate::event::{RawWebhook, Secret, Timestamp};
use crate::payload::{Locator, Request};

/// Longer tokens are not looked at, unless they are the body.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone)]
pub struct JwtRule {
    pub from: JwtFrom,
    /// Text before the token, such as `Bearer `.
    pub prefix: String,
    /// Not empty. Those of a shared secret are never beside those of a public
    /// key: whoever knows the public key could else sign with it as the secret.
    pub algorithms: Vec<Algorithm>,
    pub keys: JwtKeys,
    /// By name; each must be there and equal, or hold it if it is a list.
    pub claims: Vec<(String, Claim)>,
    /// Since the claim `iat`. None: as old as `exp` lets it be.
    pub max_age_secs: Option<i64>,
    /// How far the clocks may differ.
    pub leeway_secs: i64,
    pub require_exp: bool,
    pub body_hash: Option<BodyHash>,
}

#[derive(Debug, Clone)]
pub enum JwtFrom {
    At(Locator),
    /// The body is the token, and nothing else.
    Body,
}

#[derive(Debug, Clone)]
pub enum Claim {
    /// Filled for each request; it names parameters and the address only.
    Text(Template),
    /// A number, or true or false.
    Exactly(Value),
}

/// A claim that holds the digest of the body.
#[derive(Debug, Clone)]
pub struct BodyHash {
    pub claim: String,
    pub hash: Hash,
    pub encoding: Encoding,
}

impl JwtFrom {
    pub fn described(&self) -> String {
        match self {
            Self::At(locator) => locator.described(),
            Self::Body => "the body".to_owned(),
        }
    }

    pub fn needs_document(&self) -> bool {
        matches!(self, Self::At(locator) if locator.needs_body())
    }
}

impl JwtRule {
    pub fn described(&self) -> String {
        let names: Vec<String> = self.algorithms.iter().map(|one| format!("{one:?}")).collect();
        let key = match self.key_set() {
            Some(address) => format!(", its keys fetched from {address}"),
            None => String::new(),
        };
        format!("a signed token (JWT, {}) in {}{key}", names.join(" or "), self.from.described())
    }

    /// The pinned address of its keys, if they are fetched.
    pub fn key_set(&self) -> Option<&str> {
        match &self.keys {
            JwtKeys::Set { address } => Some(address),
            JwtKeys::Secret(_) | JwtKeys::Public(_) => None,
        }
    }

    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.claims.iter().filter_map(|(_, claim)| match claim {
            Claim::Text(template) => Some(template),
            Claim::Exactly(_) => None,
        })
    }
}

impl Claim {
    /// What the token must say.
    pub fn wanted(&self, of: &Signing<'_>) -> Result<Value, Missing> {
        Ok(match self {
            Self::Exactly(value) => value.clone(),
            Self::Text(template) => String::from_utf8_lossy(&template.bytes(of)?).into_owned().into(),
        })
    }
}

pub struct JwtChecking<'a> {
    pub rule: &'a JwtRule,
    pub keys: &'a Keys,
    pub raw: &'a RawWebhook,
    pub setting: &'a Setting,
    pub now: Timestamp,
}

impl JwtChecking<'_> {
    pub fn check(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let text = self.token(request)?;
        let token = Token::parse(&text).map_err(|why| self.malformed(why))?;
        let allowed = token.algorithm().filter(|one| self.rule.algorithms.contains(one));
        let algorithm = allowed.ok_or_else(|| Refusal::TokenAlgorithm { place: self.place() })?;
        self.prove(&token, algorithm)?;
        let claims = token.claims().ok_or_else(|| self.malformed("its claims are not a JSON object"))?;
        self.check_times(&claims)?;
        self.check_claims(&claims, request)?;
        self.rule.body_hash.as_ref().map_or(Ok(()), |rule| check_body(rule, &claims, &self.raw.body))
    }

    fn place(&self) -> String {
        self.rule.from.described()
    }

    fn malformed(&self, why: &'static str) -> Refusal {
        Refusal::TokenMalformed { place: self.place(), why }
    }

    fn token(&self, request: &Request<'_>) -> Result<String, Refusal> {
        let missing = || Refusal::TokenMissing { place: self.place() };
        let found = match &self.rule.from {
            JwtFrom::Body => {
                let text =
                    std::str::from_utf8(&self.raw.body).map_err(|_| self.malformed("it is not text"))?;
                text.trim_ascii().to_owned()
            }
            JwtFrom::At(locator) => {
                let text = text_at(locator, request).ok_or_else(missing)?;
                if text.len() > MAX_TOKEN_BYTES {
                    return Err(self.malformed("it is too long"));
                }
                text
            }
        };
        let given = found.strip_prefix(self.rule.prefix.as_str()).ok_or_else(missing)?;
        if given.is_empty() { Err(missing()) } else { Ok(given.to_owned()) }
    }

    /// That some key of the source made the signature.
    fn prove(&self, token: &Token<'_>, algorithm: Algorithm) -> Result<(), Refusal> {
        let kid = token.header.kid.as_deref();
        let proven = match &self.rule.keys {
            JwtKeys::Secret(_) | JwtKeys::Public(_) => self.keys.in_force(self.now).any(|(key, _)| {
                matches!(key, Key::Jwt(key) if matches_kid(key.kid.as_deref(), kid)
                    && key.verifies(token.message, token.signature, algorithm))
            }),
            JwtKeys::Set { address } => {
                let wanted = || Wanted { address: address.clone(), kind: FetchedKind::KeySet };
                let fetched = self.setting.fetched.get(address);
                let Some(Fetched::KeySet(set)) = fetched.as_deref() else {
                    return Err(Refusal::KeysNotHere { wanted: wanted() });
                };
                let mut named = set.named(kid).peekable();
                if named.peek().is_none() {
                    return Err(Refusal::KeyUnknown { wanted: wanted() });
                }
                named.any(|key| key.verifies(token.message, token.signature, algorithm))
            }
        };
        if proven { Ok(()) } else { Err(Refusal::TokenSignature { place: self.place() }) }
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), Refusal> {
        let (now, leeway) = (self.now.as_millis().div_euclid(1000), self.rule.leeway_secs);
        let secs = |name: &str| match claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                seconds(value).map(Some).ok_or_else(|| self.malformed("a time in it is no number"))
            }
        };
        match secs("exp")? {
            None if self.rule.require_exp => return Err(Refusal::ClaimMissing { claim: "exp".to_owned() }),
            Some(exp) if now.saturating_sub(leeway) >= exp => {
                return Err(Refusal::TokenExpired { secs: now.saturating_sub(exp) });
            }
            _ => {}
        }
        let begins = secs("nbf")?.filter(|nbf| *nbf > now.saturating_add(leeway));
        if let Some(nbf) = begins {
            return Err(Refusal::TokenNotYetValid { secs: nbf.saturating_sub(now) });
        }
        let Some(most) = self.rule.max_age_secs else { return Ok(()) };
        let iat = secs("iat")?.ok_or_else(|| Refusal::ClaimMissing { claim: "iat".to_owned() })?;
        match now.saturating_sub(iat) {
            age if age > most => Err(Refusal::TokenTooOld { secs: age, max_age_secs: most }),
            age if age < -leeway => Err(Refusal::TokenNotYetValid { secs: -age }),
            _ => Ok(()),
        }
    }

    fn check_claims(&self, claims: &Map<String, Value>, request: &Request<'_>) -> Result<(), Refusal> {
        let (url, secret) = (self.setting.url_of(self.raw), Secret::new(""));
        let (raw, setting) = (self.raw, self.setting);
        let of = Signing { raw, request: *request, timestamp: None, secret: &secret, setting, url: &url };
        for (name, claim) in &self.rule.claims {
            let wanted = claim.wanted(&of).map_err(|Missing(part)| Refusal::SignedPartMissing { part })?;
            let Some(said) = claims.get(name) else {
                return Err(Refusal::ClaimMissing { claim: name.clone() });
            };
            let holds = *said == wanted || said.as_array().is_some_and(|list| list.contains(&wanted));
            if !holds {
                return Err(Refusal::ClaimMismatch { claim: name.clone() });
            }
        }
        Ok(())
    }
}

fn check_body(rule: &BodyHash, claims: &Map<String, Value>, body: &[u8]) -> Result<(), Refusal> {
    let missing = || Refusal::ClaimMissing { claim: rule.claim.clone() };
    let said = claims.get(&rule.claim).and_then(Value::as_str).ok_or_else(missing)?;
    let given = rule.encoding.decode(said).unwrap_or_default();
    match bool::from(digest(rule.hash, body).ct_eq(&given)) {
        true => Ok(()),
        false => Err(Refusal::DigestMismatch { place: format!("the claim `{}`", rule.claim) }),
    }
}

/// A moment as tokens write it: seconds since 1970, perhaps with a fraction.
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|secs| secs as i64))
}
