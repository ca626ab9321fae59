//! Dates that matter, links, codes that people copy, and what was bought.

use serde_json::Value;

use super::kind::{As, Kind, Verdict, says};
use super::leaf::Leaf;
use super::looks;
use super::words::{self, Table};

#[rustfmt::skip]
const DUES: &Table = &[
    ("due date", 60), ("due at", 58), ("due on", 58), ("vencimento", 60), ("data vencimento", 62),
    ("vence em", 56), ("due", 44), ("expires at", 40), ("expiration date", 40), ("expiration", 34),
    ("expiracao", 34), ("expires", 34), ("validade", 32), ("billet expiration", 50), ("vencimiento", 60),
];
#[rustfmt::skip]
const STARTS: &Table = &[
    ("start time", 58), ("starts at", 56), ("start at", 56), ("start date", 50), ("inicio", 50),
    ("data inicio", 52), ("hora inicio", 52), ("scheduled at", 50), ("scheduled for", 50),
    ("scheduled time", 50), ("appointment", 46), ("agendamento", 46), ("agendado para", 50),
    ("data agendamento", 52), ("event date", 26), ("data evento", 30), ("check in", 40), ("data hora", 30),
];
#[rustfmt::skip]
const FORECASTS: &Table = &[
    ("previsao", 50), ("previsao entrega", 58), ("estimated delivery", 56), ("estimated delivery date", 58),
    ("delivery forecast", 54), ("delivery date", 48), ("data entrega", 44), ("entrega prevista", 56),
    ("shipping estimate", 44), ("estimated date", 40), ("eta", 40), ("data prevista", 50),
];
#[rustfmt::skip]
const OTHER_DATES: &Table = &[
    ("localizer", -60), ("card", -60), ("cartao", -60), ("token", -60), ("warranty", -60), ("coupon", -50),
    ("created", -50), ("updated", -50), ("trial", -20), ("browser", -60), ("session", -40),
];

pub fn date(leaf: &Leaf<'_>) -> Option<Verdict> {
    if leaf.value.as_str().is_some_and(|text| text.len() > 40) {
        return None;
    }
    let tables = [(Kind::Due, DUES), (Kind::Forecast, FORECASTS), (Kind::Start, STARTS)];
    let hits = tables.map(|(kind, table)| (kind, leaf.near(table).filter(|hit| hit.level <= 1)));
    let hit = hits.into_iter().filter_map(|(kind, hit)| Some((kind, hit?)));
    let (kind, hit) = hit.reduce(|best, next| if next.1.points > best.1.points { next } else { best })?;
    let format = looks::date(leaf.value)?;
    let points = hit.points + leaf.against(OTHER_DATES).min(0);
    Some(Verdict { read: As::Date(format), ..Verdict::new(kind, points, leaf, says(hit.word)) })
}

#[rustfmt::skip]
const PAYMENT_LINKS: &Table = &[
    ("payment url", 58), ("payment link", 58), ("link pagamento", 58), ("link de pagamento", 58),
    ("invoice url", 54), ("hosted invoice url", 58), ("checkout url", 52), ("checkout link", 52),
    ("bank slip url", 50), ("boleto url", 50), ("billet url", 50), ("url boleto", 50), ("print url", 40),
    ("recovery url", 44), ("abandoned checkout url", 52), ("pay url", 50), ("secure url", 30),
    ("ticket url", 40), ("order status url", 34), ("join url", 40), ("meeting url", 40), ("access url", 38),
    ("receipt url", 30), ("danfe", 30), ("boleto", 40), ("pdf", 24),
];
#[rustfmt::skip]
const TRACKING_LINKS: &Table = &[
    ("tracking url", 60), ("url tracking", 60), ("tracking link", 60), ("track url", 60),
    ("url rastreio", 60), ("link rastreio", 60), ("link de rastreio", 60), ("url rastreamento", 60),
    ("rastreio url", 60), ("tracking", 40), ("rastreio", 40), ("rastreamento", 40),
];
#[rustfmt::skip]
const OTHER_LINKS: &Table = &[
    ("image", -60), ("imagem", -60), ("avatar", -60), ("photo", -60), ("picture", -60), ("self", -40),
    ("icon", -60), ("logo", -60), ("webhook", -60), ("callback", -60), ("api", -60), ("referrer", -60),
    ("referring", -60), ("landing", -60), ("notification", -50), ("links", -40), ("qr code", -30),
    ("xml", -30), ("item", -40), ("items", -40), ("product", -40), ("store", -40),
];

