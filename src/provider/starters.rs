//! Starter mappings: for a sender, a finished mapping in Brazilian Portuguese with
//! its tests, which `gancho new` gives a name and a place.

macro_rules! embedded {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../starters/", $id, ".yaml")))),+]
    };
}

/// `starters/*.yaml`, each with the name of its provider. A test keeps the list
/// equal to the folder.
const EMBEDDED: &[(&str, &str)] = embedded![
    "activecampaign",
    "aftership",
    "agendor",
    "appmax",
    "arkama",
    "ashby",
    "auth0",
    "braip",
    "brevo",
    "cakto-signed",
    "cakto",
    "cal-com",
    "calendly",
    "chargebee",
    "chargify",
    "cielo-checkout",
    "clerk",
    "clicksign",
    "crisp",
    "customer-io",
    "dropbox-sign",
    "dub",
    "eduzz-orbita",
    "eduzz",
    "fastspring",
    "front",
    "google-forms",
    "gumroad",
    "guru",
    "help-scout",
    "hotmart",
    "ifood",
    "intercom",
    "kiwify",
    "lemon-squeezy",
    "loops",
    "mailchimp",
    "mailgun",
    "mandrill",
    "messagebird",
    "microsoft-teams",
    "monetizze",
    "nylas",
    "pagarme-v4",
    "pagarme",
    "pagbank",
    "pandadoc",
    "paystack",
    "perfectpay",
    "piperun",
    "polar",
    "postmark",
    "rappi",
    "razorpay",
    "rd-crm",
    "rd-station",
    "resend",
    "retell",
    "sendbird",
    "sendgrid",
    "shopify",
    "sinch",
    "sparkpost",
    "standard-webhooks",
    "stone-connect",
    "stripe",
    "tally",
    "telegram",
    "telnyx",
    "ticto",
    "twilio",
    "typeform",
    "vapi",
    "vindi",
    "vonage",
    "whatsapp-cloud",
    "woocommerce",
    "woovi",
    "workos",
    "x-twitter",
    "yampi",
    "zoom",
];

/// The starter of a provider. None: it has none, as most senders whose events
/// name nobody.
pub fn starter(provider: &str) -> Option<&'static str> {
    EMBEDDED.iter().find(|(id, _)| *id == provider).map(|(_, text)| *text)
}

/// The providers that have one.
pub fn with_starter() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(id, _)| *id)
}
