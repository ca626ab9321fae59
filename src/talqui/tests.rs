//! The client against servers that misbehave on the wire. Each fake accepts
//! connections in turn and plays one script on each; where a time limit is the
//! thing tested it is short, and nothing else waits for a clock.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::delivery::Reply;
use crate::session::{Channel, Destination};

const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);
const TOKEN: &str = "tok_live_4f1c";
const LONG: Duration = Duration::from_secs(30);
/// Ends while nothing happens.
const SHORT: Duration = Duration::from_millis(60);
/// Ends after the request was written, on a busy machine too.
const ENOUGH: Duration = Duration::from_secs(1);

/// What a fake does with one connection.
enum Play {
    /// Reads the request, writes this, closes.
    Write(Vec<u8>),
    /// Reads the request, writes this, keeps the connection for the next play.
    WriteAndKeep(Vec<u8>),
    /// Reads the request, then RST.
    Reset,
    /// Reads the request and never answers.
    Hang,
    /// Never reads.
    Deaf,
}
use Play::*;

fn answer(text: &str) -> Play {
    Write(text.as_bytes().to_vec())
}

/// A fake on its own port; its task ends with the requests it read.
async fn fake(plays: Vec<Play>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut requests = Vec::new();
        // Connections that must stay open while the client waits.
        let mut open = Vec::new();
        let mut kept = None;
        for play in plays {
            let mut stream = match kept.take() {
                Some(stream) => stream,
                None => listener.accept().await.unwrap().0,
            };
            if !matches!(play, Deaf) {
                requests.push(read_request(&mut stream).await);
            }
            match play {
                Write(bytes) => {
                    // A client that has read enough may be gone.
                    let _ = stream.write_all(&bytes).await;
                }
                WriteAndKeep(bytes) => {
                    stream.write_all(&bytes).await.unwrap();
                    kept = Some(stream);
                }
                Reset => stream.set_zero_linger().unwrap(),
                Hang | Deaf => open.push(stream),
            }
        }
        if !open.is_empty() {
            std::future::pending::<()>().await;
        }
        requests
    });
    (url, task)
}

/// Head and body, by the declared length.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request breaks off");
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            return text.into_owned();
        }
    }
}

fn talqui(url: &str) -> Talqui {
    Talqui::new(url, Timeouts { connect: LONG, total: LONG }).unwrap()
}

fn start() -> SessionStart {
    let to = Destination {
        tenant_id: "t".into(),
        plugin_connection_id: "pc".into(),
        channel: Channel::WhatsappInternal,
    };
    let fields = json!({"contactExternalID": "5527999998888", "messageValue": "Olá, Ana!"});
    SessionStart::build(fields.as_object().unwrap().clone(), &to).unwrap()
}

async fn send(talqui: &Talqui) -> Answer {
    talqui.send("t 1", &Secret::new(TOKEN), &start(), NOW).await
}

/// Sends once to a server that plays `play`.
async fn once(play: Play) -> Answer {
    let (url, _server) = fake(vec![play]).await;
    send(&talqui(&url)).await
}

async fn reply(text: &str) -> Reply {
    once(answer(text)).await.unwrap()
}

#[track_caller]
fn check_fault(answer: Answer, sent: Sent, says: &str) {
    let fault = answer.unwrap_err();
    assert_eq!(fault.sent, sent, "{}", fault.message);
    assert!(fault.message.contains(says), "`{}` does not say `{says}`", fault.message);
    for secret in [TOKEN, "/tenants", "5527999998888"] {
        assert!(!fault.message.contains(secret), "{}", fault.message);
    }
}

#[tokio::test]
async fn the_request_is_as_documented() {
    let (url, server) = fake(vec![answer("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")]).await;
    assert_eq!(send(&talqui(&url)).await.unwrap().status, 201);
    let request = &server.await.unwrap()[0];
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "POST /tenants/t%201/sessions HTTP/1.1");
    for line in [
        &format!("authorization: PluginConnection {TOKEN}"),
        "content-type: application/json",
        &format!("user-agent: gancho/{}", env!("CARGO_PKG_VERSION")),
        &format!("content-length: {}", body.len()),
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines:?}");
    }
    assert!(!head.contains("transfer-encoding") && !head.contains("accept-encoding"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), json!(start().body()));
}

