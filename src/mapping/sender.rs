//! Who sends: the provider's preset with what the file says otherwise, the
//! secrets and the parameters of the operator's account.

use super::compile::World;
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence};
use crate::event::{SecretRef, SecretRefError, Timestamp};
use crate::payload::{DocumentRule, read_document_rule};
use crate::provider::{
    Acknowledge, Each, EventRule, Handshake, Provider, read_acknowledge, read_event_rule, read_handshakes,
};
use crate::verify::{Scheme, read_scheme};
use crate::yaml::{Data, Fields, Node};

pub struct Sender {
    pub verify: Scheme,
    pub event: EventRule,
    /// Those that the provider's file knows; none if the rule is the mapping's own.
    pub event_types: Vec<String>,
    pub acknowledge: Acknowledge,
    pub document: DocumentRule,
    pub handshakes: Vec<Handshake>,
    pub secrets: Vec<SecretEntry>,
    pub params: Vec<Param>,
    pub place: Place,
}

/// A secret as a file names it.
#[derive(Debug, Clone)]
pub struct SecretEntry {
    pub reference: SecretRef,
    pub place: Place,
    /// It counts from this moment, and until that one.
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
}

/// One of `params:`, which a scheme asks for by name.
#[derive(Debug, Clone)]
pub struct Param {
    pub name: String,
    pub value: ParamValue,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub enum ParamValue {
    Text(String),
    Secret(SecretRef),
}

impl Sender {
    pub fn read(
        fields: &Fields<'_>,
        start: &Place,
        world: &World<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let preset = read_preset(fields, start, world, problems);
        let params = fields.get("params").map(|node| read_params(node, problems)).unwrap_or_default();
        let verify = match (fields.get("verify"), preset) {
            (Some(node), _) => read_scheme(node, problems),
            (None, preset) => preset.flatten().map(|preset| preset.verify.clone()),
        };
        let secrets = read_secrets(fields, start, verify.as_ref(), problems);
        let preset = preset?;
        let own = fields.get("event").map(|node| read_event_rule(node, problems)).unwrap_or_default();
        let ours = own.described_kind().is_some();
        let known = preset.filter(|_| !ours).into_iter().flat_map(|preset| &preset.events);
        let event_types = known.map(|(kind, _)| kind.clone()).collect();
        let event = preset.map_or(own.clone(), |preset| own.or(&preset.event));
        let event = match fields.get("each") {
            Some(node) => event.with_each(Each::read(node, problems)?),
            None => event,
        };
        let acknowledge = match fields.get("acknowledge") {
            Some(node) => read_acknowledge(node, problems)?,
            None => preset.map(|preset| preset.acknowledge.clone()).unwrap_or_default(),
        };
        let document = match fields.get("body") {
            Some(node) => read_document_rule(node, problems)?,
            None => preset.map(|preset| preset.document.clone()).unwrap_or_default(),
        };
        let handshakes = match fields.get("handshakes") {
            Some(node) => read_handshakes(node, problems),
            None => preset.map(|preset| preset.handshakes.clone()).unwrap_or_default(),
        };
        let verify = verify?;
        let place = fields.get("verify").or(fields.get("provider")).map_or(start, |node| &node.place);
        let asked = asked_params(&verify, &handshakes);
        check_params(&asked, preset, &params, place, problems);
        Some(Self {
            verify,
            event,
            event_types,
            acknowledge,
            document,
            handshakes,
            secrets,
            params,
            place: place.clone(),
        })
    }
}

/// Outer None: nothing says who sends, or it is a name that nobody has.
fn read_preset<'w>(
    fields: &Fields<'_>,
    start: &Place,
    world: &World<'w>,
    problems: &mut Problems,
) -> Option<Option<&'w Provider>> {
    if let Some(node) = fields.get("provider") {
        let id = fields.text("provider", problems)?;
        let preset = world.catalogue.get(id);
        if preset.is_none() {
            let message = say!("there is no provider `{}`", id);
            problems.push(
                Diagnostic::error("unknown-provider", &node.place, message)
                    .help(say!(
                        "`gancho providers` lists them; for any other sender, write `verify:` yourself"
                    ))
                    .suggest(id, world.catalogue.ids()),
            );
        }
        return preset.map(Some);
    }
    if fields.get("verify").is_none() {
        problems.push(
            Diagnostic::error(
                "missing-key",
                start,
                say!("this mapping does not say how to verify its sender"),
            )
            .help(say!("name a `provider:`, or write the sender's scheme under `verify:`")),
        );
        return None;
    }
    Some(None)
}

/// `verify`: None where it was not understood.
fn read_secrets(
    fields: &Fields<'_>,
    start: &Place,
    verify: Option<&Scheme>,
    problems: &mut Problems,
) -> Vec<SecretEntry> {
    let needed = verify.is_none_or(Scheme::needs_secret);
    let Some(node) = fields.get("secrets") else {
        if !needed {
            return Vec::new();
        }
        problems.push(
            Diagnostic::error(
                "missing-key",
                start,
                say!("this mapping names no secret, so nobody could be believed"),
            )
            .help(say!("add secrets: [env:NAME] and set that environment variable")),
        );
        return Vec::new();
    };
    if !needed {
        problems.push(
            Diagnostic::warning(
                "unused-secret",
                &node.place,
                say!("this sender's keys are fetched: no secret proves it"),
            )
            .help(say!("remove `secrets`")),
        );
    }
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    items.iter().filter_map(|item| read_secret(item, problems)).collect()
}

