//! `gancho.yaml`, from its tree to what is meant.

// Addresses only: `std::net` has sockets, and nothing in this room does I/O.
use core::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Retention;
use super::connection::{self, Connection};
use crate::diagnostic::{Diagnostic, Place, Problems, SourceText};
use crate::event::{Secret, SecretRef, SecretRefError};
use crate::mapping::bad_secret;
use crate::yaml::{Data, Fields, Node, parse};

/// The variable of the admin API's token, unless the configuration names another.
pub const ADMIN_TOKEN: &str = "GANCHO_ADMIN_TOKEN";

#[derive(Debug, Clone)]
pub struct Config {
    pub public: SocketAddr,
    pub admin: SocketAddr,
    /// Where senders reach `public`, as they write it; no slash at its end.
    pub public_url: Option<String>,
    pub admin_token: AdminToken,
    pub mappings: PathBuf,
    pub providers: Option<PathBuf>,
    /// The SQLite file.
    pub store: PathBuf,
    pub talqui: TalquiConfig,
    pub limits: Limits,
    pub alerts: Option<AlertUrl>,
    pub retention: Retention,
    pub connections: Vec<Connection>,
    /// The tokens of connections that have other mistakes, with their places:
    /// whether they are set is reported together with those.
    pub stray_tokens: Vec<(SecretRef, Place)>,
}

#[derive(Debug, Clone)]
pub struct TalquiConfig {
    pub base_url: String,
    pub connect: Duration,
    pub timeout: Duration,
}

/// Where alerts are posted. It may hold a token.
#[derive(Debug, Clone)]
pub struct AlertUrl {
    pub address: Address,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub enum Address {
    Written(Secret),
    Named(SecretRef),
}

/// Where the token of the admin API is.
#[derive(Debug, Clone)]
pub struct AdminToken {
    pub reference: SecretRef,
    /// Where that is written. None: nothing is.
    pub place: Option<Place>,
}

/// What a sender may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    pub body_time: Duration,
    /// Requests of one source that may be refused in a minute before more of
    /// them are turned away.
    pub unverified_per_minute: u32,
    /// Of all bodies together, from when they are read until they are on disk.
    pub memory_bytes: usize,
    /// With less left on the store's disk nothing is taken in. 0: whatever is left.
    pub min_free_disk_bytes: u64,
    /// With more waiting nothing is taken in. None: however much waits.
    pub backlog_events: Option<u64>,
}

const KEYS: [&str; 11] = [
    "listen",
    "admin_token",
    "public_url",
    "mappings",
    "providers",
    "store",
    "talqui",
    "limits",
    "alerts",
    "retention",
    "connections",
];

const LIMITS: [&str; 6] = [
    "body_bytes",
    "body_secs",
    "unverified_per_minute",
    "memory_bytes",
    "min_free_disk_bytes",
    "backlog_events",
];

impl Config {
    /// With nothing said; paths are taken from `folder`.
    pub fn defaults(folder: &Path) -> Self {
        Self {
            public: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
            admin: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            public_url: None,
            admin_token: AdminToken { reference: SecretRef::Env(ADMIN_TOKEN.to_owned()), place: None },
            mappings: folder.join("mappings"),
            providers: None,
            store: folder.join("gancho.db"),
            talqui: TalquiConfig {
                base_url: "https://api.talqui.chat".to_owned(),
                connect: Duration::from_secs(5),
                timeout: Duration::from_secs(30),
            },
            limits: Limits {
                body_bytes: 1024 * 1024,
                body_time: Duration::from_secs(10),
                unverified_per_minute: 120,
                memory_bytes: 64 * 1024 * 1024,
                min_free_disk_bytes: 256 * 1024 * 1024,
                backlog_events: None,
            },
            alerts: None,
            retention: Retention::default(),
            connections: Vec::new(),
            stray_tokens: Vec::new(),
        }
    }