#[tokio::test]
async fn nothing_left_where_no_connection_was_made() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    check_fault(send(&talqui(&format!("http://{free}"))).await, Sent::No, "refused the connection");
    check_fault(send(&talqui("http://nowhere.invalid")).await, Sent::No, "nowhere.invalid was not found");
}

/// The client calls this an error of the request, not of the connection. Test
/// and fake share one thread: the fake closes on accept, before the client, which
/// takes a few more turns to hand its request over, asks for the body.
#[tokio::test]
async fn nothing_left_where_the_connection_closed_on_accept() {
    for reset in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            if reset {
                stream.set_zero_linger().unwrap();
            }
        });
        check_fault(send(&talqui(&url)).await, Sent::No, "closed the connection before the request was sent");
    }
}

#[tokio::test]
async fn nothing_left_where_tls_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await
    });
    check_fault(send(&talqui(&url)).await, Sent::No, "no TLS with 127.0.0.1");
}

/// A TLS handshake that nobody answers. The client's own flags tell only the
/// first of these two apart from a reply that never came.
#[tokio::test]
async fn nothing_left_where_a_limit_ended_during_the_handshake() {
    for (connect, total) in [(SHORT, LONG), (LONG, SHORT)] {
        let (url, _server) = fake(vec![Deaf]).await;
        let talqui = Talqui::new(&url.replace("http:", "https:"), Timeouts { connect, total }).unwrap();
        check_fault(send(&talqui).await, Sent::No, "within 60ms");
    }
}

#[tokio::test]
async fn nothing_left_where_the_request_could_not_be_built() {
    let talqui = talqui("http://127.0.0.1:9");
    for token in ["", "tok live", "tok\r\nx: y", "tôk"] {
        let answer = talqui.send("t", &Secret::new(token), &start(), NOW).await;
        check_fault(answer, Sent::No, "token is empty, or has a space");
    }
    let answer = talqui.send("..", &Secret::new(TOKEN), &start(), NOW).await;
    check_fault(answer, Sent::No, "tenant_id cannot be part of an address");
}

#[tokio::test]
async fn after_the_request_left_every_silence_is_a_maybe() {
    for (play, says) in [
        (Reset, "reset the connection after the request left"),
        (answer(""), "connection closed before message completed"),
        (answer("HTTP/1.1 200 OK\r\ncontent-le"), "after the request left"),
        (answer("220 smtp.example ESMTP\r\n"), "after the request left"),
    ] {
        check_fault(once(play).await, Sent::Maybe, says);
    }
}

#[tokio::test]
async fn no_answer_in_time_is_a_maybe() {
    let (url, _server) = fake(vec![Hang]).await;
    let talqui = Talqui::new(&url, Timeouts { connect: LONG, total: ENOUGH }).unwrap();
    check_fault(send(&talqui).await, Sent::Maybe, "no answer from 127.0.0.1");
}

