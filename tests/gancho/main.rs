//! The integration tests, one module for each thing that is promised.

mod bodies;
mod explained;
mod hooks;
mod keys;
mod language;
mod layering;
mod limits;
mod outcomes;
mod planning;
mod refusals;
mod reload;
mod schema;
mod sending;
mod shipped;
mod support;
mod visitors;
