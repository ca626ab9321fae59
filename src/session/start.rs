//! Building a Session Start: the fields that a mapping rendered, completed with
//! what belongs to the connection and held against the channel's rules.

use serde_json::{Map, Value};

use super::Channel;
use crate::diagnostic::Sentence;

/// The fields of the request, by Talqui's own names.
pub type Fields = Map<String, Value>;

/// What of a request belongs to the connection and never to a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub tenant_id: String,
    pub plugin_connection_id: String,
    pub channel: Channel,
}

/// A complete request: every rule of its channel holds.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionStart {
    body: Fields,
    contact: String,
}

/// One field that keeps a request from being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: &'static str,
    pub message: Sentence,
    pub help: Sentence,
}

fn problem(field: &'static str, message: Sentence, help: Sentence) -> FieldProblem {
    FieldProblem { field, message, help }
}

const CONTACT: &str = "contactExternalID";
const TEXT: &str = "messageValue";
const MODEL: &str = "campaignModelID";
const VARIABLES: &str = "campaignVariables";
const KIND: &str = "sessionKind";

impl SessionStart {
    /// Every field that Talqui documents, for "did you mean".
    pub const DOCUMENTED: [&'static str; 10] = [
        "channel",
        "pluginConnectionID",
        CONTACT,
        "contactFullName",
        "messageKey",
        TEXT,
        MODEL,
        VARIABLES,
        KIND,
        "sessionType",
    ];
    /// Fields that come from the connection; a mapping may not set them.
    pub const OF_THE_CONNECTION: [&'static str; 2] = ["channel", "pluginConnectionID"];

    /// Fields that are filled in for some channels where a mapping leaves them out.
    pub const OF_THE_CHANNEL: [&'static str; 2] = [VARIABLES, KIND];

    /// Completes and checks `fields`. All problems are reported, not the first.
    pub fn build(mut fields: Fields, to: &Destination) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = check_fields(&to.channel, |name| fields.contains_key(name));
        for name in [CONTACT, TEXT, MODEL, "contactFullName", "messageKey", KIND, "sessionType"] {
            if let Some(value) = fields.get_mut(name)
                && let Err(message) = as_text(value)
            {
                problems.push(problem(
                    name,
                    say!("`{}` {}", name, message),
                    say!("give it text, or a `default:`"),
                ));
            }
        }
        let contact = text_of(&fields, CONTACT).trim().to_owned();
        if to.channel.is_whatsapp() && !contact.is_empty() && !is_phone(&contact) {
            problems.push(problem(
                CONTACT,
                say!("WhatsApp takes a phone in international digits, such as 5527999998888"),
                say!("take the value with `as: phone`"),
            ));
        }
        problems.extend(check_kind(&to.channel, &fields));
        if fields.get(VARIABLES).is_some_and(|v| !v.is_array()) {
            problems.push(problem(
                VARIABLES,
                say!("`campaignVariables` must be a list"),
                say!("write it as a YAML list"),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        complete(&mut fields, to);
        Ok(Self { body: ordered(fields), contact })
    }

    /// The JSON body of the request.
    pub fn body(&self) -> &Fields {
        &self.body
    }

    /// Who gets the message, on that channel.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// A request that was stored after it was built.
    pub fn from_stored(body: Fields) -> Self {
        let contact = text_of(&body, CONTACT).to_owned();
        Self { body, contact }
    }

    /// What the person will read; none where an approved model supplies it.
    pub fn text(&self) -> Option<&str> {
        let cloud = text_of(&self.body, "channel") == Channel::WhatsappCloud.urn();
        (!cloud).then(|| text_of(&self.body, TEXT))
    }
}

/// What can be said of the fields before any value is known, when a file loads.
///
/// `contactExternalID` and `messageValue` are in every documented example
/// (required: inferred); `campaignModelID` on whatsapp-cloud is documented.
pub fn check_fields(channel: &Channel, has: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for name in [CONTACT, TEXT] {
        if !has(name) {
            problems.push(problem(
                name,
                say!("`{}` is missing: every Session Start needs it", name),
                match name {
                    CONTACT => {
                        say!("say who gets the message, such as `contactExternalID: { from: $.phone, as: phone }`")
                    }
                    _ => say!("say what is sent, such as `messageValue: \"Olá, {{ nome }}!\"`"),
                },));
        }
    }
    if *channel == Channel::WhatsappCloud && !has(MODEL) {
        problems.push(problem(
            MODEL,
            say!("`campaignModelID` is missing: the official WhatsApp opens a conversation only with an approved model"),
            say!("add the id of the approved model; `messageValue` is then only a label"),));
    }
    problems
}

/// whatsapp-cloud rides on a Meta-approved model and is documented with
/// `marketing`; iFood is documented as operational only.
fn check_kind(channel: &Channel, fields: &Fields) -> Option<FieldProblem> {
    let kind = fields.get(KIND)?.as_str()?;
    match channel {
        Channel::WhatsappCloud if kind != "marketing" => Some(problem(
            KIND,
            say!("on the official WhatsApp `sessionKind` is always `marketing`"),
            say!("leave `sessionKind` out: it is filled in"),
        )),
        Channel::Ifood if kind == "marketing" => {
            Some(problem(KIND, say!("iFood is not a marketing channel"), say!("leave `sessionKind` out")))
        }
        _ => None,
    }
}

fn complete(fields: &mut Fields, to: &Destination) {
    fields.insert("channel".into(), to.channel.urn().into());
    fields.insert("pluginConnectionID".into(), to.plugin_connection_id.clone().into());
    fields.entry("messageKey").or_insert_with(|| "text".into());
    if to.channel == Channel::WhatsappCloud {
        fields.insert(KIND.into(), "marketing".into());
        // The documented example carries an empty list.
        fields.entry(VARIABLES).or_insert_with(|| Value::Array(Vec::new()));
    }
}

/// Documented fields in the documentation's order, then the others in theirs.
fn ordered(mut fields: Fields) -> Fields {
    let mut body = Fields::new();
    for name in SessionStart::DOCUMENTED {
        if let Some(value) = fields.remove(name) {
            body.insert(name.into(), value);
        }
    }
    body.extend(fields);
    body
}

/// A whole number is the same thing as its digits; nothing else becomes text.
fn as_text(value: &mut Value) -> Result<(), Sentence> {
    match value {
        Value::String(text) if text.trim().is_empty() => Err(say!("is empty")),
        Value::String(_) => Ok(()),
        Value::Number(number) if !number.is_f64() => {
            *value = Value::String(number.to_string());
            Ok(())
        }
        other => Err(say!("must be text, and is {}", kind_of(other))),
    }
}

fn kind_of(value: &Value) -> Sentence {
    match value {
        Value::Null => say!("null"),
        Value::Bool(_) => say!("true or false"),
        Value::Number(_) => say!("a number"),
        Value::String(_) => say!("text"),
        Value::Array(_) => say!("a list"),
        Value::Object(_) => say!("an object"),
    }
}

fn is_phone(text: &str) -> bool {
    (8..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn text_of<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn to(channel: Channel) -> Destination {
        Destination { tenant_id: "t".into(), plugin_connection_id: "pc".into(), channel }
    }

    fn build(channel: Channel, fields: Value) -> Result<SessionStart, Vec<FieldProblem>> {
        SessionStart::build(fields.as_object().unwrap().clone(), &to(channel))
    }

    fn fields_of(problems: Vec<FieldProblem>) -> Vec<&'static str> {
        problems.into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn whatsapp_business_delivers_the_text() {
        let start = build(
            Channel::WhatsappInternal,
            json!({"messageValue": "Oi", "contactExternalID": "5527999998888", "extra": {"a": 1}}),
        )
        .unwrap();
        assert_eq!(
            Value::Object(start.body().clone()).to_string(),
            r#"{"channel":"urn:talqui:whatsapp-internal:0","pluginConnectionID":"pc","contactExternalID":"5527999998888","messageKey":"text","messageValue":"Oi","extra":{"a":1}}"#
        );
        assert_eq!((start.contact(), start.text()), ("5527999998888", Some("Oi")));
    }

    #[test]
    fn the_official_whatsapp_needs_a_model_and_is_marketing() {
        let fields = json!({"messageValue": "pedido pago", "contactExternalID": "5527999998888"});
        assert_eq!(fields_of(build(Channel::WhatsappCloud, fields).unwrap_err()), ["campaignModelID"]);
        let start = build(
            Channel::WhatsappCloud,
            json!({"messageValue": "rótulo", "contactExternalID": "5527999998888", "campaignModelID": "m"}),
        )
        .unwrap();
        assert_eq!(start.body()["sessionKind"], "marketing");
        assert_eq!(start.body()["campaignVariables"], json!([]));
        assert_eq!(start.text(), None, "the model is what the person reads, not the label");
    }

    #[test]
    fn ifood_takes_an_order_code_and_is_never_marketing() {
        let start =
            build(Channel::Ifood, json!({"messageValue": "Saiu!", "contactExternalID": 4821})).unwrap();
        assert_eq!(start.contact(), "4821");
        assert!(!start.body().contains_key("sessionKind"));
        let marketing = json!({"messageValue": "x", "contactExternalID": "4821", "sessionKind": "marketing"});
        assert_eq!(fields_of(build(Channel::Ifood, marketing).unwrap_err()), ["sessionKind"]);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let problems = build(Channel::WhatsappInternal, json!({"contactExternalID": "+55 27"})).unwrap_err();
        assert_eq!(fields_of(problems), ["messageValue", "contactExternalID"]);
        let wrong = json!({"contactExternalID": true, "messageValue": "  ", "contactFullName": null});
        let problems = build(Channel::Other("urn:talqui:x:0".into()), wrong).unwrap_err();
        assert_eq!(fields_of(problems), ["contactExternalID", "messageValue", "contactFullName"]);
    }
}
