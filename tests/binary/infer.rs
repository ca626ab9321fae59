//! `gancho infer`: what it proposes for a body, word for word, as text and as
//! JSON, and what it says when there is nothing to propose.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::demo::assert_fits;
use crate::running::{Ended, run};
use crate::site::Site;

#[track_caller]
fn infer(arguments: &[&str]) -> Ended {
    let mut command = Site::empty().gancho(&["infer"]);
    run(command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")))
}

/// Writes the body to a file of its own and asks about it.
#[track_caller]
fn infer_body(body: &str, arguments: &[&str]) -> Ended {
    let site = Site::empty();
    site.write("body", body);
    let file = site.path().join("body");
    infer(&[&[file.to_str().unwrap()], arguments].concat())
}

#[test]
fn an_order_becomes_values_to_paste() {
    let ended = infer(&["mappings/samples/erp/saiu-para-entrega.json"]).exits(0);
    assert_fits(&ended.stdout);
    assert_eq!(
        ended.stdout,
        r##"event:
  id: $.evento_id  # 7f3c0a52-4b1d-4d8e-a2c9-51e6d7b80f34
  type: $.tipo  # pedido.saiu_para_entrega

values:
  pedido: $.pedido.numero  # 20451
  nome: $.cliente.nome  # MARIA SOUZA
  email: $.cliente.email  # maria.souza@example.com
  # R$ 1.234,80
  total: { from: $.pedido.total_centavos, as: money, unit: cents }
  itens: { from: "$.pedido.itens[*].descricao", many: true }  # Sofá de dois lu…
  previsao:  # 02/03/2026 14:30
    from: $.pedido.entrega.previsao
    as: date
    format: "dd/MM/yyyy HH:mm"
"##
    );
}

#[test]
fn what_else_was_seen_is_listed() {
    let ended = infer(&["mappings/samples/hotmart/purchase-approved.json"]).exits(0);
    assert_fits(&ended.stdout);
    let (proposal, others) = ended.stdout.split_once("\nalso seen\n").expect("a list of the rest");
    let phone = "  telefone:  # 5527999998888\n    from:\n      ddd: $.data.buyer.checkout_phone_code\n      \
                 number: $.data.buyer.checkout_phone\n    as: phone\n";
    assert!(proposal.contains(phone), "{proposal}");
    assert_eq!(
        others,
        "  nome   likely    Maria                     $.data.buyer.first_name
  total  possible  R$ 197,00                 $.data.purchase.price.value
  total  possible  R$ 197,00
      $.data.purchase.original_offer_price.value
  total  possible  R$ 20,70                  $.data.commissions[0].value
"
    );
}

#[test]
fn programs_get_json() {
    let ended = infer(&["mappings/samples/woocommerce/order-updated.json", "--json"]).exits(0);
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let phone = findings.iter().find(|finding| finding["kind"] == "phone").unwrap();
    for (key, value) in [
        ("name", Value::from("telefone")),
        ("as", Value::from("phone")),
        ("unit", Value::Null),
        ("score", Value::from("likely")),
        ("value", Value::from("5527999998888")),
        ("reason", Value::from("the key says `cellphone`")),
        ("proposed", Value::from(true)),
    ] {
        assert_eq!(phone[key], value, "{key}");
    }
    assert_eq!(phone["paths"][0], "$.billing.cellphone");
    assert_eq!(phone["paths"][1], "$.meta_data[?@.key=='_billing_cellphone'].value");
}

#[test]
fn any_body_that_the_gateway_reads_will_do() {
    let form = infer_body("cliente[nome]=Maria+Souza&cliente[celular]=27999998888&pedido=1001", &[]).exits(0);
    assert!(form.stdout.contains("telefone: { from: $.cliente.celular, as: phone }  # 5527999998888"));
    let xml = "<pedido><numero>1001</numero><cliente><nome>Maria Souza</nome></cliente></pedido>";
    let xml = infer_body(xml, &[]).exits(0);
    assert!(xml.stdout.contains(".cliente.nome  # Maria Souza"), "{}", xml.stdout);
    let topic = infer_body("{\"id\": 7, \"total\": \"9.90\"}", &["-H", "X-Topic: orders/paid"]).exits(0);
    assert!(topic.stdout.contains("type: \"header:x-topic\"  # orders/paid"), "{}", topic.stdout);
}

#[test]
fn a_body_comes_from_stdin_too() {
    let site = Site::empty();
    let mut command = site.gancho(&["infer", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"nome\": \"Maria Souza\"}").unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert!(String::from_utf8(ended.stdout).unwrap().contains("  nome: $.nome  # Maria Souza\n"));
}

#[test]
fn what_cannot_be_used_is_said() {
    let service = infer_body("{\"customer\": {\"phone\": \"0800 705 3040\"}}", &[]).exits(0);
    assert!(service.stdout.contains("# the phone `***3040` is a service number"), "{}", service.stdout);
    for (body, code, said) in [
        ("{\"a\": ", 1, "The body cannot be read: the body is not JSON"),
        ("{\"a\": 1}", 1, "Nothing that a message needs was recognised in this body.\n"),
    ] {
        let ended = infer_body(body, &[]).exits(code);
        assert!(ended.all().contains(said), "{body}: {}", ended.all());
        assert_fits(&ended.stdout);
    }
    assert!(infer(&["none.json"]).exits(2).stderr.starts_with("The body `none.json` cannot be read: "));
    assert!(
        infer(&["none.json", "-H", "x"]).exits(2).stderr.contains("a header is written as 'Name: value'")
    );
}
