//! A copy of a store, made while a gateway uses it.
//!
//! Lives here: the copy, and what makes it safe to start from. Never here: when
//! it is made, and what is done with old ones.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, params};

use super::{Look, Pause, Paused, StoreError, operator};
use crate::event::Timestamp;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("`{0}` is there already, and was left as it is; name a file that is not")]
    Exists(String),
    #[error("the copy could not be made: {0}")]
    Store(#[from] StoreError),
    #[error("the copy could not be written to disk: {0}")]
    Disk(#[from] std::io::Error),
}

impl Look {
    /// Writes a whole copy to `to`, as the store is at this moment, and returns its
    /// size in bytes. The gateway goes on meanwhile.
    ///
    /// A gateway that is started from it sends nothing until a person resumes it:
    /// what went out after `now` is not known there, and would go out again.
    pub fn copy_to(&self, to: &Path, now: Timestamp) -> Result<u64, CopyError> {
        if to.exists() {
            return Err(CopyError::Exists(to.display().to_string()));
        }
        let made = self.copy(to, now);
        if made.is_err() {
            // Half a copy is none.
            let _ = std::fs::remove_file(to);
        }
        made
    }

    fn copy(&self, to: &Path, now: Timestamp) -> Result<u64, CopyError> {
        let name = to.to_str().ok_or_else(|| StoreError::Failed("its name is not text".into()))?;
        self.conn.execute("VACUUM INTO ?1", params![name]).map_err(StoreError::from)?;
        stop(to, now)?;
        let file = File::open(to)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

fn stop(copy: &Path, now: Timestamp) -> Result<(), StoreError> {
    let conn = Connection::open(copy)?;
    let reason = format!(
        "this store is a copy of {now}: what was sent since then is not known here and would be sent again; \
         look at what waits, then resume"
    );
    // A pause that was there is a person's too, and stays.
    operator::insert(&conn, &Pause { what: Paused::Everything, reason, since: now, by_hand: true })?;
    conn.close().map_err(|(_, error)| error.into())
}
