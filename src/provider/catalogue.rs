//! The providers that mappings can name: those compiled in, and those of the
//! operator's own folder, which may add to them or replace them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Provider, read_provider};
use crate::diagnostic::{Problems, SourceText};

macro_rules! embedded {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../providers/", $id, ".yaml")))),+]
    };
}

/// `providers/*.yaml`, as they were when this was compiled. A test keeps the
/// list equal to the folder.
const EMBEDDED: &[(&str, &str)] = embedded![
    "ably",
    "activecampaign",
    "acuity",
    "adobe-commerce",
    "adyen-platform",
    "adyen",
    "affirm",
    "aftership",
    "agendor",
    "airtable",
    "appmax",
    "arkama",
    "asaas",
    "asana",
    "ashby",
    "attio",
    "auth0",
    "authorize-net",
    "autodesk",
    "aws-sns",
    "azure-event-grid",
    "bacen-pix",
    "bigcommerce",
    "bitbucket",
    "bitpay",
    "bling",
    "bolt",
    "box",
    "braintree",
    "braip",
    "brevo",
    "brex",
    "buildkite",
    "cakto-signed",
    "cakto",
    "cal-com",
    "calendly",
    "chargebee",
    "chargify",
    "checkout-com",
    "checkr",
    "cielo-checkout",
    "cielo",
    "circleci",
    "clerk",
    "clicksign",
    "clickup",
    "cloudflare-notifications",
    "cloudflare-stream",
    "coinbase-cdp",
    "coinbase-commerce",
    "crisp",
    "cronofy",
    "customer-io",
    "datadog",
    "discord",
    "docusign",
    "doppler",
    "dropbox-sign",
    "dropbox",
    "dub",
    "dwolla",
    "eduzz-orbita",
    "eduzz",
    "efi-cobrancas",
    "efi-pix",
    "elevenlabs",
    "etsy",
    "fastspring",
    "finch",
    "forgejo",
    "freshchat",
    "freshdesk",
    "front",
    "gitea",
    "github",
    "gitlab-signed",
    "gitlab",
    "gocardless",
    "google-forms",
    "google-pubsub",
    "gorgias",
    "gumroad",
    "guru",
    "help-scout",
    "heroku",
    "hotmart",
    "hubspot-v1",
    "hubspot-v2",
    "hubspot",
    "hugging-face",
    "ifood",
    "incident-io",
    "increase",
    "intercom",
    "iugu",
    "jira",
    "kiwify-banking",
    "kiwify",
    "klaviyo",
    "launchdarkly",
    "lazada",
    "lemon-squeezy",
    "linear",
    "livekit",
    "loops",
    "mailchimp",
    "mailgun",
    "make",
    "mandrill",
    "melhor-envio",
    "mercado-livre",
    "mercado-pago",
    "merge-dev",
    "messagebird",
    "meta",
    "microsoft-graph",
    "microsoft-teams",
    "modern-treasury",
    "monday",
    "monetizze",
    "mongodb-atlas",
    "mux",
    "n8n",
    "netlify",
    "notion",
    "npm",
    "nuvemshop",
    "nylas",
    "omie",
    "onfleet",
    "open-delivery",
    "openai",
    "paddle",
    "pagarme-v4",
    "pagarme",
    "pagbank",
    "pagerduty",
    "pagseguro",
    "pandadoc",
    "paypal",
    "paystack",
    "perfectpay",
    "persona",
    "pipedream",
    "pipedrive",
    "piperun",
    "plaid",
    "ploomes",
    "polar",
    "postmark",
    "primer",
    "pusher",
    "quickbooks",
    "rappi",
    "razorpay",
    "rd-crm",
    "rd-station",
    "recall-ai",
    "recurly",
    "render",
    "replicate",
    "resend",
    "retell",
    "sanity",
    "sendbird",
    "sendgrid",
    "sentry",
    "shopee",
    "shopify",
    "sinch",
    "slack",
    "sparkpost",
    "square",
    "squarespace",
    "standard-webhooks-asymmetric",
    "standard-webhooks",
    "stone-connect",
    "stripe",
    "stytch",
    "superfrete",
    "svix",
    "tally",
    "telegram",
    "telnyx",
    "ticto",
    "tiktok-shop",
    "tiktok",
    "tiny",
    "tray",
    "trello",
    "twilio",
    "twitch",
    "typeform",
    "vanta",
    "vapi",
    "vercel",
    "vindi",
    "vonage",
    "vtex",
    "wake",
    "webflow",
    "whatsapp-cloud",
    "wise",
    "woocommerce",
    "woovi",
    "workos",
    "x-twitter",
    "xero",
    "yampi",
    "zapier",
    "zendesk",
    "zoom",
];

#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<String, Provider>);

impl Catalogue {
    /// The providers compiled in.
    pub fn embedded(problems: &mut Problems) -> Self {
        let mut catalogue = Self::default();
        for (id, text) in EMBEDDED {
            catalogue.add(id, &SourceText::new(format!("providers/{id}.yaml"), *text), problems);
        }
        catalogue
    }

    /// Adds or replaces one.
    pub fn add(&mut self, id: &str, file: &Arc<SourceText>, problems: &mut Problems) {
        if let Some(provider) = read_provider(id, file, problems) {
            self.0.insert(id.to_owned(), provider);
        }
    }

    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.0.get(id)
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
