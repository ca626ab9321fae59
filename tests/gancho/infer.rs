//! What is proposed for payloads of real shapes: the right phone, name, order
//! and amount come first, and what is proposed is a mapping that works.
//!
//! The research samples are not part of the repository. They are beside it, or
//! where `GANCHO_SAMPLES` says; without them that test says so and passes.

use std::fs;
use std::path::{Path, PathBuf};

use gancho::diagnostic::{Language, Palette, Problems, Sentence, SourceText, render};
use gancho::event::{Headers, Timestamp};
use gancho::infer::{Kind, Proposal, Source, infer, yaml};
use gancho::mapping::{EventInput, Mapping, World};
use gancho::payload::{Path as JsonPath, read_document};
use gancho::provider::Catalogue;
use serde_json::Value;

/// The first proposals for a file; "" where there is nothing to find. A phone in
/// parts is written `ddi + ddd + number`.
struct Expected {
    file: &'static str,
    phone: &'static str,
    name: &'static str,
    order: &'static str,
    /// With its unit.
    total: &'static str,
}

const fn row(
    file: &'static str,
    phone: &'static str,
    name: &'static str,
    order: &'static str,
    total: &'static str,
) -> Expected {
    Expected { file, phone, name, order, total }
}

#[rustfmt::skip]
const SAMPLES: [Expected; 27] = [
    row("appmax.standard", "$.data.customer.phone", "$.data.customer.firstname", "$.data.id", "$.data.total units"),
    row("asaas", "", "", "$.payment.externalReference", "$.payment.value units"),
    row("bling.v3", "", "", "$.data.numeroLoja", "$.data.total units"),
    row("calendly", "$.payload.questions_and_answers[?@.question=='WhatsApp'].answer", "$.payload.name", "", ""),
    row("googleforms.appscript", "$.values.WhatsApp[0]", "$.values['Nome completo'][0]", "", ""),
    row("hotmart", "$.data.buyer.checkout_phone", "$.data.buyer.name", "$.data.purchase.transaction",
        "$.data.purchase.full_price.value units"),
    row("ifood.event", "", "", "$.orderId", ""),
    row("ifood.order.GET", "$.customer.phone.number", "$.customer.name", "$.displayId", "$.total.orderAmount units"),
    row("kiwify.order", "$.Customer.mobile", "$.Customer.full_name", "$.order_ref",
        "$.Commissions.charge_amount cents"),
    // The shop's own number is often in a tag; that is shown as possible.
    row("melhorenvio", "", "", "$.data.protocol", ""),
    row("mercadolivre.notification", "", "", "", ""),
    row("mercadopago", "", "", "", ""),
    row("nuvemshop.event", "", "", "$.id", ""),
    row("nuvemshop.order.GET", "$.contact_phone", "$.contact_name", "$.number", "$.total units"),
    row("omie.nfe", "", "", "$.event.id_pedido", ""),
    row("pagarme.order.paid",
        "$.data.customer.phones.mobile_phone.country_code + $.data.customer.phones.mobile_phone.area_code + \
         $.data.customer.phones.mobile_phone.number",
        "$.data.customer.name", "$.data.code", "$.data.amount cents"),
    row("pix.bacen", "", "", "$.txid", "$.valor units"),
    row("rd.marketing", "$.contact.mobile_phone", "$.contact.name", "", ""),
    row("shopee.push", "", "", "$.data.ordersn", ""),
    row("shopify.order", "$.shipping_address.phone", "$.customer.first_name", "$.name", "$.total_price units"),
    row("tiktokshop", "", "", "$.data.order_id", ""),
    row("typeform", "$.form_response.answers[?@.field.ref=='telefone'].phone_number",
        "$.form_response.answers[?@.field.ref=='nome'].text", "", ""),
    row("vtex.hook", "", "", "$.OrderId", ""),
    row("vtex.order.GET", "$.clientProfileData.phone", "$.clientProfileData.firstName", "$.orderId", "$.value cents"),
    row("whatsapp.cloud", "$.value.contacts[0].wa_id", "$.value.contacts[0].profile.name", "", ""),
    row("woocommerce.order", "$.billing.cellphone", "$.billing.first_name", "$.number", "$.total units"),
    row("yampi.order.paid", "$.resource.customer.data.phone.full_number", "$.resource.customer.data.name",
        "$.resource.number", "$.resource.value_total units"),
];

/// Samples of the shipped mappings. What the mappings themselves take is right.
#[rustfmt::skip]
const SHIPPED: [Expected; 8] = [
    row("erp/saiu-para-entrega", "", "$.cliente.nome", "$.pedido.numero", "$.pedido.total_centavos cents"),
    row("hotmart/purchase-approved", "$.data.buyer.checkout_phone_code + $.data.buyer.checkout_phone",
        "$.data.buyer.name", "$.data.purchase.transaction", "$.data.purchase.full_price.value units"),
    row("ifood/dispatched", "", "", "$.orderId", ""),
    row("ifood/keepalive", "", "", "", ""),
    row("shopify/orders-paid", "$.billing_address.phone", "$.billing_address.name", "$.name", "$.total_price units"),
    row("standard-webhooks/invoice-paid", "$.data.customer.phone", "$.data.customer.name", "$.data.invoice.id",
        "$.data.invoice.amount_cents cents"),
    row("standard-webhooks/subscription-past-due", "$.data.customer.phone", "$.data.customer.name",
        "$.data.invoice.id", "$.data.invoice.amount_cents cents"),
    row("woocommerce/order-updated", "$.billing.cellphone", "$.billing.first_name", "$.number", "$.total units"),
];

