//! Bad input, all the time, beside the good.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::accounts::{Accounts, Fate};
use crate::gateway::{Gateway, with_keys};
use crate::load::{Load, ORDERS};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

const POST: &str = "POST /hooks/pedidos HTTP/1.1\r\nhost: gancho\r\ncontent-type: application/json\r\n";

/// What is sent, head and body, and the statuses that it may be refused with.
fn bad_requests() -> [(&'static str, Vec<u8>, &'static [u16]); 7] {
    let post = |rest: &str| format!("{POST}{rest}").into_bytes();
    // With no end: it is cut off at the cap.
    let mut endless = post("transfer-encoding: chunked\r\n\r\n");
    (0..64).for_each(|_| {
        endless.extend_from_slice(format!("{:x}\r\n{}\r\n", 1024, "y".repeat(1024)).as_bytes())
    });
    [
        ("unsigned", post("content-length: 2\r\n\r\n{}"), &[401, 429]),
        ("signed wrongly", post("x-sign: 00ff\r\ncontent-length: 2\r\n\r\n{}"), &[401, 429]),
        ("huge, as it says", post("x-sign: 00ff\r\ncontent-length: 9999999999\r\n\r\n"), &[413]),
        ("huge, untold", endless, &[413]),
        ("slow", post("x-sign: 00ff\r\ncontent-length: 100\r\n\r\n{"), &[408]),
        (
            "unknown source",
            b"POST /hooks/nada HTTP/1.1\r\nhost: gancho\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
            &[404],
        ),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_vec(), &[400]),
    ]
}

/// Promise 10: all of it is refused, and the good ones get their 2xx as ever.
pub async fn bad() -> Outcome {
    let upstream = sandbox();
    let mut gateway = Gateway::new(&upstream.url(), "");
    let limits = "limits: { body_bytes: 32768, body_secs: 1, unverified_per_minute: 30 }\n";
    gateway.site.write("gancho.yaml", &(limits.to_owned() + &with_keys(&upstream.url(), "")));
    let address = gateway.start();
    let mut load = Load::on(address, ORDERS);
    let stop = Arc::new(AtomicBool::new(false));
    let attackers: Vec<_> =
        bad_requests().into_iter().map(|bad| attack(address, bad, stop.clone())).collect();
    for _ in 0..6 {
        load.post(100).await;
    }
    let put_off = load.put_off();
    stop.store(true, Ordering::SeqCst);
    let refused: BTreeMap<&str, usize> =
        attackers.into_iter().map(|each| each.join().expect("it is refused")).collect();
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    assert_eq!(put_off, 0, "a good order was put off");
    assert!(refused.values().all(|times| *times > 0), "{refused:?}");
    let slowest = ledger.iter().map(|order| order.waited).max().unwrap();
    assert!(slowest < Duration::from_secs(5), "a good order waited {slowest:?}");
    let events = gateway.site.events().await;
    assert_eq!(events.len(), ledger.len(), "nothing of what was refused is an event");
    let accounts = Accounts::close(&ledger, &events, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    let note = format!("the slowest good order took {} ms; refused: {refused:?}", slowest.as_millis());
    Outcome::Played(accounts.row().note(note))
}

type Bad = (&'static str, Vec<u8>, &'static [u16]);

/// Sends it again and again, each time by a connection of its own.
fn attack(to: SocketAddr, bad: Bad, stop: Arc<AtomicBool>) -> JoinHandle<(&'static str, usize)> {
    std::thread::spawn(move || {
        let (name, bytes, statuses) = bad;
        let mut times = 0;
        while times == 0 || !stop.load(Ordering::SeqCst) {
            let began = Instant::now();
            let status = answer_to(to, &bytes);
            assert!(statuses.contains(&status), "{name}: {status}");
            assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
            times += 1;
        }
        (name, times)
    })
}

fn answer_to(to: SocketAddr, bytes: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(crate::PATIENCE)).expect("a timeout");
    // It may hang up before all of it is sent.
    let _ = stream.write_all(bytes);
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("it is answered");
    String::from_utf8_lossy(&answer[9..]).parse().expect("a status")
}
