//! The starters are what a beginner gets: each passes `check` without a warning,
//! shows its sender's sample first, and makes of a sender's real event what a
//! person would want to read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gancho::diagnostic::{Language, Palette, Problems, Sentence, SourceText, render};
use gancho::event::{EventId, Headers, Timestamp};
use gancho::mapping::{Connections, Mapping, World};
use gancho::provider::{Catalogue, Payload, with_starter};
use gancho::session::{Channel, Destination};
use gancho::store::InboxEvent;
use gancho::worker::read_event;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/starters");
/// Payloads of senders, beside the repository where there are some.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/samples");

fn connections() -> Connections {
    let to = |channel: &str| Destination {
        tenant_id: "t".to_owned(),
        plugin_connection_id: "pc".to_owned(),
        channel: channel.parse::<Channel>().unwrap(),
    };
    [
        ("whatsapp", "urn:talqui:whatsapp-internal:0"),
        ("ifood", "urn:talqui:ifood:0"),
        ("telegram-equipe", "urn:talqui:telegram:0"),
    ]
    .map(|(name, channel)| (name.to_owned(), to(channel)))
    .into()
}

#[track_caller]
fn starter(id: &str, catalogue: &Catalogue) -> Mapping {
    let text = fs::read_to_string(Path::new(FOLDER).join(format!("{id}.yaml"))).unwrap();
    let mut problems = Problems::default();
    let connections = connections();
    let sample = |_: &str| Err(Sentence::verbatim("a starter is one file"));
    let world = World { catalogue, connections: Some(&connections), sample: &sample };
    let file = SourceText::new(format!("starters/{id}.yaml"), text);
    let mapping = Mapping::compile(&id.parse().unwrap(), &file, &world, &mut problems);
    if let Some(mapping) = &mapping {
        problems.extend(mapping.run_tests());
    }
    let said = render(&problems.sorted(), Palette::Plain, Language::English);
    assert_eq!(said, "", "starters/{id}.yaml");
    mapping.unwrap()
}

#[test]
fn every_starter_passes_check_without_a_warning() {
    let catalogue = Catalogue::embedded(&mut Problems::default());
    for id in with_starter() {
        let mapping = starter(id, &catalogue);
        assert!(mapping.tests() >= 2, "{id} has {} tests", mapping.tests());
        let text = fs::read_to_string(Path::new(FOLDER).join(format!("{id}.yaml"))).unwrap();
        assert!(text.starts_with("# ") && text.contains(&format!("/hooks/{id}")), "{id}: its head");
        assert!(text.contains(&format!("\nprovider: {id}\n")), "{id} is of another provider");
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(112), "{id} has a line of {longest:?}");
    }
}

#[test]
fn every_fat_sender_has_a_starter_and_every_file_is_compiled_in() {
    let embedded: BTreeSet<String> = with_starter().map(str::to_owned).collect();
    let files: BTreeSet<String> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(embedded, files);
    let catalogue = Catalogue::embedded(&mut Problems::default());
    for provider in catalogue.iter().filter(|provider| provider.payload == Payload::Fat) {
        assert!(embedded.contains(&provider.id), "{} has no starter", provider.id);
    }
}

/// A sample, the starter for it, a header that the sender adds, and what the first
/// message begins with.
const REAL: [(&str, &str, &str, &str); 13] = [
    ("appmax.standard", "appmax", "", "Oi, Maria! Para concluir o pedido"),
    ("calendly", "calendly", "", "Oi, Maria! Seu horário está marcado"),
    ("googleforms.appscript", "google-forms", "", "Oi, Maria! Recebemos a sua resposta."),
    ("hotmart", "hotmart", "", "Oi, Maria! Sua compra de Curso (R$ 150,00) foi aprovada."),
    ("ifood.event", "ifood", "", "Seu pedido saiu para entrega!"),
    ("kiwify.order", "kiwify", "", "Oi, Maria! Sua compra de Curso (R$ 99,70) foi aprovada."),
    (
        "pagarme.order.paid",
        "pagarme",
        "",
        "Oi, Maria! Recebemos o pagamento do pedido 1303724, de R$ 123,56.",
    ),
    ("rd.marketing", "rd-station", "", "Oi, Maria! Recebemos o seu cadastro."),
    (
        "shopify.order",
        "shopify",
        "X-Shopify-Topic: orders/paid",
        "Oi, Maria! Recebemos o pagamento do pedido",
    ),
    ("typeform", "typeform", "", "Oi, Maria! Recebemos a sua resposta."),
    ("whatsapp.cloud", "whatsapp-cloud", "", "Oi, Maria! Recebemos a sua mensagem"),
    (
        "woocommerce.order",
        "woocommerce",
        "X-WC-Webhook-Topic: order.updated",
        "Oi, Maria! O pagamento do pedido 456",
    ),
    ("yampi.order.paid", "yampi", "", "Oi, Maria! Recebemos o pagamento do pedido 1491811122, de R$ 149,90."),
];

#[test]
fn what_senders_really_send_becomes_a_sensible_message() {
    if !Path::new(SAMPLES).is_dir() {
        println!("SKIPPED: the payloads of senders are not beside this repository");
        return;
    }
    let catalogue = Catalogue::embedded(&mut Problems::default());
    for (sample, id, header, begins) in REAL {
        let mapping = starter(id, &catalogue);
        let body = fs::read(PathBuf::from(SAMPLES).join(format!("{sample}.json"))).unwrap();
        let said = first_text(&mapping, header, body);
        assert!(said.starts_with(begins), "{sample}: {said}");
        assert!(!said.contains("  ") && !said.contains("{{"), "{sample}: {said}");
    }
}

/// The first message's text, on any item of a batch.
fn first_text(mapping: &Mapping, header: &str, body: Vec<u8>) -> String {
    let now = Timestamp::from_secs(1_772_452_800);
    let mut headers: Headers = [("content-type", "application/json")].into_iter().collect();
    if let Some((name, value)) = header.split_once(": ") {
        headers.push(name, value);
    }
    let raw = gancho::event::RawWebhook {
        source: mapping.source.clone(),
        method: "POST".to_owned(),
        path: format!("/hooks/{}", mapping.source),
        query: String::new(),
        headers,
        body: body.into(),
        path_secret: None,
        received_at: now,
    };
    let events: Vec<InboxEvent> = gancho::ingest::events_of(mapping, raw, now);
    assert!(events.iter().all(|event| event.id != EventId::from_bytes([0; 16])));
    let plans = events.iter().map(|event| read_event(mapping, event, |input| mapping.plan(input)).unwrap());
    for plan in plans {
        assert!(plan.problems.is_empty(), "{}: {:?}", mapping.source, plan.problems);
        if let Some(message) = plan.messages.first() {
            return message.start.text().unwrap().to_owned();
        }
    }
    panic!("{}: no message", mapping.source);
}