#[test]
fn the_research_samples() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/samples");
    let folder = std::env::var("GANCHO_SAMPLES").unwrap_or_else(|_| beside.to_owned());
    if !Path::new(&folder).is_dir() {
        eprintln!("SKIPPED: the research samples are not here; GANCHO_SAMPLES names their folder");
        return;
    }
    let mut files: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    files.sort();
    assert_eq!(files, SAMPLES.map(|expected| expected.file), "every sample has its row");
    SAMPLES.iter().for_each(|expected| check(Path::new(&folder), expected));
}

#[test]
fn the_samples_of_the_shipped_mappings() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/samples");
    SHIPPED.iter().for_each(|expected| check(Path::new(folder), expected));
}

/// The bodies of every provider's examples: whatever is proposed is a mapping.
#[test]
fn what_is_proposed_for_any_provider_works() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let catalogue = Catalogue::embedded(&mut Problems::default());
    let mut proposals = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "yaml")) {
        for body in bodies(file) {
            let proposal = infer(&body, &Headers::default());
            proposals += usize::from(!proposal.chosen.is_empty());
            works(&file.display().to_string(), &body, &proposal, &catalogue);
        }
    }
    assert!(proposals > 200, "{proposals}");
}

/// The example bodies of a provider that are JSON.
fn bodies(file: &Path) -> Vec<Value> {
    let text = SourceText::new("p.yaml", fs::read_to_string(file).unwrap());
    let tree = gancho::yaml::parse(&text, &mut Problems::default()).unwrap().to_json();
    let examples = tree["examples"].as_array().cloned().unwrap_or_default();
    examples.iter().filter_map(|example| serde_json::from_str(example["body"].as_str()?).ok()).collect()
}

fn check(folder: &Path, expected: &Expected) {
    let bytes = fs::read(folder.join(format!("{}.json", expected.file))).unwrap();
    let json: Headers = [("content-type", "application/json")].into_iter().collect();
    let body = read_document(&Default::default(), &json, &bytes).unwrap();
    let proposal = infer(&body, &Headers::default());
    let first = |kind| {
        let found = proposal.chosen.iter().find(|proposed| proposed.best.kind == kind);
        found.map(|proposed| &proposed.best)
    };
    let place = |kind| first(kind).map_or(String::new(), |best| written(&best.source));
    let text = yaml(&proposal);
    assert_eq!(place(Kind::Phone), expected.phone, "{}: phone\n{text}", expected.file);
    assert_eq!(place(Kind::Name), expected.name, "{}: name\n{text}", expected.file);
    assert_eq!(place(Kind::Order), expected.order, "{}: order\n{text}", expected.file);
    let unit = if text.contains("unit: cents") { " cents" } else { " units" };
    let total = first(Kind::Total).map_or(String::new(), |best| written(&best.source) + unit);
    assert_eq!(total, expected.total, "{}: total\n{text}", expected.file);
    works(expected.file, &body, &proposal, &Catalogue::embedded(&mut Problems::default()));
}

fn written(source: &Source) -> String {
    match source {
        Source::Path(path) => path.clone(),
        Source::Join(paths) => paths.join(" + "),
        Source::Parts { ddi, ddd, number } => {
            let parts = [ddi.as_ref(), ddd.as_ref(), Some(number)];
            parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" + ")
        }
    }
}

/// The proposal is a mapping as it stands, and finds a value wherever it does
/// not itself say that there is none.
fn works(what: &str, body: &Value, proposal: &Proposal, catalogue: &Catalogue) {
    let text = yaml(proposal);
    let mapping = format!(
        "verify: {{ scheme: none }}\nsecrets: [env:S]\n{text}\nconnection: c\n\
         session: {{ contactExternalID: x, messageValue: y }}\n"
    );
    let file = SourceText::new("m.yaml", mapping);
    let world = World { catalogue, connections: None, sample: &|_| Err(Sentence::verbatim("")) };
    let mut problems = Problems::default();
    let compiled = Mapping::compile(&"m".parse().unwrap(), &file, &world, &mut problems);
    let Some(mapping) = compiled else {
        panic!("{what}\n{text}\n{}", render(&problems.sorted(), Palette::Plain, Language::English));
    };
    let item = match &proposal.each {
        Some((each, _)) => JsonPath::compile(each).unwrap().nodes(body)[0],
        None => body,
    };
    let headers = Headers::default();
    let event = EventInput {
        id: None,
        kind: None,
        source: &mapping.source,
        received_at: Timestamp::from_millis(0),
        headers: &headers,
        query: &[],
        body: item,
    };
    for value in mapping.plan(&event).values {
        let careful = proposal
            .chosen
            .iter()
            .any(|proposed| proposed.best.kind.name() == value.name && proposed.best.caution.is_some());
        assert!(value.outcome.is_ok() || careful, "{what}: {}: {:?}\n{text}", value.name, value.outcome);
    }
}
