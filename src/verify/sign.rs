//! Making a request that a scheme believes: for the demo, for tests, and for
//! an admin who wants to try a source before its sender is set up.

use jsonwebtoken::{AlgorithmFamily, EncodingKey, Header};
use serde_json::{Map, Value};

use super::jwt::{JwtFrom, JwtRule};
use super::jwt_key::JwtKeys;
use super::mac::{Mac, digest};
use super::scheme::{Algorithm, Proof, Scheme, SignedRule, TimestampFrom};
use super::setting::Setting;
use super::signature::{Encoding, SignatureFrom, Split};
use super::signing::{Missing, Signing};
use crate::event::{Headers, RawWebhook, Secret, Timestamp};
use crate::payload::{Locator, Path, Request, read_document};

/// A request before it is signed. Signing adds headers, query or path.
pub type Draft = RawWebhook;

/// Why a valid request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotSign(String);

impl Scheme {
    /// Signs `draft` as the sender would, at the time `now`, by the first form
    /// of the scheme that can be made here.
    pub fn sign(
        &self,
        draft: &Draft,
        secret: &Secret,
        setting: &Setting,
        now: Timestamp,
    ) -> Result<RawWebhook, CannotSign> {
        let mut refused = CannotSign("the scheme has no form".to_owned());
        for form in &self.forms {
            let mut draft = draft.clone();
            let required = form.require.iter().try_for_each(|(at, value)| put(at, &mut draft, value));
            match required.and_then(|()| prove(&form.proof, &mut draft, secret, setting, now)) {
                Ok(()) => return Ok(draft),
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }
}

fn prove(
    proof: &Proof,
    draft: &mut Draft,
    secret: &Secret,
    setting: &Setting,
    now: Timestamp,
) -> Result<(), CannotSign> {
    let text =
        || std::str::from_utf8(secret.expose()).map_err(|_| CannotSign("the secret is not text".to_owned()));
    match proof {
        Proof::Signed(rule) => sign(rule, draft, secret, setting, now),
        Proof::Jwt(rule) => match &rule.from {
            JwtFrom::Body => Err(CannotSign("the body is the token, and so must be given signed".to_owned())),
            JwtFrom::At(at) => {
                let token = token(rule, draft, secret, setting, now)?;
                put(at, draft, &format!("{}{token}", rule.prefix))
            }
        },
        Proof::Token(rule) => {
            let value = format!("{}{}", rule.prefix, text()?);
            match &rule.each {
                None => put(&rule.from, draft, &value),
                Some(each) => in_each_item(each, draft, |item| {
                    write_at(&rule.from, item, &value).ok_or_else(|| no_place(&rule.from))
                }),
            }
        }
        Proof::Basic => {
            let digits = Encoding::Base64.encode(secret.expose());
            draft.headers.push("authorization", format!("Basic {digits}"));
            Ok(())
        }
        Proof::Address => {
            draft.path_secret = Some(text()?.to_owned());
            Ok(())
        }
    }
}

fn sign(
    rule: &SignedRule,
    draft: &mut Draft,
    secret: &Secret,
    setting: &Setting,
    now: Timestamp,
) -> Result<(), CannotSign> {
    let stamp = rule.timestamp.as_ref().map(|stamp| stamp.unit.write(now));
    let mut list = Vec::new();
    if let (Some(rule), Some(stamp)) = (&rule.timestamp, &stamp) {
        match &rule.from {
            TimestampFrom::At(locator) => put(locator, draft, stamp)?,
            TimestampFrom::SignatureField(name) => list.push((name.clone(), stamp.clone())),
        }
    }
    if let Some(rule) = &rule.body_digest {
        let digits = rule.encoding.encode(&digest(rule.hash, &draft.body));
        put(&rule.equals, draft, &digits)?;
    }
    fill_headers(rule.signed.headers(), &mut draft.headers, now);
    if let Some(each) = &rule.each {
        let whole = draft.clone();
        return in_each_item(each, draft, |item| {
            let bytes = mac_of(rule, &whole, item, (secret, setting), stamp.as_deref())?;
            match &rule.signature.from[0] {
                SignatureFrom::At(at) => {
                    write_at(at, item, &rule.signature.encoding.encode(&bytes)).ok_or_else(|| no_place(at))
                }
                SignatureFrom::Numbered { .. } => Err(CannotSign("an item has no headers".to_owned())),
            }
        });
    }
    let document = match rule.signed.needs_document() {
        true => read_document(&setting.document, &draft.headers, &draft.body)
            .map_err(|why| CannotSign(why.to_string()))?,
        false => Value::Null,
    };
    let bytes = mac_of(rule, draft, &document, (secret, setting), stamp.as_deref())?;
    let digits = format!("{}{}", rule.signature.prefix, rule.signature.encoding.encode(&bytes));
    match &rule.signature.from[0] {
        SignatureFrom::At(at) => put(at, draft, &listed(rule.signature.split.as_ref(), list, digits)),
        SignatureFrom::Numbered { prefix, .. } => {
            draft.headers.push(&format!("{prefix}1"), digits);
            Ok(())
        }
    }
}

fn mac_of(
    rule: &SignedRule,
    draft: &Draft,
    document: &Value,
    (secret, setting): (&Secret, &Setting),
    stamp: Option<&str>,
) -> Result<Vec<u8>, CannotSign> {
    let mut mac = match rule.algorithm {
        Algorithm::Hmac(hash) => {
            rule.key.mac(hash, secret).map_err(|error| CannotSign(format!("the secret: {error}")))?
        }
        Algorithm::Digest(hash) => Mac::plain(hash),
        _ => return Err(only_the_sender()),
    };
    let (query, url) = (draft.query_pairs(), setting.url_of(draft));
    let request = Request { headers: &draft.headers, query: &query, body: document };
    let signing = Signing { raw: draft, request, timestamp: stamp, secret, setting, url: &url };
    let bytes = rule
        .signed
        .bytes(&signing)
        .map_err(|Missing(part)| CannotSign(format!("{part} is signed, and the request has none")))?;
    match rule.prehash {
        Some(hash) => mac.update(&digest(hash, &bytes)),
        None => mac.update(&bytes),
    }
    Ok(mac.into_bytes())
}

/// A token with the claims that the rule asks for, which counts for an hour.
fn token(
    rule: &JwtRule,
    draft: &Draft,
    secret: &Secret,
    setting: &Setting,
    now: Timestamp,
) -> Result<String, CannotSign> {
    let algorithm = rule.algorithms.iter().find(|one| one.family() == AlgorithmFamily::Hmac);
    let (Some(algorithm), JwtKeys::Secret(key)) = (algorithm, &rule.keys) else {
        return Err(only_the_sender());
    };
    let key = key.bytes(secret).map_err(|error| CannotSign(format!("the secret: {error}")))?;
    let (query, url) = (draft.query_pairs(), setting.url_of(draft));
    let request = Request { headers: &draft.headers, query: &query, body: &Value::Null };
    let signing = Signing { raw: draft, request, timestamp: None, secret, setting, url: &url };
    let secs = now.as_millis().div_euclid(1000);
    let mut claims = Map::new();
    claims.insert("iat".to_owned(), secs.into());
    claims.insert("exp".to_owned(), secs.saturating_add(3600).into());
    if let Some(rule) = &rule.body_hash {
        claims.insert(rule.claim.clone(), rule.encoding.encode(&digest(rule.hash, &draft.body)).into());
    }
    for (name, claim) in &rule.claims {
        let wanted = claim.wanted(&signing);
        let wanted =
            wanted.map_err(|Missing(part)| CannotSign(format!("{part} is a claim, and is not known")))?;
        claims.insert(name.clone(), wanted);
    }
    let key = EncodingKey::from_secret(key.expose());
    let token = jsonwebtoken::encode(&Header::new(*algorithm), &claims, &key);
    token.map_err(|error| CannotSign(error.to_string()))
}

/// The signature in the list in which the sender writes it.
fn listed(split: Option<&Split>, lead: Vec<(String, String)>, digits: String) -> String {
    match split {
        None => digits,
        Some(Split::Named { item, pair, take }) => {
            let own = take.clone().unwrap_or_else(|| "sig".to_owned());
            let all = lead.into_iter().chain([(own, digits)]);
            let items: Vec<String> = all.map(|(name, value)| format!("{name}{pair}{value}")).collect();
            items.join(item)
        }
        Some(Split::Positional { item, .. }) => {
            let items: Vec<String> = lead.into_iter().map(|(_, value)| value).chain([digits]).collect();
            items.join(item)
        }
    }
}

/// A header that is signed and not given is an id of the message.
fn fill_headers<'a>(signed: impl Iterator<Item = &'a str>, headers: &mut Headers, now: Timestamp) {
    for name in signed {
        if headers.get(name).is_none() {
            headers.push(name, format!("msg_{}", now.as_millis()));
        }
    }
}

fn put(at: &Locator, draft: &mut Draft, value: &str) -> Result<(), CannotSign> {
    match at {
        Locator::Header(name) => draft.headers.push(name, value),
        Locator::Query(name) => {
            let mut pairs = draft.query_pairs();
            pairs.push((name.clone(), value.to_owned()));
            draft.query =
                serde_urlencoded::to_string(&pairs).map_err(|error| CannotSign(error.to_string()))?;
        }
        // A path into a form is the name of a field.
        Locator::Body(path) if is_form(draft) => {
            let name = path.as_str().trim_start_matches("$.").to_owned();
            return put(&Locator::Form(name), draft, value);
        }
        Locator::Body(_) => {
            let mut document = json_of(draft)?;
            write_at(at, &mut document, value).ok_or_else(|| no_place(at))?;
            draft.body = document.to_string().into();
        }
        Locator::Form(name) => {
            let mut pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&draft.body)
                .map_err(|_| CannotSign("the proof is a form field, and the body is no form".to_owned()))?;
            pairs.retain(|(have, _)| have != name);
            pairs.push((name.clone(), value.to_owned()));
            let body = serde_urlencoded::to_string(&pairs).map_err(|error| CannotSign(error.to_string()))?;
            draft.body = body.into();
        }
    }
    Ok(())
}