pub fn link(leaf: &Leaf<'_>) -> Option<Verdict> {
    let text = leaf.value.as_str()?.trim();
    if !looks::url(text) || text.chars().count() > looks::MAX_CHARS {
        return None;
    }
    let hit = |table| leaf.near(table).filter(|hit| hit.level <= 1);
    let (tracking, payment) = (hit(TRACKING_LINKS), hit(PAYMENT_LINKS));
    let against = leaf.against(OTHER_LINKS).min(0);
    if let Some(hit) = tracking.filter(|hit| payment.is_none_or(|other| hit.points >= other.points)) {
        return Some(Verdict::new(Kind::TrackingLink, hit.points + against, leaf, says(hit.word)));
    }
    let (points, reason) = match payment {
        Some(hit) => (hit.points, says(hit.word)),
        None => (16, "it is a link".to_owned()),
    };
    Some(Verdict::new(Kind::PaymentLink, points + against, leaf, reason))
}

#[rustfmt::skip]
const TRACKINGS: &Table = &[
    ("tracking number", 58), ("tracking code", 58), ("codigo rastreio", 58), ("codigo de rastreio", 58),
    ("codigo rastreamento", 58), ("track code", 56), ("rastreio", 50), ("rastreamento", 50),
    ("tracking", 46), ("tracking no", 54), ("sending code", 40), ("awb", 40), ("etiqueta", 34),
    ("numero objeto", 40),
];
#[rustfmt::skip]
const OTHER_TRACKINGS: &Table = &[
    ("utm", -60), ("data", -10), ("parameters", -60), ("params", -60), ("url", -60), ("link", -60),
    ("company", -60), ("courier", -60), ("source", -60), ("sck", -60), ("status", -60), ("date", -60),
    ("id", -30), ("pixel", -60), ("self", -8),
];

pub fn tracking(leaf: &Leaf<'_>) -> Option<Verdict> {
    let text = leaf.text()?;
    if text.contains(char::is_whitespace) || text.len() > 50 || looks::url(&text) || looks::email(&text) {
        return None;
    }
    let shaped = looks::tracking(&text);
    let hit = leaf.near(TRACKINGS).filter(|hit| hit.level == 0);
    if hit.is_none() && !shaped {
        return None;
    }
    let points = hit.map_or(10, |hit| hit.points) + if shaped { 25 } else { 0 };
    let digits = if looks::digits(&text) == 0 { 30 } else { 0 };
    let reason = hit.map_or_else(|| "it is written as a tracking code".to_owned(), |hit| says(hit.word));
    Some(Verdict::new(Kind::Tracking, points - digits + leaf.against(OTHER_TRACKINGS).min(0), leaf, reason))
}

const PIXES: &Table = &[
    ("pix code", 50),
    ("copia e cola", 56),
    ("pix copia cola", 56),
    ("brcode", 50),
    ("emv", 40),
    ("qr code", 36),
    ("pix qr code", 46),
    ("qrcode", 36),
    ("codigo pix", 50),
    ("pix", 30),
];
const BOLETOS: &Table = &[
    ("linha digitavel", 50),
    ("digitable line", 50),
    ("barcode", 30),
    ("boleto", 30),
    ("billet", 30),
    ("codigo barras", 34),
    ("bank slip", 30),
    ("line", 10),
];

pub fn pay_code(leaf: &Leaf<'_>) -> Option<Verdict> {
    let text = leaf.value.as_str()?.trim();
    if text.chars().count() > looks::MAX_CHARS {
        return None;
    }
    if looks::pix(text) {
        let points = 45 + leaf.near(PIXES).map_or(0, |hit| hit.points / 2);
        return Some(Verdict::new(Kind::Pix, points, leaf, "it begins as every Pix code does"));
    }
    if looks::boleto(text) {
        let points = 34 + leaf.near(BOLETOS).map_or(0, |hit| hit.points / 2);
        // A scanner reads 44 digits; people type 47.
        let points = points - if looks::digits(text) == 44 { 8 } else { 0 };
        return Some(Verdict::new(Kind::Boleto, points, leaf, "it has the digits of a boleto"));
    }
    None
}

#[rustfmt::skip]
const PRODUCTS: &Table = &[
    ("product name", 44), ("produto nome", 44), ("nome produto", 44), ("nome do produto", 44),
    ("course name", 42), ("nome curso", 42), ("plan name", 34),
];
#[rustfmt::skip]
const GOODS: &Table = &[
    ("product", 40), ("produto", 40), ("course", 38), ("curso", 38), ("plan", 30), ("plano", 30),
    ("offer", 18), ("oferta", 18), ("item", 30),
];

/// One thing that was bought, where there is no list of them.
pub fn product(leaf: &Leaf<'_>) -> Option<Verdict> {
    let Value::String(text) = leaf.value else { return None };
    if text.trim().is_empty() || looks::url(text) || text.chars().count() > 120 || leaf.is_in_list() {
        return None;
    }
    let own = leaf.own();
    if let Some((word, points)) = words::best(PRODUCTS, own) {
        return Some(Verdict::new(Kind::Product, points, leaf, says(word)));
    }
    let named = words::is_any(&["name", "nome", "title", "titulo", "descricao", "description"], own);
    let (word, points) = words::best(GOODS, if named { leaf.parent()? } else { "" })?;
    Some(Verdict::new(Kind::Product, points, leaf, says(word)))
}