    /// Reads `file`, whose folder is `folder`. All mistakes are in `problems`;
    /// with one that is an error the result is not to be used.
    pub fn read(file: &Arc<SourceText>, folder: &Path, problems: &mut Problems) -> Self {
        let mut config = Self::defaults(folder);
        let Some(node) = parse(file, problems) else { return config };
        if node.data == Data::Null {
            return config;
        }
        let Some(fields) = Fields::open(&node, "the configuration", &KEYS, problems) else { return config };
        if let Some(node) = fields.get("listen") {
            config.read_listen(node, problems);
        }
        config.read_admin_token(&fields, problems);
        config.read_public_url(&fields, problems);
        if let Some(path) = fields.text("mappings", problems) {
            config.mappings = folder.join(path);
        }
        config.providers = fields.text("providers", problems).map(|path| folder.join(path));
        config.read_store(&fields, folder, problems);
        if let Some(node) = fields.get("talqui") {
            config.read_talqui(node, problems);
        }
        if let Some(node) = fields.get("limits") {
            config.read_limits(node, problems);
        }
        if let Some(node) = fields.get("alerts") {
            config.read_alerts(node, problems);
        }
        if let Some(node) = fields.get("retention") {
            config.retention.read(node, problems);
        }
        if let Some(node) = fields.get("connections") {
            config.read_connections(node, problems);
        }
        config
    }

    fn read_listen(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::open(node, "`listen`", &["public", "admin"], problems) else { return };
        for (name, address) in [("public", &mut self.public), ("admin", &mut self.admin)] {
            let Some(node) = fields.get(name) else { continue };
            let text = match node.data {
                Data::Int(port) => port.to_string(),
                _ => fields.text(name, problems).unwrap_or_default().to_owned(),
            };
            if node.as_text().is_none() && text.is_empty() {
                continue;
            }
            match text.parse() {
                Ok(parsed) => *address = parsed,
                Err(_) => {
                    let place = &node.place;
                    let message = say!("`{}` is an address and a port; `{}` is not", name, text);
                    let help =
                        say!("write it as 127.0.0.1:8080, or 0.0.0.0:8080 for every address of this machine");
                    problems.push(Diagnostic::error("bad-address", place, message).help(help));
                }
            }
        }
    }

    fn read_admin_token(&mut self, fields: &Fields<'_>, problems: &mut Problems) {
        let Some(node) = fields.get("admin_token") else { return };
        let Some(text) = fields.text("admin_token", problems) else { return };
        match text.parse() {
            // What a sender hands over is not for us to be known by.
            Ok(SecretRef::Captured) => problems.push(bad_secret(node, SecretRefError::NotAReference)),
            Ok(reference) => {
                self.admin_token = AdminToken { reference, place: Some(node.place.clone()) };
            }
            Err(error) => problems.push(bad_secret(node, error)),
        }
    }

    fn read_public_url(&mut self, fields: &Fields<'_>, problems: &mut Problems) {
        let Some(url) = fields.text("public_url", problems) else { return };
        let has_host = is_http(url) && url.split("://").nth(1).is_some_and(|rest| !rest.starts_with('/'));
        if let Some(node) = fields.get("public_url").filter(|_| !has_host || url.contains(['?', '#'])) {
            problems.push(
                Diagnostic::error(
                    "bad-url",
                    &node.place,
                    say!("`public_url` is not the beginning of an address on the web"),
                )
                .help(say!("write it as https://hooks.example.com, without /hooks")),
            );
        }
        self.public_url = Some(url.trim_end_matches('/').to_owned());
    }

