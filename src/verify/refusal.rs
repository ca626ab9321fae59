//! Why a webhook is not believed. The sentence goes to the sender, so it says
//! where to look and never what would have been right.

use super::fetched::Wanted;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no signature in {place}")]
    SignatureMissing { place: String },
    #[error("the signature in {place} cannot be read: {why}")]
    SignatureMalformed { place: String, why: &'static str },
    #[error("the signature in {place} does not match the request and the secret of this source")]
    SignatureMismatch { place: String },
    #[error("{part} is part of what is signed, and the request has none")]
    SignedPartMissing { part: String },
    #[error("{place} must be `{wanted}`, and is not")]
    RequirementUnmet { place: String, wanted: String },
    #[error("the digest of the body in {place} is not that of the body")]
    DigestMismatch { place: String },
    #[error("every item of the body carries its own proof, and there is none at `{path}`")]
    NothingToVerify { path: String },
    #[error("no secret of this source is valid at this time, or its sender has handed over none yet")]
    NoSecretInForce,
    #[error("the signed timestamp cannot be read")]
    TimestampMalformed,
    #[error(
        "the signature is right, and its timestamp is {secs} s old; at most {tolerance_secs} s are accepted"
    )]
    TimestampTooOld { secs: i64, tolerance_secs: i64 },
    #[error(
        "the signature is right, and its timestamp is {secs} s in the future; at most {tolerance_secs} s are accepted"
    )]
    TimestampInFuture { secs: i64, tolerance_secs: i64 },
    #[error("there is no token in {place}")]
    TokenMissing { place: String },
    #[error("the token in {place} is not the one of this source")]
    TokenMismatch { place: String },
    #[error("the token in {place} cannot be read: {why}")]
    TokenMalformed { place: String, why: &'static str },
    #[error("the token in {place} is signed in a way that this source does not allow")]
    TokenAlgorithm { place: String },
    #[error("no key of this source made the signature of the token in {place}")]
    TokenSignature { place: String },
    #[error("the token is right, and expired {secs} s ago")]
    TokenExpired { secs: i64 },
    #[error("the token is right, and begins to count only in {secs} s")]
    TokenNotYetValid { secs: i64 },
    #[error("the token is right, and was made {secs} s ago; at most {max_age_secs} s are accepted")]
    TokenTooOld { secs: i64, max_age_secs: i64 },
    #[error("the token is right, and has no claim `{claim}`")]
    ClaimMissing { claim: String },
    #[error("the token is right, and its claim `{claim}` is not what this source asks for")]
    ClaimMismatch { claim: String },
    #[error("the token asks for a key that its sender does not publish")]
    KeyUnknown { wanted: Wanted },
    #[error("the keys that are needed to check this request are not here yet")]
    KeysNotHere { wanted: Wanted },
    #[error("the address in {place} is not one where this sender keeps its certificates")]
    CertificateAddress { place: String },
    #[error("there are no HTTP Basic credentials in the header `authorization`")]
    CredentialsMissing,
    #[error("the HTTP Basic credentials are not those of this source")]
    CredentialsMismatch,
    #[error("the address of this source ends in a secret, and this one has another or none")]
    AddressMismatch,
    #[error("the body cannot be read, and the proof of who sent it is in the body")]
    BodyUnreadable,
}

impl Refusal {
    /// A stable word for programs, logs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignatureMissing { .. } => "signature-missing",
            Self::SignatureMalformed { .. } => "signature-malformed",
            Self::SignatureMismatch { .. } => "signature-mismatch",
            Self::SignedPartMissing { .. } => "signed-part-missing",
            Self::RequirementUnmet { .. } => "requirement-unmet",
            Self::DigestMismatch { .. } => "digest-mismatch",
            Self::NothingToVerify { .. } => "nothing-to-verify",
            Self::NoSecretInForce => "no-secret-in-force",
            Self::TimestampMalformed => "timestamp-malformed",
            Self::TimestampTooOld { .. } => "timestamp-too-old",
            Self::TimestampInFuture { .. } => "timestamp-in-future",
            Self::TokenMissing { .. } => "token-missing",
            Self::TokenMismatch { .. } => "token-mismatch",
            Self::TokenMalformed { .. } => "token-malformed",
            Self::TokenAlgorithm { .. } => "token-algorithm",
            Self::TokenSignature { .. } => "token-signature-mismatch",
            Self::TokenExpired { .. } => "token-expired",
            Self::TokenNotYetValid { .. } => "token-not-yet-valid",
            Self::TokenTooOld { .. } => "token-too-old",
            Self::ClaimMissing { .. } => "claim-missing",
            Self::ClaimMismatch { .. } => "claim-mismatch",
            Self::KeyUnknown { .. } => "key-unknown",
            Self::KeysNotHere { .. } => "keys-unavailable",
            Self::CertificateAddress { .. } => "certificate-address",
            Self::CredentialsMissing => "credentials-missing",
            Self::CredentialsMismatch => "credentials-mismatch",
            Self::AddressMismatch => "address-mismatch",
            Self::BodyUnreadable => "body-unreadable",
        }
    }
}

impl Refusal {
    /// What would have to be fetched before the request can be judged for good.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Self::KeyUnknown { wanted } | Self::KeysNotHere { wanted } => Some(wanted),
            _ => None,
        }
    }

    /// How far a request came before it was refused: of the forms that a scheme
    /// tries, the one that came furthest is told.
    pub(super) fn progress(&self) -> u8 {
        match self {
            // Fetching may still show that the request is genuine.
            Self::KeyUnknown { .. } | Self::KeysNotHere { .. } => 4,
            Self::TimestampTooOld { .. }
            | Self::TimestampInFuture { .. }
            | Self::DigestMismatch { .. }
            | Self::TokenExpired { .. }
            | Self::TokenNotYetValid { .. }
            | Self::TokenTooOld { .. }
            | Self::ClaimMissing { .. }
            | Self::ClaimMismatch { .. } => 3,
            Self::SignatureMismatch { .. }
            | Self::TokenMismatch { .. }
            | Self::TokenSignature { .. }
            | Self::CertificateAddress { .. }
            | Self::CredentialsMismatch => 2,
            Self::SignatureMissing { .. } | Self::TokenMissing { .. } | Self::CredentialsMissing => 0,
            _ => 1,
        }
    }
}
