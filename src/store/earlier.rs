//! Whether a person has a message already, or may have it.
//!
//! Lives here: what of earlier stands in the way of sending something again. In
//! doubt it does, since what was sent cannot be taken back. Never here: what
//! happens to what it stands in the way of (`replan.rs`).

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::Json;
use super::{Earlier, Fate, NewDelivery, Obstacle, StoreError, once};
use crate::delivery::DeliveryState;
use crate::event::{DeliveryId, Timestamp};
use crate::session::Fields;

/// That a delivery ended without arriving says nothing about an attempt of it whose
/// outcome is unknown; a person can have found out.
macro_rules! may_have_arrived {
    () => {
        "(d.state IN ('delivered', 'held') OR d.did_not_arrive = 0 AND EXISTS \
          (SELECT 1 FROM attempts a WHERE a.delivery = d.seq AND a.verdict = 'unknown'))"
    };
}

pub(super) const OF_KEY: &str =
    concat!("SELECT d.id, d.state, ", may_have_arrived!(), " FROM deliveries d WHERE d.id = ?1");

pub(super) const OF_EVENT: &str = concat!(
    "SELECT d.id, d.state, ",
    may_have_arrived!(),
    ", d.message, d.connection, d.contact, d.business_key, d.body \
     FROM deliveries d WHERE d.event = ?1 ORDER BY d.seq"
);

/// A delivery that was planned of the same event before, and is under way or may
/// have arrived.
struct Sibling {
    earlier: Earlier,
    message: String,
    connection: String,
    contact: String,
    business_key: Option<String>,
    body: Fields,
}

/// What would become of each of `deliveries`, which a mapping makes of an event
/// today. `force`: also to who has it. What is still under way stands in the way
/// all the same.
pub(super) fn fates(
    conn: &Connection,
    event: i64,
    deliveries: &[NewDelivery],
    force: bool,
    now: Timestamp,
) -> Result<Vec<Fate>, StoreError> {
    let stands = |earlier: &Earlier| !force || earlier.is_under_way();
    let mut siblings = siblings(conn, event)?;
    siblings.retain(|sibling| stands(&sibling.earlier));
    let mut fates: Vec<Fate> = Vec::with_capacity(deliveries.len());
    for (at, delivery) in deliveries.iter().enumerate() {
        let spent = by_key(conn, delivery)?.filter(stands).map(Obstacle::SameKey);
        let obstacle = spent
            .or_else(|| beside(&deliveries[..at], &fates, delivery))
            .or_else(|| by_sibling(&siblings, delivery, deliveries));
        let stale = || delivery.expires_at.is_some_and(|at| at <= now).then_some(Obstacle::Stale);
        fates.push(obstacle.or_else(stale).map_or(Fate::Send, Fate::Skip));
    }
    Ok(fates)
}

/// The delivery that spent its `once_per` key, unless that person surely has
/// nothing of it. One that is gone was long ago, and counts as delivered.
fn by_key(conn: &Connection, delivery: &NewDelivery) -> Result<Option<Earlier>, StoreError> {
    let Some(key) = &delivery.business_key else { return Ok(None) };
    let Some(id) = once::spent(conn, delivery, key)? else { return Ok(None) };
    let found = conn.prepare_cached(OF_KEY)?.query_row(params![id], earlier).optional()?;
    Ok(match found {
        None => Some(Earlier { delivery: id, state: DeliveryState::Delivered }),
        Some((earlier, counts)) => counts.then_some(earlier),
    })
}

/// Two messages of one plan with one key are one message.
fn beside(before: &[NewDelivery], fates: &[Fate], delivery: &NewDelivery) -> Option<Obstacle> {
    delivery.business_key.as_ref()?;
    let same = |other: &NewDelivery| is_like(other, delivery) && other.business_key == delivery.business_key;
    let sent = before.iter().zip(fates).find(|(other, fate)| **fate == Fate::Send && same(other))?.0;
    Some(Obstacle::SameKey(Earlier { delivery: sent.id, state: DeliveryState::Pending }))
}

/// An event has one message of a name for one person, unless the message is made
/// for each of several items; then several, which only their keys or their words
/// tell apart. So, of the same name, connection and contact:
///
/// - with a key each, they are one message if the keys are equal;
/// - else, with the same words they are one;
/// - else, one that is word for word another message of today's is that one, and
///   not this;
/// - and one that is left over may be this one in yesterday's words, since a mapping
///   is replayed after its text was mended.
fn by_sibling(siblings: &[Sibling], delivery: &NewDelivery, today: &[NewDelivery]) -> Option<Obstacle> {
    let related = |sibling: &&Sibling| {
        let (theirs, ours) = (&sibling.business_key, &delivery.business_key);
        let other_key = theirs.is_some() && ours.is_some() && theirs != ours;
        sibling.is_like(delivery) && !other_key
    };
    let related: Vec<&Sibling> = siblings.iter().filter(related).collect();
    let same_key =
        |sibling: &&&Sibling| sibling.business_key.is_some() && sibling.business_key == delivery.business_key;
    if let Some(same) = related.iter().find(same_key) {
        return Some(Obstacle::SameKey(same.earlier));
    }
    if let Some(same) = related.iter().find(|sibling| sibling.body == delivery.body) {
        return Some(Obstacle::SameWords(same.earlier));
    }
    let is_another =
        |sibling: &Sibling| today.iter().any(|other| sibling.is_like(other) && sibling.body == other.body);
    let left_over = related.iter().find(|sibling| !is_another(sibling))?;
    Some(Obstacle::OtherWords(left_over.earlier))
}

fn is_like(a: &NewDelivery, b: &NewDelivery) -> bool {
    (&a.message, &a.connection, &a.contact) == (&b.message, &b.connection, &b.contact)
}

impl Sibling {
    fn is_like(&self, other: &NewDelivery) -> bool {
        (&self.message, &self.connection, &self.contact)
            == (&other.message, &other.connection, &other.contact)
    }
}

fn siblings(conn: &Connection, event: i64) -> Result<Vec<Sibling>, StoreError> {
    let mut statement = conn.prepare_cached(OF_EVENT)?;
    let mut rows = statement.query([event])?;
    let mut siblings = Vec::new();
    while let Some(row) = rows.next()? {
        let (earlier, counts) = earlier(row)?;
        if !counts {
            continue;
        }
        let Json(body) = row.get(7)?;
        siblings.push(Sibling {
            earlier,
            message: row.get(3)?,
            connection: row.get(4)?,
            contact: row.get(5)?,
            business_key: row.get(6)?,
            body,
        });
    }
    Ok(siblings)
}

/// A delivery, and whether it is under way or may have arrived.
fn earlier(row: &Row<'_>) -> rusqlite::Result<(Earlier, bool)> {
    let earlier = Earlier { delivery: row.get::<_, DeliveryId>(0)?, state: row.get(1)? };
    let may_have_arrived: bool = row.get(2)?;
    Ok((earlier, may_have_arrived || earlier.is_under_way()))
}
