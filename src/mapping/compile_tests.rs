//! Whole mapping files: what they make of events.

use super::*;
use crate::diagnostic::{Language, Palette, Sentence, render};
use crate::event::{Headers, Timestamp};
use crate::mapping::{EventInput, Plan, Skip};
use crate::session::Channel;
use serde_json::{Value, json};

#[path = "each_tests.rs"]
mod each;
#[path = "mistakes_tests.rs"]
mod mistakes_of_files;

const WHOLE: &str = r#"provider: shopify
secrets:
  - env:SHOPIFY_WEBHOOK_SECRET

values:
  pedido: $.name
  nome:   { from: $.customer.first_name, default: cliente }
  telefone:
    from: [$.shipping_address.phone, $.customer.phone]
    as: phone
  total:  { from: $.total_price, as: money }
  itens:  { from: "$.line_items[*].title", many: true }
  loja:   { from: $.location_id, table: lojas, default: nossa loja }

tables:
  lojas: { "101": Vitória, "102": Vila Velha }

messages:
  - name: pedido-pago
    when: event.type == "orders/paid" and total > 0
    connection: whatsapp-loja
    once_per: [pedido, event.type]
    session:
      contactFullName: "{{ nome }}"
      contactExternalID: "{{ telefone }}"
      messageValue: |
        Oi, {{ nome | first_name }}! Recebemos o pagamento do pedido {{ pedido }} ({{ total | brl }}), {{ loja }}.
        {% for item in itens %}• {{ item }}
        {% endfor %}

tests:
  - name: um pedido pago vira uma mensagem
    given:
      headers: { X-Shopify-Topic: orders/paid }
      body: samples/shopify/orders-paid.json
    expect:
      - message: pedido-pago
        contactExternalID: "5527999998888"
  - name: outro evento não manda nada
    given: { headers: { X-Shopify-Topic: orders/updated }, body: samples/shopify/orders-paid.json }
    expect: []
"#;

fn order() -> Value {
    json!({
        "name": "#1001", "total_price": "149.90", "location_id": 101,
        "customer": {"first_name": "MARIA DA SILVA", "phone": null},
        "shipping_address": {"phone": "27 99999-8888"},
        "line_items": [{"title": "Camiseta"}, {"title": "Boné"}]
    })
}

fn connections() -> Connections {
    let to =
        |channel: Channel| Destination { tenant_id: "t".into(), plugin_connection_id: "pc".into(), channel };
    [
        ("whatsapp-loja", Channel::WhatsappInternal),
        ("oficial", Channel::WhatsappCloud),
        ("ifood", Channel::Ifood),
    ]
    .into_iter()
    .map(|(name, channel)| (name.to_owned(), to(channel)))
    .collect()
}

fn compile(text: &str) -> (Option<Mapping>, Problems) {
    let mut problems = Problems::default();
    let catalogue = Catalogue::embedded(&mut problems);
    let sample = |path: &str| match path {
        "samples/shopify/orders-paid.json" => Ok(order().to_string().into_bytes()),
        _ => Err(say!("there is no such file")),
    };
    let connections = connections();
    let world = World { catalogue: &catalogue, connections: Some(&connections), sample: &sample };
    let file = SourceText::new("mappings/loja.yaml", text);
    let mapping = Mapping::compile(&"loja".parse().unwrap(), &file, &world, &mut problems);
    if let Some(mapping) = &mapping {
        problems.extend(mapping.run_tests());
    }
    (mapping, problems)
}

fn good(text: &str) -> Mapping {
    let (mapping, problems) = compile(text);
    assert!(!problems.has_errors(), "{}", render(&problems.sorted(), Palette::Plain, Language::English));
    mapping.unwrap()
}

/// `line:column code`, in order.
fn mistakes(text: &str) -> Vec<String> {
    let found = compile(text).1.sorted();
    found
        .iter()
        .map(|d| format!("{} {}", d.place.to_string().replace("mappings/loja.yaml:", ""), d.code))
        .collect()
}

fn plan(mapping: &Mapping, kind: Option<&str>, body: &Value) -> Plan {
    mapping.plan(&EventInput {
        id: Some("e1"),
        kind,
        source: &mapping.source,
        received_at: Timestamp::from_secs(1_772_452_800),
        headers: &Headers::default(),
        query: &[],
        body,
    })
}

/// The only message's field.
fn field(plan: &Plan, name: &str) -> Value {
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
    plan.messages[0].start.body()[name].clone()
}

fn codes(plan: &Plan) -> Vec<String> {
    assert!(plan.problems.is_empty() || plan.messages.is_empty(), "half of an event is sent");
    plan.problems
        .iter()
        .map(|p| format!("{} {}", p.place.replace("mappings/loja.yaml:", ""), p.code))
        .collect()
}

/// A mapping of one message over `values`.
fn short(values: &str, text: &str) -> String {
    format!(
        "provider: hotmart\nsecrets: env:S\nvalues:\n{values}\nconnection: whatsapp-loja\nsession:\n  contactExternalID: '5527999998888'\n  messageValue: \"{text}\"\n"
    )
}

