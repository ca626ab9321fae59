//! One entry of `connections:`.

use std::time::Duration;

use crate::delivery::{Pace, PolicyChange};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::event::SecretRef;
use crate::mapping::{Connections, bad_secret, read_policy};
use crate::session::{Channel, Destination};
use crate::yaml::{Fields, Key, Node};

#[derive(Debug, Clone)]
pub struct Connection {
    pub name: String,
    pub destination: Destination,
    pub token: SecretRef,
    /// Where the reference stands, for when it cannot be resolved.
    pub token_place: Place,
    pub policy: PolicyChange,
    pub pace: Pace,
}

/// What mappings need to know of them.
pub fn connections_of(connections: &[Connection]) -> Connections {
    connections.iter().map(|connection| (connection.name.clone(), connection.destination.clone())).collect()
}

const KEYS: [&str; 13] = [
    "tenant_id",
    "plugin_connection_id",
    "channel",
    "token",
    "on_unknown",
    "attempts",
    "backoff",
    "timeout_secs",
    "expires_after",
    "lane_waits_for_held",
    "max_in_flight",
    "rate_limit",
    "breaker",
];

/// Reads one. None: it has mistakes; its token, if it names one, is then in
/// `strays`, so that an unset one is reported with them.
pub fn read(
    key: &Key,
    node: &Node,
    strays: &mut Vec<(SecretRef, Place)>,
    problems: &mut Problems,
) -> Option<Connection> {
    let fields = Fields::open(node, "a connection", &KEYS, problems)?;
    let tenant_id = read_id(&fields, "tenant_id", &key.place, problems);
    let plugin_connection_id = read_id(&fields, "plugin_connection_id", &key.place, problems);
    let channel = read_channel(&fields, &key.place, problems);
    let token = read_token(&fields, &key.place, problems);
    let policy = read_policy(&fields, problems);
    let pace = read_pace(&fields, problems);
    let (token, token_place) = token?;
    let (Some(tenant_id), Some(plugin_connection_id), Some(channel), Some(policy), Some(pace)) =
        (tenant_id, plugin_connection_id, channel, policy, pace)
    else {
        strays.push((token, token_place));
        return None;
    };
    let destination = Destination {
        tenant_id: tenant_id.to_owned(),
        plugin_connection_id: plugin_connection_id.to_owned(),
        channel,
    };
    Some(Connection { name: key.name.clone(), destination, token, token_place, policy, pace })
}

/// None: a key has a mistake.
fn read_pace(fields: &Fields<'_>, problems: &mut Problems) -> Option<Pace> {
    let before = problems.errors();
    let mut pace = Pace::default();
    if let Some(most) = fields.number("max_in_flight", 1..=256, problems) {
        pace.max_in_flight = most as u32;
    }
    if let Some(node) = fields.get("rate_limit")
        && let Some(inner) = Fields::open(node, "`rate_limit`", &["per_second", "per_minute"], problems)
    {
        pace.per_second = inner.number("per_second", 1..=10_000, problems).map(|n| n as u32);
        pace.per_minute = inner.number("per_minute", 1..=100_000, problems).map(|n| n as u32);
    }
    if let Some(node) = fields.get("breaker")
        && let Some(inner) =
            Fields::open(node, "`breaker`", &["failures", "first_probe_secs", "max_probe_secs"], problems)
    {
        if let Some(failures) = inner.number("failures", 1..=1_000, problems) {
            pace.breaker_failures = failures as u32;
        }
        if let Some(secs) = inner.number("first_probe_secs", 1..=3_600, problems) {
            pace.first_probe = Duration::from_secs(secs as u64);
        }
        if let Some(secs) = inner.number("max_probe_secs", 1..=86_400, problems) {
            pace.max_probe = Duration::from_secs(secs as u64);
        }
    }
    (problems.errors() == before).then_some(pace)
}

/// Every id seen of Talqui is a UUID; that all are is not documented.
fn read_id<'a>(fields: &Fields<'a>, name: &str, whole: &Place, problems: &mut Problems) -> Option<&'a str> {
    let id = fields.required_text(name, whole, problems)?;
    let place = fields.get(name).map_or(whole, |node| &node.place);
    if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
        problems.push(
            Diagnostic::error("bad-id", place, say!("`{}` is an id without spaces", name))
                .help(say!("copy it from Talqui's panel; it is used as it is")),
        );
        return None;
    }
    if uuid::Uuid::try_parse(id).is_err() {
        problems.push(
            Diagnostic::warning("odd-id", place, say!("`{}` is usually a UUID, and this is not", name))
                .help(say!("copy it from Talqui's panel; it is used as it is")),
        );
    }
    Some(id)
}

fn read_channel(fields: &Fields<'_>, whole: &Place, problems: &mut Problems) -> Option<Channel> {
    let text = fields.required_text("channel", whole, problems)?;
    match text.parse::<Channel>() {
        Ok(channel) => Some(channel),
        Err(error) => {
            let place = fields.get("channel").map_or(whole, |node| &node.place);
            problems.push(Diagnostic::error("bad-channel", place, error.sentence()).help(error.help()));
            None
        }
    }
}

fn read_token(fields: &Fields<'_>, whole: &Place, problems: &mut Problems) -> Option<(SecretRef, Place)> {
    let text = fields.required_text("token", whole, problems)?;
    let node = fields.get("token")?;
    match text.parse::<SecretRef>() {
        Ok(reference) => Some((reference, node.place.clone())),
        Err(error) => {
            problems.push(bad_secret(node, error));
            None
        }
    }
}
