//! One gateway per store: an advisory lock on a file beside it.
//!
//! Lives here: taking the lock. It is what lets the store say, at opening, that
//! every delivery in flight belongs to a gateway that is gone. Never here:
//! removing the lock file, since another process may be about to lock it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::OpenError;

/// Held while a gateway writes; the system releases it even after `kill -9`.
pub(super) struct StoreLock {
    _file: File,
}

impl StoreLock {
    pub fn take(store: &Path) -> Result<Self, OpenError> {
        let lock = lock_path(store);
        let opened = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = match opened {
            Ok(file) => file,
            Err(source) => return Err(OpenError::Lock { lock, source }),
        };
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: store.to_owned(), lock }),
            Err(TryLockError::Error(source)) => Err(OpenError::Lock { lock, source }),
        }
    }
}

/// `<store>.lock`, beside it.
fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
