//! The `as:` of a mapping: from a JSON value that was found in a payload to a
//! typed one.
//!
//! Lives here: `text`, `number`, `bool`, `list`, `phone`, `money` and `date`,
//! and the sentence that says why a value is none of them. Never here: finding
//! the value, defaults, a clock, or how a value is shown to a person (that is
//! `mapping::text`).
//!
//! All of it is strict. A value that can be read in two ways is refused with
//! the two readings, since the other choice is a message to the wrong person or
//! with the wrong amount.

mod date;
mod error;
mod fold;
mod money;
mod phone;
mod scalar;

pub use date::{DEFAULT_ZONE, DateFormat, DatePattern, DateRule, time_zone};
pub use error::ConvertError;
pub use money::{Money, Unit, money};
pub use phone::{is_ddd, phone, phone_from_parts};
pub use scalar::{boolean, list, number, text};

pub(in crate::mapping) use date::{Form, Part, Piece};
pub(in crate::mapping) use fold::fold;