/// A connection that was reused and then broken looks to the client like one it
/// may try again. It must not: the first bytes may have been read.
#[tokio::test]
async fn a_reused_connection_that_breaks_is_a_maybe_and_not_tried_again() {
    let first = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    let (url, server) = fake(vec![WriteAndKeep(first), answer("")]).await;
    let talqui = talqui(&url);
    assert_eq!(send(&talqui).await.unwrap().status, 200);
    check_fault(send(&talqui).await, Sent::Maybe, "after the request left");
    assert_eq!(server.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_pooled_connection_closed_while_idle_costs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (closed, is_closed) = oneshot::channel();
    let server = tokio::spawn(async move {
        let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let (mut first, _) = listener.accept().await.unwrap();
        read_request(&mut first).await;
        first.write_all(ok).await.unwrap();
        // Its end is in the client's socket before the second connection's bytes are.
        drop(first);
        closed.send(()).unwrap();
        let (mut helper, _) = listener.accept().await.unwrap();
        helper.write_all(b"!").await.unwrap();
        let (mut second, _) = listener.accept().await.unwrap();
        read_request(&mut second).await;
        second.write_all(ok).await.unwrap();
    });
    let talqui = talqui(&url);
    assert_eq!(send(&talqui).await.unwrap().status, 200);
    is_closed.await.unwrap();
    // One round trip through this thread's reactor, so that the pool has seen the end too.
    let mut helper = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    assert_eq!(helper.read_u8().await.unwrap(), b'!');
    assert_eq!(send(&talqui).await.unwrap().status, 200);
    server.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_a_reply_and_never_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let head = format!("HTTP/1.1 {status}\r\nlocation: http://{address}/\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(reply(&head).await.status.to_string(), status[..3]);
    }
    elsewhere.into_std().unwrap().accept().expect_err("nobody may have come");
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms() {
    for (value, wait) in [
        ("120", Some(120)),
        ("Mon, 02 Mar 2026 12:01:30 GMT", Some(90)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", Some(0)),
        ("in a while", None),
    ] {
        let head =
            format!("HTTP/1.1 429 Too Many Requests\r\nretry-after: {value}\r\ncontent-length: 0\r\n\r\n");
        let reply = reply(&head).await;
        assert_eq!((reply.status, reply.retry_after), (429, wait.map(Duration::from_secs)), "{value}");
    }
}

#[tokio::test]
async fn a_success_is_a_status_whatever_the_body_does() {
    for (text, excerpt) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\n\r\n<html>tudo bem", "<html>tudo bem"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"sessionID\": \"s", "{\"sessionID\": \"s"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\nnonsense", "first"),
    ] {
        let reply = reply(text).await;
        assert!((200..300).contains(&reply.status));
        assert_eq!((reply.excerpt.as_str(), reply.session_id), (excerpt, None), "{text}");
    }
    let told = "HTTP/1.1 201 Created\r\ncontent-length: 33\r\n\r\n{\"session\": {\"sessionID\": \"s-1\"}}\n";
    assert_eq!(reply(told).await.session_id.as_deref(), Some("s-1"));
}

#[tokio::test]
async fn a_body_that_stalls_after_a_success_is_still_a_success() {
    let (url, _server) =
        fake(vec![WriteAndKeep(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()), Hang]).await;
    let talqui = Talqui::new(&url, Timeouts { connect: LONG, total: ENOUGH }).unwrap();
    let reply = send(&talqui).await.unwrap();
    assert_eq!((reply.status, reply.excerpt.as_str()), (200, "half"));
}

#[tokio::test]
async fn a_huge_body_is_left_unread() {
    const HUGE: usize = 64 * 1024 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut written = 0;
        while written < HUGE && stream.write_all(&[b'x'; 64 * 1024]).await.is_ok() {
            written += 64 * 1024;
        }
        written
    });
    let reply = send(&talqui(&url)).await.unwrap();
    assert_eq!((reply.status, reply.excerpt.len()), (200, 500));
    // What the kernel's buffers take is written too.
    assert!(server.await.unwrap() < HUGE / 2, "the client read on");
}

/// The variable is set for a second run of this very test, alone in its own
/// process: it would be seen by every other test here.
#[tokio::test]
async fn a_proxy_in_the_environment_is_not_obeyed() {
    const MARK: &str = "GANCHO_TEST_RUNS_BEHIND_A_PROXY";
    if std::env::var_os(MARK).is_some() {
        assert_eq!(reply("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.status, 200);
        return;
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let alone = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "talqui::tests::a_proxy_in_the_environment_is_not_obeyed"])
        .env(MARK, "1")
        .env("HTTP_PROXY", format!("http://{nobody}"))
        .env("http_proxy", format!("http://{nobody}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(alone.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn what_is_printed_of_a_client_holds_no_token() {
    let value = authorization(&Secret::new(TOKEN)).unwrap();
    assert_eq!(format!("{value:?}"), "Sensitive");
}
