//! Verifying and planning, some hundred times and no clock: for `callgrind`, which
//! counts the instructions of [`counted`] alone. Run by `benches/instructions/run`.

#[path = "../hot_paths/order.rs"]
mod order;

use std::hint::black_box;

use order::{NOW, body, compile, plan, signed, verifier, webhook};

const TIMES: usize = 200;

fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    let (mapping, body) = (compile(), body());
    match what.as_str() {
        "verify" => {
            let verifier = verifier(&mapping);
            let mut signed = Some(signed(&mapping, &body));
            counted(&mut || {
                let event = verifier.verify(black_box(signed.take().expect("a webhook")), NOW);
                signed = Some(event.expect("a valid signature").into_webhook());
            });
        }
        "plan" => {
            let headers = webhook(&mapping.source, &body).headers;
            counted(&mut || drop(black_box(plan(&mapping, &headers, black_box(&body)))));
        }
        // So does `cargo bench`, which names nothing.
        _ => println!("call it through benches/instructions/run"),
    }
}

#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    for _ in 0..TIMES {
        work();
    }
}
