//! Whatever kind of body a sender chooses, from the wire to the message. The
//! signature is over the bytes as they came, compressed ones too.

use std::io::Write;

use gancho::delivery::EventState;
use serde_json::json;

use crate::support::*;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// The message of [`hello`], as each kind of body.
#[tokio::test]
async fn each_kind_of_body_becomes_the_same_message() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let json = hello("loja", "c1", "Oi!").to_string();
    let multipart = "--lim\r\nContent-Disposition: form-data; name=\"via\"\r\n\r\nloja\r\n\
        --lim\r\nContent-Disposition: form-data; name=\"contato\"\r\n\r\nc1\r\n\
        --lim\r\nContent-Disposition: form-data; name=\"foto\"; filename=\"a.png\"\r\n\r\n\u{0}\r\n\
        --lim\r\nContent-Disposition: form-data; name=\"texto\"\r\n\r\nOi!\r\n--lim--\r\n";
    let in_xml = HMAC.to_owned() + "body: {}\n";
    let xml_mapping = mapping(&in_xml).replace("$.", "$.evento.");
    let in_form = mapping(&(HMAC.to_owned() + "body: { json_in: payload }\n"));
    let plain = mapping(HMAC);
    let payload = format!("payload={}", json.replace('"', "%22").replace(' ', "%20"));
    for (text, headers, body) in [
        (&plain, vec![("content-type", FORM)], b"via=loja&contato=c1&texto=Oi%21".to_vec()),
        (&plain, vec![("content-type", "multipart/form-data; boundary=lim")], multipart.into()),
        (&plain, vec![("content-encoding", "gzip")], gzip(json.as_bytes())),
        (&in_form, vec![("content-type", FORM)], payload.into()),
        (&in_form, vec![("content-type", "application/json")], json.clone().into()),
        (
            &xml_mapping,
            vec![("content-type", "text/xml; charset=utf-8")],
            "<?xml version=\"1.0\"?><n:evento xmlns:n=\"u\"><via>loja</via><contato>c1</contato><texto>Oi!</texto></n:evento>".into(),
        ),
    ] {
        let gateway = Gateway::start(&[("loja", text)]).await;
        let mut raw = draft("loja", body);
        for (name, value) in &headers {
            raw.headers = raw.headers.iter().filter(|(have, _)| have != name).collect();
            raw.headers.push(name, *value);
        }
        let answer = gateway.post(sign(&gateway.app.sources, raw.clone(), NOW)).await;
        assert_eq!(answer.status, 202, "{headers:?}: {}", answer.body);
        let event = gateway.first_event_at_rest().await;
        assert_eq!(event.event.state, EventState::Planned, "{headers:?}: {:?}", event.event.problems);
        assert_eq!(gateway.setting.texts(), ["Oi!"], "{headers:?}");
        let mut changed = sign(&gateway.app.sources, raw, NOW);
        let mut bytes = changed.body.to_vec();
        bytes[20] ^= 1;
        changed.body = bytes.into();
        assert_eq!(gateway.post(changed).await.status, 401, "{headers:?}");
        gateway.app.stop().await;
    }
}

/// Verified, and so acknowledged; what it would become is never written out.
#[tokio::test]
async fn a_body_that_would_become_huge_is_kept_and_parked() {
    let gateway = Gateway::start(&[("loja", &mapping(HMAC))]).await;
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let mut raw = draft("loja", bomb);
    raw.headers.push("content-encoding", "gzip");
    let answer = gateway.post(sign(&gateway.app.sources, raw, NOW)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let event = gateway.first_event_at_rest().await;
    assert_eq!(event.event.state, EventState::Unmapped);
    let problem = &event.event.problems.unwrap()[0];
    assert_eq!(problem["code"], "body-unreadable");
    let message = "the body is compressed: decompressed, it has more than 8388608 bytes";
    assert_eq!(problem["message"], json!(message));
    gateway.app.stop().await;
}
