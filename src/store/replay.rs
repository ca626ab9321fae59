//! What people send again, and why something of it is not sent.
//!
//! Lives here: the records of `replan`. Never here: how it is decided
//! (`earlier.rs`).

use std::fmt;

use crate::delivery::{DeliveryState, EventState};
use crate::event::DeliveryId;

/// What came of planning an event again, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replan {
    Done(Replanned),
    NotThere,
    /// Its body was dropped, by age or on request.
    Emptied,
    /// It was not planned yet, or is the repeat of another event.
    Not(EventState),
    /// Not the messages that were shown would be sent now, and nothing was changed.
    Changed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replanned {
    pub was: EventState,
    pub is: EventState,
    /// Of each message that the mapping makes of it today, in that order.
    pub fates: Vec<Fate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Send,
    Skip(Obstacle),
}

/// A delivery that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    pub delivery: DeliveryId,
    pub state: DeliveryState,
}

impl Earlier {
    /// Then it stands in the way by force too: that person will get it as it is.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state, DeliveryState::Pending | DeliveryState::InFlight)
    }
}

/// Why a message is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Its `once_per` key was spent.
    SameKey(Earlier),
    /// The same words of the same event.
    SameWords(Earlier),
    /// The message of that name of the same event, perhaps in other words.
    OtherWords(Earlier),
    /// `expires_after` has passed.
    Stale,
}

/// A sentence for the operator; it holds nothing of the message.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, earlier) = match self {
            Self::Stale => return f.write_str("too old to help: `expires_after` has passed"),
            Self::SameKey(earlier) => ("a message with this `once_per` key", earlier),
            Self::SameWords(earlier) => ("this very message", earlier),
            Self::OtherWords(earlier) => ("this message of this event, in other words,", earlier),
        };
        let Earlier { delivery, state } = earlier;
        match state {
            DeliveryState::Delivered => write!(f, "this person has {what} already: delivery {delivery}"),
            DeliveryState::Pending | DeliveryState::InFlight => {
                write!(f, "{what} is on its way to this person: delivery {delivery}; cancel that one first")
            }
            DeliveryState::Held => {
                write!(f, "this person may have {what} already: delivery {delivery} is held; settle it first")
            }
            DeliveryState::Dead | DeliveryState::Expired | DeliveryState::Cancelled => {
                write!(f, "this person may have {what} already: an attempt of delivery {delivery} is unknown")
            }
        }
    }
}
