//! `handshakes:` as written, and what may not be written.

use super::text::Text;
use super::{Alphabet, Answer, AnswerBody, Challenge, Handshake, JsonText};
use crate::diagnostic::{Diagnostic, Problems, Sentence};
use crate::payload::{Locator, read_locator, read_locator_key};
use crate::yaml::{Data, Fields, Node};

const METHODS: [(&str, &str); 4] =
    [("GET", "GET"), ("HEAD", "HEAD"), ("OPTIONS", "OPTIONS"), ("POST", "POST")];
/// Longer challenges are not answered.
const MOST_BYTES: i64 = 512;

/// Reads the list; a rule with a mistake is left out.
pub fn read_handshakes(node: &Node, problems: &mut Problems) -> Vec<Handshake> {
    let Some(items) = node.as_list() else {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("`handshakes` is a list")));
        return Vec::new();
    };
    items.iter().filter_map(|item| read_one(item, problems)).collect()
}

fn read_one(node: &Node, problems: &mut Problems) -> Option<Handshake> {
    let known = ["name", "when", "verified", "token", "challenge", "capture_secret", "answer"];
    let fields = Fields::open(node, "a handshake", &known, problems)?;
    let name = fields.required_text("name", &node.place, problems);
    let when = match fields.get("when") {
        Some(node) => Fields::open(node, "`when`", &["method", "present", "equals", "only"], problems)?,
        None => {
            let problem = Diagnostic::error("missing-key", &node.place, say!("a handshake needs `when`"));
            problems.push(problem.help(say!("how it is told from an event, such as when: { method: GET }")));
            return None;
        }
    };
    let method = match when.get("method") {
        Some(_) => when.word("method", &METHODS, problems)?,
        None => "POST",
    };
    let (present, equals) =
        (read_places(when.get("present"), problems), read_equals(when.get("equals"), problems));
    let only = read_only(when.get("only"), problems);
    if method == "POST" && present.is_empty() && equals.is_empty() && only.is_none() {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("every event would be this handshake"))
                .help(say!("say in `when` what only the handshake has: present, equals or only")),
        );
        return None;
    }
    let verified = match fields.get("verified") {
        Some(_) => fields.bool("verified", problems)?,
        None => method == "POST",
    };
    let challenge = match fields.get("challenge") {
        Some(node) => Some(read_challenge(node, problems)?),
        None => None,
    };
    let token = match fields.get("token") {
        Some(node) => Some(read_token(node, problems)?),
        None => None,
    };
    let capture = match fields.get("capture_secret") {
        Some(node) => Some(read_locator(node, problems)?),
        None => None,
    };
    let answer = match fields.get("answer") {
        Some(node) => read_answer(node, problems)?,
        None => Answer { status: 200, headers: Vec::new(), body: AnswerBody::Empty },
    };
    let handshake = Handshake {
        name: name?.to_owned(),
        method: method.to_owned(),
        verified,
        present,
        equals,
        only,
        token,
        challenge,
        capture,
        answer,
    };
    check(&handshake, node, problems).then_some(handshake)
}

/// What goes together, above all where our key is used.
fn check(handshake: &Handshake, node: &Node, problems: &mut Problems) -> bool {
    let texts = handshake.answer.texts();
    let mut wrong = |message: Sentence, help: Sentence| {
        problems.push(Diagnostic::error("bad-handshake", &node.place, message).help(help));
        false
    };
    if handshake.challenge.is_none() && texts.iter().any(|text| text.uses_challenge()) {
        return wrong(
            say!("the answer holds the challenge, and nothing says where it is"),
            say!("add challenge: { at: $.challenge, chars: token }"),
        );
    }
    if texts.iter().any(|text| text.is_keyed()) && handshake.method == "POST" && !handshake.verified {
        return wrong(
            say!("the answer is made with the secret, for anybody who asks"),
            say!("say verified: true, so that only the sender is answered"),
        );
    }
    if handshake.capture.is_some() && handshake.verified {
        return wrong(
            say!("a secret that is handed over cannot have signed its own request"),
            say!("say verified: false"),
        );
    }
    true
}

fn read_places(node: Option<&Node>, problems: &mut Problems) -> Vec<Locator> {
    let Some(node) = node else { return Vec::new() };
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    items.iter().filter_map(|item| read_locator(item, problems)).collect()
}

