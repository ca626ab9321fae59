//! Ids. UUID v7 newtypes, so that a delivery can never be looked up by an
//! attempt's id, and the name of a source.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use super::Timestamp;

/// Text that is not an id, or not the name of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IdError(String);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id that sorts by `now` (to the millisecond).
            pub fn generate(now: Timestamp) -> Self {
                let millis = now.as_millis().max(0) as u64;
                let stamp = uuid::Timestamp::from_unix(
                    uuid::NoContext,
                    millis / 1000,
                    (millis % 1000) as u32 * 1_000_000,
                );
                Self(Uuid::new_v7(stamp))
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| IdError(format!("`{text}` is not an id (a UUID)")))
            }
        }
    };
}

id! {
    /// One webhook that was verified and recorded.
    EventId
}
id! {
    /// One message of one event to one person.
    DeliveryId
}
id! {
    /// One request to `/hooks`, where its sender gave it no name.
    RequestId
}
id! {
    /// One try at sending a delivery. Also the token of the lease it holds.
    AttemptId
}

/// The name of a source: the last part of its address, `/hooks/{source}`, and
/// the name of its mapping file. 1 to 63 of `a-z 0-9 - _`, beginning with a
/// letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

impl SourceName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if text.len() <= 63 && starts_well && text.bytes().all(allowed) {
            return Ok(Self(text.into()));
        }
        Err(IdError(format!(
            "`{text}` cannot name a source: use 1 to 63 lower-case letters, digits, `-` or `_`, \
             beginning with a letter or digit, since it becomes the address `/hooks/<name>`"
        )))
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for SourceName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_survive_text() {
        let early = EventId::generate(Timestamp::from_millis(1_700_000_000_000));
        let late = EventId::generate(Timestamp::from_millis(1_700_000_000_001));
        assert!(early < late);
        assert_eq!(early.to_string().parse::<EventId>(), Ok(early));
        assert!("not-an-id".parse::<EventId>().is_err());
    }

    #[test]
    fn a_source_name_is_what_an_address_can_hold() {
        for good in ["loja", "loja-2", "2_b", "a"] {
            assert!(good.parse::<SourceName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "Loja", "a/b", "a.b", "ação", &"a".repeat(64)] {
            assert!(bad.parse::<SourceName>().is_err(), "{bad}");
        }
    }
}
