//! `gancho sandbox` and `gancho health`, the two commands for other programs.

use serde_json::Value;

use crate::running::{Running, run};
use crate::site::{Site, client, sandbox};

fn start(site: &Site, arguments: &[&str]) -> (Running, String) {
    let mut command = site.gancho(&["sandbox", "--listen", "127.0.0.1:0"]);
    let running = Running::start(command.args(arguments));
    let printed = running.wait_for_stdout("A stand-in Talqui at");
    let url = printed.lines().find_map(|line| line.strip_prefix("A stand-in Talqui at ")).unwrap();
    (running, url.to_owned())
}

async fn post(url: &str, authorization: &str, body: &str) -> u16 {
    let request = client().post(format!("{url}/tenants/t1/sessions"));
    let request = request.header("authorization", authorization).header("content-type", "application/json");
    request.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

const GOOD: &str = r#"{"channel":"urn:talqui:telegram:0","pluginConnectionID":"p",
    "contactExternalID":"c","messageKey":"text","messageValue":"Oi!"}"#;

#[tokio::test]
async fn it_records_refuses_and_makes_trouble_as_documented() {
    let site = Site::empty();
    let (sandbox, url) = start(&site, &["--success-status", "200", "--fault", "status=429,times=1"]);
    let secret = "um-token-que-ninguem-le";
    let credential = format!("PluginConnection {secret}");
    for (authorization, body, status) in [
        (credential.as_str(), GOOD, 429),
        (&credential, GOOD, 200),
        (&credential, GOOD, 200),
        ("Bearer abc", GOOD, 401),
        (&credential, r#"{"channel":"urn:talqui:telegram:0"}"#, 400),
        (&credential, "not json", 400),
    ] {
        assert_eq!(post(&url, authorization, body).await, status, "{authorization} {body}");
    }
    let recorded = client().get(format!("{url}/_sandbox/requests")).send().await.unwrap();
    let recorded: Value = serde_json::from_slice(&recorded.bytes().await.unwrap()).unwrap();
    let went_out: Vec<bool> =
        recorded["requests"].as_array().unwrap().iter().map(|r| !r["delivered"].is_null()).collect();
    assert_eq!(went_out, [false, true, true, false, false, false], "two alike are two messages");
    sandbox.signal("TERM");
    let ended = sandbox.end().exits(0);
    assert!(!(ended.all() + &recorded.to_string()).contains(secret));
    crate::demo::assert_fits(&ended.stdout);
}

#[test]
fn what_it_cannot_do_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, said) in [
        (["--listen", &taken], "The sandbox cannot listen on"),
        (["--success-status", "500"], "500 is not in 200..300"),
        (["--fault", "statsu=503"], "it looks like `status=503,times=2`"),
    ] {
        let ended = run(Site::empty().gancho(&["sandbox"]).args(arguments)).exits(2);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_an_exit_code() {
    let upstream = sandbox();
    let site = Site::with_pedidos(&upstream.url());
    let gateway = site.serve();
    let at = |path: &str| format!("http://{}{path}", gateway.admin());
    let (well, ready, absent) = (at("/healthz"), at("/readyz"), at("/nowhere"));
    let nobody = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/healthz", free.local_addr().unwrap())
    };
    for (url, code, said) in [
        (well.as_str(), 0, String::new()),
        (&ready, 0, String::new()),
        (&absent, 1, format!("gancho answers 404 Not Found at {absent}\n")),
        (&nobody, 1, format!("gancho does not answer at {nobody}: Connection refused (os error 111)\n")),
        ("here", 2, "`here` cannot be asked: relative URL without a base\n".to_owned()),
    ] {
        let ended = run(&mut site.gancho(&["health", "--url", url])).exits(code);
        assert_eq!(ended.all(), said);
    }
}
