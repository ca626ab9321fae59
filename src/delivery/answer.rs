//! What one attempt comes back with: a reply that was read, or a fault and
//! whether the request may have left.

use std::time::Duration;

/// What Talqui answered: the status was read in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// The header `Retry-After`, in seconds or as a date, as time from now.
    pub retry_after: Option<Duration>,
    /// The id of the session that was opened, where the body tells it. Its
    /// shape is not documented, so nothing depends on it.
    pub session_id: Option<String>,
    /// The beginning of the body, for a person to read.
    pub excerpt: String,
}

/// Whether anything of the request may have reached Talqui.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Not one byte of the body was handed to a connection.
    No,
    /// It may be there, and the person may have the message.
    Maybe,
}

/// No reply was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub sent: Sent,
    /// One sentence for the operator: what broke.
    pub message: String,
}

pub type Answer = Result<Reply, Fault>;
