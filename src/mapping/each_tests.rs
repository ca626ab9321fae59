//! `each`, of a request and of a message, and one event on two connections.

use super::*;

/// One order, sent in two parcels, of which one has left.
fn parcels() -> Value {
    json!({"number": 77, "phone": "27 99999-8888", "parcels": [
        {"code": "AA1", "state": "posted"}, {"code": "AA2", "state": "packed"}, {"code": "AA3", "state": "posted"}
    ]})
}

const PARCELS: &str = r#"provider: hotmart
secrets: env:S
values:
  pedido: $.number
  telefone: { from: $.phone, as: phone }
messages:
  - name: enviado
    each: $.parcels[*]
    values:
      codigo: "@.code"
    when: item.state == "posted"
    connection: whatsapp-loja
    once_per: [pedido, codigo]
    session:
      contactExternalID: "{{ telefone }}"
      extra: "@.state"
      messageValue: "O pacote {{ codigo }} do pedido {{ pedido }} foi enviado."
"#;

#[test]
fn each_item_is_a_message_with_values_of_its_own() {
    let mapping = good(PARCELS);
    let plan = plan(&mapping, None, &parcels());
    assert_eq!(codes(&plan), [""; 0]);
    let made: Vec<_> = plan
        .messages
        .iter()
        .map(|m| {
            (m.item, m.start.text().unwrap(), m.business_key.as_deref().unwrap(), &m.start.body()["extra"])
        })
        .collect();
    let sent = json!("posted");
    assert_eq!(
        made,
        [
            (Some(1), "O pacote AA1 do pedido 77 foi enviado.", r#"["loja",77,"AA1"]"#, &sent),
            (Some(3), "O pacote AA3 do pedido 77 foi enviado.", r#"["loja",77,"AA3"]"#, &sent),
        ]
    );
    assert_eq!((plan.skipped[0].item, plan.skipped[0].why), (Some(2), Skip::When));
    assert_eq!(plan.messages[1].values[0].origin, "@.code");
}

#[test]
fn without_items_there_is_no_message_and_one_wrong_item_keeps_all_back() {
    let mapping = good(PARCELS);
    for body in [
        json!({"number": 1, "phone": "27999998888"}),
        json!({"number": 1, "phone": "27999998888", "parcels": []}),
    ] {
        let plan = plan(&mapping, None, &body);
        assert_eq!((plan.messages.len(), plan.skipped[0].why), (0, Skip::NoItems));
    }
    let mut body = parcels();
    body["parcels"][2]["code"] = Value::Null;
    assert_eq!(codes(&plan(&mapping, None, &body)), ["10:15 value-missing"]);
    body["parcels"] = vec![json!({"state": "x"}); 1_001].into();
    assert_eq!(codes(&plan(&mapping, None, &body)), ["7:11 too-many-items"]);
}

#[test]
fn in_a_batch_the_item_is_the_body() {
    let batch = "provider: hotmart\nsecrets: env:S\neach: $.pix[*]\nevent: { id: $.txid }\nvalues:\n  valor: { from: \"@.valor\", as: money }\nconnection: whatsapp-loja\nsession:\n  contactExternalID: { from: \"@.fone\", as: phone }\n  messageValue: \"Recebemos {{ valor | brl }} de {{ item.nome }} ({{ body.nome }}).\"\n";
    let mapping = good(batch);
    assert_eq!(mapping.event.described_each().as_deref(), Some("$.pix[*]"));
    let plan = plan(&mapping, None, &json!({"valor": "10.00", "fone": "27999998888", "nome": "Ana"}));
    assert_eq!(field(&plan, "messageValue"), "Recebemos R$ 10,00 de Ana (Ana).");
}

#[test]
fn an_item_is_there_inside_each_only() {
    let loose = PARCELS.replace("    each: $.parcels[*]\n", "");
    assert_eq!(mistakes(&loose), ["9:15 no-item", "10:11 unknown-name", "15:14 no-item"]);
    let broken = PARCELS.replace("\"@.code\"", "\"@.co[de\"").replace("$.parcels[*]", "$.parcels");
    assert_eq!(mistakes(&broken), ["8:11 bad-place", "10:21 bad-path"]);
    let taken = PARCELS.replace("codigo", "pedido");
    assert_eq!(mistakes(&taken), ["10:7 duplicate-name"]);
    let item = PARCELS.replace("codigo", "item");
    assert_eq!(mistakes(&item), ["10:7 bad-name"]);
    let unused = PARCELS.replace("codigo: \"@.code\"", "codigo: \"@.code\"\n      mais: \"@.x\"");
    assert_eq!(mistakes(&unused), ["11:7 unused-value"]);
}

#[test]
fn one_event_can_be_messages_on_two_connections() {
    let two = format!(
        "{}messages:\n  - name: cliente\n    connection: whatsapp-loja\n    session: {{ contactExternalID: \"{{{{ x }}}}\", messageValue: \"Oi!\" }}\n  - name: equipe\n    connection: ifood\n    session: {{ contactExternalID: loja-1, messageValue: \"Pedido de {{{{ x }}}}.\" }}\n",
        "provider: hotmart\nsecrets: env:S\nvalues:\n  x: { from: $.tel, as: phone }\n"
    );
    let plan = plan(&good(&two), None, &json!({"tel": "27999998888"}));
    let to: Vec<_> = plan.messages.iter().map(|m| (m.connection.as_str(), m.start.contact())).collect();
    assert_eq!(to, [("whatsapp-loja", "5527999998888"), ("ifood", "loja-1")]);
}
