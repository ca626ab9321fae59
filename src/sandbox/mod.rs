//! A stand-in for Talqui, for demonstrations and tests.
//!
//! Lives here: an HTTP server that accepts Session Starts by what Talqui's
//! public documentation says of them, remembers every one, and misbehaves on
//! request. Never here: anything of the gateway's own way of sending
//! (`talqui`), and deduplication: two identical posts are two sessions and two
//! messages, so that a gateway that repeats itself is caught.
//!
//! What is documented: the path, the scheme word, the names of the fields, the
//! rules of whatsapp-cloud and iFood, and that a reply "usually returns" the
//! contact, the session and the message. What is assumed: the status of a
//! success (201 unless told otherwise), the names inside those three objects
//! (taken from stored objects, not from this endpoint), and every error's status
//! and body. The rules are written here a second time, apart from `session`: a
//! stand-in that shares the code of what it tests would share its mistakes.
//!
//! Its own controls are under `/_sandbox`, which can never be an address of
//! Talqui's:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/requests?after=N&limit=M` | lists what it got, in order |
//! | `DELETE /_sandbox/requests` | forgets what it got |
//! | `POST /_sandbox/faults` | sets how it misbehaves from now on: one [`InjectedFault`], or a list; `[]` ends it |

mod control;
mod fault;
mod receive;
mod record;
mod respond;
mod rules;
mod server;
mod socket;
#[cfg(test)]
mod tests;

pub use fault::{FaultError, InjectedFault};
pub use record::{Answered, Delivered, Recorded};
pub use respond::SuccessBody;
pub use rules::Problem;
pub use server::{Clock, Sandbox, SandboxConfig};

/// Printed wherever results from the sandbox are.
pub const WHAT_IT_CANNOT_PROVE: &str = "\
This is a stand-in built from Talqui's public documentation, not Talqui.
It cannot prove:
- the status and the body of a success, or of any error
- what the items of campaignVariables look like
- rate limits, and whether Retry-After is sent
- whether a phone may carry `+`
- whether the official WhatsApp takes free text inside its 24 h window
- whether a token must belong to the pluginConnectionID it is used with
- the channel URNs of Telegram, Instagram and Messenger
One call with a real tenant settles the first.";
