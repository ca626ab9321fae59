//! The secrets of a source as the keys of its scheme, each with the time in
//! which it counts.

use super::check::token_key;
use super::jwt_key::JwtKey;
use super::key::{KeyError, Token};
use super::mac::Mac;
use super::public_key::PublicKey;
use super::scheme::{Algorithm, Proof, Scheme, SignedRule};
use crate::event::{Secret, Timestamp};

/// A secret and when it counts: for a rotation that is known beforehand.
#[derive(Debug, Clone)]
pub struct DatedSecret {
    pub secret: Secret,
    /// Counts from this moment. None: it always did.
    pub not_before: Option<Timestamp>,
    /// Counts until this moment. None: it always will.
    pub not_after: Option<Timestamp>,
}

impl From<Secret> for DatedSecret {
    fn from(secret: Secret) -> Self {
        Self { secret, not_before: None, not_after: None }
    }
}

impl From<&Secret> for DatedSecret {
    fn from(secret: &Secret) -> Self {
        secret.clone().into()
    }
}

impl DatedSecret {
    fn is_in_force(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|from| from <= now) && self.not_after.is_none_or(|until| now <= until)
    }
}

#[derive(Clone)]
pub enum Key {
    Mac(Box<Mac>),
    Public(PublicKey),
    Token(Token),
    Jwt(Box<JwtKey>),
    /// A secret that is only part of what is signed; the key is in a
    /// certificate that the request names.
    Part,
}

/// The keys of one form of a scheme.
#[derive(Clone)]
pub struct Keys(Vec<(Key, DatedSecret)>);

impl Keys {
    /// A secret that is a key of one form only is left out of the others. One
    /// that no form asks for is nobody's key.
    pub fn of_each_form(scheme: &Scheme, secrets: &[DatedSecret]) -> Result<Vec<Self>, (usize, KeyError)> {
        let mut forms = vec![Self(Vec::new()); scheme.forms.len()];
        for (n, dated) in secrets.iter().enumerate() {
            let mut refused = None;
            let mut fits = false;
            let asking = scheme.forms.iter().zip(&mut forms).filter(|(form, _)| form.takes_secret());
            for (form, keys) in asking {
                match key(&form.proof, &dated.secret) {
                    Ok(key) => {
                        keys.0.push((key, dated.clone()));
                        fits = true;
                    }
                    Err(why) => refused = refused.or(Some((n, why))),
                }
            }
            if let Some(refused) = refused.filter(|_| !fits) {
                return Err(refused);
            }
        }
        Ok(forms)
    }

    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = (&Key, &Secret)> {
        let counts = self.0.iter().filter(move |(_, dated)| dated.is_in_force(now));
        counts.map(|(key, dated)| (key, &dated.secret))
    }

    pub fn any_in_force(&self, now: Timestamp) -> bool {
        self.in_force(now).next().is_some()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn key(proof: &Proof, secret: &Secret) -> Result<Key, KeyError> {
    match proof {
        Proof::Signed(rule) => signed_key(rule, secret),
        Proof::Jwt(rule) => {
            JwtKey::new(&rule.keys, &rule.algorithms, secret).map(|key| Key::Jwt(Box::new(key)))
        }
        Proof::Token(_) | Proof::Basic | Proof::Address => token_key(proof, secret).map(Key::Token),
    }
}

fn signed_key(rule: &SignedRule, secret: &Secret) -> Result<Key, KeyError> {
    match rule.algorithm {
        _ if rule.certificate.is_some() && secret.is_empty() => Err(KeyError::Empty),
        _ if rule.certificate.is_some() => Ok(Key::Part),
        Algorithm::Hmac(hash) => rule.key.mac(hash, secret).map(|mac| Key::Mac(Box::new(mac))),
        Algorithm::Digest(_) if secret.is_empty() => Err(KeyError::Empty),
        Algorithm::Digest(hash) => Ok(Key::Mac(Box::new(Mac::plain(hash)))),
        algorithm => rule.key.public_key(algorithm, secret).map(Key::Public),
    }
}
