//! Nothing that is printed or kept beside the bodies shows a secret: not with
//! every log line there is, not when an upstream echoes the credential, not when
//! it is pasted where its name belongs. And at the default level no log shows
//! who got a message or what it said.

use std::net::SocketAddr;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reqwest::RequestBuilder;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::running::{Running, run};
use crate::site::{Site, client, sign};

/// Each source: its name, its scheme, its secret, and the connection it uses.
/// The slashes are there because some servers escape them.
const SOURCES: [(&str, &str, &str, &str); 6] = [
    (
        "assinado",
        r#"{ scheme: hmac, signature: { from: "header:X-Sign", encoding: hex } }"#,
        "seg/assin+ado-1Qw9Zr",
        "boa",
    ),
    (
        "cabecalho",
        r#"{ scheme: static, from: "header:X-Token", prefix: "Bearer " }"#,
        "seg/cabec+alho-2We8Xt",
        "c401",
    ),
    ("consulta", r#"{ scheme: static, from: "query:token" }"#, "seg/consul+ta-3Er7Cy", "c400"),
    ("corpo", "{ scheme: static, from: $.token }", "seg/corp+o-4Rt6Vu", "c500"),
    ("basico", "{ scheme: basic }", "usuario:seg/basi+co-5Ty5Bi", "boa"),
    ("endereco", "{ scheme: none }", "segredo-ender_eco-6Yu4No", "boa"),
];
/// Each connection: its name, and its token. The name is what the upstream answers.
const CONNECTIONS: [(&str, &str); 4] = [
    ("boa", "tok/boa+7Ui3Mp"),
    ("c401", "tok/quatro+um-8Io2Qa"),
    ("c400", "tok/quatro+zero-9Op1Ws"),
    ("c500", "tok/cinco+0Pa0Ed"),
];
/// Never in use: written into files by mistake, or tried by somebody else.
const PASTED: [&str; 4] = ["@col/ado+1Lk9Mn", "col/ado+2Kj8Bv", "col/ado+3Jh7Cx", "err/ado+4Hg6Zs"];
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

async fn check_whole_run(format: &str, level: Option<&str>) {
    let mut site = site(&echoing_upstream());
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
    site.write("mappings/cabecalho.yaml", &format!("secrets: [{}]\nsecrts: [{}]\n", PASTED[1], PASTED[2]));
    site.write("mappings/basico.yaml", &format!("secrets:\n  - {}\n", PASTED[0]));
    gateway.wait_for_log("mappings not taken over");
    gateway.signal("TERM");
    let ended = gateway.end().exits(0);
    assert_hidden("the output of serve", &ended.all());
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

fn site(upstream: &str) -> Site {
    let mut site = Site::empty();
    let mut config = format!(
        "listen: {{ public: 127.0.0.1:0, admin: 127.0.0.1:0 }}\ntalqui: {{ base_url: \"{upstream}\" }}\nconnections:\n"
    );
    for (name, token) in CONNECTIONS {
        site.set(&format!("TOKEN_{name}"), token);
        let status = name.strip_prefix('c').unwrap_or("201");
        config += &format!(
            "  {name}: {{ tenant_id: 7d1f0c52-0000-4000-8000-000000000{status}, plugin_connection_id: \
             5b2e9a40-0000-4000-8000-000000000004, channel: urn:talqui:whatsapp-internal:0, token: env:TOKEN_{name} }}\n"
        );
    }
    site.write("gancho.yaml", &config);
    for (source, verify, secret, connection) in SOURCES {
        site.set(&format!("SECRET_{source}"), secret);
        let mapping = format!(
            "verify: {verify}\nsecrets: [env:SECRET_{source}]\nevent: {{ id: $.id }}\nvalues:\n  telefone: {{ from: \
             $.telefone, as: phone }}\n  nome: $.nome\n  texto: $.texto\nconnection: {connection}\nsession:\n  \
             contactExternalID: \"{{{{ telefone }}}}\"\n  contactFullName: \"{{{{ nome }}}}\"\n  messageValue: \
             \"{{{{ texto }}}}\"\n"
        );
        site.write(&format!("mappings/{source}.yaml"), &mapping);
    }
    site
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
             WHERE t.type = 'table' AND (t.name, c.name) <> ('events', 'body')",
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

/// How a secret may be written, whole, and its beginning and end as they are.
fn forms(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let url = serde_urlencoded::to_string([("", secret)]).unwrap();
    vec![
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex.to_uppercase(),
        hex,
        url.trim_start_matches('=').to_owned(),
        secret.replace('/', "\\/"),
        secret[..10].to_owned(),
        secret[secret.len() - 8..].to_owned(),
    ]
}

/// The first form of a secret that is in `text`.
fn found(text: &str) -> Option<String> {
    let secrets = SOURCES.iter().map(|source| source.2).chain(CONNECTIONS.map(|(_, token)| token));
    secrets.chain(PASTED).flat_map(forms).find(|form| text.contains(form.as_str()))
}

#[track_caller]
fn assert_hidden(place: &str, text: &str) {
    if let Some(form) = found(text) {
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(&form)).collect();
        panic!("`{form}` is in {place}:\n{}", lines.join("\n"));
    }
}

#[test]
fn every_form_would_be_found() {
    for form in SOURCES.iter().flat_map(|source| forms(source.2)) {
        assert!(found(&format!("a {form} b")).is_some(), "{form}");
    }
    assert_eq!(found("nothing"), None);
}

/// Pasted in a configuration, in every style of YAML, also one that is none.
#[test]
fn a_pasted_secret_is_not_shown_by_who_refuses_it() {
    let (at, plain) = (PASTED[0], PASTED[1]);
    for connection in [
        format!("\n    token: {plain}"),
        format!("\n    tokne: {plain}"),
        format!("\n    token: {at}"),
        format!("\n    token: \"{plain}"),
        format!("\n    token: *{plain}"),
        format!("\n    token: &{plain} x"),
        format!("\n    token: !{plain} x"),
        format!("\n    token: [{plain}, {plain}]"),
        format!("\n    token: env:{plain}"),
        format!(" {{ tenant_id: a b, chanel: x, token: {plain} }}"),
    ] {
        let site = site("https://t.example");
        site.write("gancho.yaml", &format!("connections:\n  boa:{connection}\n"));
        for command in ["serve", "check"] {
            let ended = run(&mut site.gancho(&[command])).exits(2);
            assert_hidden(command, &ended.all());
            assert!(ended.all().contains("--> gancho.yaml:"), "{}", ended.all());
        }
    }
}

#[test]
fn unset_and_unusable_secrets_are_named_and_not_shown() {
    let mut site = site("https://t.example");
    site.unset("SECRET_corpo");
    // No colon in what HTTP Basic takes; a slash in what becomes an address.
    site.set("SECRET_basico", PASTED[1]).set("SECRET_endereco", PASTED[2]);
    let ended = run(&mut site.gancho(&["serve"])).exits(2);
    for said in
        ["`SECRET_corpo` is not set", "`env:SECRET_basico` cannot be used", "`env:SECRET_endereco` cannot"]
    {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    assert_hidden("the output of serve", &ended.all());
    site.write("body.json", "{\"id\": \"1\"}");
    let header = format!("X-Token: Bearer {}", SOURCES[1].2);
    for arguments in [&["check"][..], &["try", "cabecalho", "body.json", "-H", &header]] {
        assert_hidden(arguments[0], &run(&mut site.gancho(arguments)).all());
    }
}

/// The demo makes its secrets up: 32 letters and digits, as nothing else is.
#[test]
fn the_demo_shows_none_of_its_own() {
    let mut site = Site::empty();
    site.set("GANCHO_LOG", "trace");
    let ended = run(&mut site.gancho(&["demo", "--once"])).exits(0);
    let all = ended.all();
    let words = all.split(|c: char| !c.is_ascii_alphanumeric());
    assert_eq!(words.filter(|word| word.len() == 32).collect::<Vec<_>>(), [""; 0]);
}
