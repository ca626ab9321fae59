//! Hot reload: a changed mapping is compiled and tested beside the running one,
//! and takes its place only if it has no error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::changes::Watch;
use super::{Secrets, load};
use crate::diagnostic::{Language, Palette, Problems, render};
use crate::event::SourceName;
use crate::mapping::Connections;
use crate::observe::Observer;
use crate::provider::Catalogue;
use crate::source::{OpenSources, Source, Sources};
use crate::verify::FetchedKeys;

/// What a reload reads, and what it is read against.
pub struct Files {
    pub folder: PathBuf,
    pub catalogue: Catalogue,
    pub connections: Connections,
    pub secrets: Secrets,
    pub public_url: Option<String>,
    /// Those of the sources that run.
    pub fetched: FetchedKeys,
}

/// Watches for as long as it lives.
pub struct Reload {
    _watch: Watch,
}

/// What a reload changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Added or replaced.
    pub opened: Vec<SourceName>,
    pub closed: Vec<SourceName>,
    /// The file has an error, so the running one stays.
    pub kept: Vec<SourceName>,
    /// The diagnostics, as `gancho check` prints them.
    pub report: String,
}

impl Reload {
    /// Starts watching the folder. One that cannot be watched is said once,
    /// and the gateway runs without reload.
    pub fn watch(files: Files, sources: OpenSources, observer: Observer) -> Option<Self> {
        match Watch::over(&[&files.folder]) {
            Ok((watch, changes)) => {
                let follow = move || {
                    while changes.wait() {
                        let reloaded = files.reload(&sources);
                        observer.know(reloaded.opened.iter().map(SourceName::as_str), []);
                        tell(&reloaded);
                    }
                };
                std::thread::Builder::new().name("gancho-reload".into()).spawn(follow).ok()?;
                Some(Self { _watch: watch })
            }
            Err(why) => {
                tracing::warn!(folder = %files.folder.display(), "changed mappings need a restart: {why}");
                None
            }
        }
    }
}

impl Files {
    /// Reads the folder again and swaps what is right.
    pub fn reload(&self, sources: &OpenSources) -> Reloaded {
        let running = sources.all();
        let mut next = Sources::new();
        let mut reloaded = Reloaded::default();
        let mut problems = Problems::default();
        let paths = load::yaml_files(&self.folder, &mut problems);
        if problems.has_errors() {
            reloaded.report = render(&problems.sorted(), Palette::Plain, Language::English);
            return reloaded;
        }
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let old = running.get(name.as_str());
            match self.open(&path, &mut problems) {
                Some(source) => {
                    let name = source.mapping.source.clone();
                    if old.is_none_or(|old| old.mapping.version != source.mapping.version) {
                        reloaded.opened.push(name.clone());
                    }
                    next.insert(name, Arc::new(source));
                }
                None => {
                    if let Some(old) = old {
                        reloaded.kept.push(old.mapping.source.clone());
                        next.insert(old.mapping.source.clone(), old.clone());
                    }
                }
            }
        }
        reloaded.closed = running.keys().filter(|name| !next.contains_key(*name)).cloned().collect();
        if problems.has_errors() {
            reloaded.report = render(&problems.sorted(), Palette::Plain, Language::English);
        }
        sources.swap(next);
        reloaded
    }

    fn open(&self, path: &Path, problems: &mut Problems) -> Option<Source> {
        let mapping = load::mapping(path, &self.catalogue, Some(&self.connections), problems)?;
        load::open(mapping, &self.secrets, self.public_url.as_deref(), &self.fetched, problems)
    }
}

fn tell(reloaded: &Reloaded) {
    for source in &reloaded.opened {
        tracing::info!(%source, "mapping taken over");
    }
    for source in &reloaded.closed {
        tracing::warn!(%source, "mapping is gone: this source is closed");
    }
    for source in &reloaded.kept {
        tracing::error!(%source, "mapping has an error: the running one stays");
    }
    if !reloaded.report.is_empty() {
        tracing::error!("mappings not taken over:\n{}", reloaded.report.trim_end());
    }
}
