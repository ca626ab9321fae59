//! What a sender can cost. On the wire, because no client sends what is sent
//! here: bodies that are too large, that stop in the middle, or whose sender is
//! gone before it is answered.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gancho::event::{Headers, RawWebhook};
use gancho::health::Health;
use gancho::ingest::Ingest;
use gancho::keyring::Keyring;
use gancho::observe::Observer;
use gancho::public::Public;
use gancho::verify::FetchedKeys;

use crate::hooks::{event_of, gateway_of, proven};
use crate::refusals::check;
use crate::support::*;

const BODY_BYTES: usize = 4096;
/// Longer than the gateway may keep a connection that it has refused.
const SOON: Duration = Duration::from_secs(5);
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

async fn small_gateway() -> Gateway {
    let text = mapping(HMAC);
    Gateway::start_with(&[("hmac", &text)], |setup| {
        setup.config.limits.body_bytes = BODY_BYTES;
        setup.config.limits.body_time = Duration::from_millis(300);
    })
    .await
}

fn head(path: &str, headers: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: gancho\r\ncontent-type: application/json\r\n{headers}\r\n")
        .into_bytes()
}

/// Sends all this, and then `more` of it while the gateway takes it, and reads
/// what the gateway says until it ends the connection, which it must do soon:
/// the sender never does. On a thread where waiting blocks nobody.
async fn talk(to: SocketAddr, first: Vec<u8>, more: Option<Vec<u8>>) -> Answer {
    let talk = move || {
        let mut stream = TcpStream::connect(to).unwrap();
        let began = Instant::now();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(&first).unwrap();
        let mut writing = stream.try_clone().unwrap();
        let writer = more.map(|more| std::thread::spawn(move || while writing.write_all(&more).is_ok() {}));
        let mut text = Vec::new();
        match stream.read_to_end(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the connection is still open after {SOON:?}: {error}"),
        }
        assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
        if let Some(writer) = writer {
            writer.join().unwrap();
        }
        parse(&String::from_utf8(text).unwrap())
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Headers = lines.map(|line| line.split_once(": ").unwrap()).collect();
    Answer { status, headers, body: body.to_owned() }
}

#[tokio::test]
async fn a_body_is_refused_by_the_length_it_declares() {
    let gateway = small_gateway().await;
    let head = head("/hooks/hmac", &format!("content-length: {}\r\n", BODY_BYTES + 1));
    let answer = talk(gateway.app.public, head, None).await;
    check(&answer, 413, "body-too-large");
    assert!(answer.body.contains("4096"), "{}", answer.body);
    let mut event = event_of("hmac").to_string();
    event.push_str(&" ".repeat(BODY_BYTES - event.len()));
    assert_eq!(gateway.post(gateway.signed("hmac", event)).await.status, 202, "the limit itself is allowed");
    gateway.app.stop().await;
}

/// It would be sent for as long as somebody reads it, if only to throw it away.
#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let gateway = small_gateway().await;
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let head = head("/hooks/hmac", CHUNKED);
    check(&talk(gateway.app.public, head, Some(chunk)).await, 413, "body-too-large");
    gateway.app.stop().await;
}

/// Neither where it is waited for nor where nobody would read it.
#[tokio::test]
async fn a_body_that_never_comes_holds_no_connection() {
    let gateway = small_gateway().await;
    let (declared, chunked) = (("content-length: 100\r\n", "{\"id\":"), (CHUNKED, "6\r\n{\"id\":\r\n"));
    let cases = [
        ("/hooks/hmac", declared, 408, "body-too-slow"),
        ("/hooks/hmac", chunked, 408, "body-too-slow"),
        ("/hooks/ninguem", declared, 404, "not-found"),
        ("/hooks/ninguem", chunked, 404, "not-found"),
        ("/", chunked, 404, "not-found"),
        ("/hooks/hmac/a/b", chunked, 404, "not-found"),
    ];
    let to = gateway.app.public;
    let talks = cases.map(|(path, (headers, piece), status, code)| {
        let first = [head(path, headers), piece.into()].concat();
        tokio::spawn(async move { check(&talk(to, first, None).await, status, code) })
    });
    for talk in talks {
        talk.await.unwrap();
    }
    gateway.app.stop().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let gateway = small_gateway().await;
    let broken = [head("/hooks/hmac", CHUNKED), b"6\r\n{\"id\":\r\nxyz\r\n".into()];
    let answer = talk(gateway.app.public, broken.concat(), None).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(gateway.app.store.events_after(0, 1).await.unwrap().is_empty());
    gateway.app.stop().await;
}

