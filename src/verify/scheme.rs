//! A signature scheme, compiled from its file.

use super::certificate::CertificateRule;
use super::jwt::JwtRule;
use super::setting::UrlForm;
use super::signature::{Encoding, SignatureRule};
use super::template::Template;
use crate::payload::{Locator, Path};

/// How a sender proves who it is: any of its forms is enough. Nearly every
/// sender has one; some sign a form otherwise than JSON.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// Never empty.
    pub(super) forms: Vec<Form>,
}

#[derive(Debug, Clone)]
pub struct Form {
    pub proof: Proof,
    /// What must stand elsewhere in the request, exactly so.
    pub require: Vec<(Locator, String)>,
}

#[derive(Debug, Clone)]
pub enum Proof {
    Signed(Box<SignedRule>),
    /// A signed token with claims (RFC 7519).
    Jwt(Box<JwtRule>),
    /// A token that equals the secret.
    Token(TokenRule),
    /// HTTP Basic; the secret is `user:password`.
    Basic,
    /// The sender proves nothing; the secret is the last segment of the address.
    Address,
}

#[derive(Debug, Clone)]
pub struct SignedRule {
    pub algorithm: Algorithm,
    pub key: KeyRule,
    /// The key is in a certificate that the request names, not in a secret.
    pub certificate: Option<CertificateRule>,
    pub signature: SignatureRule,
    pub timestamp: Option<TimestampRule>,
    pub signed: Template,
    /// The signature is over this digest of what is signed.
    pub prehash: Option<Hash>,
    /// The spellings of `{url}` that are tried; not empty.
    pub url_forms: Vec<UrlForm>,
    pub body_digest: Option<BodyDigest>,
    /// Every item of the document carries its own signature, and `$` is the item.
    pub each: Option<Path>,
    /// A value that the sender uses once.
    pub nonce: Option<Locator>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Hmac(Hash),
    /// The plain digest of a message that the secret is part of.
    Digest(Hash),
    Ed25519,
    /// Over SHA-256, the signature in ASN.1.
    EcdsaP256,
    /// PKCS#1 v1.5.
    Rsa(Hash),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// From the text of a secret to the bytes of a key.
#[derive(Debug, Clone)]
pub struct KeyRule {
    /// A prefix that is not part of the key; a secret without it is taken whole.
    pub strip: String,
    pub encoding: KeyEncoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    Utf8,
    Base64,
    Hex,
    /// The key is the SHA-1 digest of the secret, 20 bytes.
    Sha1,
    /// A public key or a certificate between `-----BEGIN` and `-----END` lines.
    Pem,
}

#[derive(Debug, Clone)]
pub struct TimestampRule {
    pub from: TimestampFrom,
    pub unit: TimestampUnit,
    pub tolerance: Tolerance,
}

/// How far from now a timestamp may be, in seconds. None: as far as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    pub past_secs: Option<i64>,
    pub future_secs: Option<i64>,
}

