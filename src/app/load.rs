//! Reading the operator's files: configuration, providers, mappings, secrets.
//! Every problem of all of them is collected before anybody is told.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Secrets, Setup};
use crate::alert::Receiver;
use crate::config::{self, Address, AdminToken, AlertUrl, Config, connections_of};
use crate::delivery::Policy;
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence, SourceText};
use crate::event::{Secret, SecretRef, SourceName};
use crate::mapping::{Connections, Mapping, ParamValue, SecretEntry, World};
use crate::provider::Catalogue;
use crate::source::{Source, Sources};
use crate::verify::{DatedSecret, FetchedKeys, Params, Setting, Verifier};
use crate::worker::Connection;

/// Larger samples are not read.
const MAX_SAMPLE_BYTES: u64 = 1024 * 1024;

/// One that is shorter can be guessed.
const ADMIN_TOKEN_BYTES: usize = 16;

/// Everything `serve` needs. None: there are errors.
pub fn setup(config_file: &Path, secrets: &Secrets, problems: &mut Problems) -> Option<Setup> {
    let config = config(config_file, problems)?;
    // A connection that was not understood is not one that is not there.
    let names = (!problems.has_errors()).then(|| connections_of(&config.connections));
    let catalogue = catalogue(config.providers.as_deref(), problems);
    let connections = resolve_connections(&config.connections, config.talqui.timeout, secrets, problems);
    let admin_token = admin_token(&config.admin_token, config_file, secrets, problems);
    for (token, place) in &config.stray_tokens {
        resolve(secrets, token, place, problems);
    }
    let mappings = mappings(&config.mappings, &catalogue, names.as_ref(), problems);
    let alerts = config.alerts.as_ref().and_then(|url| alert_url(url, secrets, problems));
    let fetched = FetchedKeys::default();
    let sources = open_all(mappings, secrets, config.public_url.as_deref(), &fetched, problems);
    let secrets = secrets.clone();
    (!problems.has_errors()).then_some(Setup {
        config,
        catalogue,
        connections,
        sources,
        alerts,
        admin_token,
        secrets,
        fetched,
    })
}

/// None: it is not set, or can be no address.
fn alert_url(url: &AlertUrl, secrets: &Secrets, problems: &mut Problems) -> Option<Receiver> {
    let (address, shown) = match &url.address {
        Address::Written(address) => (address.clone(), "url".to_owned()),
        Address::Named(reference) => {
            (resolve(secrets, reference, &url.place, problems)?, reference.to_string())
        }
    };
    let why = match Receiver::new(&address) {
        Ok(receiver) => return Some(receiver),
        Err(why) => Sentence::verbatim(why.to_string()),
    };
    let message = say!("`{}` cannot be used: {}", shown, why);
    problems.push(Diagnostic::error("bad-url", &url.place, message).without_line());
    None
}

pub fn config(file: &Path, problems: &mut Problems) -> Option<Config> {
    let text = read_text(file, problems)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Some(Config::read(&text, folder, problems))
}

/// The providers compiled in, and those of `folder`.
pub fn catalogue(folder: Option<&Path>, problems: &mut Problems) -> Catalogue {
    let mut catalogue = Catalogue::embedded(problems);
    if let Some(folder) = folder {
        for path in yaml_files(folder, problems) {
            let Some(file) = read_text(&path, problems) else { continue };
            let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            catalogue.add(&id, &file, problems);
        }
    }
    catalogue
}

/// The mappings of `folder` that have no error; their tests were run.
pub fn mappings(
    folder: &Path,
    catalogue: &Catalogue,
    connections: Option<&Connections>,
    problems: &mut Problems,
) -> Vec<Mapping> {
    let files = yaml_files(folder, problems);
    files.iter().filter_map(|path| mapping(path, catalogue, connections, problems)).collect()
}