/// As it goes over the wire.
fn wire(raw: &RawWebhook) -> Vec<u8> {
    let fields = raw.headers.iter().filter(|(name, _)| *name != "content-type");
    let headers: String = fields.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = format!("content-length: {}\r\n", raw.body.len());
    [head(&raw.path, &(headers + &length)), raw.body.to_vec()].concat()
}

/// The store is kept from writing by a lock on its file, so the sender is gone
/// while its event waits for the commit. The edge stands alone here, so that
/// its clock is read by requests only: when one comes, and when it is handed over.
#[tokio::test]
async fn a_sender_that_resets_while_it_waits_loses_nothing() {
    let bench = Bench::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, time) = (asked.clone(), bench.setting.time.clone());
    let edge = Public {
        ingest: Ingest::new(
            bench.store.clone(),
            bench.sources.clone(),
            Keyring::new(FetchedKeys::default()).unwrap(),
            1_000,
        ),
        health: Health::new(bench.store.clone()),
        observer: Observer::default(),
        limits: bench.setting.load_config().limits,
        clock: Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            time.now()
        }),
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let server = edge.serve(listener).unwrap();
    let (handle, server) = (server.handle(), tokio::spawn(server));

    let lock = rusqlite::Connection::open(bench.setting.store_file()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let raw = sign(&bench.sources, draft("loja", event_of("loja").to_string()), NOW);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&wire(&raw)).unwrap();
    wait_until("the request to be read", || asked.load(Ordering::SeqCst) == 2).await;
    reset(stream);
    assert!(bench.store.events_after(0, 1).await.unwrap().is_empty(), "nothing is written yet");
    lock.execute_batch("ROLLBACK").unwrap();
    wait_for("the event", async || bench.store.events_after(0, 1).await.unwrap().pop()).await;
    handle.stop(true).await;
    server.await.unwrap().unwrap();
}

/// The same without a race: the request's future is dropped while it waits.
#[tokio::test]
async fn an_event_is_kept_when_its_request_is_dropped() {
    let bench = Bench::new().await;
    let lock = rusqlite::Connection::open(bench.setting.store_file()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let raw = sign(&bench.sources, draft("loja", event_of("loja").to_string()), NOW);
    {
        let receiving = std::pin::pin!(bench.ingest.receive(bench.admit(&raw), raw, NOW));
        tokio::select! {
            biased;
            _ = receiving => panic!("nothing can be on disk"),
            () = std::future::ready(()) => {}
        }
    }
    lock.execute_batch("ROLLBACK").unwrap();
    wait_for("the event", async || bench.store.events_after(0, 1).await.unwrap().pop()).await;
}

/// Ends with an RST, as a sender that was killed does.
fn reset(stream: TcpStream) {
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

/// Two webhooks over one connection, the second with nothing to follow: a
/// sender may close its side when it has said all, and still gets its answer.
#[tokio::test]
async fn a_sender_that_behaves_keeps_its_connection() {
    let gateway = gateway_of(&[("hmac", HMAC)]).await;
    let request = wire(&proven(&gateway, "hmac"));
    let to = gateway.app.public;
    let talk = move || {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(&request).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        stream.write_all(&request).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        String::from_utf8_lossy(&first).into_owned() + &rest
    };
    let answers = tokio::task::spawn_blocking(talk).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 202").count(), 2, "{answers}");
    gateway.app.stop().await;
}
