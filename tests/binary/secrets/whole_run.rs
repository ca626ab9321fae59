//! A whole run of `serve`, with the sources, upstreams and mistakes that there
//! are: what it prints and what it keeps holds no secret, and at the default
//! level no log shows who got a message or what it said.

use std::net::SocketAddr;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::RequestBuilder;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::{PASTED, SOURCES, assert_hidden, site};
use crate::running::{Running, run};
use crate::site::{Site, client, sign};

/// A person, as the webhook has them, and what they read.
const PERSON: [&str; 5] = ["27991234567", "99123-4567", "Zuleide", "Quaresma", "chave-do-portal"];

#[tokio::test(flavor = "multi_thread")]
async fn text_logs_with_everything_in_them() {
    check_whole_run("text", Some("trace")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_logs_with_everything_in_them() {
    check_whole_run("json", Some("trace")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_logs_as_they_are_by_default() {
    check_whole_run("text", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_logs_as_they_are_by_default() {
    check_whole_run("json", None).await;
}

const ADMIN_TOKEN: &str = "token-do-operador-8Hq3";

/// What an operator is shown, with the right token and with a wrong one.
fn operated(site: &mut Site, admin: SocketAddr) -> String {
    let mut shown = String::new();
    for token in [ADMIN_TOKEN, PASTED[3]] {
        site.set("GANCHO_ADMIN_TOKEN", token);
        for command in [&["status"][..], &["events", "--limit", "100"], &["deliveries", "--json"]] {
            let ended = run(site.gancho(command).args(["--url", &format!("http://{admin}")]));
            assert_eq!(ended.code, Some(if token == ADMIN_TOKEN { 0 } else { 2 }), "{}", ended.stderr);
            shown += &ended.all();
        }
    }
    assert!(shown.contains("Zuleide"), "{shown}");
    shown
}

async fn check_whole_run(format: &str, level: Option<&str>) {
    let mut site = site(&echoing_upstream());
    site.set("GANCHO_ADMIN_TOKEN", ADMIN_TOKEN);
    if let Some(level) = level {
        site.set("GANCHO_LOG", level);
    }
    let gateway = Running::start(&mut site.gancho(&["serve", "--log", format]));
    traffic(gateway.public()).await;
    gateway.wait_for_logs(9, "webhook refused");
    gateway.wait_for_logs(6, "event parked");
    gateway.wait_for_logs(3, "delivered");
    for said in ["connection paused", "dead: ", "held: "] {
        gateway.wait_for_log(said);
    }
    let shown = operated(&mut site, gateway.admin());
    assert_hidden("what an operator is shown", &shown);
    site.write("mappings/cabecalho.yaml", &format!("secrets: [{}]\nsecrts: [{}]\n", PASTED[1], PASTED[2]));
    site.write("mappings/basico.yaml", &format!("secrets:\n  - {}\n", PASTED[0]));
    gateway.wait_for_log("mappings not taken over");
    gateway.signal("TERM");
    let ended = gateway.end().exits(0);
    assert_hidden("the output of serve", &ended.all());
    assert!(!(shown + &ended.all()).contains(ADMIN_TOKEN));
    assert_hidden("the store", &all_but_bodies(&site));
    if level.is_none() {
        PERSON.iter().for_each(|part| assert!(!ended.all().contains(part), "{part}: {}", ended.all()));
    }
}

/// Each source with a good webhook, its repeat, one that cannot be mapped, and
/// one with a wrong proof; then some with other wrong proofs.
async fn traffic(to: SocketAddr) {
    for (source, _, secret, _) in SOURCES {
        let phoneless =
            |id: &str| json!({ "id": id, "token": secret, "telefone": "99123-4567 x", "nome": "Zuleide" });
        let good = json!({ "id": "1", "token": secret, "telefone": "(27) 99123-4567", "nome": "Zuleide Quaresma",
            "texto": "Sua chave-do-portal chegou" });
        for (body, proof, accepted) in [
            (good.clone(), secret, true),
            (good, secret, true),
            (phoneless("2"), secret, true),
            (json!({ "id": "3", "token": PASTED[3] }), PASTED[3], false),
        ] {
            let answer = proven(to, source, proof, &body.to_string()).send().await.unwrap();
            assert_eq!(answer.status().is_success(), accepted, "{source}: {}", answer.status());
            assert_hidden(
                "an answer",
                &format!("{:?} {}", answer.headers().clone(), answer.text().await.unwrap()),
            );
        }
    }
    for (source, header, value) in [
        ("basico", "authorization", format!("Bearer {}", SOURCES[4].2)),
        ("cabecalho", "x-token", SOURCES[1].2.to_owned()),
        ("assinado", "x-sign", SOURCES[0].2.to_owned()),
    ] {
        let request = client().post(format!("http://{to}/hooks/{source}")).header(header, value).body("{}");
        assert_eq!(request.send().await.unwrap().status(), 401, "{source}");
    }
}

fn proven(to: SocketAddr, source: &str, secret: &str, body: &str) -> RequestBuilder {
    let post = |path: &str| client().post(format!("http://{to}/hooks/{source}{path}")).body(body.to_owned());
    match source {
        "assinado" => post("").header("x-sign", sign(secret, body)),
        "cabecalho" => post("").header("x-token", format!("Bearer {secret}")),
        "consulta" => post(&format!("?{}", serde_urlencoded::to_string([("token", secret)]).unwrap())),
        "basico" => post("").header("authorization", format!("Basic {}", STANDARD.encode(secret))),
        "endereco" if secret.contains('/') => post("/errado-errado-errado-5Gf5"),
        "endereco" => post(&format!("/{secret}")),
        _ => post(""),
    }
}

/// Answers with the status that the tenant's id ends with, and with the
/// credential that it got, written in the two ways that servers write it.
fn echoing_upstream() -> String {
    let echo = async |request: HttpRequest| {
        let tenant = request.path().split('/').nth(2).unwrap_or_default();
        let status: u16 = tenant[tenant.len() - 3..].parse().unwrap();
        let seen = request.headers().get("authorization").unwrap().to_str().unwrap();
        let body = format!(r#"{{"seen":"{seen}","escaped":"{}"}}"#, seen.replace('/', "\\/"));
        HttpResponse::build(status.try_into().unwrap()).content_type("application/json").body(body)
    };
    let server =
        HttpServer::new(move || App::new().default_service(web::to(echo))).workers(1).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    url
}

/// Every column of the store but the webhooks' bodies, which are kept as they came.
fn all_but_bodies(site: &Site) -> String {
    let conn = Connection::open_with_flags(site.store(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut columns = conn
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND (t.name, c.name) NOT IN (VALUES ('events', 'body'), ('refused', 'body'))",
        )
        .unwrap();
    let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let columns: Vec<(String, String)> = columns.map(Result::unwrap).collect();
    assert!(columns.contains(&("attempts".into(), "excerpt".into())));
    let mut all = String::new();
    for (table, column) in columns {
        let mut values = conn.prepare(&format!("SELECT {column} FROM {table}")).unwrap();
        let mut rows = values.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(0).unwrap() {
                all += &format!("{table}.{column}: {}\n", String::from_utf8_lossy(bytes));
            }
        }
    }
    assert!(all.contains("[token]") && all.contains("[secret]"), "nothing had to be taken out:\n{all}");
    all
}
