//! The integration tests, one module for each thing that is promised.

mod shipped;
