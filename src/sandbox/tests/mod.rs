//! The sandbox over real HTTP: through the gateway's own client where that can
//! send the thing, and through a plain one where it cannot.

mod faults;
mod refusals;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::delivery::{Answer, Sent};
use crate::event::{Secret, Timestamp};
use crate::session::{Channel, Destination, SessionStart};
use crate::talqui::{Talqui, Timeouts};

const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);
const LONG: Duration = Duration::from_secs(30);
const TOKEN: &str = "tok_live_4f1c";
const TENANT: &str = "8f14e45f/ção";

fn config() -> SandboxConfig {
    SandboxConfig::new(([127, 0, 0, 1], 0).into(), std::sync::Arc::new(|| NOW))
}

fn sandbox() -> Sandbox {
    Sandbox::start(config()).unwrap()
}

fn talqui(sandbox: &Sandbox, total: Duration) -> Talqui {
    Talqui::new(&sandbox.url(), Timeouts { connect: LONG, total }).unwrap()
}

fn start(urn: &str, fields: Value) -> SessionStart {
    let to = Destination {
        tenant_id: TENANT.into(),
        plugin_connection_id: "pc-1".into(),
        channel: urn.parse::<Channel>().unwrap(),
    };
    SessionStart::build(fields.as_object().unwrap().clone(), &to).unwrap()
}

fn hello() -> SessionStart {
    let fields = json!({"contactExternalID": "5527999998888", "messageValue": "Olá, Ana!"});
    start("urn:talqui:whatsapp-internal:0", fields)
}

async fn send(talqui: &Talqui, start: &SessionStart) -> Answer {
    talqui.send(TENANT, &Secret::new(TOKEN), start, NOW).await
}

/// Sends a hello through a client of its own.
async fn greet(sandbox: &Sandbox) -> Answer {
    send(&talqui(sandbox, LONG), &hello()).await
}

fn fault(text: &str) -> InjectedFault {
    text.parse().unwrap()
}

fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn every_channel_is_accepted_and_delivers_what_the_person_reads() {
    let sandbox = sandbox();
    let client = talqui(&sandbox, LONG);
    for (urn, fields, text) in [
        (
            "urn:talqui:whatsapp-cloud:0",
            json!({"contactExternalID": "5527999998888", "messageValue": "um rótulo", "campaignModelID": "m-7"}),
            "[model m-7]",
        ),
        (
            "urn:talqui:whatsapp-internal:0",
            json!({"contactExternalID": "5527999998888", "contactFullName": "Ana", "messageValue": "Olá, Ana!"}),
            "Olá, Ana!",
        ),
        ("urn:talqui:ifood:0", json!({"contactExternalID": 4821, "messageValue": "Saiu!"}), "Saiu!"),
        (
            "urn:talqui:telegram:0",
            json!({"contactExternalID": "@ana", "messageValue": "Oi", "of_a_plugin": {"deep": [1]}}),
            "Oi",
        ),
    ] {
        let start = start(urn, fields);
        let reply = send(&client, &start).await.unwrap();
        let requests = sandbox.requests();
        let last = requests.last().unwrap();
        let delivered = last.delivered.as_ref().unwrap();
        assert_eq!((reply.status, reply.session_id.as_ref()), (201, Some(&delivered.session_id)), "{urn}");
        assert_eq!((delivered.text.as_str(), last.tenant_id.as_deref()), (text, Some(TENANT)));
        assert_eq!(last.body, json!(start.body()));
        assert_eq!((last.problems.as_slice(), last.answered), ([].as_slice(), Answered::Status(201)));
    }
    sandbox.stop().await.unwrap();
}

