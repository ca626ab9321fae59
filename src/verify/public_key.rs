//! Public keys: Ed25519, ECDSA P-256 and RSA, in the forms in which senders
//! publish them. The mathematics is aws-lc's.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm as Jwa;

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

    /// As tokens use it: ECDSA signatures are two numbers side by side there.
    /// None: it is no key of that algorithm.
    pub fn of_jwt(algorithm: Jwa, bytes: &[u8]) -> Option<Self> {
        let algorithm: &'static dyn VerificationAlgorithm = match algorithm {
            Jwa::ES256 => &ECDSA_P256_SHA256_FIXED,
            Jwa::ES384 => &ECDSA_P384_SHA384_FIXED,
            Jwa::RS256 => &RSA_PKCS1_2048_8192_SHA256,
            Jwa::RS384 => &RSA_PKCS1_2048_8192_SHA384,
            Jwa::RS512 => &RSA_PKCS1_2048_8192_SHA512,
            Jwa::PS256 => &RSA_PSS_2048_8192_SHA256,
            Jwa::PS384 => &RSA_PSS_2048_8192_SHA384,
            Jwa::PS512 => &RSA_PSS_2048_8192_SHA512,
            Jwa::EdDSA => &ED25519,
            _ => return None,
        };
        ParsedPublicKey::new(algorithm, bytes).map(Self).ok()
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }

    pub fn verifies_base64url(&self, message: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature);
        signature.is_ok_and(|signature| self.verifies(message.as_bytes(), &signature))
    }
}

/// The public key in PEM text, in DER: the first block of it, or that of the
/// certificate which the first block is. Who signed a certificate, and how long
/// it is valid, is not looked at: it is only an envelope around the key.
pub fn der_of(text: &str) -> Result<Vec<u8>, KeyError> {
    // In an environment variable a line break is often written `\n`.
    let text = text.replace("\\n", "\n");
    let (label, bytes) = first_block(&text).ok_or(KeyError::NotPem)?;
    match label {
        _ if label.ends_with("PRIVATE KEY") => Err(KeyError::NotPublicKey),
        "CERTIFICATE" => {
            let der = bytes.into();
            let certificate = webpki::EndEntityCert::try_from(&der).map_err(|_| KeyError::NotPublicKey)?;
            Ok(certificate.subject_public_key_info().to_vec())
        }
        _ => Ok(bytes),
    }
}

/// Its label, and what stands between its lines.
fn first_block(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (digits, _) = rest.split_once("-----END ")?;
    let digits: String = digits.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some((label, Encoding::Base64.decode(&digits)?))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(…)")
    }
}