/// One mapping file. None: it has an error, or a test of it failed.
pub fn mapping(
    path: &Path,
    catalogue: &Catalogue,
    connections: Option<&Connections>,
    problems: &mut Problems,
) -> Option<Mapping> {
    let file = read_text(path, problems)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let source: SourceName = match name.parse() {
        Ok(source) => source,
        Err(why) => {
            let place = Place::start_of(&SourceText::new(file.name.clone(), ""));
            problems.push(Diagnostic::error("bad-name", &place, say!("the file name: {}", why)));
            return None;
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let sample = |name: &str| read_sample(&folder.join(name));
    let world = World { catalogue, connections, sample: &sample };
    let mapping = Mapping::compile(&source, &file, &world, problems)?;
    let failed = mapping.run_tests();
    let passed = !failed.has_errors();
    problems.extend(failed);
    passed.then_some(mapping)
}

/// Opens each mapping whose secrets are there and can be keys.
fn open_all(
    mappings: Vec<Mapping>,
    secrets: &Secrets,
    public_url: Option<&str>,
    fetched: &FetchedKeys,
    problems: &mut Problems,
) -> Sources {
    let opened = mappings.into_iter().filter_map(|mapping| {
        let source = open(mapping, secrets, public_url, fetched, problems)?;
        Some((source.mapping.source.clone(), Arc::new(source)))
    });
    opened.collect()
}

/// None: a secret is not set or cannot be a key, or the address is not known.
pub fn open(
    mapping: Mapping,
    secrets: &Secrets,
    public_url: Option<&str>,
    fetched: &FetchedKeys,
    problems: &mut Problems,
) -> Option<Source> {
    let known = check_public_url(&mapping, public_url, problems);
    let named = mapping.secrets.iter().filter(|entry| entry.reference != SecretRef::Captured);
    let resolved: Vec<Option<DatedSecret>> = named
        .map(|entry| {
            let secret = resolve(secrets, &entry.reference, &entry.place, problems)?;
            Some(DatedSecret { secret, not_before: entry.not_before, not_after: entry.not_after })
        })
        .collect();
    let params = resolve_params(&mapping, secrets, problems);
    let resolved: Vec<DatedSecret> = resolved.into_iter().collect::<Option<_>>()?;
    let setting = Setting {
        public_url: public_url.map(str::to_owned),
        params: params?,
        document: mapping.document.clone(),
        fetched: fetched.clone(),
    };
    match Verifier::new(mapping.verify.clone(), resolved, setting) {
        Ok(verifier) => known.then_some(Source { mapping: Arc::new(mapping), verifier }),
        Err((n, why)) => {
            let mut named = mapping.secrets.iter().filter(|entry| entry.reference != SecretRef::Captured);
            let SecretEntry { reference, place, .. } = named.nth(n)?;
            problems.push(
                Diagnostic::error("bad-secret", place, say!("`{}` cannot be used: {}", reference, why))
                    .help(say!("copy it again from the sender's screen, whole and without spaces")),
            );
            None
        }
    }
}

/// False: the sender signs an address that nobody told us.
pub fn check_public_url(mapping: &Mapping, public_url: Option<&str>, problems: &mut Problems) -> bool {
    let asked = mapping.handshakes.iter().any(|handshake| handshake.uses_url());
    if public_url.is_some() || !(asked || mapping.verify.uses_url()) {
        return true;
    }
    let message = say!("this sender signs the address that it calls, and `public_url` is not set");
    problems
        .push(Diagnostic::error("no-public-url", &mapping.sender_place, message).help(say!(
            "add to gancho.yaml how the sender writes it: public_url: https://hooks.example.com"
        )));
    false
}

fn resolve_params(mapping: &Mapping, secrets: &Secrets, problems: &mut Problems) -> Option<Params> {
    let resolved: Vec<Option<(String, Secret)>> = mapping
        .params
        .iter()
        .map(|param| {
            let value = match &param.value {
                ParamValue::Text(text) => Secret::new(text.as_str()),
                ParamValue::Secret(reference) => resolve(secrets, reference, &param.place, problems)?,
            };
            Some((param.name.clone(), value))
        })
        .collect();
    resolved.into_iter().collect()
}

/// Says which secrets of `mapping` are not set here, without needing them.
pub fn warn_unset(mapping: &Mapping, secrets: &Secrets, problems: &mut Problems) {
    let named = mapping.secrets.iter().map(|entry| (&entry.reference, &entry.place));
    let params = mapping.params.iter().filter_map(|param| match &param.value {
        ParamValue::Secret(reference) => Some((reference, &param.place)),
        ParamValue::Text(_) => None,
    });
    let named = named.chain(params).filter(|(reference, _)| **reference != SecretRef::Captured);
    for (reference, place) in named {
        if let Err(why) = secrets(reference) {
            problems.push(
                Diagnostic::warning("secret-not-set", place, say!("{} here", why))
                    .help(say!("`gancho serve` needs it; `check` and `try` do not")),
            );
        }
    }
}

fn resolve(
    secrets: &Secrets,
    reference: &SecretRef,
    place: &Place,
    problems: &mut Problems,
) -> Option<Secret> {
    match secrets(reference) {
        Ok(secret) => Some(secret),
        Err(why) => {
            problems.push(
                Diagnostic::error("secret-not-set", place, why)
                    .help(say!("set it where `gancho serve` is started")),
            );
            None
        }
    }
}

fn resolve_connections(
    connections: &[config::Connection],
    timeout: Duration,
    secrets: &Secrets,
    problems: &mut Problems,
) -> BTreeMap<String, Connection> {
    let mut resolved = BTreeMap::new();
    for connection in connections {
        let Some(token) = resolve(secrets, &connection.token, &connection.token_place, problems) else {
            continue;
        };
        let policy = connection.policy.over(&Policy { timeout, ..Policy::default() });
        let (destination, pace) = (connection.destination.clone(), connection.pace.clone());
        resolved.insert(connection.name.clone(), Connection { destination, token, policy, pace });
    }
    resolved
}

/// None: a variable that is not set, which closes the admin API and is no
/// mistake; or there is an error.
fn admin_token(
    named: &AdminToken,
    config_file: &Path,
    secrets: &Secrets,
    problems: &mut Problems,
) -> Option<Secret> {
    let start = || Place::start_of(&SourceText::new(config_file.display().to_string(), ""));
    let place = named.place.clone().unwrap_or_else(start);
    let token = match &named.reference {
        SecretRef::Env(_) => secrets(&named.reference).ok()?,
        _ => resolve(secrets, &named.reference, &place, problems)?,
    };
    let why = match token.expose().len() {
        length if length < ADMIN_TOKEN_BYTES => {
            say!("it has {} characters, and at least {} are needed", length, ADMIN_TOKEN_BYTES)
        }
        _ if !token.expose().iter().all(u8::is_ascii_graphic) => {
            say!("it has spaces or characters that no header can carry")
        }
        _ => return Some(token),
    };
    problems.push(
        Diagnostic::error("bad-secret", &place, say!("`{}` cannot be used: {}", named.reference, why))
            .help(say!("make one with: openssl rand -hex 24")),
    );
    None
}

/// The `*.yaml` of a folder, by name. One that ends in `.yml` is pointed out.
pub fn yaml_files(folder: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let shown = folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(why) => {
            let place = Place::start_of(&SourceText::new(shown.clone(), ""));
            let why = match why.kind() {
                ErrorKind::NotFound => say!("there is no folder `{}`", shown),
                _ => say!("the folder `{}` cannot be read: {}", shown, why),
            };
            let problem = Diagnostic::error("unreadable", &place, why);
            problems.push(problem.help(say!("make it, or name another folder")));
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.'));
    for odd in files.iter().filter(|path| path.extension().is_some_and(|e| e == "yml")) {
        let place = Place::start_of(&SourceText::new(odd.display().to_string(), ""));
        let problem =
            Diagnostic::warning("not-read", &place, say!("this file is not read: its name ends in .yml"));
        problems.push(problem.help(say!("rename it to .yaml")));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml") && path.is_file());
    files.sort();
    files
}

fn read_text(path: &Path, problems: &mut Problems) -> Option<Arc<SourceText>> {
    let shown = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Some(SourceText::new(shown, text)),
        Err(why) => {
            let place = Place::start_of(&SourceText::new(shown.clone(), ""));
            let why = match why.kind() {
                ErrorKind::NotFound => say!("there is no file `{}`", shown),
                _ => say!("`{}` cannot be read: {}", shown, why),
            };
            problems.push(Diagnostic::error("unreadable", &place, why));
            None
        }
    }
}

/// A body that a test names. Err: why it cannot be read.
pub fn read_sample(path: &Path) -> Result<Vec<u8>, Sentence> {
    let said = |why: std::io::Error| match why.kind() {
        ErrorKind::NotFound => say!("there is no such file"),
        _ => Sentence::verbatim(why.to_string()),
    };
    let size = std::fs::metadata(path).map_err(said)?.len();
    if size > MAX_SAMPLE_BYTES {
        return Err(say!("it has {} bytes; the most is {}", size, MAX_SAMPLE_BYTES));
    }
    std::fs::read(path).map_err(said)
}
