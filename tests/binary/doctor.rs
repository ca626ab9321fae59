//! `gancho verify`, `sign` and `send`, and what `gancho refused` and `handshakes`
//! tell beside a running gateway.

use serde_json::Value;

use crate::running::{Ended, run};
use crate::site::{Site, sandbox};

const SECRET: &str = "segredo-de-teste-c0ffee";

fn signed(site: &Site) -> String {
    let said = run(&mut site.gancho(&["sign", "shopify", "--secret", SECRET, "corpo.json"])).exits(0).stdout;
    let line = said.lines().find(|line| line.contains("x-shopify-hmac-sha256")).unwrap();
    line.trim().trim_end_matches(" \\").trim_start_matches("-H ").trim_matches('\'').to_owned()
}

fn verify(site: &Site, arguments: &[&str]) -> Ended {
    let ended = run(site.gancho(&["verify", "shopify", "--secret", SECRET]).args(arguments));
    for said in [&ended.stdout, &ended.stderr] {
        assert!(!said.contains(SECRET), "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
    }
    ended
}

fn site() -> Site {
    let site = Site::empty();
    site.write("corpo.json", r#"{"id":1,"nome":"Zé"}"#);
    site
}

#[test]
fn the_doctor_says_what_is_wrong_and_never_what_would_be_right() {
    let site = site();
    let header = signed(&site);
    let right = verify(&site, &["-H", &header, "corpo.json"]).exits(0).stdout;
    assert!(right.ends_with("✓ the request is believed\n\nverified\n"), "{right}");
    assert!(!right.contains(header.split(": ").nth(1).unwrap()));

    site.write("outro.json", r#"{"id": 1, "nome": "Zé"}"#);
    let changed = verify(&site, &["-H", &header, "outro.json"]).exits(1).stdout;
    assert!(
        changed.contains("\nrefused: signature-mismatch\nFound it: the body was read and written again"),
        "{changed}"
    );
    assert!(!changed.contains(header.split(": ").nth(1).unwrap()));

    let bare = verify(&site, &["corpo.json"]).exits(1).stdout;
    assert!(bare.contains("refused: signature-missing\n") && bare.contains("-H 'Name: value'"), "{bare}");
    let json: Value =
        serde_json::from_str(&verify(&site, &["--json", "corpo.json"]).exits(1).stdout).unwrap();
    assert_eq!((json["verified"].clone(), json["code"].clone()), (false.into(), "signature-missing".into()));

    for usage in [
        run(&mut site.gancho(&["verify", "shopfy", "--secret", "x", "corpo.json"])),
        run(&mut site.gancho(&["verify", "shopify", "corpo.json"])),
        run(&mut site.gancho(&["verify", "shopify", "--secret", "x", "nada.json"])),
        run(&mut site.gancho(&["verify", "tiktok-shop", "--secret", "x", "corpo.json"])),
        run(&mut site.gancho(&["verify", "shopify", "--secret", "env:NAO_EXISTE", "corpo.json"])),
        run(&mut site.gancho(&["verify", "shopify", "--secret", "x", "--at", "ontem", "corpo.json"])),
    ] {
        let usage = usage.exits(2);
        assert!(usage.stdout.is_empty() && !usage.stderr.is_empty(), "{}", usage.stderr);
    }
}

#[test]
fn what_cannot_be_signed_here_is_said() {
    let site = site();
    let key = "cf0f4bca0fecdfe12c1c2120f9795ba75104a7143adde0f822339a94c6e44c53";
    let ended = run(&mut site.gancho(&["sign", "discord", "--secret", key, "corpo.json"])).exits(1);
    assert!(ended.stderr.contains("private key"), "{}", ended.stderr);
    site.write("token.json", r#"{"nome":"Zé"}"#);
    let inside = run(&mut site.gancho(&["sign", "perfectpay", "--secret", "tok", "token.json"])).exits(2);
    assert!(inside.stderr.contains("--out FILE"), "{}", inside.stderr);
    let out = ["sign", "perfectpay", "--secret", "tok", "--out", "assinado.json", "token.json"];
    let said = run(&mut site.gancho(&out)).exits(0).stdout;
    assert!(said.contains("--data-binary '@assinado.json'"), "{said}");
    assert_eq!(
        std::fs::read_to_string(site.path().join("assinado.json")).unwrap(),
        r#"{"nome":"Zé","token":"tok"}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_request_reaches_a_gateway_and_a_wrong_one_is_explained() {
    let upstream = sandbox();
    let mut site = Site::with_pedidos(&upstream.url());
    site.write("pedido.json", r#"{"id":"p-1","contato":"5527999998888","texto":"Oi!"}"#);
    let gateway = site.serve();
    let to = format!("http://{}", gateway.public());
    let send = |site: &Site, to: &str| run(&mut site.gancho(&["send", "pedidos", "pedido.json", "--to", to]));
    let sent = send(&site, &to).exits(0).stdout;
    assert!(sent.starts_with("202 Accepted\n{\"event\":"), "{sent}");
    let whole = send(&site, &format!("{to}/hooks/pedidos")).exits(0);
    assert!(whole.stdout.starts_with("202"), "{}", whole.stdout);

    site.set("PEDIDOS_SECRET", "outro-segredo-inteiramente");
    let refused = send(&site, &to).exits(1).stdout;
    assert!(refused.starts_with("401 Unauthorized\n") && refused.contains("gancho refused"), "{refused}");
    let listed = run(&mut site.gancho(&["refused"])).exits(0).stdout;
    assert!(listed.contains("  pedidos  signature-mismatch\n"), "{listed}");
    let shown = run(&mut site.gancho(&["refused", "pedidos", "--show", "1"])).exits(0).stdout;
    assert!(
        shown.contains("✓ a signature in the header") && shown.contains("POST /hooks/pedidos\n"),
        "{shown}"
    );
    assert!(shown.contains(r#""id":"p-1""#), "{shown}");
    assert!(!listed.contains("outro-segredo") && !shown.contains("outro-segredo"));
    assert_eq!(run(&mut site.gancho(&["handshakes"])).exits(0).stdout, "No handshake was made.\n");
    let busy = run(&mut site.gancho(&["handshakes", "pedidos", "--forget"])).exits(2).stderr;
    assert!(busy.contains("in use"), "{busy}");
    gateway.signal("TERM");
    gateway.end().exits(0);
    let nobody = send(&site, &to).exits(1).stderr;
    assert!(nobody.contains("Nobody answers at"), "{nobody}");
    let none = run(&mut site.gancho(&["handshakes", "pedidos", "--forget"])).exits(0).stdout;
    assert_eq!(none, "There was none.\n");
}
