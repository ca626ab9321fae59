//! The state words, as they are stored, logged and shown.

/// A stored word that names no state: a database from a later version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a word this version knows")]
pub struct UnknownWord(pub String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::delivery::UnknownWord;
            fn from_str(word: &str) -> Result<Self, $crate::delivery::UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::delivery::UnknownWord(other.to_owned())),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where an event is.
    EventState {
        /// On disk, acknowledged, not yet mapped.
        Received = "received",
        /// Its messages are deliveries now.
        Planned = "planned",
        /// No message of the mapping wanted it.
        Ignored = "ignored",
        /// The sender's repeat of an event that is already here.
        Duplicate = "duplicate",
        /// The mapping could not make a message of it; kept with the reasons.
        Unmapped = "unmapped",
    }
}

words! {
    /// Where a delivery is.
    DeliveryState {
        /// Waiting for its turn or its time.
        Pending = "pending",
        /// An attempt is open.
        InFlight = "in_flight",
        /// A success was read from Talqui.
        Delivered = "delivered",
        /// The outcome is unknown; a person decides.
        Held = "held",
        /// Talqui refused this message; it will not be sent.
        Dead = "dead",
        /// Too old to help.
        Expired = "expired",
        /// Not to be sent: by a person, or as the twin of another message.
        Cancelled = "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_store() {
        for state in EventState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for state in DeliveryState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        assert!("sent".parse::<DeliveryState>().is_err());
    }
}
