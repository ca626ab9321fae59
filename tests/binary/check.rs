//! `gancho check`: the shipped mappings pass as they are, and a folder with
//! mistakes gets each of them drawn, word for word.

use crate::running::{Ended, run};
use crate::site::{PEDIDOS, SHIPPED, Site, config};

#[track_caller]
fn check(site: &Site, arguments: &[&str]) -> Ended {
    run(site.gancho(&["check"]).args(arguments))
}

/// The connections that the shipped mappings name.
fn shipped_config() -> String {
    let head = "connections:\n";
    let entries = [
        ("whatsapp-loja", "whatsapp-internal"),
        ("whatsapp-oficial", "whatsapp-cloud"),
        ("ifood-loja", "ifood"),
        ("telegram-loja", "telegram"),
    ]
    .map(|(name, channel)| {
        format!(
            "  {name}:\n    tenant_id: 7d1f0c52-0000-4000-8000-000000000001\n    plugin_connection_id: \
             5b2e9a40-0000-4000-8000-000000000001\n    channel: urn:talqui:{channel}:0\n    token: env:T\n"
        )
    });
    format!("{head}{}", entries.concat())
}

#[test]
fn the_shipped_mappings_are_right_with_and_without_a_configuration() {
    let mut site = Site::empty();
    let without = check(&site, &[SHIPPED]).exits(0);
    let unset = "warning[secret-not-set]: the environment variable `SHOPIFY_WEBHOOK_SECRET` is not set here";
    assert!(without.stdout.contains(unset), "{}", without.stdout);
    let last = "There is no gancho.yaml here, so connections were not checked.\n";
    let passed = format!("{SHIPPED}: 6 mappings and 18 tests passed\n");
    assert!(without.stdout.ends_with(&format!("{last}{passed}6 warnings\n")), "{}", without.stdout);

    for name in ["ASSINATURAS_WEBHOOK_SECRET", "ERP_WEBHOOK_SECRET", "IFOOD_CLIENT_SECRET"] {
        site.set(name, "x");
    }
    for name in ["HOTMART_HOTTOK", "SHOPIFY_WEBHOOK_SECRET", "WOOCOMMERCE_WEBHOOK_SECRET"] {
        site.set(name, "x");
    }
    site.write("gancho.yaml", &shipped_config());
    let with = check(&site, &[SHIPPED]).exits(0);
    assert_eq!(with.all(), format!("{passed}no problems\n"));
}

/// In `gancho.yaml` a mapping's connection is looked up; `mappings` is found.
#[test]
fn a_configuration_is_found_and_followed() {
    let mut site = Site::with_pedidos("https://t.example");
    check(&site, &[]).exits(0);
    site.write("gancho.yaml", &config("https://t.example").replace("telegram:\n", "telegrama:\n"));
    let ended = check(&site, &[]).exits(1);
    assert!(ended.stdout.contains("did you mean `telegrama`?"), "{}", ended.stdout);
    site.write("gancho.yaml", "lisen: {}\n");
    check(&site, &[]).exits(2);
    site.write("gancho.yaml", "mappings: none\n");
    let ended = check(&site, &[]).exits(2);
    assert_eq!(
        ended.stderr,
        "There is no folder `none`. Name the folder of the mappings: gancho check DIR\n"
    );
    site.unset("PEDIDOS_SECRET");
    check(&site, &["mappings", "--config", "none.yaml"]).exits(2);
}

#[test]
fn mistakes_are_drawn_at_their_characters() {
    let mut site = Site::empty();
    site.set("PEDIDOS_SECRET", "x");
    site.write("mappings/pedidos.yaml", &PEDIDOS.replace("{{ texto }}", "Oi! {{ txeto }}"));
    site.write("mappings/certo.yaml", PEDIDOS);
    let ended = check(&site, &[]).exits(1);
    assert_eq!(
        ended.stdout,
        r#"error[unknown-name]: there is no value named `txeto`
  --> mappings/pedidos.yaml:11:25
   |
11 |   messageValue: "Oi! {{ txeto }}"
   |                         ^^^^^
   |
   = help: did you mean `texto`?

There is no gancho.yaml here, so connections were not checked.
mappings: 1 of 2 mappings cannot be used
1 error
"#
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_failing_test_shows_what_was_expected_and_what_came() {
    let mut site = Site::empty();
    site.set("PEDIDOS_SECRET", "x");
    let tests = r#"tests:
  - name: um pedido
    given: { body: { id: 1, contato: ana, texto: "Oi, Ana! Seu pedido 20451 saiu para entrega e chega até as 14:30." } }
    expect:
      - message: pedidos
        contactExternalID: anna
        messageValue: "Oi, Ana! Seu pedido 20451 saiu para entrega e chega até as 15:30."
"#;
    site.write("mappings/pedidos.yaml", &format!("{PEDIDOS}{tests}"));
    let ended = check(&site, &[]).exits(1);
    assert_eq!(
        ended.stdout,
        r#"error[test-failed]: test `um pedido`: `contactExternalID` of `pedidos` is not what was expected
  --> mappings/pedidos.yaml:17:28
   |
17 |         contactExternalID: anna
   |                            ^^^^
   |
   = expected: "anna"
   =      got: "ana"

error[test-failed]: test `um pedido`: `messageValue` of `pedidos` is not what was expected
  --> mappings/pedidos.yaml:18:23
   |
18 |         messageValue: "Oi, Ana! Seu pedido 20451 saiu para entrega e chega até as 15:30."
   |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = expected: …ega e chega até as 15:30."
   =      got: …ega e chega até as 14:30."

There is no gancho.yaml here, so connections were not checked.
mappings: 1 of 1 mapping cannot be used
2 errors
"#
    );
}
