//! What we know about senders, as data: one file in `providers/` for each.
//!
//! Lives here: reading those files, the catalogue of them, how an event's id
//! and type are found, and how a sender wants to be answered. Never here: the
//! name of a sender in code. If one cannot be said in the language of these
//! files, the language grows once, for all.

/// Files of a folder, each with its name, as they were when this was compiled.
macro_rules! embedded {
    ($folder:literal: $($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../", $folder, "/", $id, ".yaml")))),+]
    };
}

mod acknowledge;
mod catalogue;
mod event_rule;
mod example;
mod handshake;
mod read;
mod sample;
mod starters;

pub use acknowledge::{Acknowledge, AcknowledgeBody, read_acknowledge};
pub use catalogue::Catalogue;
pub use event_rule::{Batch, Each, EventRule, read_event_rule};
pub use example::{Example, Expected};
pub use handshake::{Asked, Handshake, Reply, Unanswered, read_handshakes};
pub use read::{Evidence, Payload, Provider, read_provider};
pub use sample::Sample;
pub use starters::{starter, with_starter};