#[tokio::test]
async fn two_alike_are_two_messages_to_one_contact() {
    let sandbox = sandbox();
    let client = talqui(&sandbox, LONG);
    for _ in 0..2 {
        send(&client, &hello()).await.unwrap();
    }
    let other = json!({"contactExternalID": "5527999990000", "messageValue": "Olá, Ana!"});
    send(&client, &start("urn:talqui:whatsapp-internal:0", other)).await.unwrap();
    let requests = sandbox.wait_for(3).await;
    let delivered: Vec<&Delivered> = requests.iter().filter_map(|r| r.delivered.as_ref()).collect();
    assert_eq!(delivered[0].contact_id, delivered[1].contact_id);
    assert_ne!(delivered[0].session_id, delivered[1].session_id);
    assert_ne!(delivered[0].message_id, delivered[1].message_id);
    assert_ne!(delivered[0].contact_id, delivered[2].contact_id);
    assert_eq!(requests.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn a_success_has_the_status_and_the_shape_that_were_asked_for() {
    for (status, success_body, has_id) in [
        (200, SuccessBody::Session, true),
        (202, SuccessBody::Envelope, true),
        (201, SuccessBody::Empty, false),
        (204, SuccessBody::Envelope, false),
    ] {
        let sandbox =
            Sandbox::start(SandboxConfig { success_status: status, success_body, ..config() }).unwrap();
        let reply = greet(&sandbox).await.unwrap();
        assert_eq!((reply.status, reply.session_id.is_some()), (status, has_id));
    }
    let error = Sandbox::start(SandboxConfig { success_status: 302, ..config() }).unwrap_err();
    assert!(error.to_string().contains("must be 200 to 299"), "{error}");
}

#[tokio::test]
async fn no_token_is_ever_shown() {
    let sandbox = sandbox();
    greet(&sandbox).await.unwrap();
    let post = plain().post(format!("{}/tenants/t/sessions", sandbox.url()));
    post.header("authorization", TOKEN).send().await.unwrap();
    let listed = plain().get(format!("{}/_sandbox/requests", sandbox.url())).send().await.unwrap();
    let listed = String::from_utf8(listed.bytes().await.unwrap().to_vec()).unwrap();
    let printed = format!("{:?}", sandbox.requests());
    for text in [&listed, &printed] {
        assert!(!text.contains("4f1c") && !text.contains("tok_"), "{text}");
    }
    let masks: Vec<_> = sandbox.requests().iter().map(|r| r.authorization.clone().unwrap()).collect();
    assert_eq!(masks[0].strip_prefix("PluginConnection"), masks[1].strip_prefix("[unknown scheme]"));
}

#[tokio::test]
async fn the_controls_work_from_outside() {
    let sandbox = sandbox();
    let at = |path: &str| format!("{}/_sandbox{path}", sandbox.url());
    let faults = r#" [{"status": 500, "times": 1}, {"status": 502, "times": 1}]"#;
    assert_eq!(plain().post(at("/faults")).body(faults).send().await.unwrap().status(), 204);
    for status in [500, 502, 201] {
        assert_eq!(greet(&sandbox).await.unwrap().status, status);
    }
    let one = plain().post(at("/faults")).body(r#"{"reset": true}"#).send().await.unwrap();
    assert_eq!(one.status(), 204);
    assert_eq!(plain().post(at("/faults")).body("[]").send().await.unwrap().status(), 204);
    assert_eq!(greet(&sandbox).await.unwrap().status, 201);

    let wrong = plain().post(at("/faults")).body(r#"{"status": 99}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("must be 200 to 599"));

    let page = plain().get(at("/requests?after=1&limit=2")).send().await.unwrap();
    let page: Value = serde_json::from_slice(&page.bytes().await.unwrap()).unwrap();
    assert_eq!((&page["recorded"], &page["forgotten"]), (&json!(4), &json!(0)));
    assert_eq!(page["requests"].as_array().unwrap().len(), 2);
    let second = &page["requests"][0];
    assert_eq!((&second["number"], &second["answered"]), (&json!(2), &json!({"status": 502})));
    assert_eq!(second["received_at"], "2026-03-02T12:00:00.000Z");
    assert_eq!(second["body"], json!(hello().body()));

    assert_eq!(plain().delete(at("/requests")).send().await.unwrap().status(), 204);
    assert!(sandbox.requests().is_empty());
    assert_eq!(plain().get(at("/nothing")).send().await.unwrap().status(), 404);
    assert_eq!(plain().get(at("")).send().await.unwrap().text().await.unwrap(), WHAT_IT_CANNOT_PROVE);
    assert!(sandbox.requests().is_empty(), "its own addresses are not recorded");
}

#[tokio::test]
async fn after_a_stop_nobody_listens() {
    let sandbox = sandbox();
    greet(&sandbox).await.unwrap();
    let client = talqui(&sandbox, LONG);
    sandbox.stop().await.unwrap();
    assert_eq!(send(&client, &hello()).await.unwrap_err().sent, Sent::No);
}
