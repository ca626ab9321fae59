//! `gancho explain`: what a person reads who got a code and does not know it.

use crate::demo::assert_fits;
use crate::running::{Ended, run};
use crate::site::Site;

#[track_caller]
fn explain(arguments: &[&str]) -> Ended {
    run(Site::empty().gancho(&["explain"]).args(arguments))
}

#[test]
fn a_code_is_explained_with_its_mistake_and_the_mending() {
    let ended = explain(&["unknown-key"]).exits(0);
    assert_eq!(
        ended.all(),
        r#"unknown-key

gancho knows no such key in this place.

Why: A key that is not known would do nothing, in silence. Here `when` was
meant: without it the message would go to everybody, for every event.

Causes: a slip in the name; the wrong indentation, so that it belongs to another
key; a key of another section, such as `unit` without `as: money`.

Wrong:
    provider: shopify
    secrets: [env:SHOPIFY_SECRET]
    whem: event.type == "orders/paid"
    connection: telegram-loja
    session: { contactExternalID: $.chat, messageValue: Oi! }

Right:
    provider: shopify
    secrets: [env:SHOPIFY_SECRET]
    when: event.type == "orders/paid"
    connection: telegram-loja
    session: { contactExternalID: $.chat, messageValue: Oi! }

Do: The help names the nearest key, or all of them. `gancho schema mapping` lets
an editor tell you while you type.
"#
    );
}

#[test]
fn it_speaks_the_language_of_the_reader() {
    let asked = explain(&["value-missing", "--lang", "pt-BR"]).exits(0).stdout;
    assert!(asked.contains("\n\nPor quê: A pessoa receberia um texto com um buraco"), "{asked}");
    assert_fits(&asked);
    let mut site = Site::empty();
    site.set("LANG", "pt_BR.UTF-8");
    assert_eq!(run(&mut site.gancho(&["explain", "value-missing"])).exits(0).stdout, asked);
}

#[test]
fn without_a_code_all_are_listed_a_line_each() {
    for (language, line, end) in [
        (
            "en",
            "needs-filter         A value would reach a person",
            " codes. About one of them: gancho explain CODE\n",
        ),
        (
            "pt-BR",
            "needs-filter         Um valor chegaria à pessoa",
            " códigos. Sobre um deles: gancho explain CÓDIGO\n",
        ),
    ] {
        let ended = explain(&["--lang", language]).exits(0);
        assert_fits(&ended.stdout);
        assert!(ended.stdout.contains(line), "{}", ended.stdout);
        assert!(ended.stdout.ends_with(end), "{}", ended.stdout);
        let (codes, _) = ended.stdout.split_once("\n\n").unwrap();
        assert!(ended.stdout.contains(&format!("\n{} ", codes.lines().count())), "{}", ended.stdout);
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn an_unknown_code_has_a_neighbour_or_a_way_on() {
    let ended = explain(&["unknow-key"]).exits(2);
    assert_eq!(ended.all(), "There is no code `unknow-key`.\nDid you mean `unknown-key`?\n");
    let ended = explain(&["xyz", "--lang", "pt-BR"]).exits(2);
    assert_eq!(ended.all(), "O código `xyz` não existe.\n`gancho explain` lista todos.\n");
}
