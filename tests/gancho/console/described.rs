//! `/openapi.json` is what is served: every operation of it is asked, every answer
//! is held against its schema, and neither has a key that the other has not.

use std::collections::BTreeSet;

use boon::{Compiler, Draft, Schemas};
use serde_json::{Value, json};

use super::{at_rest, held, order};
use crate::support::*;

/// The document, with every map of it closed: there, a key that it does not
/// have is allowed, so that a later version may have one.
async fn document(gateway: &Gateway) -> Value {
    let answer = gateway.get(gateway.app.admin, "/openapi.json").await;
    assert_eq!(answer.headers.get("content-type"), Some("application/json"));
    let mut document = serde_json::from_str(&answer.body).unwrap();
    close(&mut document);
    document
}

fn close(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.contains_key("properties") && map.get("type") == Some(&json!("object")) {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// What the document has against an answer to `asked`, such as
/// `GET /v1/events/{id}`.
#[track_caller]
fn assert_described(document: &Value, asked: &str, answer: &Answer) {
    let (method, path) = asked.split_once(' ').unwrap();
    let (status, kind) = (answer.status, answer.headers.get("content-type").unwrap());
    let kind = kind.split(';').next().unwrap();
    let escaped = |text: &str| text.replace('~', "~0").replace('/', "~1");
    let pointer = format!(
        "/paths/{}/{}/responses/{status}/content/{}/schema",
        escaped(path),
        method.to_lowercase(),
        escaped(kind)
    );
    assert!(document.pointer(&pointer).is_some(), "{asked} answers {status} with {kind}, which is not said");
    let body = match kind.ends_with("json") {
        true => serde_json::from_str(&answer.body).unwrap(),
        false => json!(answer.body),
    };
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource("http://gancho/openapi.json", document.clone()).unwrap();
    let escaped = pointer.replace('{', "%7B").replace('}', "%7D");
    let index = compiler.compile(&format!("http://gancho/openapi.json#{escaped}"), &mut schemas).unwrap();
    if let Err(why) = schemas.validate(&body, index) {
        panic!("{asked}, {status}: {why:#}\n{body:#}");
    }
}

fn operations(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        found.extend(
            methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    found
}

/// A gateway in which something is in every state that a short life has.
async fn lived_in() -> (Gateway, Value) {
    let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
    let held = held(&gateway).await;
    at_rest(&gateway, &order("1001", "maria", "Pedido 1001 pago"), 2).await;
    at_rest(&gateway, &order("1002", "joao", "Oi"), 3).await;
    let mut wrong = order("1003", "ana", "Oi");
    wrong.as_object_mut().unwrap().remove("contato");
    at_rest(&gateway, &wrong, 4).await;
    let mut ignored = order("1004", "ana", "Oi");
    ignored["via"] = json!("ninguém");
    at_rest(&gateway, &ignored, 5).await;
    gateway.setting.trouble("status=422,times=1");
    at_rest(&gateway, &order("1005", "bia", "Oi"), 6).await;
    (gateway, held)
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let (gateway, held) = lived_in().await;
    let document = document(&gateway).await;
    let (event, delivery) = (held["event"].as_str().unwrap(), held["id"].as_str().unwrap());
    let nothing = Value::Null;
    let foreseen = gateway.operator("POST /v1/replays", &json!({ "events": [event] })).await;
    let shown = serde_json::from_str::<Value>(&foreseen.body).unwrap()["confirm"].clone();
    let mut asked = BTreeSet::new();
    for (operation, id, body, status) in [
        ("GET /healthz", "", nothing.clone(), 200),
        ("GET /readyz", "", nothing.clone(), 200),
        ("GET /openapi.json", "", nothing.clone(), 200),
        ("GET /metrics", "", nothing.clone(), 200),
        ("POST /v1/pause", "", json!({ "connection": "vendas" }), 200),
        ("POST /v1/pause", "", json!({}), 400),
        ("GET /v1/status", "", nothing.clone(), 200),
        ("GET /v1/events", "", nothing.clone(), 200),
        ("GET /v1/events/{id}", event, nothing.clone(), 200),
        ("GET /v1/events/{id}", delivery, nothing.clone(), 404),
        ("GET /v1/deliveries", "", nothing.clone(), 200),
        ("GET /v1/deliveries/{id}", delivery, nothing.clone(), 200),
        ("GET /v1/deliveries/{id}", event, nothing.clone(), 404),
        ("POST /v1/deliveries/{id}/release", delivery, nothing.clone(), 200),
        ("POST /v1/deliveries/{id}/settle", delivery, json!({ "as": "delivered" }), 409),
        ("POST /v1/deliveries/{id}/settle", delivery, json!({ "as": "gone" }), 400),
        ("POST /v1/deliveries/{id}/cancel", event, nothing.clone(), 404),
        ("POST /v1/replays", "", json!({ "filter": { "source": "loja" } }), 200),
        ("POST /v1/replays", "", json!({ "events": [event], "confirm": "not what was shown" }), 409),
        ("POST /v1/replays", "", json!({ "events": [event], "confirm": shown }), 200),
        ("POST /v1/replays", "", json!({ "filter": { "limit": 1 } }), 400),
        ("POST /v1/prune", "", json!({ "dry_run": true }), 200),
        ("POST /v1/prune", "", nothing.clone(), 200),
        ("POST /v1/erase", "", json!({ "phone": "5511987654321", "dry_run": true }), 200),
        ("POST /v1/erase", "", json!({ "phone": "5511987654321" }), 200),
        ("POST /v1/erase", "", json!({ "phone": "maria" }), 400),
        ("POST /v1/resume", "", json!({ "connection": "vendas" }), 200),
    ] {
        let answer = gateway.operator(&operation.replace("{id}", id), &body).await;
        assert_eq!(answer.status, status, "{operation}: {}", answer.body);
        assert_described(&document, operation, &answer);
        asked.insert(operation.to_owned());
        if operation.ends_with("release") {
            gateway.rest(6).await;
        }
    }
    // The only one that has no end.
    asked.insert("GET /v1/tail".to_owned());
    assert_eq!(asked, operations(&document));
}

#[tokio::test]
async fn what_happens_is_told_line_by_line() {
    let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
    let document = document(&gateway).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = String::from_utf8(secret("GANCHO_ADMIN_TOKEN").expose().to_vec()).unwrap();
    let url = format!("http://{}/v1/tail", gateway.app.admin);
    let mut told = client.get(url).bearer_auth(token).send().await.unwrap();
    // The first line is empty: from here on everything is heard.
    assert_eq!(told.chunk().await.unwrap().unwrap(), "\n");
    at_rest(&gateway, &order("1001", "maria", "Pedido 1001 pago"), 1).await;
    let mut heard = Vec::new();
    let mut begun = String::new();
    while heard.last().is_none_or(|what| what != "delivered") {
        begun += std::str::from_utf8(&told.chunk().await.unwrap().unwrap()).unwrap();
        while let Some((line, rest)) = begun.split_once('\n') {
            let headers = [("content-type", "application/x-ndjson; charset=utf-8")].into_iter().collect();
            let answer = Answer { status: 200, headers, body: line.to_owned() };
            begun = rest.to_owned();
            assert_described(&document, "GET /v1/tail", &answer);
            assert!(!answer.body.contains("maria"), "{}", answer.body);
            let happening: Value = serde_json::from_str(&answer.body).unwrap();
            heard.push(happening["what"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(heard, ["accepted", "planned", "delivered"]);
}

/// The refusals that any of them has.
#[tokio::test]
async fn every_refusal_is_described() {
    let gateway = Gateway::start(&[]).await;
    let closed = Gateway::start_with(&[], |setup| setup.admin_token = None).await;
    let document = document(&gateway).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut guarded = 0;
    for operation in operations(&document) {
        let (method, path) = operation.split_once(' ').unwrap();
        let security = &document["paths"][path][method.to_lowercase()]["security"];
        if !security.is_null() {
            assert_eq!(*security, json!([]));
            continue;
        }
        for (gateway, status) in [(&gateway, 401), (&closed, 503)] {
            let url = format!("http://{}{}", gateway.app.admin, path.replace("{id}", "x"));
            let answer = answer(client.request(method.parse().unwrap(), url)).await;
            assert_eq!(answer.status, status, "{operation}");
            assert_described(&document, &operation, &answer);
        }
        let asked = format!("{method} {}?nonsense=1", path.replace("{id}", "x"));
        let answer = gateway.operator(&asked, &Value::Null).await;
        assert_eq!(answer.status, 400, "{operation}");
        assert_described(&document, &operation, &answer);
        guarded += 1;
    }
    assert!(guarded > 8, "{guarded}");
}

#[tokio::test]
async fn the_document_is_whole_in_itself() {
    let gateway = Gateway::start(&[]).await;
    let document = document(&gateway).await;
    assert_eq!(
        (&document["openapi"], &document["info"]["version"]),
        (&json!("3.1.0"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name), "{method} {path} has the name of another");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_path = parameters.clone().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{path}");
            for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
                assert!(parameter["description"].is_string(), "{path} {}", parameter["name"]);
            }
        }
    }
    let text = document.to_string();
    let mut referred: BTreeSet<&str> =
        text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(referred.remove(name.as_str()), "nothing answers with {name}");
    }
    assert!(referred.is_empty(), "{referred:?}");
}
