//! What was fetched for checking signatures: sets of keys and certificates, by
//! their addresses.
//!
//! Never here: the fetching. `keyring` fetches and puts what came into
//! [`FetchedKeys`]; a check sees it as it is at that moment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;

use super::jwt_key::{JwtKey, matches_kid};
use super::public_key::der_of;

/// More keys than any sender's set has are not looked at.
const MAX_KEYS: usize = 64;

/// What a check needs and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Vetted: pinned by the scheme, or by the hosts that it names.
    pub address: String,
    pub kind: FetchedKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchedKind {
    /// A JWK set (RFC 7517).
    KeySet,
    /// X.509 in PEM; its first certificate.
    Certificate,
}

pub enum Fetched {
    KeySet(KeySet),
    /// The public key of a certificate: SubjectPublicKeyInfo in DER.
    Certificate(Vec<u8>),
}

/// The keys of one address.
pub struct KeySet(Vec<JwtKey>);

/// Why a document is not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("it is not a JWK set with a public key for signatures")]
    NotAKeySet,
    #[error("it is not a certificate in PEM")]
    NotACertificate,
}

impl Fetched {
    pub fn read(kind: FetchedKind, document: &[u8]) -> Result<Self, Unfit> {
        match kind {
            FetchedKind::KeySet => KeySet::read(document).map(Self::KeySet).ok_or(Unfit::NotAKeySet),
            FetchedKind::Certificate => {
                let text = std::str::from_utf8(document).map_err(|_| Unfit::NotACertificate)?;
                if !text.contains("-----BEGIN CERTIFICATE-----") {
                    return Err(Unfit::NotACertificate);
                }
                der_of(text).map(Self::Certificate).map_err(|_| Unfit::NotACertificate)
            }
        }
    }
}

impl KeySet {
    /// A key of a kind that is not known does not spoil the others.
    fn read(document: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(document).ok()?;
        let listed = document.get("keys")?.as_array()?.iter().take(MAX_KEYS);
        let known = listed.filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        let keys: Vec<JwtKey> = known.filter_map(|jwk| JwtKey::from_jwk(&jwk)).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Those that a token may mean that asks for `kid`.
    pub fn named<'s>(&'s self, kid: Option<&'s str>) -> impl Iterator<Item = &'s JwtKey> {
        self.0.iter().filter(move |key| matches_kid(key.kid.as_deref(), kid))
    }
}

/// Shared by everybody who checks, and swapped whole.
#[derive(Clone, Default)]
pub struct FetchedKeys(Arc<ArcSwap<BTreeMap<String, Arc<Fetched>>>>);

impl FetchedKeys {
    pub fn get(&self, address: &str) -> Option<Arc<Fetched>> {
        self.0.load().get(address).cloned()
    }

    pub fn put(&self, address: &str, fetched: Fetched) {
        let fetched = Arc::new(fetched);
        self.0.rcu(|all| {
            let mut all = BTreeMap::clone(all);
            all.insert(address.to_owned(), fetched.clone());
            all
        });
    }

    pub fn remove(&self, address: &str) {
        self.0.rcu(|all| {
            let mut all = BTreeMap::clone(all);
            all.remove(address);
            all
        });
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.load().keys()).finish()
    }
}
