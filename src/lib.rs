//! gancho: a webhook relay gateway. See `ARCHITECTURE.md` for the map; a room is
//! a module and uses only rooms below it.

pub mod delivery;
pub mod diagnostic;
pub mod event;
pub mod mapping;
pub mod payload;
pub mod provider;
pub mod sandbox;
pub mod session;
pub mod store;
pub mod talqui;
pub mod verify;
pub mod yaml;
