//! Finding out what became of a webhook.

use super::{Operated, assert_told, said};

#[tokio::test(flavor = "multi_thread")]
async fn did_maria_get_the_message_for_order_1001() {
    let operated = Operated::start();
    let (event, delivery) = operated.held().await;
    operated.order("", "1002", "5511900000000").await;
    operated.wait_for("delivered", 1);
    let told = operated.ask(&["events", "maria", "1001"]).exits(0).stdout;
    assert_told(
        &told,
        &[
            "pedidos  1001 ",
            &format!("  event {event}\n"),
            "  ? held       pedidos to Maria Silva (5511987654321)\n    by telegram, since 20",
            ", 1 attempt\n",
            "    It may have arrived. Find out, then send it after all, or say what is so:\n",
            &format!("    gancho release {delivery}\n"),
            &format!("    gancho settle {delivery} --delivered | --not-sent\n"),
            &format!("The whole story of one: gancho event {event}\n"),
        ],
    );
    assert!(!told.contains("1002"), "{told}");
    let found = operated.json(&["events", "maria", "1001"]);
    assert_eq!(found["events"][0]["deliveries"][0]["state"], "held");
    assert_eq!(found["events"].as_array().unwrap().len(), 1);
    let none = operated.ask(&["events", "joana", "1001"]).exits(0).stdout;
    assert_eq!(
        none,
        "No webhook has all of this: joana, 1001.\nOne that was refused at the door is not here: gancho refused\n"
    );
    let delivered = operated.ask(&["events", "--key", "1002", "--since", "1h", "--limit", "1"]).exits(0);
    assert_told(&delivered.stdout, &["pedidos  1002", "✓ delivered  pedidos to Maria Silva (5511900000000)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn held_messages_are_listed_with_what_they_say() {
    let operated = Operated::start();
    let (event, delivery) = operated.held().await;
    let held = operated.json(&["deliveries", "--state", "held"]);
    let one = &held["deliveries"][0];
    assert_eq!((&one["id"], &one["event"]), (&delivery.as_str().into(), &event.as_str().into()));
    assert!(one.as_object().unwrap().contains_key("business_key"));
    assert_eq!(one["body"]["messageValue"], "O pedido 1001 foi pago.");
    assert_eq!(one["body"]["contactExternalID"], "5511987654321");
    let told = operated.ask(&["deliveries", "pago", "--state", "held"]).exits(0).stdout;
    assert_told(
        &told,
        &[
            "? held       pedidos to Maria Silva (5511987654321)\n  by telegram, since ",
            &format!("  of pedidos, event {event}\n  delivery {delivery}\n"),
            &format!("  gancho release {delivery}\n"),
        ],
    );
    assert_told(&operated.ask(&["deliveries", "--state", "dead"]).exits(0).stdout, &["No message is so.\n"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_told_whole() {
    let operated = Operated::start();
    let (event, delivery) = operated.held().await;
    let told = operated.ask(&["event", &event]).exits(0).stdout;
    assert_told(
        &told,
        &[
            "pedidos  1001 ",
            "  mapped 20",
            "of mappings/pedidos.yaml",
            "  request ",
            "  ? held ",
            &format!("    delivery {delivery}\n"),
            "    │ O pedido 1001 foi pago.\n",
            "    attempt 1, 20",
            ": unknown",
            &format!("    gancho release {delivery}\n"),
            &format!("\ngancho event {event} --json\n"),
        ],
    );
    let story = operated.json(&["event", &event]);
    assert_eq!(story["deliveries"][0]["attempts"][0]["verdict"], "unknown");
    assert!(story["webhook"]["body"].as_str().unwrap().contains("1001"));
    let nobody = operated.ask(&["event", "019cae0d-b400-7000-8000-000000000000"]).exits(1);
    assert_told(&said(&nobody), &["There is no event 019cae0d-b400-7000-8000-000000000000."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_mapped_says_what_to_mend() {
    let operated = Operated::start();
    let to = operated.gateway.public();
    let body = r#"{"id":"1001","texto":"Oi"}"#;
    let sign = crate::site::sign(crate::site::PEDIDOS_SECRET, body);
    let url = format!("http://{to}/hooks/pedidos");
    let request = crate::site::client().post(url).header("content-type", "application/json");
    assert_eq!(request.header("x-sign", sign).body(body).send().await.unwrap().status().as_u16(), 202);
    operated.gateway.wait_for_log("event parked");
    let event =
        operated.json(&["events", "--state", "unmapped"])["events"][0]["id"].as_str().unwrap().to_owned();
    assert_told(
        &operated.ask(&["events", "--state", "unmapped"]).exits(0).stdout,
        &[
            "  ✗ unmapped: its mapping made no message of it\n",
            "contato",
            "    Nothing was sent. Mend mappings/pedidos.yaml, look, and do it again:\n",
            &format!("    gancho try --event {event}\n    gancho replay {event}\n"),
        ],
    );
    assert_told(
        &operated.ask(&["status"]).exits(0).stdout,
        &["unmapped   1 webhook that could not be mapped\n", "           gancho events --state unmapped\n"],
    );
}
