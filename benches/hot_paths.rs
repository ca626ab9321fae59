//! What one webhook costs before anything is stored or sent, each beside the
//! least it could cost: verifying beside the bare HMAC, planning beside the bare
//! parsing. How to run and read it: `docs/performance.md`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gancho::diagnostic::{Language, Palette, Problems, SourceText, render};
use gancho::event::{Headers, RawWebhook, Secret, SourceName, Timestamp};
use gancho::mapping::{Connections, EventInput, Mapping, Plan, World};
use gancho::payload::{ContentType, Request, read_body};
use gancho::provider::Catalogue;
use gancho::session::{Channel, Destination};
use gancho::verify::{Setting, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

const MAPPING: &str = include_str!("../mappings/loja-shopify.yaml");
const ORDER: &str = include_str!("../mappings/samples/shopify/orders-paid.json");
const SECRET: &str = "segredo-de-teste";
const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

fn main() {
    let effort = Effort::asked();
    let source: SourceName = "loja-shopify".parse().expect("a source name");
    // The sample is indented for readers; Shopify sends it without a space.
    let body = serde_json::from_str::<Value>(ORDER).expect("JSON").to_string();
    println!("a paid order of Shopify, {} bytes; {effort}\n", body.len());
    println!("{:26}{:>10}{:>12}{:>12}{:>15}", "", "min ns", "median ns", "min ratio", "median ratio");
    let mapping = compile(&source);
    verifying(&mapping, &body, &effort);
    planning(&mapping, &body, &effort);
}

fn verifying(mapping: &Mapping, body: &str, effort: &Effort) {
    let secret = Secret::new(SECRET);
    let draft = webhook(&mapping.source, body);
    let mut signed =
        Some(mapping.verify.sign(&draft, &secret, &Setting::default(), NOW).expect("a signed webhook"));
    let verifier = Verifier::new(mapping.verify.clone(), [secret], Setting::default()).expect("a verifier");
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    compare(
        effort,
        ("HMAC-SHA256 of the body", &mut || {
            let mut mac = key.clone();
            mac.update(black_box(body.as_bytes()));
            black_box(mac.finalize());
        }),
        // The webhook goes in and comes out whole: no copy of it is timed.
        ("verify", &mut || {
            let event = verifier.verify(black_box(signed.take().expect("a webhook")), NOW);
            signed = Some(event.expect("a valid signature").into_webhook());
        }),
    );
}

fn planning(mapping: &Mapping, body: &str, effort: &Effort) {
    let headers = webhook(&mapping.source, body).headers;
    let planned = plan(mapping, &headers, body);
    assert_eq!(planned.messages.len(), 1, "{:?}", planned.problems);
    compare(
        effort,
        ("serde_json::from_slice", &mut || {
            black_box(serde_json::from_slice::<Value>(black_box(body.as_bytes())).expect("JSON"));
        }),
        ("parse + plan", &mut || {
            black_box(plan(mapping, &headers, black_box(body)));
        }),
    );
}

/// From the bytes of a verified body to the messages it becomes.
fn plan(mapping: &Mapping, headers: &Headers, body: &str) -> Plan {
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

fn compile(source: &SourceName) -> Mapping {
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
    Mapping::compile(source, &file, &world, &mut problems)
        .unwrap_or_else(|| panic!("{}", render(&problems.sorted(), Palette::Plain, Language::English)))
}

/// With the headers that Shopify sends, but for the signature.
fn webhook(source: &SourceName, body: &str) -> RawWebhook {
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

/// How long to measure.
struct Effort {
    batches: usize,
    batch: Duration,
}

impl Effort {
    /// `--quick` is for seeing that it runs. So does `cargo test --benches`,
    /// which does not pass the `--bench` that `cargo bench` does.
    fn asked() -> Self {
        let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
        match has("--quick") || !has("--bench") {
            true => Self { batches: 11, batch: Duration::from_millis(1) },
            false => Self { batches: 301, batch: Duration::from_millis(5) },
        }
    }
}

impl std::fmt::Display for Effort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} batches of {} ms each", self.batches, self.batch.as_millis())
    }
}

type Work<'a> = (&'a str, &'a mut dyn FnMut());

/// Times the two by turns, so that what else the machine does falls on both,
/// and prints a line for each. A ratio says how many times the least it takes.
fn compare(effort: &Effort, (least_name, least): Work<'_>, (name, work): Work<'_>) {
    let (least_times, work_times) = (warm_up(effort, least), warm_up(effort, work));
    let (mut least_ns, mut work_ns) = (Vec::new(), Vec::new());
    for _ in 0..effort.batches {
        least_ns.push(batch(least_times, least));
        work_ns.push(batch(work_times, work));
    }
    let (least, work) = (Summary::of(least_ns), Summary::of(work_ns));
    println!("{least_name:26}{:>10.0}{:>12.0}", least.min, least.median);
    println!(
        "{name:26}{:>10.0}{:>12.0}{:>12.2}{:>15.2}",
        work.min,
        work.median,
        work.min / least.min,
        work.median / least.median,
    );
}

/// Runs it for ten batches' time, and says how many times fill one.
fn warm_up(effort: &Effort, work: &mut dyn FnMut()) -> u32 {
    let (start, mut times) = (Instant::now(), 0u32);
    while start.elapsed() < effort.batch * 10 {
        work();
        times += 1;
    }
    (times / 10).max(1)
}

/// Nanoseconds for each time.
fn batch(times: u32, work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(times)
}

struct Summary {
    min: f64,
    median: f64,
}

impl Summary {
    fn of(mut ns: Vec<f64>) -> Self {
        ns.sort_by(f64::total_cmp);
        Self { min: ns[0], median: ns[ns.len() / 2] }
    }
}
