//! What to do next with a delivery, decided without doing it.
//!
//! Lives here: the states, what an attempt can come back with, and `decide`, a
//! pure function from those to an outcome. Never here: a clock, a random
//! source, SQL or HTTP.
//!
//! ```text
//!             claim                      delivered (a 2xx was read)
//!  pending ----------> in_flight ------> dead      (Talqui refused this message)
//!     ^                    | \---------> held      (unknown: the person may have it)
//!     +--- not sent -------+
//! ```

mod answer;
mod decide;
mod state;

pub use answer::{Answer, Fault, Reply, Sent};
pub use decide::{Next, OnUnknown, Outcome, Policy, Verdict, decide};
pub use state::{DeliveryState, EventState, UnknownWord};
