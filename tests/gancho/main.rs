//! The integration tests, one module for each thing that is promised.

mod bodies;
mod diagnostics;
mod documented;
mod erase;
mod explained;
mod hooks;
mod infer;
mod jsonpath;
mod keys;
mod language;
mod layering;
mod limits;
mod outcomes;
mod planning;
mod refusals;
mod reload;
mod replay;
mod schema;
mod sending;
mod shipped;
mod starters;
mod support;
mod visitors;
