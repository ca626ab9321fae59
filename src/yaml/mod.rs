//! A YAML file as a tree in which every key and value knows its place.
//!
//! Lives here: reading text into the tree, and taking typed things out of it
//! while collecting every problem. Never here: which keys a file may have; the
//! rooms above say that. Typed `serde` reading stops at the first mistake, and
//! an admin wants to see all of them; that is why this tree exists.

mod fields;
mod node;
mod parse;

pub use fields::{Fields, read_words};
pub use node::{Data, Key, Node};
pub use parse::parse;
