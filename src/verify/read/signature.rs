//! `signature:`, where it is and how a list of them is taken apart.

use super::ENCODINGS;
use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::{Locator, read_locator};
use crate::verify::signature::{SignatureFrom, SignatureRule, Split};
use crate::yaml::{Fields, Node};

/// As many as any sender numbers its headers to.
const MOST_NUMBERED: u16 = 100;

pub fn read_signature(node: &Node, problems: &mut Problems) -> Option<SignatureRule> {
    let known = ["from", "encoding", "prefix", "group", "split"];
    let fields = Fields::open(node, "`signature`", &known, problems)?;
    let from = read_from(&fields, node, problems);
    if fields.get("encoding").is_none() {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("`signature` needs its `encoding`"))
                .help(say!("hex (0-9 a-f) or base64; the sender's documentation says which")),
        );
    }
    let encoding = fields.word("encoding", &ENCODINGS, problems);
    let prefix = fields.text("prefix", problems).unwrap_or_default().to_owned();
    let split = match fields.get("split") {
        Some(node) => Some(read_split(node, problems)?),
        None => None,
    };
    let group = match fields.get("group") {
        Some(_) => Some(separator(&fields, "group", node, problems)?),
        None => None,
    };
    Some(SignatureRule { from: from?, encoding: encoding?, prefix, group, split })
}

/// A place, or a list of places.
fn read_from(fields: &Fields<'_>, whole: &Node, problems: &mut Problems) -> Option<Vec<SignatureFrom>> {
    let Some(node) = fields.get("from") else {
        problems.push(
            Diagnostic::error("missing-key", &whole.place, say!("`from` is missing here"))
                .help(say!("such as from: \"header:X-Signature\"")),
        );
        return None;
    };
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    let from: Vec<SignatureFrom> = items.iter().filter_map(|item| read_one(item, problems)).collect();
    (from.len() == items.len() && !from.is_empty()).then_some(from)
}

/// `header:X-Signature-{n}` is as many headers as there are, from 1 on.
fn read_one(node: &Node, problems: &mut Problems) -> Option<SignatureFrom> {
    match node.as_text().and_then(|text| text.strip_suffix("{n}")).map(Locator::parse) {
        Some(Ok(Locator::Header(prefix))) => Some(SignatureFrom::Numbered { prefix, most: MOST_NUMBERED }),
        Some(_) => {
            problems.push(
                Diagnostic::error("bad-place", &node.place, say!("only headers are numbered"))
                    .help(say!("write header:X-Signature-{n}")),
            );
            None
        }
        None => read_locator(node, problems).map(SignatureFrom::At),
    }
}

fn read_split(node: &Node, problems: &mut Problems) -> Option<Split> {
    let fields = Fields::open(node, "`split`", &["item", "pair", "take", "lead"], problems)?;
    let item = separator(&fields, "item", node, problems);
    let Some(lead) = fields.get("lead") else {
        let pair = separator(&fields, "pair", node, problems);
        let take = separator(&fields, "take", node, problems)?;
        let take = (take != "*").then_some(take);
        return Some(Split::Named { item: item?, pair: pair?, take });
    };
    for odd in ["pair", "take"].into_iter().filter_map(|key| fields.key_place(key)) {
        problems.push(
            Diagnostic::error("misplaced-key", odd, say!("a list with `lead` has no names"))
                .help(say!("`lead` names the elements before the signatures, in their order")),
        );
    }
    let names = lead.as_list().unwrap_or(std::slice::from_ref(lead));
    let names: Option<Vec<String>> = names.iter().map(|name| name.as_text().map(str::to_owned)).collect();
    if names.is_none() {
        problems.push(
            Diagnostic::error("wrong-type", &lead.place, say!("`lead` is a list of names"))
                .help(say!("such as lead: [t]; lead: [] where there are only signatures")),
        );
    }
    Some(Split::Positional { item: item?, lead: names? })
}

fn separator(fields: &Fields<'_>, name: &str, whole: &Node, problems: &mut Problems) -> Option<String> {
    let text = fields.required_text(name, &whole.place, problems)?;
    if text.is_empty() {
        let place = fields.get(name).map_or(&whole.place, |node| &node.place);
        problems.push(
            Diagnostic::error("empty-text", place, say!("`{}` is empty", name))
                .help(say!("write what stands there in the header, such as \",\" or \"=\"")),
        );
        return None;
    }
    Some(text.to_owned())
}
