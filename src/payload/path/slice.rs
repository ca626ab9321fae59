//! Slices, by RFC 9535, section 2.3.4.2.2.

use serde_json::Value;

use super::plan::Slice;

impl Slice {
    pub fn of<'d>(&self, list: &'d [Value]) -> impl Iterator<Item = &'d Value> {
        let length = list.len() as i64;
        let from_end = |at: i64| if at < 0 { at + length } else { at };
        let stride = usize::try_from(self.step.unsigned_abs()).unwrap_or(usize::MAX).max(1);
        let (forwards, backwards) = match self.step {
            0 => (0..0, 0..0),
            1.. => {
                let start = from_end(self.start.unwrap_or(0)).clamp(0, length);
                (start..from_end(self.end.unwrap_or(length)).clamp(0, length), 0..0)
            }
            // Both are one behind the element they name, so that none is below zero.
            _ => {
                let first = from_end(self.start.unwrap_or(length - 1)).clamp(-1, length - 1) + 1;
                let last = self.end.map_or(-1, from_end).clamp(-1, length - 1) + 1;
                (0..0, last..first)
            }
        };
        let forwards = forwards.step_by(stride);
        forwards.chain(backwards.rev().step_by(stride)).filter_map(|at| list.get(at as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Word for word as the RFC has it.
    fn by_the_book(slice: &Slice, len: i64) -> Vec<i64> {
        let normalize = |i: i64| if i >= 0 { i } else { len + i };
        let step = slice.step;
        let (start, end) = match step >= 0 {
            true => (slice.start.unwrap_or(0), slice.end.unwrap_or(len)),
            false => (slice.start.unwrap_or(len - 1), slice.end.unwrap_or(-len - 1)),
        };
        let (n_start, n_end) = (normalize(start), normalize(end));
        let mut found = Vec::new();
        if step > 0 {
            let (lower, upper) = (n_start.max(0).min(len), n_end.max(0).min(len));
            let mut i = lower;
            while i < upper {
                found.push(i);
                i = i.saturating_add(step);
            }
        } else if step < 0 {
            let (upper, lower) = (n_start.max(-1).min(len - 1), n_end.max(-1).min(len - 1));
            let mut i = upper;
            while lower < i {
                found.push(i);
                i = i.saturating_add(step);
            }
        }
        found
    }

    proptest! {
        #[test]
        fn slices_are_those_of_the_book(
            start in prop::option::of(prop_oneof![-9..9_i64, Just(i64::MIN), Just(i64::MAX)]),
            end in prop::option::of(prop_oneof![-9..9_i64, Just(i64::MIN), Just(i64::MAX)]),
            step in prop_oneof![-4..4_i64, Just(i64::MIN), Just(i64::MAX)],
            length in 0..7_i64,
        ) {
            let list: Vec<Value> = (0..length).map(|at| json!(at)).collect();
            let slice = Slice { start, end, step };
            let found: Vec<i64> = slice.of(&list).filter_map(Value::as_i64).collect();
            prop_assert_eq!(found, by_the_book(&slice, length));
        }
    }
}