fn read_equals(node: Option<&Node>, problems: &mut Problems) -> Vec<(Locator, String)> {
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        problems.push(Diagnostic::error(
            "wrong-type",
            &node.place,
            say!("`equals` is a map: a place, and its text"),
        ));
        return Vec::new();
    };
    let mut equals = Vec::new();
    for (key, value) in entries {
        let text = match &value.data {
            Data::Text(text) => text.clone(),
            Data::Int(number) => number.to_string(),
            Data::Bool(truth) => truth.to_string(),
            _ => {
                problems.push(Diagnostic::error(
                    "wrong-type",
                    &value.place,
                    say!("what must be there is text"),
                ));
                continue;
            }
        };
        equals.extend(read_locator_key(&key.name, &key.place, problems).map(|locator| (locator, text)));
    }
    equals
}

fn read_only(node: Option<&Node>, problems: &mut Problems) -> Option<Vec<String>> {
    let node = node?;
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    let keys: Option<Vec<String>> = items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
    if keys.is_none() {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("`only` is a list of keys")));
    }
    keys
}

fn read_challenge(node: &Node, problems: &mut Problems) -> Option<Challenge> {
    let fields = Fields::open(node, "`challenge`", &["at", "chars", "min", "max"], problems)?;
    let alphabets =
        [("hex", Alphabet::Hex), ("alphanumeric", Alphabet::Alphanumeric), ("token", Alphabet::Token)];
    fields.required_text("at", &node.place, problems)?;
    let at = read_locator(fields.get("at")?, problems)?;
    let alphabet = match fields.get("chars") {
        Some(_) => fields.word("chars", &alphabets, problems)?,
        None => Alphabet::Token,
    };
    let mut number = |name, usual| match fields.get(name) {
        Some(_) => fields.number(name, 1..=MOST_BYTES, problems).map(|n| n as usize),
        None => Some(usual),
    };
    let (min, max) = (number("min", 1)?, number("max", 128)?);
    Some(Challenge { at, alphabet, min, max })
}

/// `token: { at: query:hub.verify_token, param: verify_token }`
fn read_token(node: &Node, problems: &mut Problems) -> Option<(Locator, String)> {
    let fields = Fields::open(node, "`token`", &["at", "param"], problems)?;
    fields.required_text("at", &node.place, problems)?;
    let at = read_locator(fields.get("at")?, problems);
    let param = fields.required_text("param", &node.place, problems)?;
    Some((at?, param.to_owned()))
}

fn read_answer(node: &Node, problems: &mut Problems) -> Option<Answer> {
    let fields = Fields::open(node, "`answer`", &["status", "headers", "body", "json"], problems)?;
    let status = match fields.get("status") {
        Some(_) => fields.number("status", 200..=299, problems)? as u16,
        None => 200,
    };
    let mut headers = Vec::new();
    for (key, value) in fields.get("headers").and_then(Node::as_map).unwrap_or_default() {
        headers.push((key.name.clone(), read_text(value, problems)?));
    }
    let body = match (fields.get("body"), fields.get("json")) {
        (Some(_), Some(json)) => {
            let problem = Diagnostic::error("misplaced-key", &json.place, say!("an answer has one body"));
            problems.push(problem.help(say!("keep `body` (text) or `json`")));
            return None;
        }
        (Some(node), None) => AnswerBody::Text(read_text(node, problems)?),
        (None, Some(node)) => AnswerBody::Json(read_json(node, problems)?),
        (None, None) => AnswerBody::Empty,
    };
    Some(Answer { status, headers, body })
}

fn read_text(node: &Node, problems: &mut Problems) -> Option<Text> {
    let Some(text) = node.as_text() else {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("this must be text")));
        return None;
    };
    Text::parse(text)
        .map_err(|(at, why)| problems.push(Diagnostic::error("bad-template", &node.inner_place(at), why)))
        .ok()
}

fn read_json(node: &Node, problems: &mut Problems) -> Option<JsonText> {
    if let Some(entries) = node.as_map() {
        let entries =
            entries.iter().map(|(key, value)| Some((key.name.clone(), read_json(value, problems)?)));
        return entries.collect::<Option<_>>().map(JsonText::Object);
    }
    if let Some(items) = node.as_list() {
        return items.iter().map(|item| read_json(item, problems)).collect::<Option<_>>().map(JsonText::List);
    }
    match node.as_text() {
        Some(_) => read_text(node, problems).map(JsonText::Text),
        None => Some(JsonText::Plain(node.to_json())),
    }
}