    fn read_store(&mut self, fields: &Fields<'_>, folder: &Path, problems: &mut Problems) {
        let Some(text) = fields.text("store", problems) else { return };
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => self.store = folder.join(path),
            _ => {
                let Some(node) = fields.get("store") else { return };
                let message = say!("`store` cannot be `{}`", text);
                problems.push(
                    Diagnostic::error("bad-store", &node.place, message).help(say!("write sqlite:gancho.db")),
                );
            }
        }
    }

    fn read_talqui(&mut self, node: &Node, problems: &mut Problems) {
        let known = ["base_url", "connect_secs", "timeout_secs"];
        let Some(fields) = Fields::open(node, "`talqui`", &known, problems) else { return };
        if let Some(url) = fields.text("base_url", problems) {
            if !is_http(url) {
                let place = fields.get("base_url").map_or(&node.place, |node| &node.place);
                problems.push(
                    Diagnostic::error("bad-url", place, say!("`base_url` is not an address on the web"))
                        .help(say!("write it as https://api.talqui.chat")),
                );
            }
            self.talqui.base_url = url.to_owned();
        }
        if let Some(secs) = fields.number("connect_secs", 1..=60, problems) {
            self.talqui.connect = Duration::from_secs(secs as u64);
        }
        if let Some(secs) = fields.number("timeout_secs", 1..=300, problems) {
            self.talqui.timeout = Duration::from_secs(secs as u64);
        }
    }

    fn read_limits(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::open(node, "`limits`", &LIMITS, problems) else { return };
        if let Some(bytes) = fields.number("body_bytes", 1_024..=67_108_864, problems) {
            self.limits.body_bytes = bytes as usize;
        }
        if let Some(secs) = fields.number("body_secs", 1..=300, problems) {
            self.limits.body_time = Duration::from_secs(secs as u64);
        }
        if let Some(requests) = fields.number("unverified_per_minute", 1..=1_000_000, problems) {
            self.limits.unverified_per_minute = requests as u32;
        }
        if let Some(bytes) = fields.number("memory_bytes", 1_048_576..=4_294_967_296, problems) {
            self.limits.memory_bytes = bytes as usize;
        }
        if let Some(bytes) = fields.number("min_free_disk_bytes", 0..=1_099_511_627_776, problems) {
            self.limits.min_free_disk_bytes = bytes as u64;
        }
        if let Some(events) = fields.number("backlog_events", 1..=1_000_000_000, problems) {
            self.limits.backlog_events = Some(events as u64);
        }
        // Else the largest webhook would never be taken in.
        let Limits { body_bytes, memory_bytes, .. } = self.limits;
        if memory_bytes < body_bytes {
            let node = fields.get("memory_bytes").or(fields.get("body_bytes")).unwrap_or(node);
            let message = say!("`{}` cannot be {}", "memory_bytes", memory_bytes);
            let help = say!("write a whole number from {} to {}", body_bytes, 4_294_967_296_u64);
            problems.push(Diagnostic::error("wrong-type", &node.place, message).help(help));
        }
    }

    /// The line is never shown: the address may hold a token.
    fn read_alerts(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::open(node, "`alerts`", &["url"], problems) else { return };
        let Some(url) = fields.get("url").filter(|url| url.data != Data::Null) else { return };
        let place = url.place.clone();
        let address = match fields.text("url", problems) {
            Some(text) if is_http(text) => Address::Written(Secret::new(text)),
            Some(text) => match text.parse::<SecretRef>() {
                Ok(reference) if reference != SecretRef::Captured => Address::Named(reference),
                _ => {
                    let message = say!("`url` is not an address on the web");
                    let help = say!("write it as https://…, or name where it is: env:NAME or file:PATH");
                    problems.push(Diagnostic::error("bad-url", &place, message).without_line().help(help));
                    return;
                }
            },
            None => return,
        };
        self.alerts = Some(AlertUrl { address, place });
    }

    fn read_connections(&mut self, node: &Node, problems: &mut Problems) {
        let Some(entries) = node.as_map() else {
            problems.push(
                Diagnostic::error(
                    "wrong-type",
                    &node.place,
                    say!("`connections` is a map; here is {}", node.kind()),
                )
                .help(say!("a name for each, such as whatsapp-loja:, and its keys below it")),
            );
            return;
        };
        let strays = &mut self.stray_tokens;
        let read = entries.iter().filter_map(|(key, node)| connection::read(key, node, strays, problems));
        self.connections = read.collect();
    }
}

fn is_http(url: &str) -> bool {
    let begins = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    begins.is_some_and(|rest| !rest.is_empty()) && !url.contains(char::is_whitespace)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
