//! Where no reply was read: what may have left, and what the operator is told.

use tokio::sync::oneshot;

use super::*;

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
