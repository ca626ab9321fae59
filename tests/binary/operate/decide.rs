//! What a person decides, and that nothing is done which nobody confirmed.

use super::{Operated, assert_told, said};
use crate::running::run;
use crate::site::PEDIDOS;

#[tokio::test(flavor = "multi_thread")]
async fn a_held_message_is_released_or_settled_or_cancelled() {
    let operated = Operated::start();
    let (_, delivery) = operated.held().await;
    let released = operated.ask(&["release", &delivery]).exits(0);
    assert_eq!(released.stdout, format!("✓ {delivery} is pending now\n"));
    operated.wait_for("delivered", 1);
    assert_eq!(operated.upstream.requests().len(), 2);
    let again = operated.ask(&["release", &delivery]).exits(1);
    assert_told(&again.stdout, &["✗", &delivery, "It is `delivered`.", "1 of 1 left as they were.\n"]);

    for (n, arguments, state) in [
        (1, &["settle", "--delivered"][..], "delivered"),
        (2, &["settle", "--not-sent"], "cancelled"),
        (3, &["cancel"], "cancelled"),
    ] {
        operated.order("reset=true,times=1", &format!("200{n}"), &format!("551198765000{n}")).await;
        let held = operated.wait_for("held", 1).remove(0);
        let id = held["id"].as_str().unwrap();
        let arguments: Vec<&str> =
            [arguments[0], id].into_iter().chain(arguments[1..].iter().copied()).collect();
        let moved = operated.json(&arguments);
        assert_eq!(moved["moved"][0]["to"], state, "{moved}");
        assert_eq!(moved["refused"], serde_json::json!([]));
    }
    assert_eq!(operated.upstream.requests().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_held_is_released_when_that_is_confirmed() {
    let operated = Operated::start();
    for n in 1..=3 {
        operated.order("reset=true,times=1", &format!("100{n}"), &format!("551198765000{n}")).await;
        operated.wait_for("held", n);
    }
    assert_told(
        &operated.ask(&["status"]).exits(0).stdout,
        &["held       3 messages that may have arrived, or not\n", "gancho deliveries --state held\n"],
    );
    let shown = operated.ask(&["release", "--all", "--connection", "telegram"]).exits(1);
    assert_told(&shown.stdout, &["? held ", "3 messages held.\n"]);
    assert_told(&said(&shown), &["Say --yes"]);
    assert_eq!(
        operated.ask(&["release", "--all", "--connection", "outra", "--yes"]).exits(0).stdout,
        "None is held.\n"
    );
    operated.wait_for("held", 3);
    let one = operated.json(&["release", "--all", "--source", "pedidos", "--limit", "1", "--yes"]);
    assert_eq!((&one["moved"][0]["from"], &one["moved"][0]["to"]), (&"held".into(), &"pending".into()));
    operated.wait_for("held", 2);
    let rest = operated.json(&["cancel", "--all", "--yes"]);
    assert_eq!(rest["moved"].as_array().unwrap().len(), 2);
    operated.wait_for("cancelled", 2);
    operated.wait_for("delivered", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_waits_and_says_why() {
    let operated = Operated::start();
    let paused = operated.ask(&["pause", "--connection", "telegram", "--reason", "Talqui is down"]).exits(0);
    assert_told(
        &paused.stdout,
        &[
            "Paused. Webhooks are still taken in; nothing is lost.\n",
            "the connection telegram is paused: Talqui is down\n",
            "  gancho resume --connection telegram\n",
        ],
    );
    operated.order("", "1001", "5511987654321").await;
    operated.wait_for("pending", 1);
    assert_told(
        &operated.ask(&["events", "1001"]).exits(0).stdout,
        &[
            "· pending ",
            "It waits: the connection telegram is paused: Talqui is down\n",
            "    gancho resume --connection telegram\n",
        ],
    );
    assert_told(
        &operated.ask(&["status"]).exits(0).stdout,
        &[
            "? It is sending, but not what is paused.\n",
            "paused     the connection telegram",
            "waiting    1 message to be sent",
        ],
    );
    let misspelt = operated.ask(&["pause", "--connection", "telegran"]).exits(2);
    assert_told(&said(&misspelt), &["did you mean `telegram`?"]);
    let resumed = operated.json(&["resume", "--connection", "telegram"]);
    assert_eq!(resumed, serde_json::json!({ "changed": true, "paused": [] }));
    operated.wait_for("delivered", 1);

    assert_eq!(operated.json(&["pause", "--source", "pedidos"])["paused"][0]["kind"], "source");
    operated.ask(&["pause", "--all"]).exits(0);
    assert_told(&operated.ask(&["status"]).exits(0).stdout, &["✗ Nothing is sent: everything is paused.\n"]);
    operated.ask(&["resume", "--all"]).exits(0);
    assert_eq!(
        operated.ask(&["resume", "--source", "pedidos"]).exits(0).stdout,
        "Resumed. What waited is sent now.\n"
    );
    assert_eq!(operated.ask(&["resume", "--source", "pedidos"]).exits(0).stdout, "It was not paused.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_mapping_is_tried_on_what_it_failed_on() {
    let operated = Operated::start();
    operated.site.write("mappings/pedidos.yaml", &PEDIDOS.replace("$.texto", "$.text"));
    operated.gateway.wait_for_log("mapping taken over");
    operated.order("", "1001", "5511987654321").await;
    operated.gateway.wait_for_log("event parked");
    let still = operated.ask(&["replay", "--state", "unmapped"]).exits(1);
    assert_told(
        &still.stdout,
        &["The mapping of today makes no message of it either:", "1 webhook cannot be mapped yet."],
    );
    operated.site.write("mappings/pedidos.yaml", PEDIDOS);
    operated.gateway.wait_for_logs(2, "mapping taken over");

    let id = operated.json(&["events"])["events"][0]["id"].as_str().unwrap().to_owned();
    let shown = operated.ask(&["replay", &id]).exits(1);
    assert_told(
        &shown.stdout,
        &[
            "→ pedidos to 5511987654321 by telegram\n",
            &format!("  event {id}\n"),
            "  │ O pedido 1001 foi pago.\n",
            "1 webhook: 1 message would be sent, 0 not.\n",
        ],
    );
    assert_told(&said(&shown), &["Nothing was done: there is nobody to ask. Say --yes"]);
    assert_eq!(operated.upstream.requests().len(), 0);
    let foreseen =
        run(operated.site.gancho(&["replay", &id, "--json"]).args(["--url", &operated.url()])).exits(1);
    let foreseen: serde_json::Value = serde_json::from_str(&foreseen.stdout).unwrap();
    assert_eq!((&foreseen["would_send"], &foreseen["messages"][0]["would"]), (&1.into(), &"send".into()));

    let done = operated.ask(&["replay", "--source", "pedidos", "--since", "1h", "--yes"]).exits(0);
    assert_told(&done.stdout, &["✓ 1 webhook: 1 message on their way, 0 not sent, 0 webhooks not mapped.\n"]);
    operated.wait_for("delivered", 1);
    let again = operated.ask(&["replay", &id, "--yes"]).exits(0);
    assert_told(
        &again.stdout,
        &["– pedidos to 5511987654321 by telegram\n", "  not sent: ", "0 messages would be sent, 1 not.\n"],
    );
    let forced = operated.json(&["replay", &id, "--force", "--yes"]);
    assert_eq!(forced["sent"], 1);
    operated.wait_for("delivered", 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_forgotten_when_that_is_confirmed() {
    let operated = Operated::start();
    operated.held().await;
    let shown = operated.ask(&["erase", "--phone", "+55 11 98765-4321"]).exits(1);
    assert_told(
        &shown.stdout,
        &["1 webhook that this person is in", "1 message to this person, 1 of them not sent yet"],
    );
    assert_told(&said(&shown), &["there is nobody to ask"]);
    assert_eq!(operated.json(&["erase", "--phone", "5511987654321", "--dry-run"])["events"], 1);
    assert_eq!(
        operated
            .ask(&["events", "5511987654321"])
            .exits(0)
            .stdout
            .lines()
            .next()
            .unwrap()
            .split_whitespace()
            .next(),
        Some("pedidos")
    );
    let erased = operated.ask(&["erase", "--phone", "5511987654321", "--yes"]).exits(0);
    assert_told(&erased.stdout, &["Erased: 1 message, 1 webhook. 1 message will not be sent.\n"]);
    assert_told(
        &operated.ask(&["events", "5511987654321"]).exits(0).stdout,
        &["No webhook has `5511987654321`."],
    );
    assert_told(&operated.ask(&["events"]).exits(0).stdout, &["event ", "cancelled"]);
    assert_eq!(
        operated.ask(&["erase", "--phone", "5511987654321"]).exits(0).stdout,
        "There is nothing of this person.\n"
    );
    assert_told(&said(&operated.ask(&["erase", "--phone", "987"]).exits(2)), &["that is not a whole phone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_old_is_not_forgotten() {
    let operated = Operated::start();
    operated.order("", "1001", "5511987654321").await;
    operated.wait_for("delivered", 1);
    assert_eq!(operated.ask(&["prune"]).exits(0).stdout, "Nothing is older than it is kept.\n");
    let would = operated.json(&["prune", "--dry-run"]);
    assert_eq!((&would["dry_run"], &would["events"]), (&true.into(), &0.into()));
    operated.wait_for("delivered", 1);
}

/// The stop holds when the command returns: what was on its way ends, and nothing
/// follows it, however much waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_global_stop_holds_and_loses_nothing() {
    let operated = Operated::start();
    for n in 0..30 {
        // To one person, so that they go one after the other.
        operated.order("delay_ms=50", &format!("3{n:03}"), "5511987654321").await;
    }
    operated.upstream.wait_for(3).await;
    operated.ask(&["pause", "--all", "--reason", "wrong mapping"]).exits(0);
    operated.wait_for("in_flight", 0);
    let sent = operated.upstream.requests().len();
    operated.order("", "4000", "5511987650000").await;
    operated.ask(&["status"]).exits(0);
    assert_eq!(operated.upstream.requests().len(), sent, "nothing follows");
    assert!(sent < 30, "it came too late to prove anything");
    operated.ask(&["resume", "--all"]).exits(0);
    operated.upstream.wait_for(31).await;
    assert_eq!(operated.json(&["events", "--limit", "100"])["events"].as_array().unwrap().len(), 31);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_cancelled_together_where_that_is_said() {
    let operated = Operated::start();
    operated.ask(&["pause", "--connection", "telegram"]).exits(0);
    for n in 0..2 {
        operated.order("", &format!("500{n}"), &format!("551198765000{n}")).await;
    }
    operated.wait_for("pending", 2);
    assert_eq!(operated.ask(&["cancel", "--all", "--yes"]).exits(0).stdout, "None is held.\n");
    let cancelled = operated.json(&["cancel", "--all", "--state", "pending", "--yes"]);
    assert_eq!(cancelled["moved"].as_array().unwrap().len(), 2);
    operated.ask(&["resume", "--connection", "telegram"]).exits(0);
    operated.wait_for("cancelled", 2);
    assert!(operated.upstream.requests().is_empty());
}
