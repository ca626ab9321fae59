//! The schema of `gancho.yaml` and `Config::read` are alike.

use std::collections::BTreeMap;
use std::path::Path;

use gancho::config::{Config, DEFAULT};
use gancho::diagnostic::{Problems, SourceText};

use super::checker::{Checker, assert_all_described, described_choices, described_keys, each_object};
use super::printed::config as schema;
use super::{changed_in, reader};

const ROOMS: [&str; 2] = ["config", "mapping/policy.rs"];

fn errors(text: &str) -> usize {
    let mut problems = Problems::default();
    Config::read(&SourceText::new("gancho.yaml", text), Path::new("/etc/gancho"), &mut problems);
    problems.errors()
}

#[test]
fn schema_and_reader_know_the_same_keys_and_words() {
    assert_eq!(described_keys(&schema()), reader::keys(&ROOMS));
    let mut words = described_choices(&schema());
    // These are examples: what is checked is a shape.
    words.remove("channel");
    assert_eq!(words, reader::words(&ROOMS));
}

#[test]
fn schema_and_reader_take_the_same_numbers() {
    let mut described = BTreeMap::new();
    each_object(&schema(), &mut |object| {
        for (name, property) in object["properties"].as_object().into_iter().flatten() {
            if let (Some(least), Some(most)) = (property["minimum"].as_i64(), property["maximum"].as_i64()) {
                described.insert(name.clone(), (least, most));
            }
        }
    });
    assert_eq!(described, reader::ranges(&ROOMS));
}

#[test]
fn every_key_says_what_it_is_for() {
    assert_all_described(&schema());
}

