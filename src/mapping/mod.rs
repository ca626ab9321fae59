//! What to send: a mapping file, checked and compiled, and the plan it makes of
//! an event.
//!
//! Lives here: the mapping language. YAML holds it, JSONPath takes values out of
//! the payload, Jinja decides and writes text. A mapping is compiled once and
//! swapped whole. Never here: reading a folder, an environment variable or a
//! clock; secrets are named here and resolved elsewhere.
//!
//! ```text
//! file --read--> as written --compile--> Mapping --plan(event)--> Plan { messages | problems }
//! ```
//!
//! Strictness is the point: a value that is missing, of the wrong type or of an
//! unknown name is a problem with a place, never a half-filled text.

mod cases;
mod compile;
pub mod convert;
mod field;
mod filters;
mod message;
mod moment;
mod names;
mod plan;
mod policy;
mod problem;
mod reach;
mod scope;
mod sender;
mod slip;
mod syntax;
mod template;
pub mod text;
mod value;
mod why;

pub use compile::{Connections, Mapping, World};
pub(crate) use filters::FILTERS;
pub(crate) use names::{EVENT_KEYS, ROOTS};
pub use plan::{EventInput, Plan, PlannedMessage, Skip, Skipped};
pub use policy::{POLICY_KEYS, read_policy};
pub use problem::Problem;
pub(crate) use sender::bad_secret;
pub use sender::{Param, ParamValue, SecretEntry};
pub use value::Traced;
pub(crate) use value::{KEYS as VALUE_KEYS, KINDS, OF_ONE_KIND};
pub use why::Decided;
