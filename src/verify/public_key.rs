//! Public keys: Ed25519, ECDSA P-256 and RSA, in the forms in which senders
//! publish them. The mathematics is aws-lc's.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, VerificationAlgorithm,
};

use super::key::KeyError;
use super::scheme::{Algorithm, Hash};
use super::signature::Encoding;

#[derive(Clone)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// `bytes`: the raw key, or its SubjectPublicKeyInfo in DER.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let algorithm: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::Ed25519 => &ED25519,
            Algorithm::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
            Algorithm::Rsa(Hash::Sha1) => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::Rsa(Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rsa(Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
            Algorithm::Hmac(_) | Algorithm::Digest(_) => return Err(KeyError::NotPublicKey),
        };
        ParsedPublicKey::new(algorithm, bytes).map(Self).map_err(|_| KeyError::NotPublicKey)
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// What stands between the lines of a PEM file; its first block.
pub fn from_pem(text: &str) -> Option<Vec<u8>> {
    // In an environment variable a line break is often written `\n`.
    let text = text.replace("\\n", "\n");
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let (digits, _) = rest.split_once("-----END ")?;
    let digits: String = digits.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Encoding::Base64.decode(&digits)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(…)")
    }
}
