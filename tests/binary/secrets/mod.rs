//! Nothing that is printed or kept beside the bodies shows a secret: not with
//! every log line there is, not when an upstream echoes the credential, not when
//! it is pasted where its name belongs. Here are the secrets, where they are put
//! to use, and the search for every form of them.

mod pasted;
mod whole_run;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::site::Site;

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

/// With all of them in use, each where it belongs.
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
