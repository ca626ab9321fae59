//! How much: the amount that the person pays, told from taxes, discounts and
//! prices of one item, and whether it counts reais or cents. The latter cannot
//! always be seen: then both readings are shown, and a person decides.

use serde_json::Value;

use super::Context;
use super::kind::{As, Kind, Verdict, says};
use super::leaf::Leaf;
use super::looks;
use super::words::{self, Table};
use crate::mapping::convert::{Unit, money};
use crate::mapping::text::brl;

#[rustfmt::skip]
pub const AMOUNTS: &Table = &[
    ("grand total", 56), ("valor total", 56), ("value total", 54), ("total price", 54), ("total amount", 54),
    ("total value", 54), ("amount total", 54), ("total geral", 54), ("total pedido", 54), ("order total", 54),
    ("order amount", 54), ("charge amount", 50), ("paid amount", 48), ("amount paid", 46), ("valor pago", 46),
    ("transaction amount", 50), ("sale amount", 50), ("total paid amount", 50), ("total centavos", 54),
    ("total", 46), ("full price", 46), ("amount", 38), ("montante", 38), ("valor", 36), ("importe", 38),
    ("monto", 38), ("price", 28), ("preco", 28), ("precio", 28), ("value", 26), ("amount due", 44),
    ("base amount", 30),
];
#[rustfmt::skip]
const PARTS: &Table = &[
    ("tax", -50), ("taxes", -50), ("imposto", -50), ("discount", -50), ("discounts", -50), ("desconto", -50),
    ("shipping", -50), ("frete", -50), ("freight", -50), ("fee", -50), ("fees", -50), ("taxa", -50),
    ("taxas", -50), ("commission", -30), ("commissions", -8), ("comissao", -30), ("comissoes", -14),
    ("item", -40), ("items", -40), ("itens", -40), ("line", -40), ("lines", -40), ("product", -24),
    ("produto", -24), ("products", -40), ("refund", -50), ("refunded", -50), ("refunds", -50),
    ("estorno", -50), ("installment", -40), ("installments", -40), ("parcela", -40), ("parcelas", -40),
    ("unit", -40), ("unitario", -40), ("subtotal", -16), ("sub total", -16), ("balance", -40),
    ("saldo", -40), ("outstanding", -50), ("weight", -60), ("peso", -60), ("quantity", -60),
    ("quantidade", -60), ("tip", -50), ("gorjeta", -50), ("original", -8), ("current", -3), ("net", -14),
    ("liquido", -14), ("situacao", -60), ("status", -60), ("score", -60), ("rate", -60), ("minimum", -50),
    ("maximum", -50), ("limit", -50), ("coupon", -50), ("cupom", -50), ("points", -60), ("cashback", -50),
    ("change", -50), ("troco", -50), ("count", -60), ("version", -60), ("id", -60), ("type", -60),
    ("answers", -30), ("meta data", -30), ("offer", -10), ("bump", -40), ("interest", -50), ("juros", -50),
    ("multa", -50), ("fine", -50), ("set", -10), ("currency", -10), ("affiliate", -40), ("producer", -40),
    ("plan", -10), ("percentage", -60), ("percent", -60), ("insurance", -50), ("wallet", -30),
    ("custom fields", -30), ("note attributes", -40),
];
/// What a bare `value` may be the amount of.
const PAYMENTS: [&str; 12] = [
    "payment",
    "pagamento",
    "charge",
    "cobranca",
    "invoice",
    "fatura",
    "order",
    "pedido",
    "transaction",
    "purchase",
    "bill",
    "sale",
];
const CENTS: [&str; 7] = ["cents", "cent", "centavos", "centavo", "centimos", "minor", "cts"];
const CURRENCIES: [&str; 7] =
    ["currency", "moeda", "currency value", "currency id", "currency code", "moneda", "currency iso"];

pub fn total(leaf: &Leaf<'_>, context: &Context<'_>) -> Option<Verdict> {
    let hit = leaf.near(AMOUNTS)?;
    // A label of a form that says `total` is rarely what is paid.
    if hit.level > 1 || matches!(leaf.value, Value::Bool(_) | Value::Null) {
        return None;
    }
    let text = leaf.text().filter(|text| text.chars().count() <= 30)?;
    let (unit, doubt) = unit_of(leaf, &text, context);
    let amount = money(leaf.value, unit).ok()?.cents();
    let currency = leaf
        .beside
        .is_some_and(|beside| beside.keys().any(|key| words::is_any(&CURRENCIES, &words::plain(key))));
    let paid = leaf.parent().map_or_else(
        || if context.is_entity(leaf) { 8 } else { 0 },
        |parent| if words::any(&PAYMENTS, parent) { 12 } else { 0 },
    );
    let depth = i32::try_from(leaf.depth()).unwrap_or(9).min(6);
    let points = hit.points + leaf.against(PARTS).min(0) + if currency { 8 } else { 0 } + paid
        - depth
        - if leaf.is_in_list() { 8 } else { 0 }
        - if amount <= 0 { 14 } else { 0 }
        - if looks::tracking(&text) { 60 } else { 0 };
    let caution = doubt.then(|| {
        let reading = |unit| money(leaf.value, unit).map(|money| brl(money.cents())).unwrap_or_default();
        format!(
            "check the unit: {text} is {} in cents, {} in units",
            reading(Unit::Cents),
            reading(Unit::Units)
        )
    });
    let verdict = Verdict::new(Kind::Total, points, leaf, says(hit.word));
    Some(Verdict { read: As::Money(unit), value: brl(amount), caution, ..verdict })
}

/// The unit, and whether it is a guess.
fn unit_of(leaf: &Leaf<'_>, text: &str, context: &Context<'_>) -> (Unit, bool) {
    if leaf.keys.iter().take(2).any(|key| words::any(&CENTS, key)) {
        return (Unit::Cents, false);
    }
    if has_decimals(text) || context.decimals {
        return (Unit::Units, false);
    }
    // Senders that count cents write bare integers; so does who counts reais and
    // has a round price. From 10 reais in cents on, cents are the better guess.
    let cents = looks::digits(text) >= 4;
    (if cents { Unit::Cents } else { Unit::Units }, true)
}

/// Whether an amount of the document is written with its decimals, so that its
/// other amounts are reais too.
pub fn shows_decimals(leaf: &Leaf<'_>) -> bool {
    let amount = leaf.near(AMOUNTS).is_some_and(|hit| hit.level == 0);
    amount && leaf.text().is_some_and(|text| has_decimals(&text)) && money(leaf.value, Unit::Units).is_ok()
}

fn has_decimals(text: &str) -> bool {
    text.contains(['.', ','])
}
