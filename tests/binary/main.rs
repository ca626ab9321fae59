//! The integration tests with the real binary: what it prints, how it ends, and
//! what it keeps through `kill -9`. One module for each command or promise.
//!
//! Nothing here sleeps for a time that should be enough: a test waits for a line
//! that the process prints, for its end, for a request that arrives or for the
//! store to come to rest, and gives up after [`PATIENCE`].

mod check;
mod config;
mod crash;
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
