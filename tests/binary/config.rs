//! `gancho serve` at its beginning and its end: every mistake of a configuration
//! is told at once and where it is, what keeps it from starting is a sentence
//! that says what to do, and a stop leaves nothing unknown.

use std::net::TcpListener;

use gancho::delivery::DeliveryState;

use crate::PATIENCE;
use crate::demo::assert_fits;
use crate::running::{Ended, Running, run};
use crate::site::{PEDIDOS, Site, config, order, sandbox};

#[track_caller]
fn refused(site: &Site) -> Ended {
    run(&mut site.gancho(&["serve"])).exits(2)
}

/// The places that the diagnostics point at, in order.
fn places(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect()
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let site = Site::empty();
    let written = config("talqui.example")
        .replace("admin: 127.0.0.1:0", "amdin: 127.0.0.1:0")
        .replace("channel: urn:talqui:telegram:0", "channel: telegram")
        + "  other:\n    tenant_id: 7d1f0c52-0000-4000-8000-000000000001\n    plugin_connection_id: \
           5b2e9a40-0000-4000-8000-000000000004\n    channel: urn:talqui:ifood:0\n    token: env:OTHER\n\
           limits: { body_bytes: 1 }\nstore: postgres\n";
    site.write("gancho.yaml", &written);
    site.write("mappings/pedidos.yaml", &PEDIDOS.replace("$.texto", "$.").replace("{{ contato", "{{ contto"));
    site.write("mappings/Loja.yaml", PEDIDOS);
    let ended = refused(&site);
    let expected = [
        "gancho.yaml:1:32",
        "gancho.yaml:2:21",
        "gancho.yaml:7:14",
        "gancho.yaml:8:12",
        "gancho.yaml:13:12",
        "gancho.yaml:14:23",
        "gancho.yaml:15:8",
        "mappings/Loja.yaml",
        "mappings/pedidos.yaml:7:11",
        "mappings/pedidos.yaml:10:26",
    ];
    assert_eq!(places(&ended.stderr), expected, "{}", ended.stderr);
    assert!(ended.stderr.ends_with("gancho does not start: 10 errors.\n"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

/// Each a site, and the last words of a `serve` that does not start.
#[test]
fn what_keeps_it_from_starting_says_what_to_do() {
    let with = |change: &dyn Fn(&mut Site)| {
        let mut site = Site::with_pedidos("https://api.talqui.example");
        change(&mut site);
        site
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listening = TcpListener::bind(taken).unwrap();
    let on_taken = config("https://t.example").replace("public: 127.0.0.1:0", &format!("public: {taken}"));
    for (site, said) in [
        (
            with(&|site| site.unset("TELEGRAM_TOKEN")),
            "error[secret-not-set]: the environment variable `TELEGRAM_TOKEN` is not set\n --> gancho.yaml:8:12",
        ),
        (
            with(&|site| site.unset("PEDIDOS_SECRET")),
            "error[secret-not-set]: the environment variable `PEDIDOS_SECRET` is not set\n --> \
             mappings/pedidos.yaml:3:11",
        ),
        (
            Site::empty(),
            "error[unreadable]: there is no file `gancho.yaml`\n--> gancho.yaml\n\ngancho does not start: 1 \
             error.\nWrite a first configuration with: gancho config > gancho.yaml\n",
        ),
        (
            with(&|site| std::fs::remove_dir_all(site.path().join("mappings")).unwrap()),
            "error[unreadable]: there is no folder `mappings`",
        ),
        (
            with(&|site| site.write("gancho.yaml", &on_taken)),
            "(`listen.public`):\nanother program listens there; stop it, or write another port\n",
        ),
        (
            with(&|site| site.write("gancho.yaml", &config("https://user:word@t.example"))),
            "gancho does not start: `talqui.base_url`: Talqui's address holds a user or a\npassword; the \
             credential belongs to a connection's token\n",
        ),
        (
            with(&|site| site.write("gancho.db", "not a database, and more than that")),
            "gancho does not start: `gancho.db` is not a gancho store, and was left as it is;\ngive the store \
             a path of its own\n",
        ),
    ] {
        let ended = refused(&site);
        assert!(ended.stderr.contains(said), "no `{said}` in:\n{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    drop(listening);
}

#[test]
fn a_second_gateway_on_one_store_is_refused() {
    let site = Site::with_pedidos("https://api.talqui.example");
    let first = site.serve();
    assert_eq!(
        refused(&site).stderr,
        "gancho does not start: the store `gancho.db` is in use: another gancho has it\n\
         open and holds `gancho.db.lock`; stop that one, or give this one a store of its\nown\n"
    );
    first.signal("TERM");
    first.end().exits(0);
}

#[test]
fn the_printed_configuration_is_accepted() {
    let mut site = Site::empty();
    let printed = run(&mut site.gancho(&["config"])).exits(0).stdout;
    assert_fits(&printed);
    // The ports of the real one may be taken here.
    let free = printed.replace(":8080", ":0").replace(":8081", ":0");
    site.write("gancho.yaml", &free);
    std::fs::create_dir(site.path().join("mappings")).unwrap();
    site.serve();
    // And with its example, uncommented.
    let example = free.replace("connections: {}", "connections:");
    let example = example.replace("  # whatsapp-loja", "  whatsapp-loja").replace("\n  #   ", "\n    ");
    site.write("gancho.yaml", &example);
    site.set("TALQUI_WHATSAPP_TOKEN", "um-token");
    let model = "session:\n  campaignModelID: 00000000-0000-0000-0000-000000000000";
    let mapping = PEDIDOS.replace("telegram", "whatsapp-loja").replace("session:", model);
    site.write("mappings/pedidos.yaml", &mapping);
    site.set("PEDIDOS_SECRET", "um-segredo");
    site.serve();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_answers_and_leaves_the_rest_for_the_next_start() {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=2000".parse().unwrap());
    let site = Site::with_pedidos(&upstream.url());
    let gateway = site.serve();
    for (id, contact) in [("1", "ana"), ("2", "rui"), ("3", "eva"), ("4", "ana")] {
        let answer = order(gateway.public(), id, contact, id).send().await.unwrap();
        assert!(answer.status().is_success());
    }
    // Order 4 is behind order 1 of the same person.
    gateway.wait_for_logs(4, "event planned");
    tokio::time::timeout(PATIENCE, upstream.wait_for(3)).await.unwrap();
    gateway.signal("TERM");
    let ended = gateway.end().exits(0);
    let stops = ["stopping: no new webhooks", "delivered", "stopped"].map(|said| ended.stderr.rfind(said));
    assert!(stops.is_sorted() && stops[0].is_some(), "{}", ended.stderr);
    let states = |events: &[gancho::store::EventView]| -> Vec<DeliveryState> {
        events.iter().flat_map(|view| &view.deliveries).map(|delivery| delivery.state).collect()
    };
    use DeliveryState::{Delivered, Pending};
    assert_eq!(states(&site.events().await), [Delivered, Delivered, Delivered, Pending]);

    upstream.set_faults(Vec::new());
    let next = site.serve();
    next.wait_for_log("delivered");
    next.signal("TERM");
    let ended = next.end().exits(0);
    assert!(!ended.stderr.contains("unknown"), "{}", ended.stderr);
    assert_eq!(states(&site.events().await), [Delivered; 4]);
    assert_eq!(upstream.requests().len(), 4);
}

#[test]
fn usage_is_told_and_every_help_fits() {
    let site = Site::empty();
    for arguments in [&["frobnicate"][..], &[], &["serve", "--colour"], &["serve", "--log", "xml"]] {
        let ended = run(&mut site.gancho(arguments)).exits(2);
        assert!(
            ended.stderr.contains("Usage: gancho") || ended.stderr.contains("--help"),
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stdout, "");
    }
    for command in [
        "serve",
        "demo",
        "check",
        "new",
        "try",
        "infer",
        "explain",
        "schema",
        "providers",
        "verify",
        "sign",
        "send",
        "refused",
        "handshakes",
        "config",
        "sandbox",
        "health",
        "help",
    ] {
        assert_fits(&run(&mut site.gancho(&["help", command])).exits(0).stdout);
    }
    let version = concat!("gancho ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run(&mut site.gancho(&["--version"])).exits(0).stdout, version);
}

/// A second signal does not wait for anybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once_and_what_was_in_flight_is_held() {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=60000".parse().unwrap());
    let site = Site::with_pedidos(&upstream.url());
    let gateway = site.serve();
    order(gateway.public(), "1", "ana", "1").send().await.unwrap();
    tokio::time::timeout(PATIENCE, upstream.wait_for(1)).await.unwrap();
    gateway.signal("INT");
    gateway.wait_for_log("stopping: no new webhooks");
    gateway.signal("INT");
    gateway.end().exits(130);
    let next = Running::start(&mut site.gancho(&["serve"]));
    next.wait_for_log("it is unknown whether this message went out: the gateway stopped while sending it");
    next.signal("TERM");
    next.end().exits(0);
    assert_eq!(site.events().await[0].deliveries[0].state, DeliveryState::Held);
}
