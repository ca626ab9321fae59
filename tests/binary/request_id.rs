//! One name for a request, from the answer to its sender to the line about the
//! attempt that came of it.

use serde_json::Value;

use crate::running::Running;
use crate::site::{Site, order, sandbox};

/// The fields of each line of a JSON log that has this message.
fn lines(log: &str, message: &str) -> Vec<Value> {
    let fields =
        log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON")["fields"].take());
    fields.filter(|fields| fields["message"] == message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_one_name_from_its_answer_to_its_attempt() {
    let upstream = sandbox();
    let site = Site::with_pedidos(&upstream.url());
    let gateway = Running::start(&mut site.gancho(&["serve", "--log", "json"]));
    let to = gateway.public();
    let header = |answer: &reqwest::Response| answer.headers()["x-request-id"].to_str().unwrap().to_owned();

    let made = header(&order(to, "1", "c1", "Oi!").send().await.unwrap());
    assert_eq!(uuid::Uuid::parse_str(&made).unwrap().get_version_num(), 7);
    let taken_over = order(to, "2", "c2", "Oi!").header("x-request-id", "proxy-7/a=b");
    assert_eq!(header(&taken_over.send().await.unwrap()), "proxy-7/a=b");
    // Nobody writes into the log by a header.
    for odd in ["", "a b", "é", &"x".repeat(65)] {
        let answer = order(to, "2", "c2", "Oi!").header("x-request-id", odd).send().await.unwrap();
        assert_eq!(header(&answer).len(), 36, "{odd}");
    }
    let refused = order(to, "3", "c3", "Oi!").header("x-sign", "00").header("x-request-id", "r3");
    let refused = refused.send().await.unwrap();
    assert_eq!((refused.status().as_u16(), header(&refused).as_str()), (401, "r3"));

    gateway.wait_for_logs(2, "\"delivered\"");
    gateway.signal("TERM");
    let log = gateway.end().exits(0).stderr;
    for message in ["webhook accepted", "event planned", "delivered"] {
        let named: Vec<Value> = lines(&log, message).iter().map(|fields| fields["request"].clone()).collect();
        assert_eq!(named, [made.as_str(), "proxy-7/a=b"], "{message}");
    }
    let refusals = log.lines().filter(|line| line.contains("webhook refused"));
    assert!(
        refusals.clone().count() == 1 && refusals.clone().all(|line| line.contains("\"request\":\"r3\""))
    );
}
