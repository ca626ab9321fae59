//! `gancho check`: the shipped mappings pass as they are, and a folder with
//! mistakes gets each of them drawn, word for word.

use crate::running::{Ended, Running, run};
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

More about one: gancho explain unknown-name

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

More about one: gancho explain test-failed

There is no gancho.yaml here, so connections were not checked.
mappings: 1 of 1 mapping cannot be used
2 errors
"#
    );
}

/// The same problems for programs, and in Portuguese.
#[test]
fn problems_are_written_for_programs_and_in_two_languages() {
    let site = Site::empty();
    site.write("mappings/pedidos.yaml", &PEDIDOS.replace("{{ texto }}", "Oi! {{ txeto }}"));
    let ended = check(&site, &["--format", "json"]).exits(1);
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let first = &found.as_array().unwrap()[0];
    assert_eq!(
        (&first["file"], &first["line"], &first["column"], &first["end_column"]),
        (&"mappings/pedidos.yaml".into(), &11.into(), &25.into(), &30.into())
    );
    assert_eq!(
        (&first["code"], &first["severity"], &first["message"], &first["help"]),
        (
            &"unknown-name".into(),
            &"error".into(),
            &"there is no value named `txeto`".into(),
            &"did you mean `texto`?".into()
        )
    );
    let github = check(&site, &["--format", "github", "mappings/pedidos.yaml"]).exits(1);
    assert_eq!(
        github.stdout,
        "::error file=mappings/pedidos.yaml,line=11,col=25,title=unknown-name::there is no value named `txeto`%0Adid you mean `texto`?\n"
    );
    for language in [vec!["--lang", "pt-BR"], vec![]] {
        let mut site = Site::empty();
        site.set("LC_ALL", "pt_BR.UTF-8");
        site.write("mappings/pedidos.yaml", &PEDIDOS.replace("{{ texto }}", "Oi! {{ txeto }}"));
        let ended = check(&site, &language).exits(1);
        assert!(ended.stdout.starts_with("erro[unknown-name]: "), "{}", ended.stdout);
        assert!(ended.stdout.contains("= ajuda: você quis dizer `texto`?\n"), "{}", ended.stdout);
        assert!(!ended.stdout.contains("error") && !ended.stdout.contains("help"), "{}", ended.stdout);
    }
}

#[test]
fn it_checks_again_when_a_file_changes() {
    let mut site = Site::empty();
    site.set("PEDIDOS_SECRET", "x");
    site.write("mappings/pedidos.yaml", PEDIDOS);
    let watching = Running::start(&mut site.gancho(&["check", "--watch"]));
    watching.wait_for_stdout("no problems\n");
    watching.wait_for_log("Ctrl-C");
    site.write("mappings/pedidos.yaml", &PEDIDOS.replace("{{ texto }}", "{{ txeto }}"));
    watching.wait_for_stdout("1 error\n");
    site.write("mappings/pedidos.yaml", PEDIDOS);
    watching.wait_for_stdout("1 error\n\nThere is no gancho.yaml here, so connections were not checked.\nmappings: 1 mapping and 0 tests passed\n");
    watching.kill();
}
