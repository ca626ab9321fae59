//! Whole proposals: the shapes that the research samples do not have, and
//! whatever a body may be.

use std::cell::OnceCell;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::diagnostic::{Language, Palette, Problems, Sentence, SourceText, render};
use crate::mapping::{Mapping, World};
use crate::provider::Catalogue;

fn proposed(document: &Value) -> String {
    yaml(&infer(document, &Headers::default()))
}

#[track_caller]
fn says(document: Value, lines: &[&str]) {
    let text = proposed(&document);
    for line in lines {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
}

/// What the mapping language says of a proposal. Empty: nothing.
fn mistakes(text: &str, catalogue: &Catalogue) -> String {
    let session = "connection: c\nsession: { contactExternalID: x, messageValue: y }\n";
    let file =
        SourceText::new("m.yaml", format!("verify: {{ scheme: none }}\nsecrets: [env:S]\n{text}\n{session}"));
    let world = World { catalogue, connections: None, sample: &|_| Err(Sentence::verbatim("")) };
    let mut problems = Problems::default();
    let mapping = Mapping::compile(&"m".parse().expect("a name"), &file, &world, &mut problems);
    if mapping.is_some() {
        String::new()
    } else {
        render(&problems.sorted(), Palette::Plain, Language::English)
    }
}

#[test]
fn a_phone_in_parts_is_joined() {
    says(
        json!({"customer": {"phone": {"ddi": "55", "ddd": "27", "number": "999998888"}}}),
        &["ddi: $.customer.phone.ddi\n", "ddd: $.customer.phone.ddd\n", "as: phone", "# 5527999998888"],
    );
    says(
        json!({"contact": {"phone_local_code": "55", "phone_number": "27999998888"}}),
        &["ddd: $.contact.phone_local_code", "number: $.contact.phone_number"],
    );
    says(
        json!({"customer": {"phones": [{"country": 55, "area": 27, "number": 999998888, "type": "MOBILE"}]}}),
        &["ddi: \"$.customer.phones[0].country\"", "number: \"$.customer.phones[0].number\""],
    );
    // A country in letters is no part of the number.
    says(
        json!({"address": {"country_code": "BR", "phone": "(27) 99999-8888"}}),
        &["telefone: { from: $.address.phone, as: phone }"],
    );
}

#[test]
fn the_sellers_data_is_not_the_buyers() {
    let text = proposed(&json!({
        "seller": {"name": "Ana Lima", "phone": "(27) 98888-7777", "email": "loja@x.com"},
        "driver": {"name": "José Lima", "phone": "(27) 97777-6666"},
        "buyer": {"name": "Maria Souza", "phone": "(27) 99999-8888", "email": "maria@x.com"},
        "product": {"name": "Curso Bom", "support_email": "ajuda@x.com"},
    }));
    assert!(text.contains("nome: $.buyer.name"), "{text}");
    assert!(text.contains("telefone: { from: $.buyer.phone, as: phone }"), "{text}");
    assert!(text.contains("email: $.buyer.email"), "{text}");
    assert!(text.contains("produto: $.product.name"), "{text}");
}

#[test]
fn custom_fields_are_found_by_their_label() {
    says(
        json!({"deal": {"id": 7, "custom_fields": [
            {"id": "a1", "name": "CPF", "value": "12345678909"},
            {"id": "b2", "name": "WhatsApp (com DDD)", "value": "27 99999-8888"},
            {"id": "c3", "name": "Nome d'água", "value": "Maria Souza"},
        ]}}),
        &[
            "\"$.deal.custom_fields[?@.name=='WhatsApp (com DDD)'].value\"",
            "\"$.deal.custom_fields[?@.name=='Nome d\\\\'água'].value\"",
        ],
    );
    says(
        json!({"meta_data": [{"id": 1, "key": "_billing_cellphone", "value": "27999998888"}]}),
        &["\"$.meta_data[?@.key=='_billing_cellphone'].value\""],
    );
}

#[test]
fn a_unit_that_cannot_be_seen_is_said_to_be_a_guess() {
    says(
        json!({"order": {"amount": 12356, "currency": "BRL"}}),
        &["unit: cents", "check the unit: 12356 is R$ 123,56 in cents, R$ 12.356,00 in units"],
    );
    let certain = [
        (json!({"total_cents": 500}), "{ from: $.total_cents, as: money, unit: cents }  # R$ 5,00"),
        (json!({"valor_total": "1.234,56"}), "{ from: $.valor_total, as: money }  # R$ 1.234,56"),
        (json!({"total": 1500, "shipping_total": "12.50"}), "{ from: $.total, as: money }  # R$ 1.500,00"),
    ];
    for (document, line) in certain {
        let text = proposed(&document);
        assert!(text.contains(line) && !text.contains("check"), "{text}");
    }
}

#[test]
fn codes_that_people_copy_are_known_by_their_looks() {
    says(
        json!({"charge": {
            "text": "00020126580014br.gov.bcb.pix0136aaaa5204000053039865802BR",
            "line": "23793.38128 60007.827136 95000.063305 9 84410000002000",
            "shipment": {"object": "AA123456789BR"},
        }}),
        &["pix: $.charge.text", "boleto: $.charge.line", "rastreio: $.charge.shipment.object"],
    );
}

#[test]
fn a_phone_that_is_none_says_why() {
    says(json!({"buyer": {"phone": "(27) *****-8888"}}), &["some of its digits hidden", "$.buyer.phone"]);
}

#[test]
fn headers_say_what_the_body_does_not() {
    let headers = [("X-Shop-Topic", "orders/paid"), ("X-Shop-Webhook-Id", "w-1")].into_iter().collect();
    let text = yaml(&infer(&json!({"id": 7, "total": "10.00", "status": "paid"}), &headers));
    assert!(text.contains("  id: \"header:x-shop-webhook-id\"  # w-1\n"), "{text}");
    assert!(text.contains("  type: \"header:x-shop-topic\"  # orders/paid\n"), "{text}");
    // And the id is then the order's.
    assert!(text.contains("  pedido: $.id  # 7\n"), "{text}");
}

/// As an event's id, the id of an order would have its next change dropped.
#[test]
fn the_id_of_an_order_is_not_the_events() {
    let order = json!({"id": "ORDE_1", "reference_id": "PED-1", "customer": {"name": "Maria Souza"}});
    assert!(!proposed(&order).contains("event:"));
    says(
        json!({"id": 9, "status": "paid", "total": "10.00", "updated_at": "2026-03-02T12:00:00Z"}),
        &["id: { join: [$.id, $.status, $.updated_at] }"],
    );
    says(
        json!({"id": "e1", "event": "order.paid", "data": {"id": 7}}),
        &["  id: $.id  # e1", "pedido: $.data.id"],
    );
}

#[test]
fn a_batch_is_read_by_its_items() {
    says(
        json!({"leads": [{"id": "1", "name": "Maria Souza", "mobile_phone": "27 99999-8888"}, {"id": "2"}]}),
        &["  each: \"$.leads[*]\"  # 2 items here", "nome: $.name", "telefone: { from: $.mobile_phone"],
    );
    says(
        json!({"event": "purchase_approved", "data": [{"customer": {"name": "Maria Souza"}}, {"id": 2}]}),
        &["nome: \"$.data[0].customer.name\"", "`event`, which stands", "type: $.event"],
    );
}

#[test]
fn nothing_is_made_up() {
    for document in [json!(null), json!({}), json!([]), json!("oi"), json!({"a": {"b": [1, 2, "x"]}})] {
        let proposal = infer(&document, &Headers::default());
        assert!(proposal.chosen.is_empty() && proposal.each.is_none(), "{document}: {proposal:?}");
    }
}

/// Keys that rules look for, and keys that are hard to write.
fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "phone",
        "telefone",
        "ddd",
        "number",
        "name",
        "nome",
        "id",
        "order",
        "pedido",
        "total",
        "value",
        "currency",
        "items",
        "quantity",
        "event",
        "type",
        "data",
        "customer",
        "key",
        "label",
        "due_date",
        "tracking",
        "url",
        "email",
        "first_name",
        "last_name",
        "updated_at",
        "answers",
        "status",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => any::<String>(), 1 => "['\"\\\\ $.@#:\n\t\u{1}-]{0,6}"]
}

fn scalar() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        "(27) 99999-8888",
        "27",
        "Maria Souza",
        "maria@x.com",
        "https://x/y",
        "149.90",
        "2026-03-02",
        "AA123456789BR",
        "000201",
        "# x",
        "order.paid",
        "PED-1",
        "02/03/2026 14:30",
    ]);
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0i64..100_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        known.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

thread_local! {
    static CATALOGUE: OnceCell<Catalogue> = const { OnceCell::new() };
}

proptest! {
    /// Whatever comes, the proposal is a text that the mapping language takes.
    #[test]
    fn any_document_gives_a_mapping(document in document(), topic: String) {
        let headers = [("x-topic", topic)].into_iter().collect();
        let proposal = infer(&document, &headers);
        let text = yaml(&proposal);
        CATALOGUE.with(|catalogue| {
            let catalogue = catalogue.get_or_init(|| Catalogue::embedded(&mut Problems::default()));
            let mistakes = mistakes(&text, catalogue);
            prop_assert!(mistakes.is_empty(), "{document}\n{text}\n{mistakes}");
            Ok(())
        })?;
        prop_assert_eq!(yaml(&infer(&document, &headers)), text);
    }
}
