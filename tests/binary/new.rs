//! `gancho new`: what it writes passes `check`, whoever sends, and is never written
//! over a file that is there.

use std::fs;

use crate::demo::assert_fits;
use crate::running::run;
use crate::site::Site;

const CONNECTIONS: &str = r#"connections:
  loja: { tenant_id: 0b8f6c3e-0000-4000-8000-000000000000, plugin_connection_id: 1c9a7d4f-0000-4000-8000-000000000000, channel: "urn:talqui:CHANNEL:0", token: env:T }
"#;

#[test]
fn a_mapping_to_begin_with_passes_check_and_is_never_overwritten() {
    let mut site = Site::empty();
    site.set("MINHA_LOJA_SECRET", "x");
    let new = ["new", "minha-loja", "--provider", "shopify"];
    let ended = run(&mut site.gancho(&new)).exits(0);
    assert_fits(&ended.stdout);
    assert_eq!(
        ended.stdout,
        "mappings/minha-loja.yaml was written.\n\
         Its 4 tests pass: gancho check\n\
         There is no gancho.yaml here, so connections were not checked.\n\
         - set the secret where gancho runs: MINHA_LOJA_SECRET\n\
         - point Shopify at https://<your host>/hooks/minha-loja\n\
         - what the sender wants: gancho providers shopify\n"
    );
    let text = fs::read_to_string(site.path().join("mappings/minha-loja.yaml")).unwrap();
    assert!(text.contains("/hooks/minha-loja\n") && text.contains("[env:MINHA_LOJA_SECRET]"), "{text}");
    let checked = run(&mut site.gancho(&["check"])).exits(0);
    assert!(checked.stdout.ends_with("1 mapping and 4 tests passed\nno problems\n"), "{}", checked.stdout);
    let again = run(&mut site.gancho(&new)).exits(2);
    assert_eq!(again.stderr, "`mappings/minha-loja.yaml` is there already, and was not changed.\n");
}

/// The connections of the configuration are named, whichever channel they have.
#[test]
fn it_names_the_connections_that_are_there() {
    for (channel, id) in [("whatsapp-cloud", "kiwify"), ("whatsapp-internal", "github"), ("ifood", "ifood")] {
        let mut site = Site::empty();
        site.set("X_SECRET", "x").set("T", "t");
        site.write("gancho.yaml", &CONNECTIONS.replace("CHANNEL", channel));
        run(&mut site.gancho(&["new", "x", "--provider", id])).exits(0);
        let text = fs::read_to_string(site.path().join("mappings/x.yaml")).unwrap();
        let named: Vec<&str> =
            text.lines().filter(|line| line.trim_start().starts_with("connection:")).collect();
        let checked = run(&mut site.gancho(&["check"]));
        match id {
            // A WhatsApp is no place for a notice to the team.
            "github" => assert!(named.iter().all(|line| line.ends_with("telegram-equipe")), "{named:?}"),
            _ => {
                assert!(named.iter().all(|line| line.contains("connection: loja")), "{named:?}");
                checked.exits(0);
            }
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    let site = Site::empty();
    let near = run(&mut site.gancho(&["new", "loja", "--provider", "shopfy"])).exits(2);
    assert_eq!(near.stderr, "There is no provider `shopfy`.\nDid you mean `shopify`?\n");
    let name = run(&mut site.gancho(&["new", "Loja!", "--provider", "shopify"])).exits(2);
    assert!(name.stderr.contains("Loja!"), "{}", name.stderr);
    site.write("gancho.yaml", "connections: {}\n");
    let ended = run(&mut site.gancho(&["new", "loja", "--provider", "shopify", "--lang", "pt-BR"])).exits(0);
    assert!(ended.stdout.starts_with("mappings/loja.yaml foi gravado.\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("`whatsapp`"), "{}", ended.stdout);
}
