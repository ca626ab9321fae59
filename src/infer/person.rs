//! Who it is about: name and e-mail of the person that a message goes to, told
//! from those of the shop, its seller and its driver.

use super::kind::{Kind, Verdict, says};
use super::leaf::Leaf;
use super::looks;
use super::words::{self, Table};

/// Who a key speaks of. The nearest one decides.
#[rustfmt::skip]
pub const ROLES: &Table = &[
    ("customer", 25), ("cliente", 25), ("client", 22), ("comprador", 25), ("buyer", 25), ("billing", 25),
    ("cobranca", 14), ("payer", 22), ("pagador", 22), ("consumer", 22), ("consumidor", 22),
    ("subscriber", 22), ("assinante", 22), ("contact", 20), ("contacts", 20), ("contato", 20),
    ("contatos", 20), ("contacto", 20), ("lead", 20), ("leads", 20), ("invitee", 20), ("convidado", 18),
    ("student", 20), ("aluno", 22), ("member", 16), ("membro", 16), ("paciente", 22), ("patient", 22),
    ("doador", 20), ("donor", 20), ("guest", 16), ("hospede", 20), ("attendee", 20), ("attendees", 20),
    ("participante", 20), ("signer", 18), ("titular", 14), ("person", 14), ("pessoa", 14), ("persona", 14),
    ("profile", 10), ("perfil", 10), ("user", 8), ("usuario", 8), ("sender", 8), ("to", 12),
    ("recipient", 14), ("destinatario", 14), ("receiver", 14), ("shipping", 12), ("delivery", 8),
    ("entrega", 8), ("cardholder", 4), ("holder", 4),
    ("seller", -45), ("vendedor", -45), ("store", -45), ("loja", -45), ("shop", -45), ("tienda", -45),
    ("merchant", -45), ("lojista", -45), ("restaurante", -45), ("restaurant", -45), ("produtor", -45),
    ("producer", -45), ("affiliate", -45), ("affiliates", -45), ("afiliado", -45), ("coproducer", -45),
    ("driver", -45), ("motorista", -45), ("entregador", -45), ("courier", -45), ("carrier", -45),
    ("transportadora", -45), ("company", -45), ("empresa", -45), ("emitente", -45), ("issuer", -45),
    ("author", -45), ("owner", -45), ("organizer", -45), ("host", -45), ("hosts", -45), ("agent", -45),
    ("atendente", -45), ("support", -45), ("suporte", -45), ("account", -35), ("vendor", -45),
    ("warehouse", -45), ("filial", -45), ("unidade", -45), ("responsavel", -30), ("parceiro", -45),
    ("partner", -45), ("supplier", -45), ("fornecedor", -45), ("business", -45), ("from", -20),
    ("remetente", -45), ("marketplace", -45), ("emergency", -30), ("emergencia", -30),
];

/// Things, not people, have a name too.
#[rustfmt::skip]
const THINGS: &Table = &[
    ("product", -60), ("produto", -60), ("products", -60), ("produtos", -60), ("item", -60), ("items", -60),
    ("itens", -60), ("lines", -60), ("line", -60), ("plan", -60), ("plano", -60), ("curso", -60),
    ("offer", -60), ("oferta", -60), ("variant", -60), ("sku", -60),
    ("campaign", -60), ("campanha", -60), ("utm", -60), ("method", -60), ("metodo", -60), ("file", -60),
    ("arquivo", -60), ("list", -40), ("lista", -40), ("funnel", -60), ("funil", -60), ("stage", -60),
    ("etapa", -60), ("city", -60), ("cidade", -60), ("country", -60), ("pais", -60), ("state", -60),
    ("estado", -60), ("bairro", -60), ("neighborhood", -60), ("street", -60), ("rua", -60),
    ("bank", -60), ("banco", -60), ("gateway", -60), ("service", -60), ("servico", -60), ("tag", -60),
    ("tags", -60), ("category", -60), ("categoria", -60), ("brand", -60), ("channel", -60), ("canal", -60),
    ("department", -60), ("queue", -60), ("fila", -60), ("source", -60),
    ("status", -60), ("group", -60), ("grupo", -60), ("domain", -60), ("user agent", -60),
    ("user name", -20), ("nickname", -14), ("apelido", -14), ("metadata", -30), ("coupon", -60),
    ("type", -40), ("tipo", -40), ("form name", -60), ("form title", -60), ("pipeline", -60), ("mother", -60), ("mae", -60),
    ("pai", -60), ("document name", -60), ("host name", -60),
];

