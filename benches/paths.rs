//! What evaluating a JSONPath costs, beside the evaluator of the library whose
//! parser we use. How to run and read it: `docs/performance.md`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gancho::payload::Path;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

const ORDER: &str = include_str!("../mappings/samples/shopify/orders-paid.json");

const PATHS: [&str; 6] = [
    "$.customer.first_name",
    "$.line_items[0].title",
    "$.line_items[*].title",
    "$.line_items[?@.quantity > 1].title",
    "$..phone",
    "$.line_items[?match(@.sku, 'CAM.*')].id",
];

fn main() {
    let effort = Effort::asked();
    let order: Value = serde_json::from_str(ORDER).expect("JSON");
    println!("a paid order of Shopify; {} batches of {:?} each\n", effort.batches, effort.batch);
    println!("{:42}{:>10}{:>12}{:>10}", "median ns", "ours", "library's", "ratio");
    for text in PATHS {
        let ours = Path::compile(text).expect("a path");
        let theirs = parse_json_path(text).expect("a path");
        let found = js_path_process(&theirs, &order).expect("nodes");
        assert_eq!(
            found.into_iter().map(|node| node.val()).collect::<Vec<_>>(),
            ours.nodes(&order),
            "{text}"
        );
        let [ours, theirs] = effort
            .medians([&mut || drop(black_box(ours.nodes(black_box(&order)))), &mut || {
                drop(black_box(js_path_process(&theirs, black_box(&order))))
            }]);
        println!("{text:42}{ours:>10.0}{theirs:>12.0}{:>10.1}", theirs / ours);
    }
}

/// How long to measure.
struct Effort {
    batches: usize,
    batch: Duration,
}

impl Effort {
    /// `--quick` is for seeing that it runs. So does `cargo test --benches`,
    /// which does not pass the `--bench` that `cargo bench` does.
    fn asked() -> Self {
        let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
        match has("--quick") || !has("--bench") {
            true => Self { batches: 11, batch: Duration::from_millis(1) },
            false => Self { batches: 301, batch: Duration::from_millis(5) },
        }
    }

    /// Of each work, in nanoseconds. They are timed by turns, so that what else the
    /// machine does falls on all.
    fn medians<const N: usize>(&self, works: [&mut dyn FnMut(); N]) -> [f64; N] {
        let mut works = works.map(|work| (self.warm_up(work), work, Vec::with_capacity(self.batches)));
        for _ in 0..self.batches {
            for (times, work, ns) in &mut works {
                let start = Instant::now();
                (0..*times).for_each(|_| work());
                ns.push(start.elapsed().as_nanos() as f64 / f64::from(*times));
            }
        }
        works.map(|(_, _, mut ns)| {
            ns.sort_by(f64::total_cmp);
            ns[ns.len() / 2]
        })
    }

    /// Runs it for ten batches' time, and says how many times fill one.
    fn warm_up(&self, work: &mut dyn FnMut()) -> u32 {
        let (start, mut times) = (Instant::now(), 0u32);
        while start.elapsed() < self.batch * 10 {
            work();
            times += 1;
        }
        (times / 10).max(1)
    }
}