const WHOLE: &str = "\
listen: { public: 0.0.0.0:80, admin: '[::1]:8081' }
admin_token: file:/run/secrets/admin
public_url: https://hooks.example.com
mappings: /etc/mappings
providers: own
store: sqlite:data/gancho.db
talqui: { base_url: https://api.talqui.chat, connect_secs: 5, timeout_secs: 30 }
limits: { body_bytes: 1048576, body_secs: 10, unverified_per_minute: 120, memory_bytes: 67108864, min_free_disk_bytes: 0, backlog_events: 1000 }
alerts: { url: https://alerts.example.com/a?b=c }
retention: { bodies_days: 30, records_days: 90, keys_days: 400 }
connections:
  whatsapp-loja:
    tenant_id: 0b8f6c3e-0000-4000-8000-000000000000
    plugin_connection_id: 1c9a7d4f-0000-4000-8000-000000000000
    channel: urn:talqui:whatsapp-cloud:0
    token: env:TOKEN
    on_unknown: hold
    attempts: 5
    backoff: { first_secs: 2, max_secs: 300, jitter_percent: 50 }
    timeout_secs: 29
    expires_after: 2h
    lane_waits_for_held: true
    max_in_flight: 8
    rate_limit: { per_second: 10, per_minute: 300 }
    breaker: { failures: 5, first_probe_secs: 6, max_probe_secs: 61 }
";

#[track_caller]
fn changed(from: &str, to: &str) -> String {
    changed_in(WHOLE, from, to)
}

#[test]
fn what_is_right_is_accepted_by_both() {
    let checker = Checker::new(&schema());
    for text in [
        DEFAULT.to_owned(),
        WHOLE.to_owned(),
        String::new(),
        "# nothing yet\n".to_owned(),
        "listen:\nlimits:\n  # body_secs: 5\ntalqui:\nconnections:\n".to_owned(),
        "connections: {}\nlimits: {}\n".to_owned(),
        changed("urn:talqui:whatsapp-cloud:0", "urn:talqui:telegram:12"),
        changed("env:TOKEN", "file:/run/secrets/a token"),
        changed("https://alerts.example.com/a?b=c", "env:ALERTS_URL"),
        changed("{ url: https://alerts.example.com/a?b=c }", ""),
        changed("on_unknown: hold", "on_unknown: resend"),
        changed("    on_unknown: hold\n", ""),
        changed("expires_after: 2h", "expires_after: 90 s"),
        changed("rate_limit: { per_second: 10, per_minute: 300 }", "rate_limit: { per_minute: 1 }"),
        changed("whatsapp-loja:", "Loja do centro:"),
        changed("https://hooks.example.com", "http://hooks.example.com:8080/behind/"),
        changed("https://api.talqui.chat", "http://127.0.0.1:9000/talqui"),
        changed("tenant_id: 0b8f6c3e-0000-4000-8000-000000000000", "tenant_id: loja"),
    ] {
        assert_eq!((errors(&text), checker.complaint(&text)), (0, None), "{text}");
    }
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let checker = Checker::new(&schema());
    for text in [
        "- listen\n".to_owned(),
        changed("mappings:", "mapings:"),
        changed("mappings: /etc/mappings", "mappings: [a]"),
        changed("providers: own", "providers: 1"),
        changed("public: 0.0.0.0:80", "public: here"),
        changed("public: 0.0.0.0:80", "public: 8080"),
        changed("public: 0.0.0.0:80", "public: localhost:8080"),
        changed("admin:", "amdin:"),
        changed("file:/run/secrets/admin", "a-token-pasted"),
        changed("file:/run/secrets/admin", "captured"),
        changed("https://hooks", "hooks"),
        changed("hooks.example.com", "hooks.example.com?a=1"),
        changed("https://hooks.example.com", "https:///hooks"),
        changed("sqlite:data/gancho.db", "postgres://localhost"),
        changed("sqlite:data/gancho.db", "'sqlite:'"),
        changed("https://api.talqui.chat", "api.talqui.chat"),
        changed("connect_secs: 5", "connect_secs: 0"),
        changed("connect_secs: 5", "connect_secs: 5s"),
        changed("timeout_secs: 30", "timeout_secs: 301"),
        changed("timeout_secs: 30", "timeout: 30"),
        changed("body_bytes: 1048576", "body_bytes: 1"),
        changed("bodies_days: 30", "bodies_days: 0"),
        changed("keys_days: 400", "keys: 400"),
        changed("attempts: 5", "attempts: 0"),
        changed("first_secs: 2", "first: 2"),
        changed("jitter_percent: 50", "jitter_percent: 101"),
        changed("expires_after: 2h", "expires_after: 2"),
        changed("expires_after: 2h", "expires_after: 2 hours"),
        changed("lane_waits_for_held: true", "lane_waits_for_held: 1"),
        changed("max_in_flight: 8", "max_in_flight: 0"),
        changed("per_second: 10", "per_hour: 10"),
        changed("failures: 5", "failures: many"),
        changed("body_bytes: 1048576", "body_bytes: 1MB"),
        changed("unverified_per_minute: 120", "unverified_per_minute: 0"),
        changed("memory_bytes: 67108864", "memory_bytes: 1000000"),
        changed("min_free_disk_bytes: 0", "min_free_disk_bytes: -1"),
        changed("backlog_events: 1000", "backlog_events: 0"),
        changed("https://alerts.example.com/a?b=c", "alerts.example.com"),
        changed("https://alerts.example.com/a?b=c", "captured"),
        changed("https://alerts.example.com/a?b=c", "env:MY URL"),
        changed("{ url: https", "{ to: https"),
        changed("    tenant_id: 0b8f6c3e-0000-4000-8000-000000000000\n", ""),
        changed("0b8f6c3e-0000-4000-8000-000000000000", "my tenant"),
        changed("1c9a7d4f-0000-4000-8000-000000000000", "''"),
        changed("urn:talqui:whatsapp-cloud:0", "whatsapp"),
        changed("urn:talqui:whatsapp-cloud:0", "urn:talqui:Telegram:0"),
        changed("env:TOKEN", "tok_live_1"),
        changed("env:TOKEN", "env:MY TOKEN"),
        changed("token: env:TOKEN", "token:"),
        changed("on_unknown: hold", "on_unknown: drop"),
        changed("on_unknown: hold", "retries: 3"),
        format!("{WHOLE}  other: env:TOKEN\n"),
    ] {
        assert!(errors(&text) > 0, "the reader accepts\n{text}");
        assert!(checker.complaint(&text).is_some(), "the schema accepts\n{text}");
    }
}
