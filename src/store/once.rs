//! Keys that happen once: business keys (`once_per`), which say what a person has
//! been told, and senders' ids of events that are gone.
//!
//! Lives here: the hash of a key and its claim. Never here: what becomes of a
//! delivery whose key was spent (`plan.rs`).

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{NewDelivery, StoreError};
use crate::event::{DeliveryId, EventId, Timestamp};

pub(super) const GONE_EVENT: &str = "SELECT event FROM event_keys WHERE hash = ?1";

/// Claims `key` for `delivery`; if it was spent, tells for which delivery.
pub(super) fn claim(
    conn: &Connection,
    delivery: &NewDelivery,
    key: &str,
    now: Timestamp,
) -> Result<Option<DeliveryId>, StoreError> {
    let earlier = spent(conn, delivery, key)?;
    if earlier.is_none() {
        take(conn, delivery, key, now)?;
    }
    Ok(earlier)
}

/// For which delivery `key` was spent, if it was.
pub(super) fn spent(
    conn: &Connection,
    delivery: &NewDelivery,
    key: &str,
) -> Result<Option<DeliveryId>, StoreError> {
    let earlier = conn
        .prepare_cached("SELECT delivery FROM once_keys WHERE hash = ?1")?
        .query_row(params![business_hash(delivery, key)], |row| row.get(0))
        .optional()?;
    Ok(earlier)
}

/// Spends `key` for `delivery`, whoever it was spent for before.
pub(super) fn take(
    conn: &Connection,
    delivery: &NewDelivery,
    key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO once_keys (hash, delivery, claimed_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (hash) DO UPDATE SET delivery = ?2, claimed_at = ?3",
    )?
    .execute(params![business_hash(delivery, key), delivery.id, now])?;
    Ok(())
}

fn business_hash(delivery: &NewDelivery, key: &str) -> [u8; 32] {
    hash(&[&delivery.connection, &delivery.contact, &delivery.message, key])
}

/// The event that had this sender's id and is no longer here.
pub(super) fn gone_event(conn: &Connection, source: &str, key: &str) -> Result<Option<EventId>, StoreError> {
    let found = conn
        .prepare_cached(GONE_EVENT)?
        .query_row(params![hash(&[source, key])], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Keeps a sender's id, as a hash, of an event that goes.
pub(super) fn remember_gone(
    conn: &Connection,
    event: EventId,
    (source, key): (&str, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT OR IGNORE INTO event_keys (hash, event, at) VALUES (?1, ?2, ?3)")?
        .execute(params![hash(&[source, key]), event, at])?;
    Ok(())
}

/// Each part goes in after its length, so that no two lists of parts read alike.
fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn where_a_part_ends_matters() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    }
}
