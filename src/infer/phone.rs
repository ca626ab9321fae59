//! The phone: what a key says, and what our own converter says of the value. One
//! that cannot be converted is shown with the converter's reason, since it may
//! be all that this sender gives.

use serde_json::Value;

use super::kind::{As, Kind, Verdict, says};
use super::leaf::Leaf;
use super::looks;
use super::person::ROLES;
use super::words::{self, Table};
use crate::mapping::convert;

#[rustfmt::skip]
pub const PHONES: &Table = &[
    ("whatsapp", 46), ("whats app", 46), ("whats", 44), ("zap", 44), ("cellphone", 43), ("cell phone", 43),
    ("celular", 43), ("mobile phone", 43), ("mobile", 42), ("movil", 42), ("telefone celular", 43),
    ("cel", 40), ("smartphone", 40), ("wa id", 42), ("msisdn", 38), ("checkout phone", 40),
    ("phone number", 38), ("phone", 37), ("phones", 36), ("telephone", 36), ("telefone", 37),
    ("telefones", 36), ("telefono", 37), ("fone", 36), ("tel", 34), ("reminder number", 30),
    ("personal phone", 32), ("home phone", 30), ("work phone", 28), ("telefone fixo", 28), ("fixo", 26),
    ("residencial", 26), ("comercial", 24), ("landline", 26), ("contato", 14), ("contact number", 34),
    ("remote jid", 34), ("chat id", 20), ("jid", 30),
];

/// Digits that are something else, whatever they convert to.
#[rustfmt::skip]
const NUMBERS: &Table = &[
    ("cpf", -90), ("cnpj", -90), ("document", -90), ("documento", -90), ("rg", -90), ("tax id", -90),
    ("cep", -90), ("zip", -90), ("zipcode", -90), ("postcode", -90), ("postal", -90), ("date", -90),
    ("time", -90), ("timestamp", -90), ("at", -60), ("localizer", -90), ("expiration", -90), ("fax", -90),
    ("extension", -90), ("ramal", -90), ("price", -90), ("amount", -90), ("total", -90), ("sku", -90),
    ("ean", -90), ("barcode", -90), ("ip", -90), ("hash", -90), ("verified", -90), ("lines", -60),
    ("nfe", -90), ("nota", -60), ("bank", -90), ("card", -90), ("cartao", -90), ("pix", -60),
    ("telegram id", -90), ("telegram user", -90), ("support", -60), ("type", -60), ("tipo", -60),
];

/// What an own key of a part says: not the number.
const CODES: [&str; 9] =
    ["code", "codigo", "ddd", "ddi", "area", "area code", "country", "country code", "local code"];

pub fn phone(leaf: &Leaf<'_>) -> Option<Verdict> {
    let hit = leaf.near(PHONES).filter(|hit| hit.level <= 1);
    // A word that is nearer than the phone's may say what else it is.
    let worst = leaf.keys.iter().take(2).filter_map(|key| words::worst(NUMBERS, key)).map(|(_, p)| p).min();
    let points = hit.map_or(0, |hit| hit.points) + leaf.nearest(ROLES) + worst.unwrap_or(0);
    let reason = hit.map_or_else(|| "it is written as a phone".to_owned(), |hit| says(hit.word));
    if leaf.value.is_null() {
        return hit
            .filter(|hit| hit.level == 0 && !is_code(leaf.own()))
            .map(|_| Verdict { read: As::Phone, ..Verdict::new(Kind::Phone, points - 6, leaf, reason) });
    }
    let text = leaf.text().filter(|text| text.chars().count() <= 60)?;
    match convert::phone(leaf.value, None) {
        Ok(digits) => {
            let shaped = looks::written_as_phone(&text);
            if hit.is_none() && !shaped {
                return bare(leaf, &text, digits);
            }
            let points = points + if shaped { 18 } else { 12 } + fullness(leaf.own());
            Some(Verdict {
                value: digits,
                read: As::Phone,
                ..Verdict::new(Kind::Phone, points, leaf, reason)
            })
        }
        Err(why) => {
            let hidden = text.contains('*') || looks::digits(&text) >= 7;
            hit.filter(|hit| hit.level == 0 && hidden && !is_code(leaf.own()) && !looks::url(&text))?;
            let verdict = Verdict::new(Kind::Phone, points, leaf, reason);
            Some(Verdict { read: As::Phone, caution: Some(why.message.english()), ..verdict })
        }
    }
}

/// Digits alone, under a key that says who wrote: a chat's `from`.
fn bare(leaf: &Leaf<'_>, text: &str, digits: String) -> Option<Verdict> {
    let chat =
        words::is_any(&["from", "sender", "author", "to", "number", "numero", "recipient id"], leaf.own());
    let brazilian = matches!(text.len(), 12 | 13) && text.starts_with("55");
    let verdict = Verdict::new(Kind::Phone, 24, leaf, "its digits are those of a phone");
    (chat && brazilian && leaf.value.is_string()).then_some(Verdict {
        read: As::Phone,
        value: digits,
        ..verdict
    })
}

fn is_code(own: &str) -> bool {
    CODES.iter().any(|code| own.ends_with(&format!(" {code} ")))
}

/// The whole number before its parts, and before the same with punctuation.
fn fullness(own: &str) -> i32 {
    match own {
        _ if words::holds(own, "full") || words::holds(own, "completo") => 8,
        _ if words::any(&["formatted", "formated", "formatado", "masked"], own) => -2,
        _ => 0,
    }
}

/// The keys beside a number that hold the rest of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Codes {
    pub ddi: Option<String>,
    pub ddd: Option<String>,
}

/// The codes beside a number, if joining them gives a phone, and that phone.
pub fn joined(leaf: &Leaf<'_>) -> Option<(Codes, String)> {
    let beside = leaf.beside?;
    if words::any(&["full", "completo", "formatted", "formated", "formatado"], leaf.own()) {
        return None;
    }
    let mut codes = Codes::default();
    for (key, value) in beside {
        let plain = words::plain(key);
        match code_of(&plain, value) {
            Some(Code::Country) if codes.ddi.is_none() => codes.ddi = Some(key.clone()),
            Some(Code::Area) if codes.ddd.is_none() => codes.ddd = Some(key.clone()),
            _ => {}
        }
    }
    let part = |key: &Option<String>| key.as_ref().and_then(|key| beside.get(key));
    if codes == Codes::default() {
        return None;
    }
    let digits = convert::phone_from_parts(part(&codes.ddi), part(&codes.ddd), leaf.value).ok()?;
    Some((codes, digits))
}

enum Code {
    Country,
    Area,
}

fn code_of(key: &str, value: &Value) -> Option<Code> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let digits = looks::digits(&text);
    let code = (1..=4).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || " +()".contains(c));
    let ends = |list: &[&str]| list.iter().any(|end| key.ends_with(&format!(" {end} ")));
    match () {
        () if !code => None,
        () if ends(&["country code", "country", "ddi", "codigo pais", "pais"]) => Some(Code::Country),
        () if ends(&["area code", "ddd", "area", "codigo area"]) => Some(Code::Area),
        // Senders put the country here or the DDD; the converter tells them apart.
        () if ends(&["local code", "phone code", "telefone codigo"]) && digits <= 3 => Some(Code::Area),
        () => None,
    }
}
