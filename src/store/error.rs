//! What can go wrong with the store, as sentences for the operator.
//!
//! Lives here: the three error types and how the engine's errors become them.
//! Never here: anything of an event's or a delivery's content.

use std::io;
use std::path::PathBuf;

/// Why a store could not be opened. Each sentence says which file it is about
/// and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "cannot create the folder `{}` of the store: {source}; create it, or give the store another path",
        folder.display()
    )]
    Folder { folder: PathBuf, source: io::Error },
    #[error(
        "the store `{}` is in use: another gancho has it open and holds `{}`; \
         stop that one, or give this one a store of its own",
        path.display(),
        lock.display()
    )]
    InUse { path: PathBuf, lock: PathBuf },
    #[error(
        "cannot lock the store with the file `{}`: {source}; \
         the folder must be writable and on a disk that knows file locks",
        lock.display()
    )]
    Lock { lock: PathBuf, source: io::Error },
    #[error(
        "`{}` is not a gancho store, and was left as it is; give the store a path of its own",
        path.display()
    )]
    NotAStore { path: PathBuf },
    #[error(
        "the store `{}` was written by a newer gancho: its schema is {found}, and this version knows up to \
         {known}; run the newer version, or restore a copy made before the upgrade",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("there is no store `{}`; it is made when `gancho serve` first runs", path.display())]
    NotThere { path: PathBuf },
    #[error(
        "the store `{}` was written by an older gancho; start `gancho serve` once, which brings it up to date",
        path.display()
    )]
    Older { path: PathBuf },
    #[error(
        "the store `{}` could not be brought to schema {number}, and was left as it was: {detail}",
        path.display()
    )]
    Migration { path: PathBuf, number: i64, detail: String },
    #[error(
        "cannot open the store `{}`: {detail}; the file and its folder must be readable and writable",
        path.display()
    )]
    Failed { path: PathBuf, detail: String },
}

/// Why a verb did nothing. Nothing of it is in the store then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Also what a defect in the writer looks like from outside.
    #[error("the store is closed")]
    Closed,
    #[error("the store failed: {0}")]
    Failed(String),
    #[error("the store holds something this version cannot read: {0}")]
    Unreadable(String),
}

/// Why an event was not recorded. It must not be acknowledged then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More is waiting to be written than the queue holds: the sender should
    /// come again in a moment.
    #[error("the store has more to write than it can take at the moment")]
    Busy,
    #[error(transparent)]
    Failed(#[from] StoreError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
        match error {
            FromSqlConversionFailure(_, _, cause) => Self::Unreadable(cause.to_string()),
            InvalidColumnType(..) | IntegralValueOutOfRange(..) => Self::Unreadable(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}
