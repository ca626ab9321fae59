//! Mappings that change while the gateway runs, as files in a folder that it
//! watches. A right one is taken over whole; a wrong one changes nothing and is
//! told in the words of `gancho check`.

use std::process::Command;

use gancho::app::{Files, Reloaded};
use gancho::event::SourceName;
use gancho::verify::FetchedKeys;

use crate::support::*;

/// A version of the mapping that can be told apart by what it sends.
fn saying(greeting: &str) -> String {
    mapping(HMAC).replace("{{ texto }}", &format!("{greeting} {{{{ texto }}}}"))
}

/// A template that uses a name which is not there, on a known line.
fn broken() -> String {
    saying("Tchau,").replace("{{ contato }}", "{{ contatto }}")
}

fn version(gateway: &Gateway, source: &str) -> Option<String> {
    Some(gateway.app.sources.get(source)?.mapping.version.clone())
}

/// What the event of `text` sends now.
async fn sends(gateway: &Gateway, text: &str) -> String {
    let before = gateway.setting.sandbox.requests().len();
    assert_eq!(gateway.tell("loja", &hello("loja", "c1", text)).await.status, 202);
    gateway.setting.sandbox.wait_for(before as u64 + 1).await;
    gateway.setting.texts()[before].clone()
}

#[tokio::test]
async fn a_changed_mapping_is_taken_over() {
    let gateway = Gateway::start(&[("loja", &saying("Oi,"))]).await;
    assert_eq!(sends(&gateway, "Ana").await, "Oi, Ana");
    let old = version(&gateway, "loja");
    gateway.setting.write("loja", &saying("Olá,"));
    wait_until("the change to be seen", || version(&gateway, "loja") != old).await;
    assert_eq!(sends(&gateway, "Ana").await, "Olá, Ana");
    gateway.app.stop().await;
}

/// The good file beside it is the proof that the broken one was looked at.
#[tokio::test]
async fn a_broken_mapping_changes_nothing() {
    let gateway = Gateway::start(&[("loja", &saying("Oi,"))]).await;
    let old = version(&gateway, "loja");
    gateway.setting.write("loja", &broken());
    gateway.setting.write("outra", &mapping(HMAC));
    wait_until("the file beside it", || version(&gateway, "outra").is_some()).await;
    assert_eq!(version(&gateway, "loja"), old);
    assert_eq!(sends(&gateway, "Ana").await, "Oi, Ana");
    gateway.setting.write("loja", &saying("Olá,"));
    wait_until("the mend", || version(&gateway, "loja") != old).await;
    assert_eq!(sends(&gateway, "Ana").await, "Olá, Ana");
    gateway.app.stop().await;
}

#[tokio::test]
async fn sources_open_and_close_with_their_files() {
    let gateway = Gateway::start(&[("loja", &saying("Oi,"))]).await;
    gateway.setting.write("outra", &mapping(HMAC));
    assert_eq!(gateway.request("POST", "/hooks/nenhuma").await.status, 404);
    wait_until("the new source", || version(&gateway, "outra").is_some()).await;
    assert_eq!(gateway.tell("outra", &hello("ninguem", "c1", "Oi!")).await.status, 202);
    std::fs::remove_file(gateway.setting.mapping_file("outra")).unwrap();
    wait_until("the source to close", || version(&gateway, "outra").is_none()).await;
    assert_eq!(gateway.request("POST", "/hooks/outra").await.status, 404);
    assert_eq!(sends(&gateway, "Ana").await, "Oi, Ana");
    gateway.app.stop().await;
}

/// The gateway's own reading of the folder, without its watcher.
fn reload(gateway: &Gateway) -> Reloaded {
    let setup = gateway.setting.load_config();
    let connections = gancho::config::connections_of(&setup.connections);
    let catalogue = gancho::provider::Catalogue::embedded(&mut Default::default());
    let files = Files {
        folder: setup.mappings,
        catalogue,
        connections,
        secrets: secrets(),
        public_url: None,
        fetched: FetchedKeys::default(),
    };
    files.reload(&gateway.app.sources)
}

fn check_command(gateway: &Gateway) -> String {
    let mut check = Command::new(env!("CARGO_BIN_EXE_gancho"));
    check.arg("check").arg("--config").arg(gateway.setting.config_file()).envs(SECRETS);
    let output = check.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_is_wrong_is_told_as_check_tells_it() {
    let names = |names: &[&str]| -> Vec<SourceName> { names.iter().map(|n| n.parse().unwrap()).collect() };
    let cases = [
        ("an unknown name", broken(), "error[unknown-name]"),
        ("no YAML", "verify: [".to_owned(), "error[yaml-syntax]"),
        ("a test that fails", failing_test(), "error[test-failed]"),
        (
            "an unknown connection",
            saying("Oi,").replace("connection: loja", "connection: lojja"),
            "error[unknown-connection]",
        ),
        ("a secret pasted", saying("Oi,").replace("env:LOJA", SECRETS[0].1), "error[bad-secret]"),
    ];
    for (what, text, code) in cases {
        // Not watched, so that only this test reads the folder.
        let gateway = Gateway::start_with(&[("loja", &saying("Oi,"))], |setup| {
            setup.config.mappings = "no folder to watch".into();
        })
        .await;
        gateway.setting.write("loja", &text);
        gateway.setting.write("outra", &mapping(HMAC));
        let reloaded = reload(&gateway);
        assert_eq!((reloaded.opened, reloaded.kept), (names(&["outra"]), names(&["loja"])), "{what}");
        assert!(reloaded.report.contains(code), "{what}: {}", reloaded.report);
        assert!(reloaded.report.contains("loja.yaml:"), "{what}: {}", reloaded.report);
        let printed = check_command(&gateway);
        let printed = printed.strip_prefix(&reloaded.report);
        let summary =
            printed.unwrap_or_else(|| panic!("{what}: check says otherwise than\n{}", reloaded.report));
        assert!(summary.trim().lines().count() <= 4, "{what}: {summary}");
        crate::hooks::assert_holds_no_secret(&reloaded.report, what);
        gateway.app.stop().await;
    }
}

fn failing_test() -> String {
    let test = "tests:\n  - name: um oi\n    given: { body: { via: loja, contato: c1, texto: Ana } }\n    \
                expect: [{ message: loja, messageValue: Tchau }]\n";
    saying("Oi,") + test
}
