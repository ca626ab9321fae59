//! The schema of a mapping and `Mapping::compile` are alike.

use std::fs;
use std::sync::LazyLock;

use gancho::diagnostic::{Problems, Sentence, SourceText};
use gancho::mapping::{Mapping, World};
use gancho::provider::Catalogue;

use super::checker::{Checker, assert_all_described, described_choices, described_keys};
use super::printed::mapping as schema;
use super::{changed_in, reader, source, without};

/// The rooms that read a mapping; what is below `mapping` reads providers too.
const ROOMS: [&str; 4] = ["mapping", "payload", "provider", "verify"];

/// How many errors the reader finds.
fn errors(text: &str) -> usize {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded(&mut Problems::default()));
    let mut problems = Problems::default();
    let sample = |path: &str| match path {
        "sample.json" => Ok(b"{}".to_vec()),
        _ => Err(Sentence::verbatim("it is not there")),
    };
    let world = World { catalogue: &CATALOGUE, connections: None, sample: &sample };
    let file = SourceText::new("mappings/loja.yaml", text);
    let mapping = Mapping::compile(&"loja".parse().unwrap(), &file, &world, &mut problems);
    assert!(mapping.is_some() || problems.has_errors(), "{text}: refused in silence");
    problems.errors()
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    let described = described_keys(&schema());
    let known = reader::keys(&ROOMS);
    for (title, keys) in &described {
        assert_eq!(Some(keys), known.get(title), "{title}");
    }
    for title in reader::keys(&ROOMS[..1]).keys() {
        assert!(described.contains_key(title), "`{title}` is not described");
    }
}

#[test]
fn schema_and_reader_know_the_same_words() {
    let described = described_choices(&schema());
    for (key, words) in reader::words(&ROOMS[..1]) {
        assert_eq!(described.get(&key), Some(&words), "{key}");
    }
}

#[test]
fn every_key_says_what_it_is_for() {
    assert_all_described(&schema());
}

#[test]
fn every_mapping_is_as_the_schema_says() {
    let checker = Checker::new(&schema());
    let mut count = 0;
    let folders = ["../mappings", "../starters"].map(|folder| fs::read_dir(source().join(folder)).unwrap());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|have| have == "yaml") {
            let complaint = checker.complaint(&fs::read_to_string(&path).unwrap());
            assert!(complaint.is_none(), "{}: {}", path.display(), complaint.unwrap());
            count += 1;
        }
    }
    assert!(count > 80, "{count} files: is this the right folder?");
}

/// A file without a mistake; each broken one is this one with a change.
const WHOLE: &str = r#"provider: shopify
secrets: [env:LOJA, { secret: file:/run/old, not_before: 2026-01-01T00:00:00Z, not_after: "2026-12-31T23:59:59-03:00" }]
params: { app: "1", key: env:KEY, number: 7 }
event: { id: [header:X-Id, $.id], type: $.type }
body: { json_in: payload }
acknowledge: { status: 204, body: empty }
values:
  pedido: $.name
  nome: { from: [$.name, header:X-Name], default: cliente }
  telefone: { from: { ddd: $.area, number: $.number }, as: phone }
  total: { from: $.total, as: money, unit: cents }
  dia: { from: $.date, as: date, format: dd/MM/yyyy, timezone: America/Sao_Paulo }
  itens: { from: "$.items[*]", many: true }
  loja: { from: $.store, table: lojas }
tables:
  lojas: { "101": Vitória }
messages:
  - name: pago
    when: total > 0
    connection: whatsapp-loja
    once_per: [pedido, event.type]
    session:
      contactExternalID: "{{ telefone }}"
      messageValue: "Oi, {{ nome }}! {{ pedido }}"
      extra: { from: $.a, as: text }
tests:
  - name: um pedido
    given: { headers: { X-Id: 1 }, query: a=1, body: sample.json }
    expect: [{ message: pago, contactExternalID: "55" }]
"#;

#[track_caller]
fn changed(from: &str, to: &str) -> String {
    changed_in(WHOLE, from, to)
}

/// A file with one message, and more lines.
fn short(more: &str) -> String {
    format!(
        "provider: shopify\nsecrets: env:LOJA\nconnection: c\nsession: {{ contactExternalID: '1', messageValue: a }}\n{more}\n"
    )
}

