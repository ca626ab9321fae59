//! What the bytes say, and how to take a value out of them.
//!
//! Lives here: turning a body into one JSON document by a stated rule, JSONPath
//! over it, and the little language that says where a value is (`$.a.b`,
//! `header:X`, `query:x`, `form:x`). Never here: what a value means. Used by
//! `verify` (a token may be in the body), `provider` and `mapping` alike, so
//! that a path means the same everywhere.

mod body;
mod cause;
mod compression;
mod document;
mod form;
mod lint;
mod locator;
mod multipart;
mod path;
mod xml;

pub use body::{BodyProblem, ContentType, read_body};
pub use document::{DocumentRule, Unreadable, read_document, read_document_rule};
pub use locator::{
    Locator, LocatorError, Request, path_problem, read_locator, read_locator_key, scalar_text,
};
pub use path::{Path, PathError};