#[derive(Debug, Clone)]
pub enum TimestampFrom {
    At(Locator),
    /// An element of the signature's own list, such as `t` in `t=…,v1=…`.
    SignatureField(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampUnit {
    Secs,
    Millis,
    Rfc3339,
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    HttpDate,
}

/// A digest of the body that stands elsewhere and is signed there.
#[derive(Debug, Clone)]
pub struct BodyDigest {
    pub hash: Hash,
    pub encoding: Encoding,
    pub equals: Locator,
}

#[derive(Debug, Clone)]
pub struct TokenRule {
    pub from: Locator,
    /// Text before the token, such as `Bearer `.
    pub prefix: String,
    /// The token proves the proxy before us, which asked for a certificate.
    pub mtls: bool,
    /// Every item of the document carries the token, and `$` is the item.
    pub each: Option<Path>,
}

impl Hash {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

impl Algorithm {
    /// How long a signature is. None: that depends on the key or on chance.
    pub fn signature_bytes(self) -> Option<usize> {
        match self {
            Self::Hmac(Hash::Sha1) | Self::Digest(Hash::Sha1) => Some(20),
            Self::Hmac(Hash::Sha256) | Self::Digest(Hash::Sha256) => Some(32),
            Self::Hmac(Hash::Sha512) | Self::Digest(Hash::Sha512) | Self::Ed25519 => Some(64),
            Self::EcdsaP256 | Self::Rsa(_) => None,
        }
    }

    fn described(self) -> String {
        match self {
            Self::Hmac(hash) => format!("an HMAC-{} signature", hash.name()),
            Self::Digest(hash) => format!("a {} digest made with the secret", hash.name()),
            Self::Ed25519 => "an Ed25519 signature".to_owned(),
            Self::EcdsaP256 => "an ECDSA P-256 signature".to_owned(),
            Self::Rsa(hash) => format!("an RSA-{} signature", hash.name()),
        }
    }
}

impl Scheme {
    fn first(&self) -> &Proof {
        &self.forms[0].proof
    }

    /// In a word, for people.
    pub fn name(&self) -> &'static str {
        match self.first() {
            Proof::Signed(rule) => match rule.algorithm {
                Algorithm::Hmac(_) => "hmac",
                Algorithm::Digest(_) => "digest",
                Algorithm::Ed25519 => "ed25519",
                Algorithm::EcdsaP256 => "ecdsa",
                Algorithm::Rsa(_) => "rsa",
            },
            Proof::Jwt(_) => "jwt",
            Proof::Token(TokenRule { mtls: true, .. }) => "mtls",
            Proof::Token(_) => "static",
            Proof::Basic => "basic",
            Proof::Address => "none",
        }
    }

    /// What proves the sender, for people.
    pub fn proof(&self) -> String {
        match self.first() {
            Proof::Signed(rule) => rule.algorithm.described(),
            Proof::Jwt(_) => "a signed token (JWT)".to_owned(),
            Proof::Token(rule) if rule.mtls => "a client certificate".to_owned(),
            Proof::Token(_) => "a secret token".to_owned(),
            Proof::Basic => "HTTP Basic credentials".to_owned(),
            Proof::Address => "a secret address".to_owned(),
        }
    }

    /// What proves the sender and where it is, for people. Forms that differ in
    /// neither are told once.
    pub fn described(&self) -> String {
        let mut forms: Vec<String> = self.forms.iter().map(|form| form.proof.described()).collect();
        forms.dedup();
        forms.join(", or ")
    }

    /// Whether a request with another body is refused: each form signs the
    /// whole body or a digest of it. Parts of the body are not the body.
    pub fn signs_body(&self) -> bool {
        self.forms.iter().all(|form| match &form.proof {
            Proof::Signed(rule) => rule.signed.uses_whole_body() || rule.body_digest.is_some(),
            Proof::Jwt(rule) => rule.body_hash.is_some(),
            Proof::Token(_) | Proof::Basic | Proof::Address => false,
        })
    }

    /// Whether it signs anything, be it the body or not.
    pub fn is_signed(&self) -> bool {
        matches!(self.first(), Proof::Signed(_) | Proof::Jwt(_))
    }

    /// Whether the address of the source ends in a secret segment.
    pub fn secret_in_path(&self) -> bool {
        matches!(self.first(), Proof::Address)
    }

    /// Whether the sender signs its own address, which must then be configured.
    pub fn uses_url(&self) -> bool {
        self.templates().any(Template::uses_url)
    }

    /// Whether a mapping must name a secret. Not where every key is fetched.
    pub fn needs_secret(&self) -> bool {
        self.forms.iter().any(Form::takes_secret)
    }

    /// The addresses of the key sets that it is pinned to.
    pub fn key_sets(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().filter_map(|form| match &form.proof {
            Proof::Jwt(rule) => rule.key_set(),
            _ => None,
        })
    }

    /// The parameters it takes from a mapping's `params:`, each once, sorted.
    pub fn params(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.templates().flat_map(Template::params).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn templates(&self) -> impl Iterator<Item = &Template> {
        self.forms.iter().flat_map(|form| match &form.proof {
            Proof::Signed(rule) => vec![&rule.signed],
            Proof::Jwt(rule) => rule.templates().collect(),
            _ => Vec::new(),
        })
    }
}

impl Proof {
    fn described(&self) -> String {
        match self {
            Self::Signed(rule) => {
                format!("{} in {}", rule.algorithm.described(), rule.signature.described())
            }
            Self::Jwt(rule) => rule.described(),
            Self::Token(rule) if rule.mtls => format!(
                "a client certificate, checked by the proxy before gancho, which says so with a token in {}",
                rule.from.described()
            ),
            Self::Token(rule) => format!("a secret token in {}", rule.from.described()),
            Self::Basic => "HTTP Basic credentials".to_owned(),
            Self::Address => "nothing but the address, which ends in a secret".to_owned(),
        }
    }
}

impl Form {
    /// Whether a secret of the source is a key of this form, or part of what it
    /// signs.
    pub fn takes_secret(&self) -> bool {
        match &self.proof {
            Proof::Signed(rule) => rule.certificate.is_none() || rule.signed.uses_secret(),
            Proof::Jwt(rule) => rule.key_set().is_none(),
            Proof::Token(_) | Proof::Basic | Proof::Address => true,
        }
    }

    /// Whether the body must be read as a document to check it.
    pub fn needs_document(&self) -> bool {
        let required = self.require.iter().any(|(locator, _)| locator.needs_body());
        required
            || match &self.proof {
                Proof::Signed(rule) => rule.needs_document(),
                Proof::Jwt(rule) => rule.from.needs_document(),
                Proof::Token(rule) => rule.each.is_some() || rule.from.needs_body(),
                Proof::Basic | Proof::Address => false,
            }
    }
}

impl SignedRule {
    fn needs_document(&self) -> bool {
        let stamp_in_body = matches!(
            &self.timestamp,
            Some(TimestampRule { from: TimestampFrom::At(at), .. }) if at.needs_body()
        );
        self.each.is_some()
            || stamp_in_body
            || self.certificate.as_ref().is_some_and(|rule| rule.from.needs_body())
            || self.signature.needs_body()
            || self.signed.needs_document()
            || self.nonce.as_ref().is_some_and(Locator::needs_body)
            || self.body_digest.as_ref().is_some_and(|digest| digest.equals.needs_body())
    }
}
