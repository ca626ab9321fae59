use super::*;

fn read(text: &str) -> (Config, Vec<String>) {
    let mut problems = Problems::default();
    let config = Config::read(&SourceText::new("gancho.yaml", text), Path::new("/etc/gancho"), &mut problems);
    let found = problems.sorted();
    (config, found.iter().map(|d| format!("{} {}", d.place, d.code)).collect())
}

#[test]
fn the_default_file_says_the_defaults() {
    let (written, problems) = read(super::super::DEFAULT);
    assert_eq!(problems, [""; 0]);
    let mut defaults = Config::defaults(Path::new("/etc/gancho"));
    defaults.admin_token.place = written.admin_token.place.clone();
    assert_eq!(format!("{written:?}"), format!("{defaults:?}"));
}

#[test]
fn the_example_in_the_default_file_is_right() {
    let uncommented = super::super::DEFAULT
        .replace("connections: {}", "connections:")
        .replace("  # whatsapp-loja", "  whatsapp-loja")
        .replace("\n  #   ", "\n    ");
    let (config, problems) = read(&uncommented);
    assert_eq!(problems, [""; 0]);
    let connection = &config.connections[0];
    assert_eq!((connection.name.as_str(), connection.policy.resends_unknown), ("whatsapp-loja", Some(false)));
    assert_eq!(connection.token.to_string(), "env:TALQUI_WHATSAPP_TOKEN");
}

#[test]
fn the_largest_body_has_room() {
    let limits = |body: u64| format!("limits: {{ memory_bytes: 2000000, body_bytes: {body} }}");
    assert_eq!(read(&limits(2_000_000)).1, [""; 0]);
    assert_eq!(read(&limits(2_000_001)).1, ["gancho.yaml:1:25 wrong-type"]);
}

#[test]
fn every_mistake_is_reported_together() {
    let (_, problems) = read(
        "listen: { public: here, amdin: 1 }\nstore: postgres\ntalqui: { base_url: talqui, timeout_secs: 0 }\nlimts: {}\nconnections:\n  a: { tenant_id: t, channel: whatsapp, token: secret-pasted }\n",
    );
    assert_eq!(
        problems,
        [
            "gancho.yaml:1:19 bad-address",
            "gancho.yaml:1:25 unknown-key",
            "gancho.yaml:2:8 bad-store",
            "gancho.yaml:3:21 bad-url",
            "gancho.yaml:3:43 wrong-type",
            "gancho.yaml:4:1 unknown-key",
            "gancho.yaml:6:3 missing-key",
            "gancho.yaml:6:19 odd-id",
            "gancho.yaml:6:31 bad-channel",
            "gancho.yaml:6:48 bad-secret",
        ]
    );
}
