//! Laws over every provider's file: what it must say, that its examples hold,
//! and that its entry in the documentation says the same.

use super::*;
use crate::event::{SourceName, Timestamp};
use crate::provider::{Expected, Payload};

fn all() -> Catalogue {
    let mut problems = Problems::default();
    let catalogue = Catalogue::embedded(&mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(catalogue.iter().count(), EMBEDDED.len());
    catalogue
}

fn source() -> SourceName {
    "example".parse().unwrap()
}

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
    let mut wrong = Vec::new();
    for provider in all().iter() {
        for (n, example) in provider.examples.iter().enumerate() {
            let found = example.run(provider, &source());
            if found != example.expect {
                wrong.push(format!("{} example {n}: {found:?}, not {:?}", provider.id, example.expect));
            }
        }
        let accepted = provider.examples.iter().any(|e| e.expect == Expected::Accepted);
        let refused = provider.examples.iter().any(|e| matches!(e.expect, Expected::Refused(_)));
        if !accepted || !refused {
            wrong.push(format!("{} needs an accepted and a tampered example", provider.id));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_provider_says_what_a_person_needs() {
    let mut wrong = Vec::new();
    for provider in all().iter() {
        let id = &provider.id;
        for (what, text) in [
            ("name", Some(&provider.name)),
            ("secret", Some(&provider.secret)),
            ("failures", provider.failures.as_ref()),
            ("note", provider.note.as_ref()),
        ] {
            if text.is_some_and(|text| text.trim().is_empty() || text.contains('\n')) {
                wrong.push(format!("{id}: `{what}` is empty or breaks the line"));
            }
        }
        if provider.docs.as_ref().is_some_and(|docs| !docs.starts_with("https://")) {
            wrong.push(format!("{id}: `docs` is no address"));
        }
        let explained: Vec<&str> = provider.params.iter().map(|(name, _)| name.as_str()).collect();
        if let Some(name) = provider.verify.params().iter().find(|name| !explained.contains(name)) {
            wrong.push(format!("{id}: nobody says what the parameter `{name}` is"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// An id that is never there removes no repeats, silently.
#[test]
fn every_event_id_is_found_in_an_example() {
    for provider in all().iter().filter(|provider| provider.event.described_id().is_some()) {
        let mut accepted = provider.examples.iter().filter(|example| example.expect == Expected::Accepted);
        assert!(accepted.any(|example| example.event_id(provider).is_some()), "{}", provider.id);
    }
}

/// Those whose signature leaves the body out, or parts of it. Whoever adds one
/// here has told its users so in the file.
const PARTLY_SIGNED: [&str; 9] = [
    "adyen",
    "aws-sns",
    "braintree",
    "dropbox-sign",
    "google-pubsub",
    "mailgun",
    "mercado-pago",
    "monday",
    "paypal",
];

#[test]
fn only_these_sign_less_than_the_body() {
    let catalogue = all();
    let partly: Vec<&str> = catalogue
        .iter()
        .filter(|provider| provider.verify.is_signed() && !provider.verify.signs_body())
        .map(|provider| provider.id.as_str())
        .collect();
    assert_eq!(partly, PARTLY_SIGNED);
}

#[test]
fn no_byte_of_a_signed_body_can_be_changed() {
    let catalogue = all();
    let mut tried = 0;
    for provider in catalogue.iter().filter(|provider| provider.verify.signs_body()) {
        for example in provider.examples.iter().filter(|example| example.expect == Expected::Accepted) {
            for at in 0..example.body.len() {
                let mut body = example.body.clone();
                body[at] ^= 1;
                let found = example.run_with(provider, &source(), &body);
                assert_ne!(found, Expected::Accepted, "{} byte {at}", provider.id);
                tried += 1;
            }
            let longer = [example.body.as_slice(), b" "].concat();
            assert_ne!(
                example.run_with(provider, &source(), &longer),
                Expected::Accepted,
                "{} and a space",
                provider.id
            );
        }
    }
    assert!(tried > 10_000, "{tried}");
}

/// Senders from Brazil and the rest of Latin America, and those that sell there
/// under a name of their own.
const LATIN_AMERICA: [&str; 51] = [
    "agendor",
    "appmax",
    "arkama",
    "asaas",
    "bacen-pix",
    "bling",
    "braip",
    "cakto",
    "cakto-signed",
    "cielo",
    "cielo-checkout",
    "clicksign",
    "eduzz",
    "eduzz-orbita",
    "efi-cobrancas",
    "efi-pix",
    "guru",
    "hotmart",
    "ifood",
    "iugu",
    "kiwify",
    "kiwify-banking",
    "melhor-envio",
    "mercado-livre",
    "mercado-pago",
    "monetizze",
    "nuvemshop",
    "omie",
    "open-delivery",
    "pagarme",
    "pagarme-v4",
    "pagbank",
    "pagseguro",
    "perfectpay",
    "piperun",
    "ploomes",
    "rappi",
    "rd-crm",
    "rd-station",
    "shopee",
    "stone-connect",
    "superfrete",
    "ticto",
    "tiktok-shop",
    "tiny",
    "tray",
    "vindi",
    "vtex",
    "wake",
    "woovi",
    "yampi",
];

#[test]
fn the_catalogue_is_wide() {
    let catalogue = all();
    assert!(catalogue.iter().count() >= 80);
    for id in LATIN_AMERICA {
        assert!(catalogue.get(id).is_some(), "{id}");
    }
    assert!(LATIN_AMERICA.len() >= 35);
}

/// The table of docs/providers.md, which is written by hand where it says what
/// the proof is, has a row for every file, and says of it what the file says.
#[test]
fn the_documentation_lists_every_provider() {
    let docs = include_str!("../../docs/providers.md");
    let catalogue = all();
    let rows: Vec<&str> = docs.lines().filter(|line| line.starts_with("| `")).collect();
    let ids = rows.iter().filter_map(|row| row.split('`').nth(1));
    assert_eq!(ids.collect::<Vec<_>>(), catalogue.ids().collect::<Vec<_>>());
    for (row, provider) in rows.iter().zip(catalogue.iter()) {
        let payload = match provider.payload {
            Payload::Fat => "fat",
            Payload::Thin => "thin",
            Payload::Any => "any",
        };
        let begin = format!("| `{}` | {} | ", provider.id, provider.name);
        let end = format!(" | {payload} | {} |", provider.evidence.as_str());
        assert!(row.starts_with(&begin) && row.ends_with(&end), "{row}\nis not\n{begin}…{end}");
    }
    assert!(docs.contains(&format!("The {} senders", rows.len())));
    for word in ["official", "secondary", "unconfirmed"] {
        let count = catalogue.iter().filter(|provider| provider.evidence.as_str() == word).count();
        assert!(docs.contains(&format!("*{word}* ({count})")), "{word} {count}");
    }
}

/// Signing writes into JSON and plain forms, not into this one's multipart.
const CANNOT_BE_SIGNED: [&str; 1] = ["dropbox-sign: the proof is inside the body, and the body is not JSON"];

/// Whoever tries a source before its sender is set up signs like this.
#[test]
fn what_is_signed_here_is_believed() {
    let now = Timestamp::from_secs(1_772_452_800);
    let mut cannot = Vec::new();
    for provider in all().iter() {
        let accepted = provider.examples.iter().find(|example| example.expect == Expected::Accepted);
        let Some(example) = accepted else { continue };
        match example.signed_anew(provider, now) {
            Ok(outcome) => assert_eq!(outcome, Expected::Accepted, "{}", provider.id),
            Err(why) => cannot.push(format!("{}: {why}", provider.id)),
        }
    }
    cannot.retain(|why| !why.ends_with("only the sender has the private key that signs"));
    assert_eq!(cannot, CANNOT_BE_SIGNED);
}
