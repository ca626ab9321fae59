//! Who really sent it: signature schemes as data.
//!
//! Lives here: a scheme as it is written in a provider's file or a mapping, the
//! check of a request against it, and the making of a valid request for tests.
//! Never here: the name of any sender, a clock, or where secrets are kept.
//!
//! [`VerifiedEvent`] has no other maker than [`Verifier::verify`]: whoever holds
//! one holds a webhook whose sender was checked.

mod certificate;
mod challenge;
mod check;
mod explain;
mod fetched;
mod freshness;
mod jose;
mod jwt;
mod jwt_key;
mod key;
mod keys;
mod mac;
mod public_key;
mod read;
mod refusal;
mod scheme;
mod setting;
mod sign;
mod signature;
mod signed;
mod signing;
mod template;

pub use check::{Nonce, Unverified, VerifiedEvent, Verifier, WITHHELD, replaced};
pub use explain::{Explanation, Others, Step};
pub use fetched::{Fetched, FetchedKeys, FetchedKind, Unfit, Wanted};
pub use key::KeyError;
pub use keys::DatedSecret;
pub use mac::digest;
pub use read::read_scheme;
pub use refusal::Refusal;
pub use scheme::{Hash, Scheme};
pub use setting::{Params, Setting};
pub use sign::{CannotSign, Draft};
pub use signature::Encoding;
pub use template::is_param;
