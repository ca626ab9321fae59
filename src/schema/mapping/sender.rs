//! Who sends: the provider, its secrets, and what the file says otherwise.

use serde_json::json;

use super::super::build::Schema;
use super::super::document::Shared;
use crate::diagnostic::Problems;
use crate::provider::{Catalogue, Provider};

pub fn keys(shared: &Shared) -> Vec<(&'static str, Schema)> {
    let own = Schema::text().with("minLength", 1).says("A provider of your own folder.");
    let known = ["provider_with_secret", "provider_without_secret"].map(Schema::refer);
    let provider = Schema::either(known.into_iter().chain([own]));
    let params = Schema::named(Schema::any().with("type", json!(["string", "integer"]))).says(
        "What else a sender asks for by name; `gancho providers NAME` says what. A reference \
             is resolved, such as verify_token: env:VERIFY_TOKEN.",
    );
    let each = shared.at("/$defs/event/properties/each").such_as("$.items[*]");
    vec![
        (
            "provider",
            provider.says(
                "Who sends, by name: how it signs, and where the id and the type of an event are. \
                 `gancho providers` lists them all.",
            ),
        ),
        ("secrets", secrets()),
        ("params", params.or_nothing()),
        (
            "verify",
            Schema::refer("verify")
                .says("How the sender proves who it is, where no provider says it (docs/schemes.md)."),
        ),
        (
            "event",
            Schema::refer("event").says(
                "Where an event's own id and type are; a provider knows. The id removes the sender's \
                 repeats.",
            ),
        ),
        (
            "each",
            each.says(
                "One request holds several events: the path of a list's items, each an event of its \
                 own. $ is then the item.",
            ),
        ),
        (
            "body",
            Schema::refer("body").says("How the body becomes the document that $ means; a provider knows."),
        ),
        ("handshakes", shared.at("/properties/handshakes")),
        ("acknowledge", Schema::refer("acknowledge")),
    ]
}

fn secrets() -> Schema {
    let reference = || Schema::refer("reference");
    let list = Schema::list(Schema::text_or(reference(), [Schema::refer("secret")]));
    Schema::text_or(reference(), [Schema::refer("secret"), list])
        .says(
            "Where the secrets are that this sender signs with. Any of them may match, so to \
             change one: add the new, wait, remove the old.",
        )
        .such_as(json!(["env:LOJA_WEBHOOK_SECRET"]))
}

pub fn definitions() -> Vec<(&'static str, Schema)> {
    let reference = Schema::text()
        .says(
            "Where a secret is, never the secret itself. env:NAME: an environment variable. \
             file:PATH: a file. captured: what the sender handed over in its handshake.",
        )
        .shaped(
            "^(captured$|env:[A-Za-z0-9_]+$|file:.)",
            "env:NAME, file:PATH or captured, never the secret itself",
        )
        .such_as("env:LOJA_WEBHOOK_SECRET");
    let moment = |says: &str| {
        let shape = r"^[+-]?\d{4,6}-?\d\d-?\d\d[Tt ]\d\d.*([Zz]|[+-]\d\d(:?\d\d)*)";
        Schema::text()
            .says(says)
            .shaped(shape, "a moment with its time zone, such as 2026-12-31T23:59:59-03:00")
            .such_as("2026-12-31T23:59:59-03:00")
    };
    let secret = Schema::map(
        "a secret",
        [
            ("secret", Schema::refer("reference")),
            ("not_before", moment("It counts from this moment.")),
            ("not_after", moment("It counts until this moment.")),
        ],
    );
    let (with, without): (Vec<_>, Vec<_>) = {
        let catalogue = Catalogue::embedded(&mut Problems::default());
        let named = |provider: &Provider| {
            let (id, name) = (&provider.id, &provider.name);
            let word = Schema::any().with("const", id.as_str());
            let word = word.says(format!("{name}. `gancho providers {id}` says what to copy from where."));
            (provider.verify.needs_secret(), word)
        };
        catalogue.iter().map(named).partition(|(needs, _)| *needs)
    };
    let words = |words: Vec<(bool, Schema)>| Schema::either(words.into_iter().map(|(_, word)| word));
    vec![
        ("provider_with_secret", words(with)),
        ("provider_without_secret", words(without)),
        ("reference", reference),
        ("secret", secret.says("A secret that counts for some time only.").needs(&["secret"])),
    ]
}

/// The schemes that nothing but a secret can prove; the keys of others may be
/// fetched.
const WITH_SECRET: [&str; 5] = ["hmac", "digest", "static", "basic", "none"];

/// What a mapping needs before anybody can be believed.
pub fn rules(root: Schema) -> Schema {
    let known = json!({ "required": ["provider"], "properties": {
        "provider": { "$ref": "#/$defs/provider_with_secret" },
        "verify": false,
    } });
    let own = json!({ "required": ["verify"], "properties": { "verify": {
        "required": ["scheme"],
        "properties": { "scheme": { "enum": WITH_SECRET } },
    } } });
    let secrets = json!({ "required": ["secrets"] });
    root.rule(json!({ "anyOf": [{ "required": ["provider"] }, { "required": ["verify"] }] }))
        .rule(json!({ "if": known, "then": secrets.clone() }))
        .rule(json!({ "if": own, "then": secrets }))
}
