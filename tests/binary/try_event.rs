//! `gancho try`: what it shows of a body that becomes a message and of one that
//! does not, word for word, and what it says when it cannot begin.

use std::fs;

use crate::demo::assert_fits;
use crate::running::{Ended, run, run_with_input};
use crate::site::{PEDIDOS, SHIPPED, Site, order, sandbox};

/// The folder that the shipped mappings are in is the working folder here, as
/// for somebody who has just cloned it.
#[track_caller]
fn try_event(arguments: &[&str]) -> Ended {
    let mut command = Site::empty().gancho(&["try"]);
    run(command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")))
}

const PAID: [&str; 2] = ["-H", "X-Shopify-Topic: orders/paid"];

/// The version is the hash of a file that may change.
fn without_version(text: &str) -> String {
    let (before, after) = text.split_once(", version ").expect("a version");
    format!("{before}, version …{}", after.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[test]
fn a_paid_order_is_shown_from_its_values_to_its_request() {
    let ended = try_event(&["loja-shopify", "mappings/samples/shopify/orders-paid.json", PAID[0], PAID[1]]);
    let ended = ended.exits(0);
    assert_fits(&ended.stdout);
    assert_eq!(
        without_version(&ended.stdout),
        r##"source  loja-shopify, version …
event   id (none in this request), type orders/paid
values
  pedido    #1001                         $.name
  nome      Maria Souza                   $.billing_address.name
  telefone  5527999998888                 $.billing_address.phone
  total     174.6                         $.total_price
  itens     ["Camiseta Maré","Boné Pedr…  $.line_items[*].title
message pedido-pago through whatsapp-loja
  to 5527999998888
  once per ["loja-shopify","#1001","orders/paid"]
  │ Oi, Maria! Recebemos o pagamento do seu pedido #1001, no valor de R$ 174,60.
  │ Obrigado pela compra!
  │ • Camiseta Maré
  │ • Boné Pedra da Cebola
  │ Assim que ele for enviado, a gente avisa por aqui.
request
  { "channel": "urn:talqui:unchecked:0",
    "pluginConnectionID": "unchecked",
    "contactExternalID": "5527999998888",
    "contactFullName": "Maria Souza",
    "messageKey": "text",
    "messageValue": "Oi, Maria! Recebemos o pagamento do seu pedido #1001, n…" }
Nothing was sent.
There is no gancho.yaml here: what belongs to the connection is made up.
"##
    );
}

#[test]
fn an_order_without_a_phone_is_shown_with_the_reason() {
    let site = Site::empty();
    let text = fs::read_to_string(format!("{SHIPPED}/samples/shopify/orders-paid.json")).unwrap();
    let phoneless: String = text.lines().filter(|line| !line.contains("phone\"")).collect();
    site.write("order.json", &phoneless.replace(",}", "}").replace(",    }", "}"));
    let order = site.path().join("order.json");
    let ended = try_event(&["loja-shopify", order.to_str().unwrap(), PAID[0], PAID[1]]).exits(1);
    assert_fits(&ended.stdout);
    assert_eq!(
        without_version(&ended.stdout),
        r##"source  loja-shopify, version …
event   id (none in this request), type orders/paid
values
  pedido    #1001                         $.name
  nome      Maria Souza                   $.billing_address.name
  telefone  ✗ nothing is there at $.phone, $.customer.phone, $.billing_address.…
  total     174.6                         $.total_price
  itens     ["Camiseta Maré","Boné Pedr…  $.line_items[*].title
problems
  ✗ nothing is there at $.phone, $.customer.phone, $.billing_address.phone,
    $.shipping_address.phone
    mappings/loja-shopify.yaml:27:11 (value-missing)
    help: if that can happen, say what to use instead with `default:`
The event would be kept and nothing sent, until the mapping is mended.
"##
    );
}

#[test]
fn what_cannot_begin_says_why() {
    let site = Site::empty();
    site.write("broken.json", "{\"id\": ");
    let broken = site.path().join("broken.json");
    let broken = broken.to_str().unwrap();
    let sources = "There is no mapping `mappings/loja.yaml`.\nThere are: assinaturas, cursos-hotmart, erp, \
                   ifood, loja-shopify,\nloja-woocommerce.\n";
    for (arguments, code, said) in [
        (vec!["loja", broken], 2, sources),
        (vec!["erp", "none.json"], 2, "The body `none.json` cannot be read: No such file or directory"),
        (vec!["erp", broken], 1, "✗ the event would be parked: the body is not JSON: EOF while parsing"),
        (
            vec!["erp", broken, "-H", "Content-Type: image/png"],
            1,
            "✗ a body of this content-type would be refused with 415",
        ),
        (vec!["erp", broken, "-H", "nonsense"], 2, "a header is written as 'Name: value'"),
        (vec!["erp"], 2, "<BODY_FILE>"),
    ] {
        let ended = try_event(&arguments).exits(code);
        assert!(ended.all().contains(said), "{arguments:?}: {}", ended.all());
    }
}

#[test]
fn an_event_that_no_message_wants_is_said_to_be_ignored() {
    let ended = try_event(&["ifood", "mappings/samples/ifood/keepalive.json"]).exits(0);
    assert!(ended.stdout.contains("message andamento: its `when` does not hold (mappings/ifood.yaml:"));
    assert!(ended.stdout.ends_with("The event would be ignored: no message wants it.\n"));
}

#[test]
fn what_decided_that_a_message_is_not_sent_is_shown() {
    let ended = try_event(&[
        "loja-shopify",
        "mappings/samples/shopify/orders-paid.json",
        "-H",
        "X-Shopify-Topic: orders/updated",
    ])
    .exits(0);
    assert_fits(&ended.stdout);
    let expected = "message pedido-pago: its `when` does not hold (mappings/loja-shopify.yaml:35:11)\n  \
                    event.type == \"orders/paid\"\n    event.type is \"orders/updated\"\n\
                    The event would be ignored: no message wants it.\n";
    assert!(ended.stdout.ends_with(expected), "{}", ended.stdout);
}

/// The standard input, a batch, and the output for programs.
#[test]
fn a_batch_from_the_standard_input_is_shown_for_programs() {
    let site = Site::empty();
    site.write(
        "mappings/pix.yaml",
        "verify: { scheme: basic }\nsecrets: env:S\neach: $.pix[*]\nevent: { id: $.txid }\nwhen: item.valor > 1\nconnection: c\nsession: { contactExternalID: '@.chave', messageValue: 'Recebido: {{ body.valor }}.' }\n",
    );
    let body =
        r#"{"pix":[{"txid":"a","valor":2,"chave":"k1"},{"txid":"b","valor":1,"chave":"k2"},{"valor":3}]}"#;
    let ended = run_with_input(&mut site.gancho(&["try", "pix", "-", "--json"]), body).exits(1);
    let shown: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let events = shown["events"].as_array().unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["messages"][0]["request"]["contactExternalID"], "k1");
    assert_eq!(events[0]["messages"][0]["text"], "Recebido: 2.");
    assert_eq!(events[1]["skipped"][0]["because"][0]["condition"], "item.valor > 1");
    assert_eq!(events[1]["skipped"][0]["because"][0]["values"]["item.valor"], 1);
    assert_eq!(events[2]["problems"][0]["code"], "value-missing");
    assert_eq!(shown["connections_known"], false);
    let text = run_with_input(&mut site.gancho(&["try", "pix", "-"]), body).exits(1);
    assert!(text.stdout.contains("event   2 of 3, id b, type (none in this request)\n"), "{}", text.stdout);
}

/// An event that the gateway keeps, looked at with the mapping as it is now.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_event_is_tried_by_its_id() {
    let upstream = sandbox();
    let site = Site::with_pedidos(&upstream.url());
    let gateway = site.serve();
    let answer = order(gateway.public(), "p1", "ana", "").send().await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let id = answer["event"].as_str().expect("an id");
    let parked = run(&mut site.gancho(&["try", "--event", id])).exits(1).stdout;
    assert!(parked.contains("✗ nothing is there at $.texto\n"), "{parked}");
    let mended = PEDIDOS.replace("texto: $.texto", "texto: { from: $.texto, default: Oi! }");
    site.write("mappings/pedidos.yaml", &mended);
    let ended = run(&mut site.gancho(&["try", "--event", id])).exits(0);
    assert!(ended.stdout.contains("  to ana\n  │ Oi!\n"), "{}", ended.stdout);
    let none = "0190b6f2-0000-7000-8000-000000000000";
    let ended = run(&mut site.gancho(&["try", "--event", none])).exits(2);
    assert_eq!(ended.stderr, format!("There is no event {none} in the store.\n"));
    gateway.signal("TERM");
    gateway.end().exits(0);
    run(&mut Site::empty().gancho(&["try", "--event", none])).exits(2);
}
