//! The integration tests with the real binary: what it prints and how it ends.
//! One module for each command or promise. What it keeps through crashes and
//! failures is `tests/torture`.
//!
//! Nothing here sleeps for a time that should be enough: a test waits for a line
//! that the process prints, for its end, for a request that arrives or for the
//! store to come to rest, and gives up after [`PATIENCE`].

mod backup;
mod check;
mod config;
mod demo;
mod doctor;
mod explain;
mod infer;
mod new;
mod operate;
mod providers;
mod request_id;
mod running;
mod sandbox;
mod schema;
mod secrets;
mod site;
mod try_event;

use std::time::Duration;

/// Nothing takes this long; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
