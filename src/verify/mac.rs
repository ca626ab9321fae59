//! What is computed with a shared secret: an HMAC, or the plain digest of a
//! message that the secret is part of. Three hashes behind one face.

use ::hmac::{Hmac, Mac as _};
use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use super::scheme::Hash;

/// A running computation; cloned from one whose key is set.
#[derive(Clone)]
pub enum Mac {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Hmac<Sha512>),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Mac {
    /// Without a key: the secret must be in the message.
    pub fn plain(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1(Sha1::new()),
            Hash::Sha256 => Self::Sha256(Sha256::new()),
            Hash::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::HmacSha1(mac) => mac.update(bytes),
            Self::HmacSha256(mac) => mac.update(bytes),
            Self::HmacSha512(mac) => mac.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
            Self::Sha512(digest) => digest.update(bytes),
        }
    }

    /// Whether `candidate` is this result, whole, in constant time.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        match self {
            Self::HmacSha1(mac) => mac.clone().verify_slice(candidate).is_ok(),
            Self::HmacSha256(mac) => mac.clone().verify_slice(candidate).is_ok(),
            Self::HmacSha512(mac) => mac.clone().verify_slice(candidate).is_ok(),
            Self::Sha1(_) | Self::Sha256(_) | Self::Sha512(_) => {
                self.clone().into_bytes().ct_eq(candidate).into()
            }
        }
    }

    /// The result itself. For making a request or answering a challenge, never
    /// for checking one.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::HmacSha1(mac) => mac.finalize().into_bytes().to_vec(),
            Self::HmacSha256(mac) => mac.finalize().into_bytes().to_vec(),
            Self::HmacSha512(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
            Self::Sha512(digest) => digest.finalize().to_vec(),
        }
    }
}

/// The plain digest of `bytes`.
pub fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    let mut mac = Mac::plain(hash);
    mac.update(bytes);
    mac.into_bytes()
}
