//! What is kept, and for how long.
//!
//! Everything goes in small steps through the writer, so that webhooks are never
//! held up. What somebody still has to do something about is not forgotten before
//! its records' time is over, and what is still to be sent is never.
//!
//! Lives here: the order of the steps, and what is old enough. Never here: a clock,
//! or how one event is emptied or deleted (`forget.rs`).

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::job::{Steps, Wakes};
use super::walk::{Conditions, Order, Strand, walk};
use super::{Ages, Pruned, Store, StoreError, forget, pages};
use crate::delivery::EventState;
use crate::event::Timestamp;

/// Rows of one step.
pub(super) const AT_ONCE: usize = 200;
/// Beyond this, `prunable` counts no further.
const MOST_COUNTED: usize = 100_000;
/// Free pages that are kept for what comes next: 4 MB, or a tenth of the file.
const FREE_PAGES: i64 = 256;
const FREE_SHARE: i64 = 10;
/// Pages given back in one step: 1 MB.
const PAGES_AT_ONCE: u32 = 64;

pub(super) const AT_OR_AFTER: &str =
    "SELECT seq, received_at FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1";
pub(super) const PASSED_OVER: &str = "SELECT seq FROM passed_over WHERE ";
pub(super) const OLD_EVENT_KEYS: &str = "
    DELETE FROM event_keys WHERE hash IN
        (SELECT hash FROM event_keys INDEXED BY event_keys_at WHERE at <= ?1 ORDER BY at LIMIT ?2)";
pub(super) const OLD_ONCE_KEYS: &str = "
    DELETE FROM once_keys WHERE hash IN
        (SELECT hash FROM once_keys INDEXED BY once_keys_claimed WHERE claimed_at <= ?1
         ORDER BY claimed_at LIMIT ?2)";
const OLD_REFUSED: &str =
    "DELETE FROM refused WHERE seq IN (SELECT seq FROM refused WHERE at <= ?1 LIMIT ?2)";

/// The moments before which something is too old.
#[derive(Clone, Copy)]
struct Cutoffs {
    bodies: Timestamp,
    records: Timestamp,
    keys: Timestamp,
    now: Timestamp,
}

impl Cutoffs {
    fn new(ages: Ages, now: Timestamp) -> Self {
        let before = |age: Duration| {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis(now.as_millis().saturating_sub(age))
        };
        Self { bodies: before(ages.bodies), records: before(ages.records), keys: before(ages.keys), now }
    }
}

impl Store {
    /// One step of forgetting. If nothing was done, nothing is left to do.
    pub async fn prune(&self, ages: Ages, now: Timestamp) -> Result<Pruned, StoreError> {
        let cutoffs = Cutoffs::new(ages, now);
        let old = self.ledger_reads.read(move |conn| find_old(conn, cutoffs, AT_ONCE)).await?;
        if !old.is_empty() {
            let delete = move |conn: &Connection| forget::delete_all(conn, &old, cutoffs.records, now);
            let pruned = self.writer.write(Steps::Several, Wakes::Worker, delete).await?;
            if !pruned.is_nothing() {
                return Ok(pruned);
            }
        }
        let pruned = self
            .write_step(move |conn| {
                forget::empty_next(conn, end_of(conn, cutoffs.bodies, cutoffs.now)?, cutoffs.bodies)
            })
            .await?;
        if !pruned.is_nothing() {
            return Ok(pruned);
        }
        let late = self.ledger_reads.read(move |conn| find_late(conn, cutoffs.bodies, AT_ONCE)).await?;
        if !late.is_empty() {
            let pruned = self.write_step(move |conn| forget::empty_late(conn, &late, cutoffs.bodies)).await?;
            if !pruned.is_nothing() {
                return Ok(pruned);
            }
        }
        self.write_step(move |conn| tidy(conn, cutoffs)).await
    }

    /// What pruning would forget now, as far as it is worth counting: at most
    /// 100,000 of each.
    pub async fn prunable(&self, ages: Ages, now: Timestamp) -> Result<Pruned, StoreError> {
        let cutoffs = Cutoffs::new(ages, now);
        self.ledger_reads.read(move |conn| prunable(conn, cutoffs)).await
    }

    async fn write_step(
        &self,
        step: impl FnMut(&Connection) -> Result<Pruned, StoreError> + Send + 'static,
    ) -> Result<Pruned, StoreError> {
        self.writer.write(Steps::Several, Wakes::Nobody, step).await
    }
}

/// What is not of an event: keys, requests that were not believed, and when those
/// are done the space that is left over.
fn tidy(conn: &Connection, cutoffs: Cutoffs) -> Result<Pruned, StoreError> {
    let delete = |sql: &str, before: Timestamp| {
        let rows = conn.prepare_cached(sql)?.execute(params![before, AT_ONCE as u32])?;
        Ok::<u64, StoreError>(rows as u64)
    };
    let keys = delete(OLD_EVENT_KEYS, cutoffs.keys)? + delete(OLD_ONCE_KEYS, cutoffs.keys)?;
    let refused = delete(OLD_REFUSED, cutoffs.records)?;
    let freed_pages = if keys + refused > 0 { 0 } else { give_back(conn)? };
    Ok(Pruned { keys, refused, freed_pages, ..Pruned::default() })
}

