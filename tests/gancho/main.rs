//! The integration tests, one module for each thing that is promised.

mod bodies;
mod diagnostics;
mod documented;
mod explained;
mod hooks;
mod infer;
mod jsonpath;
mod keys;
mod language;
mod layering;
mod limits;
mod observing;
mod outcomes;
mod planning;
mod policies;
mod promises;
mod refusals;
mod reload;
mod replay;
mod schema;
mod sending;
mod shipped;
mod simulation;
mod starters;
mod support;
mod visitors;
