//! Secrets: a type that has no way to be shown, and the references by which
//! configuration names them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A token, key or password. It cannot be printed, serialised or compared with
/// `==`; its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for the one place that needs them. Never log the result.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// In constant time, if both are of one length.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is kept. Configuration and mapping files hold only these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretRef {
    /// `env:NAME`
    Env(String),
    /// `file:PATH`; one trailing line break of the file is not part of the secret.
    File(PathBuf),
    /// `captured`: handed over by the sender in its handshake, and kept in the
    /// store.
    Captured,
}

/// Why text is not a reference to a secret. It never repeats the text, which
/// may be the secret itself, pasted by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefError {
    #[error("a secret is written as a reference, never as itself")]
    NotAReference,
    #[error("`env:` is followed by the name of a variable: letters, digits and `_`")]
    BadName,
    #[error("`file:` is followed by a path")]
    NoPath,
}

impl FromStr for SecretRef {
    type Err = SecretRefError;
    fn from_str(text: &str) -> Result<Self, SecretRefError> {
        if let Some(name) = text.strip_prefix("env:") {
            let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            return if named { Ok(Self::Env(name.into())) } else { Err(SecretRefError::BadName) };
        }
        if text == "captured" {
            return Ok(Self::Captured);
        }
        match text.strip_prefix("file:") {
            Some("") => Err(SecretRefError::NoPath),
            Some(path) => Ok(Self::File(path.into())),
            None => Err(SecretRefError::NotAReference),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Captured => f.write_str("captured"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_no_way_to_be_shown() {
        let secret = Secret::new("tok_live_1");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn references_read_and_print_alike() {
        for text in ["env:LOJA_SECRET", "file:/run/secrets/loja", "captured"] {
            assert_eq!(text.parse::<SecretRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_pasted_secret_is_refused_and_not_repeated() {
        let error = "shpss_4f1c".parse::<SecretRef>().unwrap_err();
        assert_eq!(error, SecretRefError::NotAReference);
        assert!(!error.to_string().contains("shpss"));
        assert_eq!("env:".parse::<SecretRef>(), Err(SecretRefError::BadName));
        assert_eq!("env:A B".parse::<SecretRef>(), Err(SecretRefError::BadName));
        assert_eq!("file:".parse::<SecretRef>(), Err(SecretRefError::NoPath));
    }
}
