//! What is played: the webhooks, and what must become of each.

use serde_json::Value;

use super::files;
use crate::event::Headers;

pub struct Scene {
    pub title: &'static str,
    pub source: &'static str,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// Changed after it was signed, as somebody in between might.
    pub tampered: bool,
    /// The trouble that Talqui has meanwhile, in the sandbox's words.
    pub trouble: Option<&'static str>,
    pub expect: Expect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// So many messages reach the person.
    Delivered,
    /// 401, and this code.
    Refused(&'static str),
    /// Acknowledged again, and nothing is sent again.
    Repeat,
    /// Acknowledged and kept, because the mapping cannot make a message of it.
    Parked,
    /// Sent, and nobody knows whether it arrived.
    Held,
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const ORDER: &str = "samples/shopify/orders-paid.json";

pub fn all() -> Vec<Scene> {
    let mut scenes = accepted();
    scenes.extend(not_delivered());
    scenes
}

fn accepted() -> Vec<Scene> {
    vec![
        scene(
            "Shopify: an order was paid",
            "loja-shopify",
            &[
                ("X-Shopify-Topic", "orders/paid"),
                ("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
            ],
            ORDER,
        ),
        scene(
            "WooCommerce: an order is being prepared",
            "loja-woocommerce",
            &[("X-WC-Webhook-Topic", "order.updated"), ("X-WC-Webhook-ID", "12")],
            "samples/woocommerce/order-updated.json",
        ),
        scene("iFood: an order left for delivery", "ifood", &[], "samples/ifood/dispatched.json"),
        scene(
            "Hotmart: a course was bought",
            "cursos-hotmart",
            &[],
            "samples/hotmart/purchase-approved.json",
        ),
        scene(
            "Standard Webhooks: a subscription is past due",
            "assinaturas",
            &[("webhook-id", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")],
            "samples/standard-webhooks/subscription-past-due.json",
        ),
        scene(
            "An ERP of one's own, with a signature of its own",
            "erp",
            &[],
            "samples/erp/saiu-para-entrega.json",
        ),
    ]
}

fn not_delivered() -> Vec<Scene> {
    let paid = |id: &'static str| [("X-Shopify-Topic", "orders/paid"), ("X-Shopify-Webhook-Id", id)];
    let tampered = Scene {
        tampered: true,
        expect: Expect::Refused("signature-mismatch"),
        ..scene(
            "Tampered: the same order, one byte changed on the way",
            "loja-shopify",
            &paid("b54557e4-bdd9-4b37-8a5f-bf7d70bcd044"),
            ORDER,
        )
    };
    let repeated = Scene {
        expect: Expect::Repeat,
        ..scene(
            "Repeated: Shopify sends the first event again",
            "loja-shopify",
            &paid("b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
            ORDER,
        )
    };
    let without_phone = Scene {
        expect: Expect::Parked,
        body: change(ORDER, |order| {
            order["name"] = "#1002".into();
            forget_phones(order);
        }),
        ..scene(
            "Unmappable: an order without any phone",
            "loja-shopify",
            &paid("b54557e4-bdd9-4b37-8a5f-bf7d70bcd045"),
            ORDER,
        )
    };
    let unknown = Scene {
        expect: Expect::Held,
        trouble: Some("reset=true,times=1"),
        body: change("samples/erp/saiu-para-entrega.json", |event| {
            event["evento_id"] = "0a6d1b9e-9f64-4a0c-b7f7-2b8a6f3d1c55".into();
            event["pedido"]["numero"] = 20452.into();
        }),
        ..scene(
            "Unknown: Talqui breaks off after it got the request",
            "erp",
            &[],
            "samples/erp/saiu-para-entrega.json",
        )
    };
    vec![tampered, repeated, without_phone, unknown]
}

fn scene(title: &'static str, source: &'static str, headers: &[(&str, &str)], body: &str) -> Scene {
    Scene {
        title,
        source,
        headers: [JSON].iter().chain(headers).copied().collect(),
        body: files::read(body).as_bytes().to_vec(),
        tampered: false,
        trouble: None,
        expect: Expect::Delivered,
    }
}

fn change(sample: &str, change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(files::read(sample)).unwrap_or_default();
    change(&mut body);
    body.to_string().into_bytes()
}

fn forget_phones(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "phone" {
                    *field = Value::Null;
                } else {
                    forget_phones(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(forget_phones),
        _ => {}
    }
}
