//! gancho: a webhook relay gateway. See `ARCHITECTURE.md` for the map; a room is
//! a module and uses only rooms below it.

pub mod delivery;
pub mod event;
pub mod session;
pub mod store;
