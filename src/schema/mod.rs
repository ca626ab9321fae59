//! JSON Schemas of the files that people write, so that an editor completes and
//! checks while they type.
//!
//! Lives here: what each key is for, in a sentence, and the shapes that can be
//! told without reading the whole file. What decides is the reader (`config`,
//! `mapping`): a test keeps keys and words equal to it, and `schema/` equal to
//! what is printed here. Never here: a rule that only a reader can judge, such as
//! whether a name in a template is there.
//!
//! A provider's file is described by hand; what it shares with a mapping is taken
//! from there and not said twice.

mod build;
mod config;
mod document;
mod mapping;
mod policy;

pub use build::Schema;
pub use config::config;
pub use mapping::mapping;

/// Of a provider's file.
pub const PROVIDER: &str = include_str!("../../schema/provider.schema.json");
