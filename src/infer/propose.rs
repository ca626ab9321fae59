//! From findings to a proposal: of each kind the best, what to try after it, and
//! the rest for a person to look at.

use serde_json::Value;

use super::Context;
use super::kind::{As, Found, Kind, SHOWN, Source, Verdict};
use super::leaf::Leaf;
use super::route::{Step, path_to};
use super::walk::Walk;
use super::{event, person, phone};

/// What a mapping could say of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The path of the items, if the request is a batch, and how many there are.
    pub each: Option<(String, usize)>,
    /// In the order in which a mapping reads well.
    pub chosen: Vec<Proposed>,
    /// What was not taken, the best first within each kind.
    pub others: Vec<Found>,
    /// What a person must know of the whole.
    pub note: Option<String>,
}

/// One value, from its first place or from those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    pub best: Found,
    pub next: Vec<Found>,
}

const MAX_PLACES: usize = 4;
/// A place so much worse than the best is another person's, or another thing.
const NEXT_WITHIN: i32 = 32;
/// Of each kind; a body with 50 amounts is not explained by listing them.
const MAX_OTHERS: usize = 4;

/// The finding of a verdict, if its path can be written.
pub fn locate(leaf: &Leaf<'_>, verdict: Verdict, document: &Value) -> Option<Found> {
    let path = path_to(&leaf.steps, document, leaf.value)?;
    let found = |source| Found {
        kind: verdict.kind,
        source,
        read: verdict.read,
        points: verdict.points,
        value: verdict.value.clone(),
        reason: verdict.reason.clone(),
        caution: verdict.caution.clone(),
        order: leaf.order,
    };
    if verdict.kind == Kind::Phone
        && let Some((codes, digits)) = phone::joined(leaf)
    {
        let place = |key: Option<String>| match key {
            Some(key) => sibling(leaf, &key, document).map(Some),
            None => Some(None),
        };
        let source = Source::Parts { ddi: place(codes.ddi)?, ddd: place(codes.ddd)?, number: path };
        // A number that needed its code to be one is as good as a whole one.
        let points = verdict.points + if verdict.caution.is_some() { 12 } else { 0 };
        return Some(Found { value: digits, points, caution: None, ..found(source) });
    }
    Some(found(Source::Path(path)))
}

/// The path of another field of the same object.
fn sibling(leaf: &Leaf<'_>, key: &str, document: &Value) -> Option<String> {
    let mut steps = leaf.steps.clone();
    while matches!(steps.last(), Some(Step::Index(_))) {
        steps.pop();
    }
    steps.pop();
    steps.push(Step::Key(key.to_owned()));
    path_to(&steps, document, leaf.beside?.get(key)?)
}

/// Where the document says when it last changed.
pub fn latest_change(walk: &Walk<'_>, document: &Value) -> Option<String> {
    let dated = walk.leaves.iter().filter_map(|leaf| Some((leaf, event::changed(leaf)?)));
    let (leaf, _) = dated.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    path_to(&leaf.steps, document, leaf.value)
}

pub fn propose(
    mut found: Vec<Found>,
    each: Option<(String, usize)>,
    changed: Option<String>,
    note: Option<String>,
    context: &Context<'_>,
    walk: &Walk<'_>,
) -> Proposal {
    found.sort_by_key(|found| (found.kind, -found.points, found.order));
    let mut chosen = Vec::new();
    let mut others = Vec::new();
    for kind in Kind::ALL {
        let (mut of_kind, rest): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|f| f.kind == kind);
        found = rest;
        // A list of what was bought says more than one product of it.
        let listed = kind == Kind::Product && has(&chosen, Kind::Items);
        let usable =
            of_kind.first().is_some_and(|best| best.points >= kind.enough() && !best.value.is_empty());
        if usable && !listed {
            let best = of_kind.remove(0);
            let next = fallbacks(&best, &mut of_kind);
            chosen.push(Proposed { best, next });
        }
        of_kind.retain(|found| !found.value.is_empty());
        others.extend(of_kind.into_iter().take(MAX_OTHERS));
    }
    say_states_once(&chosen, &mut others);
    settle_ids(&mut chosen, &mut others, changed);
    add_last_name(&mut chosen, context, walk);
    Proposal { each, chosen, others, note }
}

