//! The Session Start request of Talqui and the rules of each of its channels.
//!
//! Lives here: the field names, what must be present, and what may never be
//! said on a channel. Never here: where the values come from (`mapping`) and
//! how the request travels (`talqui`). What is documented by Talqui and what is
//! only inferred is said at each rule; the public documentation is
//! <https://docs.talqui.chat/guides/sessions/session-start>, read in March 2026.

mod channel;
mod start;

pub use channel::{Channel, ChannelError};
pub use start::{Destination, FieldProblem, Fields, SessionStart, check_fields};
