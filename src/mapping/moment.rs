//! A date inside a template: it is shown only through `| date('…')`, since no
//! one way of writing it is right for every message.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::Zoned;
use jiff::tz::TimeZone;
use minijinja::value::{DynObject, Object};

use super::convert::DEFAULT_ZONE;
use crate::event::Timestamp;

#[derive(Clone, PartialEq, Eq)]
pub struct Moment(pub Zoned);

impl Moment {
    /// When an event came, on a Brazilian clock.
    pub fn of(timestamp: Timestamp) -> Self {
        let zone = TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC);
        let moment = jiff::Timestamp::from_millisecond(timestamp.as_millis()).unwrap_or_default();
        Self(moment.to_zoned(zone))
    }

    /// `2026-03-02T09:00:00-03:00`
    pub fn iso(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

impl Object for Moment {
    /// By the moment, whatever the clock it is shown on.
    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.timestamp().cmp(&other.downcast_ref::<Self>()?.0.timestamp()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}
