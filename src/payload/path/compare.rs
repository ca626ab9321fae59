//! Comparisons, by RFC 9535, section 2.3.5.2.2: nothing equals nothing, lists and
//! objects are equal when all in them is, only numbers and texts have an order.
//! Numbers are compared exactly: ids above 2^53 that differ by one are different.

use std::cmp::Ordering;
use std::ptr;

use serde_json::{Number, Value};

use super::plan::Relation;

/// What an operand came to for one node.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    Nothing,
    Value(&'a Value),
    /// What `count()` and `length()` give.
    Size(u64),
}

pub fn holds(left: Item<'_>, how: Relation, right: Item<'_>) -> bool {
    match (left, right) {
        (Item::Nothing, Item::Nothing) => {
            return matches!(how, Relation::Equal | Relation::LessOrEqual | Relation::GreaterOrEqual);
        }
        (Item::Nothing, _) | (_, Item::Nothing) => return how == Relation::Unequal,
        _ => {}
    }
    match how {
        Relation::Equal => equal(left, right),
        Relation::Unequal => !equal(left, right),
        Relation::Less => order(left, right) == Some(Ordering::Less),
        Relation::Greater => order(left, right) == Some(Ordering::Greater),
        // What has no order may still be equal.
        Relation::LessOrEqual => match order(left, right) {
            Some(order) => order != Ordering::Greater,
            None => equal(left, right),
        },
        Relation::GreaterOrEqual => match order(left, right) {
            Some(order) => order != Ordering::Less,
            None => equal(left, right),
        },
    }
}

fn equal(left: Item<'_>, right: Item<'_>) -> bool {
    match (left, right) {
        (Item::Value(left), Item::Value(right)) => same(left, right),
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

/// None: the two have no order.
fn order(left: Item<'_>, right: Item<'_>) -> Option<Ordering> {
    if let (Item::Value(Value::String(left)), Item::Value(Value::String(right))) = (left, right) {
        // The order of UTF-8 is that of Unicode scalar values.
        return Some(left.cmp(right));
    }
    Some(compare(number(left)?, number(right)?))
}

/// Deep equality. The pairs still to be compared are kept in a list, so that no
/// document is too deep.
fn same(left: &Value, right: &Value) -> bool {
    let mut pairs = Vec::new();
    let mut next = Some((left, right));
    while let Some((left, right)) = next {
        let is_same = match (left, right) {
            _ if ptr::eq(left, right) => true,
            (Value::Array(left), Value::Array(right)) => {
                let is_same = left.len() == right.len();
                pairs.extend(left.iter().zip(right).filter(|_| is_same));
                is_same
            }
            (Value::Object(left), Value::Object(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|(key, left)| right.get(key).map(|right| pairs.push((left, right))).is_some())
            }
            _ => same_scalar(left, right),
        };
        if !is_same {
            return false;
        }
        next = pairs.pop();
    }
    true
}

fn same_scalar(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left == right,
            _ => compare(Exact::of(left), Exact::of(right)) == Ordering::Equal,
        },
        _ => false,
    }
}

/// A number as JSON can hold it; never infinite, never "not a number".
#[derive(Debug, Clone, Copy)]
enum Exact {
    Int(i128),
    Float(f64),
}

impl Exact {
    fn of(number: &Number) -> Self {
        if let Some(int) = number.as_i64() {
            return Self::Int(int.into());
        }
        match number.as_u64() {
            Some(int) => Self::Int(int.into()),
            None => Self::Float(number.as_f64().unwrap_or_default()),
        }
    }
}

fn number(item: Item<'_>) -> Option<Exact> {
    match item {
        Item::Value(Value::Number(number)) => Some(Exact::of(number)),
        Item::Size(size) => Some(Exact::Int(size.into())),
        _ => None,
    }
}

