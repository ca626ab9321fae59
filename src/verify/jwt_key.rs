//! The keys of signed tokens: a shared secret, a public key that the operator
//! has, or one of a set that is fetched.

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, crypto};

use super::key::KeyError;
use super::public_key::{PublicKey, der_of};
use super::scheme::KeyRule;
use crate::event::Secret;

/// Where the keys of a rule come from.
#[derive(Debug, Clone)]
pub enum JwtKeys {
    /// Shared with the sender.
    Secret(KeyRule),
    /// A secret of the source is the sender's public key.
    Public(PublicForm),
    /// Fetched from an address that the rule is pinned to.
    Set { address: String },
}

/// How a public key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicForm {
    Pem,
    /// A JSON Web Key (RFC 7517), one, as an object.
    Jwk,
}

#[derive(Clone)]
pub struct JwtKey {
    /// The name by which a token asks for it.
    pub kid: Option<String>,
    /// The only one that it is for. None: any that it fits.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Library(DecodingKey),
    /// For each algorithm of the rule that it can be a key of.
    Parsed(Vec<(Algorithm, PublicKey)>),
}

impl JwtKey {
    pub fn new(keys: &JwtKeys, algorithms: &[Algorithm], secret: &Secret) -> Result<Self, KeyError> {
        match keys {
            JwtKeys::Secret(rule) => {
                let bytes = rule.bytes(secret)?;
                let key = DecodingKey::from_secret(bytes.expose());
                Ok(Self { kid: None, algorithm: None, material: Material::Library(key) })
            }
            JwtKeys::Public(PublicForm::Pem) => Self::from_pem(secret, algorithms),
            JwtKeys::Public(PublicForm::Jwk) => {
                let jwk: Jwk = serde_json::from_slice(secret.expose()).map_err(|_| KeyError::NotJwk)?;
                let key = Self::from_jwk(&jwk).ok_or(KeyError::NotPublicKey)?;
                let fits = |one: &Algorithm| key.family().is_none_or(|family| family == one.family());
                if algorithms.iter().any(fits) { Ok(key) } else { Err(KeyError::NotPublicKey) }
            }
            JwtKeys::Set { .. } => Err(KeyError::NotPublicKey),
        }
    }

    fn from_pem(secret: &Secret, algorithms: &[Algorithm]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(secret.expose()).map_err(|_| KeyError::NotPem)?;
        let der = der_of(text)?;
        let parsed: Vec<_> =
            algorithms.iter().filter_map(|one| Some((*one, PublicKey::of_jwt(*one, &der)?))).collect();
        if parsed.is_empty() {
            return Err(KeyError::NotPublicKey);
        }
        Ok(Self { kid: None, algorithm: None, material: Material::Parsed(parsed) })
    }

    /// None: it is not for signatures, or no public key that is known here. A
    /// shared secret has no business in a set that anybody may read.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let signs = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        if !signs || matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
            return None;
        }
        let algorithm = match jwk.common.key_algorithm {
            Some(named) => Some(Algorithm::try_from(named).ok()?),
            None => None,
        };
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some(Self { kid: jwk.common.key_id.clone(), algorithm, material: Material::Library(key) })
    }

    fn family(&self) -> Option<AlgorithmFamily> {
        match &self.material {
            Material::Library(key) => Some(key.family()),
            Material::Parsed(_) => None,
        }
    }

    /// `signature` as the token has it, in base64url.
    pub fn verifies(&self, message: &str, signature: &str, algorithm: Algorithm) -> bool {
        if self.algorithm.is_some_and(|only| only != algorithm) {
            return false;
        }
        match &self.material {
            // A key of another family is an error there, and no match here.
            Material::Library(key) => {
                crypto::verify(signature, message.as_bytes(), key, algorithm).unwrap_or(false)
            }
            Material::Parsed(keys) => {
                let mut fit = keys.iter().filter(|(one, _)| *one == algorithm);
                fit.any(|(_, key)| key.verifies_base64url(message, signature))
            }
        }
    }
}

/// Whether a key of this name may be the one that a token asks for. One without
/// a name may be any.
pub fn matches_kid(have: Option<&str>, asked: Option<&str>) -> bool {
    match (have, asked) {
        (Some(have), Some(asked)) => have == asked,
        _ => true,
    }
}