/// `env:NAME`, or `{ secret: env:NAME, not_before: …, not_after: … }`.
fn read_secret(node: &Node, problems: &mut Problems) -> Option<SecretEntry> {
    if node.as_map().is_none() {
        let reference = reference(node, problems)?;
        return Some(SecretEntry { reference, place: node.place.clone(), not_before: None, not_after: None });
    }
    let fields = Fields::open(node, "a secret", &["secret", "not_before", "not_after"], problems)?;
    let Some(inner) = fields.get("secret") else {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("`secret` is missing here"))
                .help(say!("add it: {}: …", "secret")),
        );
        return None;
    };
    let reference = reference(inner, problems);
    let mut moment = |name| match fields.get(name) {
        Some(node) => read_moment(node, problems).map(Some),
        None => Some(None),
    };
    let (not_before, not_after) = (moment("not_before")?, moment("not_after")?);
    if let (Some(from), Some(until)) = (not_before, not_after)
        && from > until
    {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("this secret ends before it begins"))
                .help(say!("not_before is the earlier of the two")),
        );
    }
    Some(SecretEntry { reference: reference?, place: inner.place.clone(), not_before, not_after })
}

fn read_moment(node: &Node, problems: &mut Problems) -> Option<Timestamp> {
    let moment = node.as_text().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if moment.is_none() {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("this is not a moment with its time zone"))
                .help(say!("write it as 2026-12-31T23:59:59-03:00")),
        );
    }
    moment.map(|moment| Timestamp::from_millis(moment.as_millisecond()))
}

fn reference(node: &Node, problems: &mut Problems) -> Option<SecretRef> {
    match node.as_text().unwrap_or_default().parse() {
        Ok(reference) => Some(reference),
        Err(error) => {
            problems.push(bad_secret(node, error));
            None
        }
    }
}

fn secret_sentence(error: SecretRefError) -> Sentence {
    match error {
        SecretRefError::NotAReference => say!("a secret is written as a reference, never as itself"),
        SecretRefError::BadName => {
            say!("`env:` is followed by the name of a variable: letters, digits and `_`")
        }
        SecretRefError::NoPath => say!("`file:` is followed by a path"),
    }
}

/// The place and not the text: the text may be the secret.
pub(crate) fn bad_secret(node: &Node, error: SecretRefError) -> Diagnostic {
    Diagnostic::error("bad-secret", &node.place, secret_sentence(error)).without_line().help(say!(
        "write env:NAME or file:PATH; the line is not shown here, in case it is the secret itself"
    ))
}

/// `params: { app_key: "123", verify_token: env:META_VERIFY_TOKEN }`
fn read_params(node: &Node, problems: &mut Problems) -> Vec<Param> {
    let Some(entries) = node.as_map() else {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("`params` is a map of names"))
                .help(say!("such as params: { app_key: \"123\", verify_token: env:NAME }")),
        );
        return Vec::new();
    };
    let mut params = Vec::new();
    for (key, value) in entries {
        let text = match &value.data {
            Data::Text(text) => text.clone(),
            Data::Int(number) => number.to_string(),
            _ => {
                let message = say!("`{}` must be text; here is {}", key.name, value.kind());
                problems.push(
                    Diagnostic::error("wrong-type", &value.place, message).help(say!("put it in quotes")),
                );
                continue;
            }
        };
        let value = text.parse().map_or(ParamValue::Text(text), ParamValue::Secret);
        params.push(Param { name: key.name.clone(), value, place: key.place.clone() });
    }
    params
}

/// The parameters that the sender's rules take, each once, sorted.
fn asked_params(verify: &Scheme, handshakes: &[Handshake]) -> Vec<String> {
    let of_scheme = verify.params().into_iter().map(str::to_owned);
    let mut asked: Vec<String> = of_scheme.chain(handshakes.iter().flat_map(Handshake::params)).collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// Every parameter that the sender's rules ask for is given, and no other.
fn check_params(
    asked: &[String],
    preset: Option<&Provider>,
    params: &[Param],
    place: &Place,
    problems: &mut Problems,
) {
    let documented = preset.map(|preset| preset.params.as_slice()).unwrap_or_default();
    for name in asked.iter().filter(|name| !params.iter().any(|param| &param.name == *name)) {
        let what = documented.iter().find(|(have, _)| *have == **name).map(|(_, what)| what.as_str());
        let message = say!("this sender needs the parameter `{}`", name);
        let help = match what {
            Some(what) => say!("add params: { {}: … }; it is: {}", name, what),
            None => say!("add params: { {}: … }", name),
        };
        problems.push(Diagnostic::error("missing-param", place, message).help(help));
    }
    for param in params.iter().filter(|param| !asked.contains(&param.name)) {
        let message = say!("nothing asks for the parameter `{}`", param.name);
        problems.push(
            Diagnostic::warning("unused-param", &param.place, message)
                .suggest(&param.name, asked.iter().map(String::as_str)),
        );
    }
}
