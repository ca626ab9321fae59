//! What to do next with a delivery, decided without doing it.
//!
//! Lives here: the states, what an attempt can come back with, and `decide`, a
//! pure function from those to an outcome. Never here: a clock, a random
//! source, SQL or HTTP.
//!
//! ```text
//!             claim                      delivered (a 2xx was read)
//!  pending ----------> in_flight ------> dead      (refused by Talqui, or tried often enough)
//!   |  ^                   | \---------> held      (unknown: the person may have it)
//!   |  +--- not sent ------+              |
//!   |  +--- released by a person ---------+-------> delivered, cancelled (settled by a person)
//!   +-----> expired, cancelled
//! ```

mod answer;
mod decide;
mod gate;
mod policy;
mod state;

pub use answer::{Answer, Fault, Reply, Sent};
pub use decide::{Next, Outcome, Verdict, decide, lost};
pub use gate::{Gate, Health, Pace, Turned};
pub use policy::{OnUnknown, Policy, PolicyChange};
pub use state::{DeliveryState, EventState, UnknownWord};
