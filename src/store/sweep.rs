//! Taking out of the file what was deleted from it.
//!
//! SQLite overwrites what it deletes, but not the copies that a row leaves in unused
//! parts of pages when it moves. Only writing the file anew takes those too.
//!
//! Lives here: doing that, and emptying the log beside the file. Never here: when;
//! the writer does it between two transactions.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{StoreError, Traces};

pub(super) struct Sweep {
    most_bytes: u64,
    answer: oneshot::Sender<Result<Traces, StoreError>>,
}

impl Sweep {
    pub fn new(most_bytes: u64) -> (Self, oneshot::Receiver<Result<Traces, StoreError>>) {
        let (answer, waiter) = oneshot::channel();
        (Self { most_bytes, answer }, waiter)
    }

    pub fn run(self, conn: &Connection) {
        // Nobody there to hear it: it is done all the same.
        let _ = self.answer.send(sweep(conn, self.most_bytes));
    }
}

fn sweep(conn: &Connection, most_bytes: u64) -> Result<Traces, StoreError> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let bytes = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?).unsigned_abs();
    let rewritten = bytes <= most_bytes;
    if rewritten {
        conn.execute_batch("VACUUM")?;
    }
    let busy = number("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(Traces { rewritten, log_emptied: busy == 0 })
}
