//! Who has the token may use the API, nobody else, and a token that is not set or
//! can be guessed is told about.

use std::sync::Arc;

use gancho::app::{Secrets, load};
use gancho::diagnostic::{Language, Palette, Problems, Sentence, render};
use gancho::event::{Secret, SecretRef};
use serde_json::{Value, json};

use super::{gateway, problem};
use crate::support::*;

async fn asked(gateway: &Gateway, path: &str, authorization: Option<&str>) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{}{path}", gateway.app.admin));
    let request =
        authorization.iter().fold(request, |request, value| request.header("authorization", *value));
    answer(request).await
}

#[tokio::test]
async fn only_the_token_opens_the_api() {
    let gateway = gateway().await;
    let token = SECRETS.iter().find(|(name, _)| *name == "GANCHO_ADMIN_TOKEN").unwrap().1;
    for right in [format!("Bearer {token}"), format!("bearer  {token}")] {
        assert_eq!(asked(&gateway, "/v1/status", Some(&right)).await.status, 200, "{right}");
    }
    for (wrong, code) in [
        (None, "token-missing"),
        (Some(String::new()), "token-wrong"),
        (Some(token.to_owned()), "token-wrong"),
        (Some("Bearer ".to_owned()), "token-wrong"),
        (Some(format!("Bearer {token}x")), "token-wrong"),
        (Some(format!("Bearer {}", &token[1..])), "token-wrong"),
        (Some(format!("Basic {token}")), "token-wrong"),
        (Some("é".to_owned()), "token-wrong"),
    ] {
        let answer = asked(&gateway, "/v1/status", wrong.as_deref()).await;
        assert_eq!(problem(&answer, 401)["code"], code, "{wrong:?}");
        assert_eq!(answer.headers.get("www-authenticate"), Some("Bearer realm=\"gancho\""));
        assert!(!answer.body.contains(token));
    }
    for open in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(asked(&gateway, open, None).await.status, 200, "{open}");
    }
}

#[tokio::test]
async fn without_a_token_the_api_is_closed_and_says_how_to_open_it() {
    let gateway = Gateway::start_with(&[("loja", &mapping(HMAC))], |setup| setup.admin_token = None).await;
    let closed = problem(&gateway.operator("GET /v1/status", &Value::Null).await, 503);
    assert_eq!(closed["code"], "admin-token-not-set");
    let said = closed["detail"].as_str().unwrap();
    assert!(said.contains("the environment variable GANCHO_ADMIN_TOKEN"), "{said}");
    assert!(!gateway.app.admin_api);
    for open in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(asked(&gateway, open, None).await.status, 200, "{open}");
    }
}

/// What is said of a configuration with this line, where the token is `token`.
fn loaded(line: &str, token: Option<&'static str>) -> (bool, String) {
    let setting = Setting::new(&[("loja", &mapping(HMAC))]);
    let file = setting.config_file();
    std::fs::write(&file, format!("{line}{}", std::fs::read_to_string(&file).unwrap())).unwrap();
    let secrets: Secrets = Arc::new(move |reference| match (reference, token) {
        (SecretRef::Env(name), _) if name != "GANCHO_ADMIN_TOKEN" && name != "ADMIN" => Ok(secret(name)),
        (_, Some(token)) => Ok(Secret::new(token)),
        (reference, None) => Err(Sentence::verbatim(format!("{reference} is not there"))),
    });
    let mut problems = Problems::default();
    let setup = load::setup(&file, &secrets, &mut problems);
    let has_token = setup.is_some_and(|setup| setup.admin_token.is_some());
    (has_token, render(&problems.sorted(), Palette::Plain, Language::English))
}

#[tokio::test]
async fn the_token_is_where_the_configuration_says_and_long_enough() {
    let long = Some("0123456789abcdef");
    assert_eq!(loaded("", long), (true, String::new()));
    assert_eq!(loaded("admin_token: env:ADMIN\n", long), (true, String::new()));
    assert_eq!(loaded("admin_token: file:/run/admin\n", long), (true, String::new()));
    // A variable that is not set closes the API, and is no mistake.
    assert_eq!(loaded("", None), (false, String::new()));
    assert_eq!(loaded("admin_token: env:ADMIN\n", None), (false, String::new()));
    for (line, token, said) in [
        (
            "",
            Some("0123456789abcde"),
            "`env:GANCHO_ADMIN_TOKEN` cannot be used: it has 15 characters, and at least 16",
        ),
        ("admin_token: env:ADMIN\n", Some("short"), "gancho.yaml:1:14"),
        ("", Some("0123456789 abcdef"), "it has spaces or characters"),
        ("admin_token: file:/run/admin\n", None, "file:/run/admin is not there"),
        ("admin_token: 0123456789abcdef\n", long, "error[bad-secret]"),
    ] {
        let (has_token, problems) = loaded(line, token);
        assert!(!has_token && problems.contains(said), "no `{said}` in:\n{problems}");
        assert!(!token.is_some_and(|token| problems.contains(token)), "{problems}");
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_in_all_its_mistakes() {
    let gateway = gateway().await;
    let answer = gateway.operator("GET /v1/events?sate=held&limit=501&since=yesterday", &Value::Null).await;
    let refused = problem(&answer, 400);
    assert_eq!(
        refused["errors"],
        json!([
            { "in": "sate", "detail": "there is no such name here; did you mean `state`?" },
            { "in": "limit", "detail": "it is a whole number from 1 to 500; `501` is not" },
            { "in": "since", "detail": "it is a moment such as 2026-03-02T12:00:00Z; `yesterday` is not" },
        ])
    );
    let answer = gateway.operator("GET /v1/events/1001", &Value::Null).await;
    assert_eq!(problem(&answer, 400)["errors"][0]["in"], "id");
    let body = json!({ "as": "sent", "wen": 1 });
    let answer = gateway.operator("POST /v1/deliveries/x/settle?a=b", &body).await;
    let names: Vec<Value> =
        problem(&answer, 400)["errors"].as_array().unwrap().iter().map(|fault| fault["in"].clone()).collect();
    assert_eq!(names, ["id", "a", "as", "wen"]);

    let large = json!({ "reason": "x".repeat(300_000), "everything": true });
    assert_eq!(problem(&gateway.operator("POST /v1/pause", &large).await, 413)["code"], "body-too-large");
    assert_eq!(gateway.ask("/v1/status").await["paused"], json!([]));

    let answer = gateway.operator("DELETE /v1/events", &Value::Null).await;
    assert_eq!(answer.headers.get("allow"), Some("GET"));
    problem(&answer, 405);
    problem(&gateway.operator("GET /v1/nothing", &Value::Null).await, 404);
}
