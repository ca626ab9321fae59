//! Finding the gateway: where it is, with which token, and what is said when
//! there is none.

use std::net::TcpListener;

use super::{Operated, TOKEN, assert_told, said};
use crate::running::{Running, run};
use crate::site::{Site, config, sandbox};

/// An address at which nobody listens.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn where_nobody_answers_it_says_what_must_run() {
    let mut site = Site::empty();
    site.set("GANCHO_ADMIN_TOKEN", TOKEN);
    let address = nobody();
    site.write(
        "gancho.yaml",
        &config("https://t.example").replace("admin: 127.0.0.1:0", &format!("admin: {address}")),
    );
    let id = "019cae0d-b400-7000-8000-000000000000";
    for arguments in [
        &["status"][..],
        &["events", "maria"],
        &["deliveries"],
        &["event", id],
        &["release", id],
        &["settle", id, "--delivered"],
        &["cancel", id],
        &["pause", "--all"],
        &["resume", "--all"],
        &["replay", id],
        &["prune"],
        &["erase", "--phone", "5511987654321"],
        &["tail"],
    ] {
        let ended = run(&mut site.gancho(arguments)).exits(2);
        assert_eq!(ended.stdout, "");
        let said = said(&ended);
        let begins = format!(
            "No gateway answers at http://{address} (Connection refused (os error 111)). `gancho serve` must run;"
        );
        assert!(said.starts_with(&begins), "{arguments:?}: {said}");
    }
}

#[test]
fn what_cannot_be_asked_says_why() {
    let mut site = Site::empty();
    let url = format!("http://{}", nobody());
    let no_token = run(site.gancho(&["status"]).args(["--url", &url])).exits(2);
    assert_told(&said(&no_token), &["the environment variable `GANCHO_ADMIN_TOKEN` is not set"]);
    site.set("GANCHO_ADMIN_TOKEN", TOKEN);
    site.write("gancho.yaml", &config("https://t.example"));
    for (arguments, expected) in [
        (&["status"][..], "Say where the gateway listens"),
        (&["status", "--url", "here"], "--url is written as http://127.0.0.1:8081; `here` is not."),
        (&["event", "1001"], "`1001` is not an id (a UUID)"),
        (&["events", "--since", "soon"], "write 30m, 2h or 3d"),
        (&["events", "--state", "lost"], "received, planned, ignored, duplicate, unmapped"),
        (&["pause"], "--connection <NAME>|--source <NAME>|--all"),
        (&["settle", "019cae0d-b400-7000-8000-000000000000"], "--delivered|--not-sent"),
        (&["release"], "<ID>"),
    ] {
        let ended = run(&mut site.gancho(arguments)).exits(2);
        assert_told(&said(&ended), &[expected]);
    }
}

#[test]
fn the_token_can_be_where_the_configuration_says() {
    let upstream = "https://t.example";
    let mut site = Site::with_pedidos(upstream);
    site.write("operador", &format!("{TOKEN}\n"));
    site.write("gancho.yaml", &format!("admin_token: file:operador\n{}", config(upstream)));
    let gateway = site.serve();
    let port = gateway.admin().port();
    // As the gateway's own file says, of which only the port is not known here.
    site.write(
        "gancho.yaml",
        &format!(
            "admin_token: file:operador\n{}",
            config(upstream).replace("admin: 127.0.0.1:0", &format!("admin: 0.0.0.0:{port}"))
        ),
    );
    run(&mut site.gancho(&["status"])).exits(0);
    site.set("GANCHO_ADMIN_TOKEN", "another-token-entirely");
    let wrong = run(&mut site.gancho(&["status"])).exits(2);
    assert_told(&said(&wrong), &["This is not the token"]);
}

#[test]
fn a_gateway_without_a_token_says_how_to_set_one() {
    let mut site = Site::with_pedidos("https://t.example");
    let gateway = site.serve();
    gateway.wait_for_log("the admin API is closed: env:GANCHO_ADMIN_TOKEN is not set");
    site.set("GANCHO_ADMIN_TOKEN", TOKEN);
    let url = format!("http://{}", gateway.admin());
    let ended = run(site.gancho(&["status"]).args(["--url", &url])).exits(2);
    assert_told(&said(&ended), &["Set the environment variable GANCHO_ADMIN_TOKEN"]);

    site.set("GANCHO_ADMIN_TOKEN", "short");
    let refused = run(&mut site.gancho(&["serve"])).exits(2);
    assert_told(
        &said(&refused),
        &["`env:GANCHO_ADMIN_TOKEN` cannot be used: it has 5 characters, and at least"],
    );
    assert!(!refused.stderr.contains("short"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tail_follows_what_happens_through_a_restart() {
    let upstream = sandbox();
    let mut site = Site::with_pedidos(&upstream.url());
    site.set("GANCHO_ADMIN_TOKEN", TOKEN);
    let fixed = config(&upstream.url()).replace("admin: 127.0.0.1:0", &format!("admin: {}", nobody()));
    site.write("gancho.yaml", &fixed);
    let first = site.serve();
    let tail = Running::start(&mut site.gancho(&["tail"]));
    tail.wait_for_log("Following http://127.0.0.1:");
    let post = async |to, id| crate::site::order(to, id, "maria", "Oi!").send().await.unwrap();
    post(first.public(), "1001").await;
    tail.wait_for_stdout(" delivered      telegram ");
    first.signal("TERM");
    first.end().exits(0);
    tail.wait_for_log("The gateway is gone; waiting for it.");
    let second = site.serve();
    tail.wait_for_logs(2, "Following http://127.0.0.1:");
    post(second.public(), "1002").await;
    let seen = tail.wait_for_stdout_count(2, " delivered ");
    assert!(!seen.contains("maria"), "{seen}");
    tail.signal("INT");
    let ended = tail.end().exits(0);
    for line in ended.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let operated = format!("http://{}", second.admin());
    let json = Running::start(site.gancho(&["tail", "--json", "--limit", "3"]).args(["--url", &operated]));
    json.wait_for_log("Following");
    post(second.public(), "1003").await;
    let lines: Vec<serde_json::Value> =
        json.end().exits(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let what: Vec<&str> = lines.iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["accepted", "planned", "delivered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_one_screen() {
    let operated = Operated::start();
    let told = operated.ask(&["status"]).exits(0).stdout;
    assert_told(
        &told,
        &[
            concat!("gancho ", env!("CARGO_PKG_VERSION"), ", up for "),
            "✓ It is sending.\n",
            "waiting    nothing\n",
            "delivered  0 messages\n",
            "connection   to send   sending      held\n",
            "telegram           0         0         0\n",
            "pedidos            0         0\n",
            "disk       ",
        ],
    );
    assert!(told.lines().count() <= 24, "{told}");
    let status = operated.json(&["status"]);
    assert_eq!((&status["sending"], &status["version"]), (&true.into(), &env!("CARGO_PKG_VERSION").into()));
}
