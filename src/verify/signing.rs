//! Filling a template from a request: the bytes that a signature is over.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mac::digest;
use super::setting::Setting;
use super::signature::Encoding;
use super::template::{Hole, Part, Template, What};
use crate::event::{RawWebhook, Secret};
use crate::payload::{Locator, Request, scalar_text};

/// Everything that a template can name.
pub struct Signing<'a> {
    pub raw: &'a RawWebhook,
    /// Its body is the document, or one item of a batch.
    pub request: Request<'a>,
    pub timestamp: Option<&'a str>,
    pub secret: &'a Secret,
    pub setting: &'a Setting,
    /// As the sender has it.
    pub url: &'a str,
}

/// A part that the request does not have, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub String);

impl Template {
    /// Hands each part to `sink`, in order.
    pub fn splice(&self, of: &Signing<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Missing> {
        splice(&self.parts, of, sink)
    }

    pub fn bytes(&self, of: &Signing<'_>) -> Result<Vec<u8>, Missing> {
        let mut bytes = Vec::with_capacity(of.raw.body.len() + 64);
        self.splice(of, &mut |part| bytes.extend_from_slice(part))?;
        Ok(bytes)
    }
}

fn splice(parts: &[Part], of: &Signing<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Missing> {
    for part in parts {
        match part {
            Part::Literal(text) => sink(text.as_bytes()),
            Part::Hole(hole) => hole.fill(of, sink)?,
            Part::Optional(parts) => {
                let mut group = Vec::new();
                if splice(parts, of, &mut |bytes| group.extend_from_slice(bytes)).is_ok() {
                    sink(&group);
                }
            }
        }
    }
    Ok(())
}

impl Hole {
    fn fill(&self, of: &Signing<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Missing> {
        if let What::Body = self.what
            && !self.lower
        {
            sink(&of.raw.body);
            return Ok(());
        }
        let text = match self.text(of) {
            Err(_) if self.or_empty => return Ok(()),
            other => other?,
        };
        match self.lower {
            true => sink(&text.to_ascii_lowercase()),
            false => sink(&text),
        }
        Ok(())
    }

    fn text(&self, of: &Signing<'_>) -> Result<Vec<u8>, Missing> {
        let missing = |what: &str| Missing(what.to_owned());
        Ok(match &self.what {
            What::Body => of.raw.body.to_vec(),
            What::BodyBase64 => STANDARD.encode(&of.raw.body).into_bytes(),
            What::BodyHash(hash) => Encoding::Hex.encode(&digest(*hash, &of.raw.body)).into_bytes(),
            What::BodyCrc32 => crc32fast::hash(&of.raw.body).to_string().into_bytes(),
            What::Timestamp => of.timestamp.ok_or_else(|| missing("the timestamp"))?.into(),
            What::Method => of.raw.method.clone().into_bytes(),
            What::Url => of.url.into(),
            What::Path => path_of(of.url).unwrap_or(&of.raw.path).into(),
            What::Secret => of.secret.expose().to_vec(),
            What::Param(name) => {
                let found = of.setting.params.get(name);
                found.ok_or_else(|| Missing(format!("the parameter `{name}`")))?.expose().to_vec()
            }
            What::FormSorted => form_sorted(of.raw).ok_or_else(|| missing("a form as its body"))?,
            What::At(locator) => {
                text_at(locator, &of.request).ok_or_else(|| Missing(locator.described()))?.into_bytes()
            }
        })
    }
}

/// The one text, number or truth value that is there.
pub fn text_at(locator: &Locator, request: &Request<'_>) -> Option<String> {
    scalar_text(locator.nodes(request).first()?)
}

/// The path of an address as the sender has it.
fn path_of(url: &str) -> Option<&str> {
    let after_scheme = url.find("://")? + 3;
    let path = &url[after_scheme + url[after_scheme..].find('/')?..];
    Some(path.split('?').next().unwrap_or(path))
}

/// More fields than this are not sorted; `payload` reads no more either.
const MAX_FIELDS: usize = 1_000;

/// Names by code point, each with its value; of a name that comes more than
/// once, the different values in order. None: the body is no form.
fn form_sorted(raw: &RawWebhook) -> Option<Vec<u8>> {
    let kind = raw.headers.get("content-type")?.split(';').next()?.trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&raw.body).ok()?;
    if pairs.len() > MAX_FIELDS {
        return None;
    }
    let mut sorted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        sorted.entry(name).or_default().push(value);
    }
    let mut text = String::new();
    for (name, mut values) in sorted {
        values.sort();
        values.dedup();
        values.iter().for_each(|value| text.extend([name.as_str(), value.as_str()]));
    }
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Headers, Timestamp};
    use serde_json::{Value, json};

    fn fill(template: &str, raw: &RawWebhook, document: &Value) -> Result<String, Missing> {
        let query = raw.query_pairs();
        let setting = Setting::default();
        let of = Signing {
            raw,
            request: Request { headers: &raw.headers, query: &query, body: document },
            timestamp: Some("12"),
            secret: &Secret::new("segredo"),
            setting: &setting,
            url: "https://a.example/x/hooks/loja?b=1",
        };
        Template::parse(template).unwrap().bytes(&of).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn raw(kind: &str, query: &str, body: &str) -> RawWebhook {
        RawWebhook {
            source: "loja".parse().unwrap(),
            method: "POST".into(),
            path: "/hooks/loja".into(),
            query: query.into(),
            headers: [("Content-Type", kind), ("X-Request-Id", "Req-1")].into_iter().collect::<Headers>(),
            body: body.to_owned().into(),
            path_secret: None,
            received_at: Timestamp::from_secs(0),
        }
    }

    #[test]
    fn every_part_is_spliced_as_it_came() {
        let post = raw("application/json", "data.id=AB", "{}");
        let document = json!({"a": "x", "n": 10, "t": true, "o": {}});
        for (template, text) in [
            ("{ts}.{body}", "12.{}"),
            ("{method} {url}", "POST https://a.example/x/hooks/loja?b=1"),
            ("{path}", "/x/hooks/loja"),
            ("{secret}-{body}", "segredo-{}"),
            ("{body_base64}", "e30="),
            ("{body_crc32}", "2745614147"),
            ("{body_sha1}", "bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f"),
            ("{json:$.a}{json:$.n}{json:$.t}", "x10true"),
            ("{json:$.none|or_empty}:{json:$.a}", ":x"),
            ("{?id:{query:data.id|lower};}{?x:{query:x};}ts:{ts};", "id:ab;ts:12;"),
            ("{header:x-request-id}", "Req-1"),
        ] {
            assert_eq!(fill(template, &post, &document).as_deref(), Ok(text), "{template}");
        }
        for (template, part) in [
            ("{json:$.none}", "the body at `$.none`"),
            ("{json:$.o}", "the body at `$.o`"),
            ("{param:app_key}", "the parameter `app_key`"),
            ("{form_sorted}", "a form as its body"),
        ] {
            assert_eq!(fill(template, &post, &document), Err(Missing(part.to_owned())), "{template}");
        }
    }

    #[test]
    fn a_form_is_sorted_and_its_repeats_are_merged() {
        let form = raw("application/x-www-form-urlencoded; charset=utf-8", "", "b=2&a=z&a=y&a=z&B=%C3%A9+1");
        assert_eq!(fill("{form_sorted}", &form, &Value::Null).as_deref(), Ok("Bé 1ayazb2"));
    }
}