#[test]
fn the_whole_language_in_one_file() {
    let mapping = good(WHOLE);
    let plan = plan(&mapping, Some("orders/paid"), &order());
    assert_eq!(
        field(&plan, "messageValue"),
        "Oi, Maria! Recebemos o pagamento do pedido #1001 (R$ 149,90), Vitória.\n• Camiseta\n• Boné"
    );
    assert_eq!(field(&plan, "contactExternalID"), "5527999998888");
    assert_eq!(plan.messages[0].business_key.as_deref(), Some(r##"["loja","#1001","orders/paid"]"##));
    let origins: Vec<_> = plan.values.iter().map(|v| (v.name.as_str(), v.origin.as_str())).collect();
    assert_eq!(origins[2], ("telefone", "$.shipping_address.phone"));
    assert_eq!(mapping.version.len(), 12);
}

#[test]
fn no_message_wanted_is_a_normal_outcome() {
    let plan = plan(&good(WHOLE), Some("orders/updated"), &json!({}));
    assert!(plan.messages.is_empty() && plan.problems.is_empty());
    assert_eq!(plan.skipped[0].name, "pedido-pago");
}

#[test]
fn what_is_missing_parks_the_event_with_the_places_of_the_values() {
    let mapping = good(WHOLE);
    let plan = plan(&mapping, Some("orders/paid"), &json!({"name": "#1", "total_price": "1.00"}));
    assert_eq!(codes(&plan), ["9:11 value-missing", "12:19 value-missing"], "telefone and itens");
}

#[test]
fn the_shortest_useful_file() {
    let mapping = good(
        "verify: { scheme: hmac, hash: sha256, signature: { from: \"header:X-Signature\", encoding: hex, prefix: \"sha256=\" } }\n\
         secrets: [env:ERP_SECRET]\n\
         event: { id: $.evento_id, type: $.tipo }\n\
         connection: whatsapp-loja\n\
         session:\n  contactExternalID: { from: $.cliente.celular, as: phone }\n  messageValue: \"Seu pedido {{ body.numero }} saiu para entrega.\"\n",
    );
    let plan = plan(&mapping, None, &json!({"cliente": {"celular": "(27) 9999-8888"}, "numero": 77}));
    assert_eq!(field(&plan, "messageValue"), "Seu pedido 77 saiu para entrega.");
    assert_eq!(field(&plan, "contactExternalID"), "5527999998888");
}

#[test]
fn a_path_keeps_its_type_and_text_makes_text_at_any_depth() {
    let mapping = good(
        "provider: hotmart\nsecrets: env:S\nconnection: oficial\nsession:\n  contactExternalID: { from: $.tel, as: phone }\n  messageValue: rótulo\n  campaignModelID: m-1\n  campaignVariables: [\"{{ body.n }}\", $.n, 3, { a: $.list }]\n  extra: { from: aqui, nota: x }\n",
    );
    let plan = plan(&mapping, None, &json!({"tel": "27999998888", "n": 5, "list": [1, null]}));
    assert_eq!(field(&plan, "campaignVariables"), json!(["5", 5, 3, {"a": [1, null]}]));
    assert_eq!(field(&plan, "extra"), json!({"from": "aqui", "nota": "x"}));
    assert_eq!(field(&plan, "sessionKind"), "marketing");
}

#[test]
fn types_and_defaults() {
    for (values, text, body, expected) in [
        ("  n: { from: $.n, as: number }", "{{ n }}", json!({"n": "12.5"}), "12.5"),
        ("  n: { from: $.n, as: text }", "{{ n }}", json!({"n": 7}), "7"),
        ("  b: { from: $.b, as: bool }", "{{ 'sim' if b else 'não' }}", json!({"b": "true"}), "sim"),
        ("  l: { from: $.l, as: list }", "{{ l | length }}", json!({"l": [1, 2]}), "2"),
        (
            "  m: { from: $.m, as: money, unit: cents }",
            "{{ m | brl }}",
            json!({"m": 1234567}),
            "R$ 12.345,67",
        ),
        (
            "  d: { from: $.d, as: date, format: epoch_ms }",
            "{{ d | date('dd/MM/yyyy') }}",
            json!({"d": 1_772_452_800_000i64}),
            "02/03/2026",
        ),
        ("  x: { from: [$.a, $.b], default: c }", "{{ x }}", json!({"a": " ", "b": null}), "c"),
        ("  x: { from: [$.a, header:x], default: c }", "{{ x }}", json!({"a": "v"}), "v"),
        (
            "  t: { from: [$.a, $.b], as: phone }",
            "{{ t }}",
            json!({"a": "0800 705 3040", "b": "27 3333-4444"}),
            "552733334444",
        ),
        (
            "  t: { from: { ddd: $.ddd, number: $.n }, as: phone }",
            "{{ t }}",
            json!({"ddd": 27, "n": "99999-8888"}),
            "5527999998888",
        ),
    ] {
        let mapping = good(&short(values, text));
        assert_eq!(field(&plan(&mapping, None, &body), "messageValue"), expected, "{values}");
    }
}

#[test]
fn what_does_not_fit_is_a_problem_of_its_value() {
    for (values, text, body, expected) in [
        ("  x: $.x", "{{ x }}", json!({}), "4:6 value-missing"),
        ("  x: $.x", "{{ x }}", json!({"x": null}), "4:6 value-missing"),
        ("  x: $.x", "{{ x }}", json!({"x": ""}), "4:6 value-missing"),
        ("  x: $.x", "{{ x }}", json!({"x": true}), "8:21 text-unfit"),
        ("  x: $.x", "{{ x }}", json!({"x": [1]}), "8:21 text-unfit"),
        ("  x: { from: $.x, as: number, default: 1 }", "{{ x }}", json!({"x": "dois"}), "4:14 value-unfit"),
        ("  x: $.x[*]", "{{ x }}", json!({"x": [1, 2]}), "4:6 value-ambiguous"),
        ("  x: { from: $.x, as: phone }", "{{ x }}", json!({"x": "4004-1234"}), "4:14 value-unfit"),
        ("  x: { from: $.x, as: money }", "{{ x | brl }}", json!({"x": "grátis"}), "4:14 value-unfit"),
        ("  x: $.x", "   ", json!({"x": "a"}), "6:1 channel-rule"),
    ] {
        let values = values.to_owned();
        let text = format!("{text}{{# {} #}}", "x");
        let mapping = compile(&short(&values, &text)).0.unwrap_or_else(|| panic!("{values}"));
        assert_eq!(codes(&plan(&mapping, None, &body)), [expected], "{values} {body}");
    }
}

#[test]
fn one_wrong_message_keeps_the_others_back() {
    let two = WHOLE.replace(
        "tests:\n",
        "  - name: aviso\n    connection: ifood\n    session: { contactExternalID: $.code, messageValue: oi }\ntests:\n",
    );
    let mapping = compile(&two).0.unwrap();
    let plan = plan(&mapping, Some("orders/paid"), &order());
    assert_eq!(codes(&plan), ["33:35 value-missing"], "and pedido-pago is not sent alone");
}

#[test]
fn dates_compare_as_moments_and_numbers_never_with_empty_text() {
    let dates = "  a: { from: $.a, as: date }\n  b: { from: $.b, as: date, timezone: America/Manaus }";
    let mapping = good(&short(
        dates,
        "{{ 'antes' if a < b else 'depois' }} {{ 'igual' if a == b else 'outro' }} {{ 4 / 2 }}",
    ));
    for (a, b, said) in [
        ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", "antes outro 2"),
        ("2026-03-02T12:00:00Z", "2026-03-02T11:00:00Z", "depois outro 2"),
        ("2026-03-02T10:00:00Z", "2026-03-02T07:00:00-03:00", "depois igual 2"),
    ] {
        assert_eq!(field(&plan(&mapping, None, &json!({"a": a, "b": b})), "messageValue"), said, "{a} {b}");
    }
    let blank = short("  x: { from: $.x, as: money, default: '' }", "{% if x > 0 %}a{% endif %}b");
    assert_eq!(mistakes(&blank), ["8:24 text-and-number"]);
    let list = good(&short("  x: { from: $.x, many: true, default: '' }", "a{{ x | join(', ') }}"));
    assert_eq!(field(&plan(&list, None, &json!({})), "messageValue"), "a");
    assert_eq!(mistakes(&short("  true: $.x", "a"))[0], "4:3 bad-name");
    let parts = "  x: { from: { ddd: $.a, number: $.b }, as: phone, many: true }";
    assert_eq!(mistakes(&short(parts, "{{ x | join }}"))[0], "4:58 misplaced-key");
}

/// Only what is asked for is made, and however it is asked for.
#[test]
fn every_root_is_there_where_it_is_used() {
    let headers: Headers = [("x-a", "cabeçalho")].into_iter().collect();
    let query = [("q".to_owned(), "consulta".to_owned())];
    for (text, said) in [
        ("{{ headers['x-a'] }} {{ query.q }}", "cabeçalho consulta"),
        ("{{ event.received_at | date('dd/MM') }}", "02/03"),
        ("{{ event['received_at'] | date('dd/MM') }}", "02/03"),
        ("{% set e = event %}{{ e.received_at | date('HH') }} {{ e.source }}", "09 loja"),
        ("{{ body.a }}", "corpo"),
    ] {
        let mapping = good(&short("  x: { from: $.a, default: '' }", &format!("{text}{{{{ x and '' }}}}")));
        let plan = mapping.plan(&EventInput {
            id: None,
            kind: None,
            source: &mapping.source,
            received_at: Timestamp::from_secs(1_772_452_800),
            headers: &headers,
            query: &query,
            body: &json!({"a": "corpo"}),
        });
        assert_eq!(field(&plan, "messageValue"), said, "{text}");
    }
}
