//! The integration tests, one module for each thing that is promised.

mod hooks;
mod limits;
mod outcomes;
mod planning;
mod refusals;
mod shipped;
mod support;
