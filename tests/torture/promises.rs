//! What the gateway promises, by the numbers that the table shows.

pub const PROMISES: [(u8, &str); 10] = [
    (1, "a 2xx means on disk"),
    (2, "what was acknowledged is never lost"),
    (3, "a mapping's mistake is ours, not the sender's"),
    (4, "delivered, not sent, unknown; unknown is held, never sent again by itself"),
    (5, "an attempt is on disk before its first byte leaves; an orderly stop makes no unknowns"),
    (6, "one person, one order; nobody waits for another"),
    (7, "an upstream's errors mean what they say; no attempts burnt, no stampede"),
    (8, "nothing stale is sent"),
    (9, "secrets cannot print"),
    (10, "bad input costs little"),
];
