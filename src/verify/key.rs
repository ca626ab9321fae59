//! From secrets to keys, once, when a source is loaded: a secret that cannot be
//! a key is refused then, not on the first delivery.

use ::hmac::KeyInit;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::mac::{Mac, digest};
use super::public_key::{PublicKey, der_of};
use super::scheme::{Algorithm, Hash, KeyEncoding, KeyRule};
use super::signature::{Encoding, decode_hex};
use crate::event::Secret;

/// Why a secret cannot be used by a scheme. Never says anything of the secret
/// but its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is empty")]
    Empty,
    #[error("this scheme takes a secret in base64, and this one is not")]
    NotBase64,
    #[error("this scheme takes a secret in hexadecimal, and this one is not")]
    NotHex,
    #[error("this scheme takes a public key in PEM, from `-----BEGIN` to `-----END`, and this is none")]
    NotPem,
    #[error("this scheme takes a public key as one JSON Web Key, `{{\"kty\":…}}`, and this is none")]
    NotJwk,
    #[error("this is not a public key of the kind that this scheme takes")]
    NotPublicKey,
    #[error("this scheme takes `user:password`, and there is no colon")]
    NotCredentials,
    #[error("it becomes the last part of an address, so it must be at least 16 letters, digits, `-` or `_`")]
    NotAnAddress,
}

/// A secret as a digest, so that comparing takes the same time whatever the
/// length of either side.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    pub fn new(secret: &Secret) -> Result<Self, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self(Sha256::digest(secret.expose()).into()))
    }

    pub fn credentials(secret: &Secret) -> Result<Self, KeyError> {
        if !secret.expose().contains(&b':') {
            return Err(KeyError::NotCredentials);
        }
        Self::new(secret)
    }

    pub fn address(secret: &Secret) -> Result<Self, KeyError> {
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if secret.expose().len() < 16 || !secret.expose().iter().all(allowed) {
            return Err(KeyError::NotAnAddress);
        }
        Self::new(secret)
    }

    pub fn matches(&self, candidate: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(candidate).into();
        self.0.ct_eq(&digest).into()
    }
}

impl KeyRule {
    /// The bytes of the key in `secret`.
    pub fn bytes(&self, secret: &Secret) -> Result<Secret, KeyError> {
        let whole = secret.expose();
        let stripped = whole.strip_prefix(self.strip.as_bytes()).unwrap_or(whole);
        let text = || std::str::from_utf8(stripped).ok();
        let key = match self.encoding {
            KeyEncoding::Utf8 => Secret::new(stripped),
            KeyEncoding::Base64 => {
                Secret::new(text().and_then(|t| Encoding::Base64.decode(t)).ok_or(KeyError::NotBase64)?)
            }
            KeyEncoding::Hex => Secret::new(text().and_then(decode_hex).ok_or(KeyError::NotHex)?),
            KeyEncoding::Sha1 if stripped.is_empty() => return Err(KeyError::Empty),
            KeyEncoding::Sha1 => Secret::new(digest(Hash::Sha1, stripped)),
            KeyEncoding::Pem => Secret::new(der_of(text().ok_or(KeyError::NotPem)?)?),
        };
        if key.is_empty() { Err(KeyError::Empty) } else { Ok(key) }
    }

    /// A MAC whose key is set, to be cloned for each request.
    pub fn mac(&self, hash: Hash, secret: &Secret) -> Result<Mac, KeyError> {
        let key = self.bytes(secret)?;
        // HMAC takes a key of any length; the error type says otherwise only
        // because it is shared with ciphers.
        let mac = match hash {
            Hash::Sha1 => ::hmac::Hmac::new_from_slice(key.expose()).map(Mac::HmacSha1),
            Hash::Sha256 => ::hmac::Hmac::new_from_slice(key.expose()).map(Mac::HmacSha256),
            Hash::Sha512 => ::hmac::Hmac::new_from_slice(key.expose()).map(Mac::HmacSha512),
        };
        mac.map_err(|_| KeyError::Empty)
    }

    pub fn public_key(&self, algorithm: Algorithm, secret: &Secret) -> Result<PublicKey, KeyError> {
        PublicKey::new(algorithm, self.bytes(secret)?.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_compare_whole() {
        let token = Token::new(&Secret::new("abc")).unwrap();
        assert!(token.matches(b"abc"));
        for wrong in ["", "ab", "abcd", "ABC"] {
            assert!(!token.matches(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn a_secret_that_cannot_be_a_key_is_refused_at_load() {
        let rule = |strip: &str, encoding| KeyRule { strip: strip.into(), encoding };
        let error = |rule: KeyRule, secret: &str| rule.mac(Hash::Sha256, &Secret::new(secret)).err();
        assert_eq!(
            error(rule("whsec_", KeyEncoding::Base64), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
            None
        );
        assert_eq!(error(rule("whsec_", KeyEncoding::Base64), "whsec_!"), Some(KeyError::NotBase64));
        assert_eq!(error(rule("", KeyEncoding::Hex), "xyz"), Some(KeyError::NotHex));
        assert_eq!(error(rule("whsec_", KeyEncoding::Utf8), "whsec_"), Some(KeyError::Empty));
        assert_eq!(Token::credentials(&Secret::new("user")).err(), Some(KeyError::NotCredentials));
        assert_eq!(Token::address(&Secret::new("short")).err(), Some(KeyError::NotAnAddress));
        assert_eq!(Token::address(&Secret::new("0123456789abcdef/")).err(), Some(KeyError::NotAnAddress));
    }
}
