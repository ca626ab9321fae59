//! Any document through a mapping that uses the whole language, and through the
//! starters: planned, explained, and never half-filled.

#![no_main]

use std::sync::LazyLock;

use gancho::diagnostic::{Problems, Sentence, SourceText};
use gancho::event::{Headers, Timestamp};
use gancho::mapping::{EventInput, Mapping, Skip, World};
use gancho::provider::{Catalogue, starter, with_starter};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const WHOLE: &str = r#"
verify: { scheme: basic }
secrets: [env:S]
event: { id: $.i, type: $.t }
tables: { t: { "1": um, "2": dois } }
values:
  tel: { from: [$.p, $.n], as: phone, default: "" }
  partes: { from: { ddi: $.c, ddd: $.d, number: $.n }, as: phone, default: "" }
  valor: { from: $.v, as: money, default: 0 }
  centavos: { from: $.v, as: money, unit: cents, default: 0 }
  quando: { from: $.q, as: date, default: "" }
  dia: { from: $.q, as: date, format: dd/MM/yyyy, default: "" }
  numero: { from: $.v, as: number, default: 1 }
  sim: { from: $.b, as: bool, default: false }
  itens: { from: "$.l[?@.n].n", many: true, default: [] }
  tabela: { from: $.k, table: t, default: nada }
  nome: { from: [$.a, "$..a"], default: x }
messages:
  - name: um
    when: event.type == "a" or valor > 1 and nome != "y"
    connection: c
    once_per: [nome]
    session:
      contactExternalID: $.p
      contactFullName: "{{ nome | title }}"
      messageValue: "{{ nome | first_name | truncate(9) }} {{ (valor * numero) | brl }} {{ centavos | brl }} {{ itens | join(', ') }} {{ tel | phone_mask }} {{ partes }} {{ tabela | upper }} {% if sim %}s{% endif %}{% if quando %}{{ quando | date('EEEE, dd/MM HH:mm', 'America/Manaus') }}{% endif %}{% if dia %}{{ dia | weekday }}{% endif %}{% for i in body.l %}{{ loop.index }}{{ i.n | one_line }}{% endfor %}"
  - name: dois
    each: $.l[*]
    values: { n: "@.n" }
    when: item.n is defined
    connection: c
    session: { contactExternalID: "{{ n }}", messageValue: "{{ item.n | default('z') | urlencode }}", campaignVariables: ["@.n", $.l] }
"#;

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded(&mut Problems::default());
    let compile = |name: &str, text: &str| {
        let mut problems = Problems::default();
        let world = World { catalogue: &catalogue, connections: None, sample: &|_| Err(Sentence::verbatim("")) };
        let file = SourceText::new(name, text);
        let mapping = Mapping::compile(&name.parse().expect("a name"), &file, &world, &mut problems);
        mapping.unwrap_or_else(|| panic!("{name}: {problems:?}"))
    };
    let whole = compile("whole", WHOLE);
    let starters = with_starter().map(|id| compile(id, starter(id).expect("it is listed")));
    std::iter::once(whole).chain(starters).collect()
});

fuzz_target!(|data: &[u8]| {
    let [choice, body @ ..] = data else { return };
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    // Half of the time the whole language.
    let mapping = &MAPPINGS[if choice % 2 == 0 { 0 } else { usize::from(*choice) % MAPPINGS.len() }];
    let headers: Headers = [("x-shopify-topic", "orders/paid"), ("x-wc-webhook-topic", "order.updated")].into_iter().collect();
    let kind = body["t"].as_str().or(body["event"].as_str()).or(body["type"].as_str());
    let event = EventInput {
        id: None,
        kind,
        source: &mapping.source,
        received_at: Timestamp::from_secs(1_772_452_800),
        headers: &headers,
        query: &[],
        body: &body,
    };
    let plan = mapping.plan(&event);
    assert!(plan.problems.is_empty() || plan.messages.is_empty(), "half of an event would be sent");
    for message in &plan.messages {
        assert!(!message.start.contact().trim().is_empty());
        let text = message.start.text().unwrap_or_default();
        assert!(!text.trim().is_empty(), "{text}");
    }
    for skipped in plan.skipped.iter().filter(|skipped| skipped.why == Skip::When) {
        let _ = mapping.why(&event, skipped);
    }
});
