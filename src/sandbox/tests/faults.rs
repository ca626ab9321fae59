//! Every fault, and what the gateway's client makes of it.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;

#[tokio::test]
async fn an_injected_status_is_answered_and_delivers_only_if_told_to() {
    let sandbox = sandbox();
    for (text, status, wait, delivered) in [
        ("status=429,retry_after=120,times=1", 429, Some(120), false),
        ("status=429,times=1", 429, None, false),
        ("status=401,times=1", 401, None, false),
        ("status=302,times=1", 302, None, false),
        ("status=503,delivers=true,times=1", 503, None, true),
    ] {
        sandbox.set_fault(fault(text));
        let reply = greet(&sandbox).await.unwrap();
        assert_eq!((reply.status, reply.retry_after), (status, wait.map(Duration::from_secs)), "{text}");
        let last = sandbox.requests().last().unwrap().clone();
        assert_eq!(
            (last.answered, last.delivered.is_some()),
            (Answered::Status(status), delivered),
            "{text}"
        );
        assert_eq!(greet(&sandbox).await.unwrap().status, 201, "it is over");
    }
}

#[tokio::test]
async fn a_retry_after_may_be_a_date() {
    let sandbox = sandbox();
    let date = json!({"status": 429, "retry_after": "Mon, 02 Mar 2026 12:01:30 GMT"});
    sandbox.set_fault(serde_json::from_value(date).unwrap());
    assert_eq!(greet(&sandbox).await.unwrap().retry_after, Some(Duration::from_secs(90)));
}

#[tokio::test]
async fn after_a_reset_the_message_is_there_and_the_sender_cannot_know() {
    let sandbox = sandbox();
    sandbox.set_fault(fault("reset=true,times=1"));
    let answer = greet(&sandbox).await.unwrap_err();
    assert_eq!(answer.sent, Sent::Maybe);
    assert!(answer.message.contains("reset the connection after the request left"), "{}", answer.message);
    let requests = sandbox.wait_for(1).await;
    assert_eq!(requests[0].answered, Answered::Reset);
    assert_eq!(requests[0].delivered.as_ref().unwrap().text, "Olá, Ana!");
    assert_eq!(greet(&sandbox).await.unwrap().status, 201, "the server is well");
}

/// Not one byte of an answer, and no orderly end either.
#[tokio::test]
async fn a_reset_is_a_reset() {
    let sandbox = sandbox();
    sandbox.set_fault(fault("reset=true"));
    let address = sandbox.url().replace("http://", "");
    let body = json!(hello().body()).to_string();
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST /tenants/t/sessions HTTP/1.1\r\nhost: x\r\nauthorization: PluginConnection x\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream.read(&mut [0; 1])
    });
    assert_eq!(read.await.unwrap().unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_slow_answer_is_recorded_before_it_is_slow() {
    let sandbox = sandbox();
    sandbox.set_fault(fault("delay_ms=60000,times=1"));
    let answer = send(&talqui(&sandbox, Duration::from_secs(1)), &hello()).await.unwrap_err();
    assert_eq!(answer.sent, Sent::Maybe);
    assert!(answer.message.contains("no answer from"), "{}", answer.message);
    assert!(sandbox.requests()[0].delivered.is_some());
    sandbox.set_fault(fault("delay_ms=1"));
    assert_eq!(greet(&sandbox).await.unwrap().status, 201);
}
