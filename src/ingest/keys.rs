//! Verifying where keys may have to be fetched first. Nearly every source has its
//! keys at hand, and passes through here without waiting.

use crate::event::{RawWebhook, Timestamp};
use crate::keyring::Keyring;
use crate::source::Source;
use crate::verify::{Refusal, Unverified, VerifiedEvent};

/// Err, with `KeysNotHere`: nobody can say yet whether the request is genuine.
pub async fn verify(
    keyring: &Keyring,
    source: &Source,
    raw: RawWebhook,
    now: Timestamp,
) -> Result<VerifiedEvent, Box<Unverified>> {
    let verifier = &source.verifier;
    keyring.freshen(verifier.scheme().key_sets(), now).await;
    let unverified = match verifier.verify(raw, now) {
        Ok(event) => return Ok(event),
        Err(unverified) => unverified,
    };
    let Some(wanted) = unverified.refusal.wanted().cloned() else { return Err(unverified) };
    let fetched = keyring.fetch(&source.mapping.source, &wanted, now).await;
    verifier.verify(unverified.raw, now).map_err(|mut again| {
        // An old set does not know a new key, and the newer set did not come.
        if let (Err(_), Refusal::KeyUnknown { wanted }) = (fetched, &again.refusal) {
            again.refusal = Refusal::KeysNotHere { wanted: wanted.clone() };
        }
        again
    })
}
