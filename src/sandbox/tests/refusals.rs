//! Requests that are not as documented.

use super::*;

/// Posts what the gateway's client never would. The places of the problems.
async fn refused(sandbox: &Sandbox, status: u16, request: reqwest::RequestBuilder) -> Vec<&'static str> {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), status);
    let told: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let requests = sandbox.requests();
    let last = requests.last().unwrap();
    assert_eq!((last.answered, &last.delivered), (Answered::Status(status), &None));
    assert_eq!(told["problems"], json!(last.problems), "what is told is what is recorded");
    last.problems.iter().map(|problem| problem.place).collect()
}

#[tokio::test]
async fn a_body_against_the_rules_is_refused_with_all_that_is_wrong() {
    let sandbox = sandbox();
    let client = plain();
    let post = |body: String| {
        let request = client.post(format!("{}/tenants/t/sessions", sandbox.url())).body(body);
        request
            .header("authorization", "PluginConnection x")
            .header("content-type", "Application/JSON; charset=utf-8")
    };
    let with = |changes: Value| {
        let mut body = json!(hello().body());
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.to_string()
    };
    let cloud = "urn:talqui:whatsapp-cloud:0";
    for (body, places) in [
        (
            "{}".to_owned(),
            vec!["channel", "pluginConnectionID", "contactExternalID", "messageKey", "messageValue"],
        ),
        (with(json!({"channel": "whatsapp", "messageValue": " "})), vec!["messageValue", "channel"]),
        (with(json!({"contactExternalID": 5, "messageKey": null})), vec!["contactExternalID", "messageKey"]),
        (with(json!({"channel": cloud})), vec!["campaignModelID", "sessionKind"]),
        (
            with(json!({"channel": cloud, "campaignModelID": "m", "sessionKind": "transactional"})),
            vec!["sessionKind"],
        ),
        (
            with(
                json!({"channel": cloud, "campaignModelID": "m", "sessionKind": "marketing", "campaignVariables": {}}),
            ),
            vec!["campaignVariables"],
        ),
        (with(json!({"channel": "urn:talqui:ifood:0", "sessionKind": "marketing"})), vec!["sessionKind"]),
        (with(json!({"contactFullName": 7, "sessionType": null})), vec!["contactFullName", "sessionType"]),
        ("[]".to_owned(), vec!["body"]),
        ("{\"channel\": ".to_owned(), vec!["body"]),
        (String::new(), vec!["body"]),
    ] {
        assert_eq!(refused(&sandbox, 400, post(body.clone())).await, places, "{body}");
    }
    assert_eq!(refused(&sandbox, 413, post(" ".repeat(1024 * 1024 + 1))).await, ["body"]);
    assert!(post(with(json!({"unknown": 1}))).send().await.unwrap().status().is_success());
}

#[tokio::test]
async fn the_address_the_method_and_the_credential_are_checked() {
    let sandbox = sandbox();
    let client = plain();
    let good = format!("{}/tenants/t/sessions", sandbox.url());
    let body = json!(hello().body()).to_string();
    let dress = |request: reqwest::RequestBuilder| {
        request.body(body.clone()).header("content-type", "application/json")
    };
    for path in ["/tenants/t", "/tenants//sessions", "/tenants/t/sessions/", "/v1/tenants/t/sessions", "/"] {
        let post = dress(client.post(sandbox.url() + path)).header("authorization", "PluginConnection x");
        assert_eq!(refused(&sandbox, 404, post).await, ["path"], "{path}");
    }
    let put = dress(client.put(&good)).header("authorization", "PluginConnection x");
    assert_eq!(refused(&sandbox, 405, put).await, ["method"]);
    for wrong in
        ["Bearer x", "pluginconnection x", "PluginConnection", "PluginConnection  x", "PluginConnection x y"]
    {
        let post = dress(client.post(&good)).header("authorization", wrong);
        assert_eq!(refused(&sandbox, 401, post).await, ["Authorization"], "{wrong}");
    }
    let twice = dress(client.post(&good)).header("authorization", "PluginConnection x");
    let twice = twice.header("authorization", "PluginConnection y");
    assert_eq!(refused(&sandbox, 401, twice).await, ["Authorization"]);
    assert_eq!(refused(&sandbox, 401, client.post(&good)).await, ["Authorization", "Content-Type", "body"]);
}

#[tokio::test]
async fn a_wrong_request_uses_no_fault_up() {
    let sandbox = sandbox();
    sandbox.set_fault(fault("status=503,times=1"));
    let post = plain().post(format!("{}/tenants/t/sessions", sandbox.url())).send().await.unwrap();
    assert_eq!(post.status(), 401);
    assert_eq!(greet(&sandbox).await.unwrap().status, 503);
}