fn compare(left: Exact, right: Exact) -> Ordering {
    match (left, right) {
        (Exact::Int(left), Exact::Int(right)) => left.cmp(&right),
        // Not `total_cmp`, for which -0 is less than 0.
        (Exact::Float(left), Exact::Float(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
        (Exact::Int(left), Exact::Float(right)) => compare_mixed(left, right),
        (Exact::Float(left), Exact::Int(right)) => compare_mixed(right, left).reverse(),
    }
}

/// The whole part decides, else what is behind the point. The cast is exact but
/// for floats beyond any 64-bit integer, and puts those at the right end.
fn compare_mixed(int: i128, float: f64) -> Ordering {
    let whole = float.trunc() as i128;
    int.cmp(&whole).then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn ordered(left: &Value, right: &Value) -> Option<Ordering> {
        let (left, right) = (Item::Value(left), Item::Value(right));
        let [less, equal, greater] =
            [Relation::Less, Relation::Equal, Relation::Greater].map(|how| holds(left, how, right));
        assert_eq!(holds(left, Relation::LessOrEqual, right), less || equal);
        assert_eq!(holds(left, Relation::GreaterOrEqual, right), greater || equal);
        assert_eq!(holds(left, Relation::Unequal, right), !equal);
        assert!(u8::from(less) + u8::from(equal) + u8::from(greater) <= 1);
        [(less, Ordering::Less), (equal, Ordering::Equal), (greater, Ordering::Greater)]
            .into_iter()
            .find_map(|(holds, order)| holds.then_some(order))
    }

    #[test]
    fn numbers_are_compared_exactly() {
        use Ordering::{Equal, Greater, Less};
        for (left, right, order) in [
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64), Greater),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0), Greater),
            (json!(u64::MAX), json!(18_446_744_073_709_551_616.0), Less),
            (json!(i64::MIN), json!(-9_223_372_036_854_775_808.0), Equal),
            (json!(i64::MIN), json!(u64::MAX), Less),
            (json!(0), json!(1e-16), Less),
            (json!(0), json!(-1e-16), Greater),
            (json!(0), json!(-0.0), Equal),
            (json!(0.0), json!(-0.0), Equal),
            (json!(-1), json!(-1.5), Greater),
            (json!(1), json!(1.0), Equal),
            (json!(1), json!(1e300), Less),
            (json!(0.1), json!(0.100_000_000_000_000_02), Less),
        ] {
            assert_eq!(ordered(&left, &right), Some(order), "{left} {right}");
            assert_eq!(ordered(&right, &left), Some(order.reverse()), "{right} {left}");
        }
    }

    #[test]
    fn other_values_are_equal_or_have_no_order() {
        for (left, right, equal) in [
            (json!([1, [2, {"a": 3}]]), json!([1.0, [2, {"a": 3.0}]]), true),
            (json!([1, [2, {"a": 3}]]), json!([1, [2, {"a": 4}]]), false),
            (json!({"a": 1, "b": [null]}), json!({"b": [null], "a": 1}), true),
            (json!({"a": 1}), json!({"b": 1}), false),
            (json!([1]), json!([1, 1]), false),
            (json!([[]]), json!([{}]), false),
            (json!([0]), json!([false]), false),
            (json!(true), json!(true), true),
            (json!(null), json!(false), false),
            (json!("1"), json!(1), false),
            (json!([]), json!(0), false),
        ] {
            assert_eq!(ordered(&left, &right), equal.then_some(Ordering::Equal), "{left} {right}");
        }
        assert_eq!(ordered(&json!("\u{FFFF}"), &json!("\u{10000}")), Some(Ordering::Less));
    }

    #[test]
    fn nothing_equals_nothing_only() {
        let null = Value::Null;
        assert!(holds(Item::Nothing, Relation::LessOrEqual, Item::Nothing));
        assert!(!holds(Item::Nothing, Relation::Less, Item::Nothing));
        assert!(!holds(Item::Nothing, Relation::Equal, Item::Value(&null)));
        assert!(holds(Item::Nothing, Relation::Unequal, Item::Size(0)));
        assert!(holds(Item::Size(2), Relation::Less, Item::Value(&json!(2.5))));
    }

    proptest! {
            #[test]
        fn integers_and_floats_have_one_order(int in any::<i64>(), other in any::<i64>()) {
            let float = other as f64;
            // What the float is exactly; it may have been rounded to 2^63.
            let exact = float as i128;
            prop_assert_eq!(ordered(&json!(int), &json!(float)), Some(i128::from(int).cmp(&exact)));
        }
    }
}
