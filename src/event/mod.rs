//! The words everybody uses: ids, times, secrets, and the webhook as it came in.
//!
//! Lives here: small types without policy. Never here: reading a clock, an
//! environment variable or a file, and any knowledge of a sender or of Talqui.

mod ids;
mod raw;
mod secret;
mod time;

pub use ids::{AttemptId, DeliveryId, EventId, IdError, RequestId, SourceName};
pub use raw::{Headers, RawWebhook, parse_query};
pub use secret::{Secret, SecretRef, SecretRefError};
pub use time::{NotATime, Timestamp};
