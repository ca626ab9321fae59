//! The client against servers that misbehave on the wire. Each fake accepts
//! connections in turn and plays one script on each; where a time limit is the
//! thing tested it is short, and nothing else waits for a clock.

mod faults;
mod replies;

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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
