//! The room on the disk that the store is on.
//!
//! Lives here: asking the system. Never here: how little is too little.

use super::Store;

impl Store {
    /// What this program may still write there. None: the system does not say.
    pub fn free_disk_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&*self.folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