/// A status can be the type of the event; it is shown as one of the two.
fn say_states_once(chosen: &[Proposed], others: &mut Vec<Found>) {
    let states = [Kind::EventType, Kind::Status];
    let taken: Vec<&Source> =
        chosen.iter().filter(|one| states.contains(&one.best.kind)).map(|one| &one.best.source).collect();
    let mut seen: Vec<Source> = taken.into_iter().cloned().collect();
    // Seen last to first: of the two, the status says it better.
    others.reverse();
    others.retain(|other| {
        let new = !states.contains(&other.kind) || !seen.contains(&other.source);
        if states.contains(&other.kind) {
            seen.push(other.source.clone());
        }
        new
    });
    others.reverse();
}

fn has(chosen: &[Proposed], kind: Kind) -> bool {
    chosen.iter().any(|proposed| proposed.best.kind == kind)
}

/// Places for the same thing, read the same way; a place that is null here may
/// be filled elsewhere.
fn fallbacks(best: &Found, of_kind: &mut Vec<Found>) -> Vec<Found> {
    let mut next = Vec::new();
    let plain = matches!(best.source, Source::Path(_)) && best.caution.is_none();
    if !best.kind.has_fallbacks() || !plain {
        return next;
    }
    let mut room = MAX_PLACES - 1;
    of_kind.retain(|other| {
        let good = other.points >= best.kind.enough() && other.points + NEXT_WITHIN >= best.points;
        let same =
            matches!(other.source, Source::Path(_)) && other.read == best.read && other.caution.is_none();
        let taken = good && same && room > 0 && !repeats(best, other);
        if taken {
            room -= 1;
            next.push(other.clone());
        }
        !taken
    });
    // What is null here comes last, whatever its key says.
    next.sort_by_key(|found| found.value.is_empty());
    next
}

/// The first name beside a full one says nothing more.
fn repeats(best: &Found, other: &Found) -> bool {
    let (Source::Path(best_path), Source::Path(path)) = (&best.source, &other.source) else { return false };
    let object = |path: &str| path.rsplit_once(['.', '[']).map(|(object, _)| object.to_owned());
    best.kind == Kind::Name && object(best_path) == object(path)
}

/// One id is not both the order's and the event's. Where only an order's id is
/// there, it is the event's together with what changes.
fn settle_ids(chosen: &mut Vec<Proposed>, others: &mut Vec<Found>, changed: Option<String>) {
    let source = |chosen: &[Proposed], kind| {
        let proposed = chosen.iter().find(|proposed| proposed.best.kind == kind);
        proposed.map(|proposed| proposed.best.source.clone())
    };
    let order = source(chosen, Kind::Order);
    if order.is_some() && source(chosen, Kind::EventId) == order {
        chosen.retain(|proposed| proposed.best.kind != Kind::EventId);
    }
    others.retain(|other| other.kind != Kind::EventId || Some(&other.source) != order.as_ref());
    let known = source(chosen, Kind::EventId).is_some();
    if let (false, Some(Source::Path(order)), Some(changed)) = (known, order, changed) {
        let mut paths = vec![order];
        if let Some(Source::Path(kind)) = source(chosen, Kind::EventType) {
            paths.push(kind);
        }
        paths.push(changed);
        paths.dedup();
        let best = Found {
            kind: Kind::EventId,
            source: Source::Join(paths),
            read: As::Text,
            points: SHOWN,
            value: String::new(),
            reason: "no id of its own was found".to_owned(),
            caution: Some(
                "no id of its own was found; these together tell one event from another".to_owned(),
            ),
            order: 0,
        };
        chosen.insert(0, Proposed { best, next: Vec::new() });
    }
}

/// A first name brings the rest with it.
fn add_last_name(chosen: &mut Vec<Proposed>, context: &Context<'_>, walk: &Walk<'_>) {
    let Some(at) = chosen.iter().position(|proposed| proposed.best.kind == Kind::Name) else { return };
    let first = &chosen[at].best;
    let leaf = walk.leaves.iter().find(|leaf| leaf.order == first.order && person::is_first(leaf));
    let Some(leaf) = leaf else { return };
    let beside = leaf.beside.into_iter().flatten();
    let Some((key, value)) =
        beside.into_iter().find(|(key, value)| value.is_string() && person::is_last(key))
    else {
        return;
    };
    let Some(path) = sibling(leaf, key, context.root) else { return };
    let last = Found {
        kind: Kind::LastName,
        source: Source::Path(path),
        value: value.as_str().unwrap_or_default().trim().to_owned(),
        caution: None,
        ..first.clone()
    };
    chosen.insert(at + 1, Proposed { best: last, next: Vec::new() });
}
