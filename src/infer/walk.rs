//! The walk: every single value of a document, and every list of objects. Done
//! once, within bounds; what lies beyond them is not proposed.

use serde_json::{Map, Value};

use super::keyed::{Labels, labels_of};
use super::leaf::Leaf;
use super::route::Step;
use super::words;

const MAX_DEPTH: usize = 24;
const MAX_LEAVES: usize = 4_000;
const MAX_LABELLED: usize = 200;

/// A list with at least one object in it.
#[derive(Debug, Clone)]
pub struct List<'a> {
    pub steps: Vec<Step>,
    pub keys: Vec<String>,
    pub items: &'a [Value],
    pub order: usize,
}

#[derive(Debug, Default)]
pub struct Walk<'a> {
    pub leaves: Vec<Leaf<'a>>,
    pub lists: Vec<List<'a>>,
    steps: Vec<Step>,
    /// The farthest first.
    keys: Vec<String>,
}

impl<'a> Walk<'a> {
    pub fn of(document: &'a Value) -> Self {
        let mut walk = Self::default();
        walk.visit(document, None);
        walk
    }

    fn visit(&mut self, value: &'a Value, beside: Option<&'a Map<String, Value>>) {
        if self.leaves.len() >= MAX_LEAVES || self.steps.len() > MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (key, field) in fields {
                    self.enter(Step::Key(key.clone()), Some(key), field, Some(fields));
                }
            }
            Value::Array(items) => self.visit_list(items, beside),
            _ => self.leaves.push(Leaf {
                steps: self.steps.clone(),
                value,
                keys: self.keys.iter().rev().cloned().collect(),
                beside,
                order: self.leaves.len(),
            }),
        }
    }

    fn visit_list(&mut self, items: &'a [Value], beside: Option<&'a Map<String, Value>>) {
        let Some(first) = items.first() else { return };
        if let Some(labels) = labels_of(items) {
            return self.visit_labelled(items, &labels);
        }
        if first.is_object() {
            self.lists.push(List {
                steps: self.steps.clone(),
                keys: self.keys.iter().rev().cloned().collect(),
                items,
                order: self.leaves.len(),
            });
        }
        // Items of a list are alike: the first speaks for all.
        self.enter(Step::Index(0), None, first, beside);
    }

    fn visit_labelled(&mut self, items: &'a [Value], labels: &Labels) {
        for (index, item) in items.iter().enumerate().take(MAX_LABELLED) {
            let (Some(fields), Some(equals)) = (item.as_object(), labels.of(item)) else { continue };
            let label = labels.path.clone();
            self.steps.push(Step::Where { label, equals: equals.to_owned(), index });
            self.keys.push(words::plain(equals));
            for (key, field) in fields.iter().filter(|(key, _)| !labels.describes(key)) {
                self.enter(Step::Key(key.clone()), Some(key), field, Some(fields));
            }
            self.steps.pop();
            self.keys.pop();
        }
    }

    fn enter(
        &mut self,
        step: Step,
        key: Option<&str>,
        value: &'a Value,
        beside: Option<&'a Map<String, Value>>,
    ) {
        self.steps.push(step);
        self.keys.extend(key.map(words::plain));
        self.visit(value, beside);
        self.steps.pop();
        if key.is_some() {
            self.keys.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::route::written;
    use crate::infer::words::Table;
    use serde_json::json;

    #[test]
    fn every_single_value_is_found_once() {
        let document = json!({"a": {"b": 1, "c": [2, 3]}, "d": [{"e": null}, {"e": 4}], "f": []});
        let walk = Walk::of(&document);
        let paths: Vec<String> = walk.leaves.iter().map(|leaf| written(&leaf.steps, true)).collect();
        assert_eq!(paths, ["$.a.b", "$.a.c[0]", "$.d[0].e"]);
        assert_eq!(walk.leaves[0].keys, [" b ", " a "]);
        assert_eq!(walk.lists.len(), 1);
    }

    #[test]
    fn near_words_weigh_more_and_neutral_keys_are_no_distance() {
        let document = json!({"phone": {"data": {"number": "1"}, "owner": {"number": 2}}});
        let walk = Walk::of(&document);
        let hit = |n: usize| walk.leaves[n].near(&[("phone", 10)]).unwrap();
        assert_eq!((hit(0).points, hit(0).level), (10, 0));
        assert_eq!((hit(1).points, hit(1).level), (7, 1));
    }

    #[test]
    fn the_nearest_role_decides() {
        let document = json!({"store": {"customer": {"name": "x"}, "name": "y"}});
        let walk = Walk::of(&document);
        let table: &Table = &[("store", -40), ("customer", 25)];
        assert_eq!(walk.leaves[0].nearest(table), 25);
        assert_eq!(walk.leaves[1].nearest(table), -40);
    }

    #[test]
    fn deep_and_wide_documents_end() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(Walk::of(&deep).leaves.is_empty());
        let wide: Vec<Value> = (0..9_000).map(|n| json!({ format!("k{n}"): n })).collect();
        let wide: Map<String, Value> =
            wide.into_iter().filter_map(|one| one.as_object()?.clone().into_iter().next()).collect();
        assert_eq!(Walk::of(&Value::Object(wide)).leaves.len(), MAX_LEAVES);
    }
}
