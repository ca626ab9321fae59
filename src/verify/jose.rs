//! How a signed token is written (RFC 7515): three parts in base64url with a dot
//! between. Nothing of it is believed here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A token taken apart; nothing of it is believed yet.
pub struct Token<'t> {
    pub header: JoseHeader,
    /// Header and claims as they were signed.
    pub message: &'t str,
    claims: &'t str,
    pub signature: &'t str,
}

#[derive(Deserialize)]
pub struct JoseHeader {
    alg: String,
    pub kid: Option<String>,
    /// What a reader must understand, or else refuse. We understand none.
    crit: Option<Value>,
}

impl<'t> Token<'t> {
    pub fn parse(text: &'t str) -> Result<Self, &'static str> {
        let apart = "it is not three parts with a dot between";
        let (message, signature) = text.rsplit_once('.').ok_or(apart)?;
        let (header, claims) = message.split_once('.').ok_or(apart)?;
        if claims.contains('.') {
            return Err(apart);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| "its header is not base64url")?;
        let header: JoseHeader =
            serde_json::from_slice(&header).map_err(|_| "its header is not one of a signed token")?;
        if header.crit.is_some() {
            return Err("its header asks for an extension that is not known here");
        }
        Ok(Self { header, message, claims, signature })
    }

    /// None: one that nobody knows, or none at all.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.header.alg.parse().ok()
    }

    pub fn claims(&self) -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.claims).ok()?).ok()
    }
}