#[rustfmt::skip]
const NAMES: &Table = &[
    ("full name", 45), ("nome completo", 48), ("nombre completo", 45), ("customer name", 44),
    ("client name", 44), ("buyer name", 44), ("contact name", 44), ("nome cliente", 44),
    ("nome do cliente", 44), ("cliente nome", 44), ("nome comprador", 44), ("comprador nome", 44),
    ("recipient name", 34), ("receiver name", 34), ("destinatario nome", 34), ("nome destinatario", 34),
    ("fullname", 45), ("customername", 44), ("first name", 30), ("firstname", 30), ("primeiro nome", 30),
    ("given name", 30), ("name", 28), ("nome", 32), ("nombre", 32), ("profile name", 24),
    ("push name", 24), ("display name", 22), ("nickname", 18),
];

/// Keys that hold a person by themselves: `cliente: Maria Souza`.
#[rustfmt::skip]
const PEOPLE: [&str; 14] = [
    "customer", "cliente", "client", "comprador", "buyer", "destinatario", "aluno", "paciente", "contato",
    "contact", "payer", "pagador", "titular", "assinante",
];
/// What an event can be about as a whole: its own name is a title.
const WHOLES: [&str; 8] = ["form", "formulario", "survey", "deal", "event", "evento", "order", "pedido"];
const FIRST: [&str; 7] =
    ["first name", "firstname", "primeiro nome", "given name", "first", "given", "nome proprio"];
const LAST: [&str; 9] = [
    "last name",
    "lastname",
    "sobrenome",
    "surname",
    "family name",
    "last",
    "family",
    "apellido",
    "apellidos",
];

pub fn name(leaf: &Leaf<'_>) -> Option<Verdict> {
    if words::is_any(&LAST, leaf.own()) {
        return None;
    }
    let points = name_points(leaf)?;
    let looks = match leaf.value.is_null() {
        true => -10,
        false => looks::person(leaf.value.as_str()?.trim())?,
    };
    // `deal.name` is the deal's, though `deal.contact.name` is a person's.
    let whole = leaf.parent().is_some_and(|parent| words::is_any(&WHOLES, parent));
    let against = leaf.against(THINGS).min(if whole { -60 } else { 0 });
    let points = points.1 + looks + leaf.nearest(ROLES) + against;
    Some(Verdict::new(Kind::Name, points, leaf, name_points(leaf)?.0))
}

fn name_points(leaf: &Leaf<'_>) -> Option<(String, i32)> {
    if let Some(hit) = leaf.near(NAMES) {
        // In `name.first` the part is the key; elsewhere a name that is farther
        // away belongs to something around it.
        let part = words::is_any(&FIRST, leaf.own()) || words::is_any(&["full", "completo"], leaf.own());
        return (hit.level == 0 || part).then(|| (says(hit.word), hit.points));
    }
    let by_role = words::is_any(&PEOPLE, leaf.own()) && !leaf.value.is_null();
    by_role.then(|| ("the key is a person's role".to_owned(), 18))
}

/// Whether a name is a first name only, with the key of the rest beside it.
pub fn is_first(leaf: &Leaf<'_>) -> bool {
    words::is_any(&FIRST, leaf.own())
}

pub fn is_last(key: &str) -> bool {
    words::is_any(&LAST, &words::plain(key))
}

#[rustfmt::skip]
const EMAILS: &Table = &[
    ("email", 25), ("e mail", 25), ("mail", 20), ("correo", 25), ("contact email", 27),
];

pub fn email(leaf: &Leaf<'_>) -> Option<Verdict> {
    let hit = leaf.near(EMAILS);
    if leaf.value.is_null() {
        let hit = hit.filter(|hit| hit.level == 0)?;
        return Some(Verdict::new(Kind::Email, hit.points + leaf.nearest(ROLES), leaf, says(hit.word)));
    }
    let text = leaf.value.as_str()?.trim();
    if !looks::email(text) {
        return None;
    }
    let points = 25 + hit.map_or(0, |hit| hit.points) + leaf.nearest(ROLES);
    Some(Verdict::new(Kind::Email, points, leaf, "it is an e-mail address"))
}
