//! Which channel a message leaves through, as Talqui writes it.

use std::fmt;
use std::str::FromStr;

use crate::diagnostic::Sentence;

/// A channel URN. Three are documented; any other of the same shape is passed
/// through, since Telegram, Instagram and custom channels have URNs that only
/// the tenant can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// `urn:talqui:whatsapp-cloud:0`: opens with an approved model only.
    WhatsappCloud,
    /// `urn:talqui:whatsapp-internal:0`: delivers the text as written.
    WhatsappInternal,
    /// `urn:talqui:ifood:0`: the contact is an order code, not a person's number.
    Ifood,
    Other(String),
}

/// Text that is not a channel URN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelError(String);

impl ChannelError {
    pub fn sentence(&self) -> Sentence {
        say!("`{}` is not a channel", self.0)
    }

    pub fn help(&self) -> Sentence {
        say!("Talqui writes them `urn:talqui:<name>:<number>`, such as `urn:talqui:whatsapp-cloud:0`")
    }
}

const WHATSAPP_CLOUD: &str = "urn:talqui:whatsapp-cloud:0";
const WHATSAPP_INTERNAL: &str = "urn:talqui:whatsapp-internal:0";
const IFOOD: &str = "urn:talqui:ifood:0";

impl Channel {
    pub fn urn(&self) -> &str {
        match self {
            Self::WhatsappCloud => WHATSAPP_CLOUD,
            Self::WhatsappInternal => WHATSAPP_INTERNAL,
            Self::Ifood => IFOOD,
            Self::Other(urn) => urn,
        }
    }

    /// Whether the contact is a phone number.
    pub fn is_whatsapp(&self) -> bool {
        matches!(self, Self::WhatsappCloud | Self::WhatsappInternal)
    }
}

impl FromStr for Channel {
    type Err = ChannelError;
    fn from_str(text: &str) -> Result<Self, ChannelError> {
        match text {
            WHATSAPP_CLOUD => return Ok(Self::WhatsappCloud),
            WHATSAPP_INTERNAL => return Ok(Self::WhatsappInternal),
            IFOOD => return Ok(Self::Ifood),
            _ => {}
        }
        let parts: Vec<&str> = text.split(':').collect();
        let slug_ok = |s: &str| {
            !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let number_ok = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        match parts.as_slice() {
            ["urn", "talqui", slug, number] if slug_ok(slug) && number_ok(number) => {
                Ok(Self::Other(text.to_owned()))
            }
            _ => Err(ChannelError(text.to_owned())),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.urn())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_read_and_print_alike() {
        for urn in [WHATSAPP_CLOUD, WHATSAPP_INTERNAL, IFOOD, "urn:talqui:telegram:0"] {
            assert_eq!(urn.parse::<Channel>().unwrap().urn(), urn);
        }
    }

    #[test]
    fn what_is_not_a_urn_is_refused_with_the_shape() {
        for bad in ["whatsapp", "urn:talqui::0", "urn:talqui:x:", "urn:talqui:X:0", "urn:other:x:0"] {
            let error = bad.parse::<Channel>().unwrap_err();
            assert!(error.sentence().english().contains(bad) && error.help().english().contains("<name>"));
        }
    }
}
