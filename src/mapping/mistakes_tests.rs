//! How the mistakes of a mapping file are told, each at its characters.

use super::*;

#[test]
fn every_mistake_is_reported_at_its_characters() {
    let text = r#"provider: shopfy
secrets: [shpss_abc, env:OK]
valuse: {}
values:
  nome: $.customer[first_name]
  telefone: { from: $.phone, as: fone }
  total: { from: $.total, as: money, format: dd }
  loja: { from: $.l, table: lojaz }
tables:
  lojas: { "1": A }
messages:
  - name: a
    when: event.tipo == "x" and totl > 1
    connection: whatsap-loja
    once_per: [pedido]
    session:
      channel: urn:talqui:ifood:0
      messagevalue: x
      messageValue: |
        Oi {{ nmoe }}!
        {{ total }} {{ nome | frist_name }}
  - name: b
    connection: oficial
    session: { contactExternalID: $., messageValue: x }
"#;
    assert_eq!(
        mistakes(text),
        [
            "1:11 unknown-provider",
            "2:11 bad-secret",
            "3:1 unknown-key",
            "5:20 bad-path",
            "6:34 unknown-word",
            "7:38 unknown-key",
            "8:29 unknown-table",
            "13:11 unknown-name",
            "13:33 unknown-name",
            "14:17 unknown-connection",
            "15:16 unknown-name",
            "17:7 reserved-field",
            "18:7 unknown-field",
            "20:15 unknown-name",
            "21:12 needs-filter",
            "21:31 unknown-filter",
            "24:5 channel-rule",
            "24:36 bad-path",
        ]
    );
}

#[test]
fn the_line_of_a_pasted_secret_is_never_shown() {
    let (_, problems) = compile("provider: hotmart\nsecrets: [shpss_4f1c]\nconnection: x\nsession: {}\n");
    let shown = render(&problems.sorted(), Palette::Plain, Language::English);
    assert!(shown.contains(".yaml:2:11\n") && !shown.contains("shpss"), "{shown}");
}

#[test]
fn a_failing_test_shows_what_came_instead() {
    let wrong = WHOLE.replace("contactExternalID: \"5527999998888\"\n", "contactExternalID: \"55\"\n");
    let problems = compile(&wrong).1.sorted();
    let notes = [
        (say!("expected"), Sentence::verbatim(r#""55""#)),
        (say!("got"), Sentence::verbatim(r#""5527999998888""#)),
    ];
    assert_eq!(problems[0].notes, notes);
    let nothing = WHOLE
        .replace("headers: { X-Shopify-Topic: orders/updated }", "headers: { X-Shopify-Topic: orders/paid }");
    let problems = compile(&nothing).1.sorted();
    assert!(
        problems[0].message.english().contains("expected nothing, and it sends pedido-pago"),
        "{problems:?}"
    );
    let missing = WHOLE.replace("samples/shopify/orders-paid.json }", "samples/none.json }");
    assert_eq!(mistakes(&missing), ["40:66 bad-sample"]);
}

#[test]
fn what_makes_a_file_useless_is_said() {
    for (text, found) in [
        (
            "secrets: env:S\nconnection: ifood\nsession: { contactExternalID: a, messageValue: b }",
            "1:1 missing-key",
        ),
        (
            "provider: ifood\nconnection: ifood\nsession: { contactExternalID: a, messageValue: b }",
            "1:1 missing-key",
        ),
        ("provider: ifood\nsecrets: env:S\nconnection: ifood\n", "1:1 missing-key"),
        ("provider: ifood\nsecrets: env:S\nmessages: []\n", "3:11 wrong-type"),
    ] {
        assert_eq!(mistakes(text), [found], "{text}");
    }
    let twice = "provider: ifood\nsecrets: env:S\nmessages:\n  - &m { name: a, connection: ifood, session: { contactExternalID: a, messageValue: b } }\n  - *m\n";
    assert_eq!(mistakes(twice)[0].split(' ').nth(1), Some("duplicate-name"));
    let dates = "  x: { from: $.x, as: date, format: dd/mm, timezone: America/Vitoria }";
    assert_eq!(mistakes(&short(dates, "{{ x | date('dd') }}")), ["4:37 bad-date", "4:54 bad-date"]);
    let unused = good(&short("  x: $.x", "oi"));
    assert_eq!(unused.tests(), 0);
    assert_eq!(mistakes(&short("  x: $.x", "oi")), ["4:3 unused-value"]);
}

#[test]
fn where_every_key_is_fetched_no_secret_is_named() {
    let rest = "connection: ifood\nsession: { contactExternalID: a, messageValue: b }\n";
    let verify = "verify: { scheme: jwt, from: 'header:A', algorithms: [RS256], jwks: 'https://a.example/k', body_hash: none }\n";
    assert_eq!(mistakes(&format!("{verify}{rest}")), [""; 0]);
    assert_eq!(mistakes(&format!("{verify}secrets: env:S\n{rest}")), ["2:10 unused-secret"]);
}

#[test]
fn a_message_that_no_event_can_reach_is_pointed_out() {
    for (from, to, found) in [
        ("event.type == \"orders/paid\" and total > 0", "loja == \"Serra\"", "20:11 unreachable-message"),
        ("total > 0", "event.type == \"orders/x\"", "20:11 unreachable-message"),
        ("total > 0", "(loja == \"Vitoria\" or total > 0)", "20:52 impossible-value"),
        ("orders/paid", "order/paid", "20:25 unknown-event"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        let mistakes = mistakes(&text);
        assert!(mistakes.contains(&found.to_owned()), "{to}: {mistakes:?}");
    }
    let untyped = short("  x: $.x", "{{ x }}").replace("provider: hotmart", "verify: { scheme: basic }");
    let typed = untyped.replace("connection:", "when: event.type == 'a'\nconnection:");
    assert_eq!(mistakes(&typed), ["5:7 no-event-part"]);
}

#[test]
fn a_default_is_of_the_type_of_its_value() {
    for (rule, right) in [
        ("as: money, default: grátis", false),
        ("as: money, default: 10", true),
        ("as: money, default: \"\"", true),
        ("as: phone, default: cliente", false),
        ("as: date, default: amanhã", false),
        ("as: date, default: \"2026-03-02\"", true),
        ("as: number, default: nenhum", false),
        ("many: true, default: nada", false),
        ("many: true, default: []", true),
        ("default: nada", true),
    ] {
        let found = mistakes(&short(&format!("  x: {{ from: $.x, {rule} }}"), "{% if x %}{% endif %}a"));
        let wrong = found.iter().any(|found| found.ends_with("bad-default"));
        assert_eq!(wrong, !right, "{rule}: {found:?}");
    }
}