#[test]
fn what_is_right_is_accepted_by_both() {
    let checker = Checker::new(&schema());
    for text in [
        short("each: $.pix[*]"),
        changed("when: total > 0", "each: $.items[*]\n    values: { produto: '@.name', primeiro: \"@['a']\" }"),
        changed(
            "when: total > 0",
            "each: $.items[*]\n    values: { produto: '@.name' }\n    when: total > 0 and produto != 'x'",
        ),
        WHOLE.to_owned(),
        without(WHOLE, "tests"),
        short("when: event.type == 'paid'\nonce_per: event.id"),
        short("values:\n  # pedido: $.name\ntables:\nparams:"),
        short("values: { endereço: $.a, _a1: 'json:$.b', c: [form:x, query:y, header:Z] }"),
        short("values: { a: { from: $.a, as: date, format: epoch_ms }, b: { from: form:b, as: money } }"),
        short("values: { a: { from: $.a, default: [1, { b: null }] } }"),
        short("tables: { a: { '1': [x], '2': 3 }, b: {} }"),
        short("tests: [{ name: n, given: {}, expect: [] }]"),
        short(
            "tests: [{ name: n, given: { headers: , body: { a: [1] } }, expect: [{ message: loja, x: 1 }] }]",
        ),
        short(
            "handshakes: [{ name: n, when: { method: GET }, challenge: { at: query:c }, answer: { body: '{challenge}' } }]",
        ),
        short("event: { each: '$.items[*]', id: { join: [$.a, $.b] } }"),
        short("acknowledge: { status: 200, body: { text: ok } }"),
        changed("\"{{ telefone }}\"", "{ from: [$.a, $.b], as: phone, default: '5527999998888' }"),
        changed("extra: { from: $.a, as: text }", "extra: { from: $.a, to: [$.b, \"{{ nome }}\"], n: null }"),
        changed("extra: { from: $.a, as: text }", "campaignVariables: [$.a, 1, true, { from: $.b }]"),
        changed("Oi, {{ nome }}! {{ pedido }}", "$5 de desconto"),
        changed("when: total > 0", "when: |\n      total > 0 and\n      nome != 'x'"),
        changed("[pedido, event.type]", "pedido"),
        changed("[pedido, event.type]", "[event.source, event.id]"),
        changed("[env:LOJA, {", "{").replacen("} ]", "}", 1).replacen("\" }]", "\" }", 1),
        changed("env:LOJA,", "captured,"),
        without(WHOLE, "provider")
            + "verify: { scheme: hmac, signature: { from: header:X, encoding: hex } }\n",
        without(WHOLE, "provider")
            + "verify: { any_of: [{ scheme: basic }, { scheme: static, from: header:X }] }\n",
        "provider: aws-sns\nparams: { topic_arn: a }\nconnection: c\nsession: { contactExternalID: 1, messageValue: a }\n".to_owned(),
    ] {
        assert_eq!((errors(&text), checker.complaint(&text)), (0, None), "{text}");
    }
    // A folder of one's own may have any, which this reader does not look into.
    assert_eq!(checker.complaint(&changed("shopify", "meu-erp")), None);
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let checker = Checker::new(&schema());
    let broken = [
        "- provider\n".to_owned(),
        without(WHOLE, "provider"),
        without(WHOLE, "secrets"),
        without(WHOLE, "messages"),
        short("").replace("connection: c\n", ""),
        short("messages: []").replace("connection: c\n", ""),
        short("verify: { scheme: hmac }"),
        short("verify: { scheme: hmacc }"),
        short("verify: { scheme: static, from: header:X }").replace("secrets: env:LOJA\n", ""),
        short("handshakes: [{ name: n }]"),
        short("tests: { name: n }"),
        changed("values:", "valus:"),
        changed("provider: shopify", "provider: [shopify]"),
        changed("env:LOJA", "shpss_4f1c"),
        changed("env:LOJA", "env:"),
        changed("env:LOJA", "env:MY-LOJA"),
        changed("secret: file:/run/old", "secrt: env:OLD"),
        changed("secret: file:/run/old, ", ""),
        changed("2026-12-31T23:59:59-03:00", "2026-12-31"),
        changed("2026-12-31T23:59:59-03:00", "amanhã"),
        changed("key: env:KEY", "key: [a]"),
        changed("[header:X-Id, $.id]", "[]"),
        changed("header:X-Id", "cookie:X-Id"),
        changed("json_in: payload", "json: payload"),
        changed("status: 204", "status: 404"),
        changed("pedido: $.name", "pedido: name"),
        changed("pedido: $.name", "pedido: 5"),
        changed("pedido: $.name", "pedido: []"),
        changed("pedido: $.name", "pedido-pago: $.name"),
        changed("pedido: $.name", "body: $.name"),
        changed("pedido: $.name", "1a: $.name"),
        changed("from: [$.name", "fron: [$.name"),
        changed("header:X-Name", "header: "),
        changed("as: phone", "as: fone"),
        changed(", as: phone", ""),
        changed("as: phone", "as: text"),
        changed("number: $.number", "numero: $.number"),
        changed("as: money", "as: number"),
        changed("unit: cents", "unit: centavos"),
        changed("as: date, ", ""),
        changed("format: dd/MM/yyyy", "format: 1"),
        changed("many: true", "many: yes"),
        changed("table: lojas", "table: { a: b }"),
        changed("lojas: { \"101\": Vitória }", "lojas: Vitória"),
        changed("name: pago", "nome: pago"),
        changed("when: total > 0", "when: true"),
        changed("when: total > 0", "if: total > 0"),
        changed("    connection: whatsapp-loja\n", ""),
        changed("connection: whatsapp-loja", "connection:"),
        changed("event.type]", "event.received_at]"),
        changed("[pedido, event.type]", "{ a: pedido }"),
        changed("contactExternalID: \"", "contactExternalId: \""),
        changed("      messageValue: \"Oi, {{ nome }}! {{ pedido }}\"\n", ""),
        changed("extra:", "channel:"),
        changed("extra:", "pluginConnectionID:"),
        changed("from: $.a, as: text", "from: a, as: text"),
        changed("from: $.a, as: text", "a: [{ from: $.a, as: texto }]"),
        changed("name: um pedido", "nome: um pedido"),
        changed("X-Id: 1", "X-Id: [1]"),
        changed("query: a=1", "query: { a: 1 }"),
        changed("message: pago", "mensagem: pago"),
        changed("expect: [{ message: pago, contactExternalID: \"55\" }]", "expect:"),
        short("each: items"),
        short("each: $.pix"),
        changed("when: total > 0", "each: header:X"),
        changed("when: total > 0", "each: [$.items]"),
        changed("when: total > 0", "values: { body: $.name }"),
        format!("{WHOLE}connection: c\n"),
        format!("{WHOLE}when: total > 0\n"),
    ];
    for text in broken {
        assert!(errors(&text) > 0, "the reader accepts\n{text}");
        assert!(checker.complaint(&text).is_some(), "the schema accepts\n{text}");
    }
}