fn only_the_sender() -> CannotSign {
    CannotSign("only the sender has the private key that signs".to_owned())
}

fn is_form(draft: &Draft) -> bool {
    let kind = draft.headers.get("content-type").unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
}

fn json_of(draft: &Draft) -> Result<Value, CannotSign> {
    serde_json::from_slice(&draft.body)
        .map_err(|_| CannotSign("the proof is inside the body, and the body is not JSON".to_owned()))
}

fn write_at(at: &Locator, document: &mut Value, value: &str) -> Option<()> {
    let Locator::Body(path) = at else { return None };
    *path.place(document)? = Value::from(value);
    Some(())
}

fn no_place(at: &Locator) -> CannotSign {
    CannotSign(format!("the proof belongs into {}, and this body has no such place", at.described()))
}

/// Changes every item that `each` names, which is a list, and perhaps a key in
/// each of its elements.
fn in_each_item(
    each: &Path,
    draft: &mut Draft,
    mut change: impl FnMut(&mut Value) -> Result<(), CannotSign>,
) -> Result<(), CannotSign> {
    let no_list = || CannotSign(format!("this body has no list at `{each}`"));
    let (list, rest) = each.as_str().split_once("[*]").ok_or_else(no_list)?;
    let list = Path::compile(list).map_err(|_| no_list())?;
    let item = Path::compile(&format!("${rest}")).map_err(|_| no_list())?;
    let mut document = json_of(draft)?;
    let elements = list.place(&mut document).and_then(Value::as_array_mut).ok_or_else(no_list)?;
    for element in elements {
        change(item.place(element).ok_or_else(no_list)?)?;
    }
    draft.body = document.to_string().into();
    Ok(())
}
