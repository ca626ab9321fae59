//! gancho: a webhook relay gateway. See `ARCHITECTURE.md` for the map; a room is
//! a module and uses only rooms below it.

#[macro_use]
pub mod diagnostic;

pub mod app;
pub mod cli;
pub mod config;
pub mod console;
pub mod delivery;
pub mod event;
pub mod health;
pub mod infer;
pub mod ingest;
pub mod keyring;
pub mod mapping;
pub mod observe;
pub mod payload;
pub mod provider;
pub mod public;
pub mod sandbox;
pub mod schema;
pub mod session;
pub mod source;
pub mod store;
pub mod talqui;
pub mod verify;
pub mod worker;
pub mod yaml;
