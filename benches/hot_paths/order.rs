//! One paid order of Shopify, verified and planned: what the benches of single steps
//! have in common.

use gancho::diagnostic::{Language, Palette, Problems, SourceText, render};
use gancho::event::{Headers, RawWebhook, Secret, SourceName, Timestamp};
use gancho::mapping::{Connections, EventInput, Mapping, Plan, World};
use gancho::payload::{ContentType, Request, read_body};
use gancho::provider::Catalogue;
use gancho::session::{Channel, Destination};
use gancho::verify::{Setting, Verifier};
use serde_json::Value;

const MAPPING: &str = include_str!("../../mappings/loja-shopify.yaml");
const ORDER: &str = include_str!("../../mappings/samples/shopify/orders-paid.json");
pub const SECRET: &str = "segredo-de-teste";
pub const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

/// The sample is indented for readers; Shopify sends it without a space.
pub fn body() -> String {
    serde_json::from_str::<Value>(ORDER).expect("JSON").to_string()
}

pub fn signed(mapping: &Mapping, body: &str) -> RawWebhook {
    let draft = webhook(&mapping.source, body);
    mapping.verify.sign(&draft, &Secret::new(SECRET), &Setting::default(), NOW).expect("a signed webhook")
}

pub fn verifier(mapping: &Mapping) -> Verifier {
    Verifier::new(mapping.verify.clone(), [Secret::new(SECRET)], Setting::default()).expect("a verifier")
}

/// From the bytes of a verified body to the messages it becomes.
pub fn plan(mapping: &Mapping, headers: &Headers, body: &str) -> Plan {
    let body = read_body(&ContentType::Json, body.as_bytes()).expect("a document");
    let request = Request { headers, query: &[], body: &body };
    mapping.plan(&EventInput {
        id: mapping.event.id(&request).as_deref(),
        kind: mapping.event.kind(&request).as_deref(),
        source: &mapping.source,
        received_at: NOW,
        headers,
        query: &[],
        body: &body,
    })
}

pub fn compile() -> Mapping {
    let source: SourceName = "loja-shopify".parse().expect("a source name");
    let mut problems = Problems::default();
    let catalogue = Catalogue::embedded(&mut problems);
    let shop = Destination {
        tenant_id: "tenant".to_owned(),
        plugin_connection_id: "connection".to_owned(),
        channel: Channel::WhatsappInternal,
    };
    let connections = Connections::from([("whatsapp-loja".to_owned(), shop)]);
    let sample = |_: &str| Ok(ORDER.as_bytes().to_vec());
    let world = World { catalogue: &catalogue, connections: Some(&connections), sample: &sample };
    let file = SourceText::new("mappings/loja-shopify.yaml", MAPPING);
    Mapping::compile(&source, &file, &world, &mut problems)
        .unwrap_or_else(|| panic!("{}", render(&problems.sorted(), Palette::Plain, Language::English)))
}

/// With the headers that Shopify sends, but for the signature.
pub fn webhook(source: &SourceName, body: &str) -> RawWebhook {
    let headers = [
        ("host", "gancho.example.com"),
        ("user-agent", "Shopify-Captain-Hook"),
        ("content-type", "application/json"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"),
        ("x-shopify-api-version", "2026-01"),
        ("x-shopify-event-id", "98880550-7158-44d4-b7cd-2c97c8a091b5"),
        ("x-shopify-order-id", "5924817305832"),
        ("x-shopify-shop-domain", "loja-mare.myshopify.com"),
        ("x-shopify-test", "false"),
        ("x-shopify-topic", "orders/paid"),
        ("x-shopify-triggered-at", "2026-03-02T11:41:19.206401Z"),
        ("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
    ];
    RawWebhook {
        source: source.clone(),
        method: "POST".to_owned(),
        path: format!("/hooks/{source}"),
        query: String::new(),
        headers: headers.into_iter().collect(),
        body: body.to_owned().into(),
        path_secret: None,
        received_at: NOW,
    }
}
