//! Where a status was read: it stands, whatever comes after it.

use super::*;

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
