//! What the operator asked for: `gancho.yaml`, as meant.
//!
//! Lives here: the keys, their defaults and their checks. Never here: reading
//! the file, resolving a secret, opening anything.

mod connection;
mod read;
mod retention;

pub use connection::{Connection, connections_of};
pub use read::{ADMIN_TOKEN, Address, AdminToken, AlertUrl, Config, Limits, TalquiConfig};
pub use retention::Retention;

/// The commented default, which is also the manual.
pub const DEFAULT: &str = include_str!("default.yaml");
