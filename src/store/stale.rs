//! Time that passed, and time that jumped.
//!
//! Lives here: deliveries that are too old to help, and those whose time was said
//! by a clock that has been set since. Never here: a clock.

use rusqlite::{Connection, Row, params};

use super::job::{Steps, Wakes};
use super::lane::{self, Standing};
use super::{Expired, Store, StoreError};
use crate::delivery::DeliveryState;
use crate::event::Timestamp;

/// Moved in one write, so that no sender waits long for its own.
const AT_ONCE: u32 = 200;

pub(super) const STALE: &str = "
    SELECT seq, connection, contact FROM deliveries INDEXED BY deliveries_expiry
    WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_at <= ?1
    ORDER BY expires_at LIMIT ?2";

pub(super) const HURRY: &str = "
    UPDATE deliveries INDEXED BY deliveries_due SET due_at = ?2
    WHERE state = 'pending' AND first_in_lane = 1 AND connection = ?1 AND due_at > ?2";

const LAST_WRITTEN: &str = "
    SELECT max(at) FROM (
        SELECT at FROM clock
        UNION ALL
        SELECT at FROM (SELECT seq, received_at AS at FROM events ORDER BY seq DESC LIMIT 1)
            WHERE seq > (SELECT events FROM clock)
        UNION ALL
        SELECT at FROM (SELECT seq, max(opened_at, ifnull(closed_at, 0)) AS at
                        FROM attempts ORDER BY seq DESC LIMIT 1)
            WHERE seq > (SELECT attempts FROM clock))";

impl Store {
    /// Moves a bounded number of those that have gone stale to `expired`. What is
    /// in flight is not among them.
    pub async fn expire(&self, now: Timestamp) -> Result<Vec<Expired>, StoreError> {
        let expire = move |conn: &Connection| {
            let mut found = conn.prepare_cached(STALE)?;
            let found = found.query_map(params![now, AT_ONCE], |row| Standing::read(row, 0))?;
            let found: Vec<_> = found.collect::<Result<_, _>>()?;
            let moved = found.into_iter().map(|standing| {
                let reason = "too old to help: `expires_after` has passed";
                lane::leave(conn, &standing, DeliveryState::Expired, false, reason, now)?;
                expired(conn, standing)
            });
            moved.collect()
        };
        self.writer.write(Steps::Several, Wakes::Worker, expire).await
    }

    /// The latest time that was written down, as far as the newest rows tell: the
    /// clock was there once, and was not set back since.
    pub async fn last_written(&self) -> Result<Timestamp, StoreError> {
        self.queue_reads
            .read(|conn| Ok(conn.prepare_cached(LAST_WRITTEN)?.query_row([], |row| row.get(0))?))
            .await
    }

    /// What waits on this connection for a time waits no longer, whoever asked for
    /// it: a person decided. False: nothing waited for one.
    pub async fn hurry(&self, connection: &str, now: Timestamp) -> Result<bool, StoreError> {
        let connection = connection.to_owned();
        let hurry = move |conn: &Connection| {
            let slowed = conn
                .prepare_cached("DELETE FROM slowed WHERE connection = ?1 AND until > ?2")?
                .execute(params![connection, now])?;
            let waiting = conn.prepare_cached(HURRY)?.execute(params![connection, now])?;
            Ok(slowed + waiting > 0)
        };
        self.writer.write(Steps::Several, Wakes::Worker, hurry).await
    }

    /// After the clock was set back from `from` to `to`: what waits for a time
    /// waits as long as it would have, and goes stale when it would have. (Set forward, it is due sooner; nobody is
    /// told twice by that.)
    pub async fn clock_set_back(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
        let back_millis = from.as_millis().saturating_sub(to.as_millis());
        let shift = move |conn: &Connection| {
            conn.prepare_cached(
                "UPDATE deliveries SET due_at = max(due_at - ?1, ?2) WHERE state = 'pending' AND due_at > ?2",
            )?
            .execute(params![back_millis, to])?;
            // Of those whose end was counted by the clock of then.
            conn.prepare_cached(
                "UPDATE deliveries SET expires_at = expires_at - ?1 \
                 WHERE state = 'pending' AND expires_at IS NOT NULL AND planned_at > ?2",
            )?
            .execute(params![back_millis, to])?;
            conn.prepare_cached("UPDATE slowed SET until = until - ?1 WHERE until > ?2")?
                .execute(params![back_millis, to])?;
            conn.prepare_cached(
                "UPDATE clock SET at = ?1, events = ifnull((SELECT max(seq) FROM events), 0), \
                                  attempts = ifnull((SELECT max(seq) FROM attempts), 0)",
            )?
            .execute([to])?;
            Ok(())
        };
        self.writer.write(Steps::Several, Wakes::Worker, shift).await
    }
}

fn expired(conn: &Connection, standing: Standing) -> Result<Expired, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT d.id, e.id, d.source, e.request FROM deliveries d JOIN events e ON e.seq = d.event \
         WHERE d.seq = ?1",
    )?;
    let read = |row: &Row<'_>| {
        let (delivery, event) = (row.get(0)?, row.get(1)?);
        let connection = standing.connection;
        Ok(Expired { delivery, event, source: row.get(2)?, connection, request: row.get(3)? })
    };
    Ok(statement.query_row([standing.seq], read)?)
}