/// The `seq` up to which events are older than `before`. Events came in order, as
/// far as the clock was right, so it is found by halving; each is looked at again
/// before anything is done to it. A clock that was ahead stops nothing.
fn end_of(conn: &Connection, before: Timestamp, now: Timestamp) -> Result<i64, StoreError> {
    let last = "SELECT coalesce(max(seq), 0) FROM events";
    let (mut old, mut young): (i64, i64) = (0, conn.prepare_cached(last)?.query_row([], |row| row.get(0))?);
    young += 1;
    let mut at_or_after = conn.prepare_cached(AT_OR_AFTER)?;
    while young - old > 1 {
        let middle = old + (young - old) / 2;
        let found: Option<(i64, Timestamp)> =
            at_or_after.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((seq, at)) if (at <= before || at > now) && seq < young => old = seq,
            _ => young = middle,
        }
    }
    Ok(old)
}

/// Events whose records are too old, oldest first. Those not yet planned are not
/// even looked at.
fn find_old(conn: &Connection, cutoffs: Cutoffs, limit: usize) -> Result<Vec<i64>, StoreError> {
    let end = end_of(conn, cutoffs.records, cutoffs.now)?;
    let mut strands = Vec::new();
    for state in EventState::ALL.iter().filter(|state| **state != EventState::Received) {
        for source in pages::sources_in(conn, *state, None)? {
            strands.push(Strand {
                sql: format!("{}seq <= ?3 AND {}", pages::BY_STATE, Order::OldestFirst.beyond(4)),
                values: vec![state.as_str().to_owned().into(), source.into(), end.into()],
            });
        }
    }
    find(conn, &strands, forget::DELETABLE, cutoffs.records, limit)
}

/// Those that were not finished when their bodies' time was over, and are now.
fn find_late(conn: &Connection, before: Timestamp, limit: usize) -> Result<Vec<i64>, StoreError> {
    let sql = format!("{PASSED_OVER}{}", Order::OldestFirst.beyond(1));
    find(conn, &[Strand { sql, values: Vec::new() }], forget::FINISHED, before, limit)
}

fn find(
    conn: &Connection,
    strands: &[Strand],
    condition: &str,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.push(condition, before.as_millis());
    let check = format!("SELECT 0, {} FROM events e WHERE e.seq = ?1", conditions.all());
    let mut from = Order::OldestFirst.start();
    loop {
        let found = walk(conn, strands, (Order::OldestFirst, from), (&check, &conditions), limit)?;
        match found.next {
            Some(next) if found.seqs.is_empty() => from = next,
            _ => return Ok(found.seqs),
        }
    }
}

fn prunable(conn: &Connection, cutoffs: Cutoffs) -> Result<Pruned, StoreError> {
    let old = find_old(conn, cutoffs, MOST_COUNTED)?;
    let mut pruned = Pruned::default();
    for seq in &old {
        forget::count_deleted(conn, *seq, &mut pruned)?;
    }
    let end = end_of(conn, cutoffs.bodies, cutoffs.now)?;
    let unfinished = forget::emptied_to(conn)?.max(old.last().copied().unwrap_or_default());
    let sql = format!(
        "SELECT seq FROM events WHERE seq <= ?1 AND seq > {unfinished} AND {}",
        Order::OldestFirst.beyond(2)
    );
    let next = Strand { sql, values: vec![end.into()] };
    pruned.emptied = (find(conn, &[next], forget::FINISHED, cutoffs.bodies, MOST_COUNTED)?.len()
        + find_late(conn, cutoffs.bodies, MOST_COUNTED)?
            .iter()
            .filter(|seq| old.binary_search(seq).is_err())
            .count()) as u64;
    let count = |sql: &str, before: Timestamp| {
        let found: i64 =
            conn.prepare_cached(sql)?.query_row(params![before, MOST_COUNTED as u32], |row| row.get(0))?;
        Ok::<u64, StoreError>(found.unsigned_abs())
    };
    pruned.keys =
        count("SELECT count(*) FROM (SELECT 1 FROM event_keys WHERE at <= ?1 LIMIT ?2)", cutoffs.keys)?
            + count(
                "SELECT count(*) FROM (SELECT 1 FROM once_keys WHERE claimed_at <= ?1 LIMIT ?2)",
                cutoffs.keys,
            )?;
    pruned.refused =
        count("SELECT count(*) FROM (SELECT 1 FROM refused WHERE at <= ?1 LIMIT ?2)", cutoffs.records)?;
    Ok(pruned)
}

/// Gives pages that nothing is in back to the disk, if there are many. How many.
fn give_back(conn: &Connection) -> Result<u64, StoreError> {
    let number = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
    let (free, all) = (number("PRAGMA freelist_count")?, number("PRAGMA page_count")?);
    if free <= FREE_PAGES.max(all / FREE_SHARE) {
        return Ok(0);
    }
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))?;
    let mut rows = statement.raw_query();
    // Each row is a page.
    while rows.next()?.is_some() {}
    Ok((free - number("PRAGMA freelist_count")?).max(0).unsigned_abs())
}
