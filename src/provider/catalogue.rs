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
    "adyen-platform",
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
    "bigcommerce",
    "bitbucket",
    "bling",
    "bolt",
    "braip",
    "brevo",
    "buildkite",
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
    "customer-io",
    "datadog",
    "doppler",
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
    "hugging-face",
    "ifood",
    "incident-io",
    "increase",
    "intercom",
    "iugu",
    "jira",
    "kiwify",
    "launchdarkly",
    "lemon-squeezy",
    "linear",
    "livekit",
    "loops",
    "mailchimp",
    "make",
    "melhor-envio",
    "mercado-livre",
    "merge-dev",
    "messagebird",
    "meta",
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
    "pagerduty",
    "pagseguro",
    "pandadoc",
    "paypal",
    "paystack",
    "perfectpay",
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
    "render",
    "replicate",
    "resend",
    "retell",
    "sanity",
    "sendbird",
    "sentry",
    "shopify",
    "slack",
    "sparkpost",
    "squarespace",
    "standard-webhooks",
    "stone-connect",
    "stripe",
    "stytch",
    "svix",
    "tally",
    "telegram",
    "ticto",
    "tiktok",
    "tiny",
    "tray",
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
    "woocommerce",
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
mod tests {
    use super::*;
    use crate::provider::Expected;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let embedded: Vec<String> = EMBEDDED.iter().map(|(id, _)| format!("{id}.yaml")).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn every_provider_passes_its_examples() {
        let mut problems = Problems::default();
        let catalogue = Catalogue::embedded(&mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(catalogue.iter().count(), EMBEDDED.len());
        let source = "example".parse().unwrap();
        for provider in catalogue.iter() {
            for (n, example) in provider.examples.iter().enumerate() {
                assert_eq!(
                    example.run(&provider.verify, &source),
                    example.expect,
                    "{} example {n}",
                    provider.id
                );
            }
            let accepted = provider.examples.iter().any(|e| e.expect == Expected::Accepted);
            let refused = provider.examples.iter().any(|e| e.expect != Expected::Accepted);
            assert!(accepted && refused, "{} needs an accepted and a tampered example", provider.id);
        }
    }
}
