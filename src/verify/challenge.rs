//! Answering a sender's challenge with the key of its source.
//!
//! Whoever asks must make sure that a challenge can never be the text of an
//! event: the same key signs those, and a gateway that signs whatever it is
//! handed would sign a forged one.

use super::check::Verifier;
use super::keys::Key;
use super::scheme::{Hash, Proof};
use crate::event::Timestamp;

impl Verifier {
    /// The HMAC of `challenge` by the scheme's own key rule, with the first
    /// secret that counts now. None: there is none, or it is no shared secret.
    pub fn challenge_mac(&self, hash: Hash, challenge: &str, now: Timestamp) -> Option<Vec<u8>> {
        self.forms().find_map(|(form, keys)| {
            let (key, secret) = keys.in_force(now).next()?;
            let (Proof::Signed(rule), Key::Mac(_)) = (&form.proof, key) else { return None };
            let mut mac = rule.key.mac(hash, secret).ok()?;
            mac.update(challenge.as_bytes());
            Some(mac.into_bytes())
        })
    }
}
