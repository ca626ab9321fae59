//! The three MACs behind one face.

use ::hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

#[derive(Clone)]
pub enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Mac {
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            Self::Sha512(mac) => mac.update(bytes),
        }
    }

    /// Whether `candidate` is this MAC, whole, in constant time.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        match self.clone() {
            Self::Sha1(mac) => mac.verify_slice(candidate).is_ok(),
            Self::Sha256(mac) => mac.verify_slice(candidate).is_ok(),
            Self::Sha512(mac) => mac.verify_slice(candidate).is_ok(),
        }
    }

    /// The MAC itself. Only for making a request, never for checking one.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Sha1(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha256(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha512(mac) => mac.finalize().into_bytes().to_vec(),
        }
    }
}
