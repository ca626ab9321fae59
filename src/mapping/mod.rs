//! What to send for an event. (A stand-in, so that the parts below compile.)

pub mod convert;
pub mod text;
