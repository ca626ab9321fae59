//! Seeing that files changed. An editor writes one in several steps, so a change
//! is told when nothing more happens for a moment.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

const QUIET: Duration = Duration::from_millis(200);

/// Watches folders and files for as long as it lives.
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// What a watch sees.
pub struct Changes(Receiver<()>);

impl Watch {
    /// Folders are watched with all that is in them. A file is watched through its
    /// folder, since editors put a new file in the place of the old one.
    pub fn over(paths: &[&Path]) -> notify::Result<(Self, Changes)> {
        let (tell, told) = channel();
        let watched: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
        if watched.len() < paths.len() {
            return Err(notify::Error::path_not_found());
        }
        let of_these = watched.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too, and whoever is told reads them all.
            let Some(event) = event.ok().filter(|event| !event.kind.is_access()) else { return };
            if event.paths.iter().any(|path| of_these.iter().any(|watched| path.starts_with(watched))) {
                let _ = tell.send(());
            }
        })?;
        for path in watched {
            match path.parent().filter(|_| path.is_file()) {
                Some(folder) => watcher.watch(folder, RecursiveMode::NonRecursive)?,
                None => watcher.watch(&path, RecursiveMode::Recursive)?,
            }
        }
        Ok((Self { _watcher: watcher }, Changes(told)))
    }
}

impl Changes {
    /// Waits for the next change. False: the watch has ended.
    pub fn wait(&self) -> bool {
        if self.0.recv().is_err() {
            return false;
        }
        loop {
            match self.0.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}
