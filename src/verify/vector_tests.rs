//! Every kind of scheme against a vector that its sender published, or, where
//! none is known, against one computed apart from this code.

use super::tests::{outcome, verifier_in, webhook};
use super::*;

/// HMAC-SHA256 in hexadecimal over `signed`.
fn shared(signed: &str) -> String {
    format!("{{ scheme: hmac, signature: {{ from: 'header:S', encoding: hex }}, signed: '{signed}' }}")
}

fn setting(public_url: Option<&str>, params: &[(&str, &str)]) -> Setting {
    Setting {
        public_url: public_url.map(str::to_owned),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
        ..Setting::default()
    }
}

/// A request to `path?query` with these headers and this body is believed, and
/// with any byte of the body changed it is not.
fn check(scheme: &str, secret: &str, setting: Setting, raw: &RawWebhook, at_secs: i64) {
    let verifier = verifier_in(scheme, &[secret], setting);
    assert_eq!(outcome(&verifier, raw.clone(), at_secs), "verified", "{scheme}");
    for at in 0..raw.body.len() {
        let mut body = raw.body.to_vec();
        body[at] ^= 1;
        let changed = RawWebhook { body: body.into(), ..raw.clone() };
        assert_ne!(outcome(&verifier, changed, at_secs), "verified", "{scheme} byte {at}");
    }
}

fn request(path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> RawWebhook {
    RawWebhook { path: path.into(), query: query.into(), ..webhook(headers, body) }
}

#[test]
fn standard_webhooks_asymmetric() {
    let scheme = "{ scheme: ed25519, public_key: { encoding: base64, strip: whpk_ },
        signature: { from: 'header:webhook-signature', encoding: base64, split: { item: ' ', pair: ',', take: v1a } },
        timestamp: { from: 'header:webhook-timestamp' }, signed: '{header:webhook-id}.{ts}.{body}' }";
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        (
            "webhook-signature",
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
        ),
    ];
    let raw = webhook(&headers, r#"{"test": 2432232314}"#);
    check(
        scheme,
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        Setting::default(),
        &raw,
        1_614_265_330,
    );
}

#[test]
fn sendgrid_ecdsa() {
    let scheme = "{ scheme: ecdsa, public_key: { encoding: base64 },
        signature: { from: 'header:X-Twilio-Email-Event-Webhook-Signature', encoding: base64 },
        timestamp: { from: 'header:X-Twilio-Email-Event-Webhook-Timestamp' }, signed: '{ts}{body}' }";
    let headers = [
        ("X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"),
        (
            "X-Twilio-Email-Event-Webhook-Signature",
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
        ),
    ];
    let body = "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    check(scheme, key, Setting::default(), &webhook(&headers, body), 1_600_112_502);
}

const TWILIO: &str = "any_of:
  - { scheme: hmac, hash: sha1, signature: { from: 'header:X-Twilio-Signature', encoding: base64 },
      signed: '{url}{form_sorted}', url_forms: [as_received, other_port] }
  - { scheme: hmac, hash: sha1, signature: { from: 'header:X-Twilio-Signature', encoding: base64 },
      signed: '{url}', url_forms: [as_received, other_port],
      body_digest: { hash: sha256, encoding: hex, equals: 'query:bodySHA256' } }";

#[test]
fn twilio_form_and_json() {
    let setting = || setting(Some("https://mycompany.com"), &[]);
    let form = request(
        "/myapp.php",
        "foo=1&bar=2",
        &[
            ("content-type", "application/x-www-form-urlencoded"),
            ("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ],
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
    );
    assert_eq!(outcome(&verifier_in(TWILIO, &["12345"], setting()), form.clone(), 0), "verified");
    let json = request(
        "/myapp.php",
        "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        &[("content-type", "application/json"), ("X-Twilio-Signature", "a9nBmqA0ju/hNViExpshrM61xv4=")],
        r#"{"property": "value", "boolean": true}"#,
    );
    check(TWILIO, "12345", setting(), &json, 0);
    // The address of one request does not carry another body.
    let verifier = verifier_in(TWILIO, &["12345"], setting());
    let other = RawWebhook { body: "{}".into(), ..json.clone() };
    assert_eq!(outcome(&verifier, other, 0), "digest-mismatch");
    let undigested = RawWebhook { query: form.query.clone(), ..json };
    assert_ne!(outcome(&verifier, undigested, 0), "verified");
    let elsewhere = verifier_in(TWILIO, &["12345"], Setting { public_url: None, ..setting() });
    assert_eq!(outcome(&elsewhere, form, 0), "signature-mismatch");
}

#[test]
fn square_signs_the_address() {
    let scheme =
        "{ scheme: hmac, signature: { from: 'header:x-square-hmacsha256-signature', encoding: base64 },
        signed: '{url}{body}' }";
    let raw = request(
        "/679a4f3a-dcfa-49ee-bac5-9d0edad886b9",
        "",
        &[("x-square-hmacsha256-signature", "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=")],
        r#"{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}"#,
    );
    check(scheme, "Ibxx_5AKakO-3qeNVR61Dw", setting(Some("https://webhook.site"), &[]), &raw, 0);
}

#[test]
fn paddle_list_with_semicolons() {
    let scheme = "{ scheme: hmac, signature: { from: 'header:Paddle-Signature', encoding: hex,
        split: { item: ';', pair: '=', take: h1 } }, timestamp: { from: 'sig:ts', tolerance_secs: { past: 5 } },
        signed: '{ts}:{body}' }";
    let signature = "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9";
    let raw = webhook(&[("Paddle-Signature", signature)], r#"{"data": ["1", "2"]}"#);
    check(scheme, "VALID_SECRET", Setting::default(), &raw, 1_698_796_805);
    let verifier = verifier_in(scheme, &["VALID_SECRET"], Setting::default());
    assert_eq!(outcome(&verifier, raw.clone(), 1_698_796_806), "timestamp-too-old");
    assert_eq!(outcome(&verifier, raw, 0), "verified", "this side has no limit");
}

/// No vector of these senders is known; these were computed with another library.
#[test]
fn brazilian_constructions() {
    let body = r#"{"a":1}"#;
    let at = 1_772_452_800;
    let pagbank = "{ scheme: digest, signature: { from: 'header:x-authenticity-token', encoding: hex },
        signed: '{secret}-{body}' }";
    let raw = webhook(
        &[("x-authenticity-token", "29553c12ad84369b96846de0eb5aac0e1b74f7fc245dd2cac956f135a5be9b1a")],
        body,
    );
    check(pagbank, "segredo", Setting::default(), &raw, at);
    let shopee = shared("{url}|{body}");
    let raw = request(
        "/h/1",
        "",
        &[("S", "c1081b29f9cccaa9e61ffa819235040151533980fee21a3ce9011312cdd59e64")],
        body,
    );
    check(&shopee, "segredo", setting(Some("https://gw.example"), &[]), &raw, at);
    let tiktok = shared("{param:app_key}{body}");
    let raw = webhook(&[("S", "0d9d693a2821d8c67d203ea81d8f32e72610a14e6d1e8c7838b50a8f54da475f")], body);
    check(&tiktok, "segredo", setting(None, &[("app_key", "APPKEY")]), &raw, at);
}

#[test]
fn mercado_pago_leaves_out_the_pairs_that_are_absent() {
    let scheme = "{ scheme: hmac, signature: { from: 'header:x-signature', encoding: hex,
        split: { item: ',', pair: '=', take: v1 } }, timestamp: { from: 'sig:ts', unit: s },
        signed: '{?id:{query:data.id|lower};}{?request-id:{header:x-request-id};}ts:{ts};' }";
    let verifier = verifier_in(scheme, &["segredo"], Setting::default());
    let digits = "2aba6f74227bfac303381964c9759d627345a0d5a0fc5e95901ad884a194fbbe";
    let signature = format!("ts=1772452800,v1={digits}");
    let headers = [("x-signature", signature.as_str()), ("x-request-id", "req-1")];
    let raw = request("/h", "data.id=1234567890&type=payment", &headers, "{}");
    assert_eq!(outcome(&verifier, raw.clone(), 1_772_452_800), "verified");
    let other = RawWebhook { query: "data.id=1234567891".into(), ..raw };
    assert_eq!(outcome(&verifier, other, 1_772_452_800), "signature-mismatch");
}

const ADYEN: &str = "{ scheme: hmac, key: { encoding: hex }, each: '$.notificationItems[*].NotificationRequestItem',
    signature: { from: '$.additionalData.hmacSignature', encoding: base64 },
    signed: '{json:$.pspReference}:{json:$.originalReference|or_empty}:{json:$.merchantAccountCode}:{json:$.merchantReference}:{json:$.amount.value}:{json:$.amount.currency}:{json:$.eventCode}:{json:$.success}' }";

#[test]
fn every_item_must_carry_its_own_proof() {
    use serde_json::json;
    let key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    let verifier = verifier_in(ADYEN, &[key], Setting::default());
    let sign = |text: &str| {
        let secret = Secret::new(Encoding::Hex.decode(key).unwrap());
        let rule = super::super::scheme::KeyRule {
            strip: String::new(),
            encoding: super::super::scheme::KeyEncoding::Utf8,
        };
        let mut mac = rule.mac(super::super::scheme::Hash::Sha256, &secret).unwrap();
        mac.update(text.as_bytes());
        Encoding::Base64.encode(&mac.into_bytes())
    };
    let item = |psp: &str, value: u32, signature: String| {
        json!({"NotificationRequestItem": {
            "pspReference": psp, "merchantAccountCode": "Loja", "merchantReference": "P1",
            "amount": {"value": value, "currency": "BRL"}, "eventCode": "AUTHORISATION", "success": "true",
            "additionalData": {"hmacSignature": signature},
        }})
    };
    let first = item("1", 1130, sign("1::Loja:P1:1130:BRL:AUTHORISATION:true"));
    let second = item("2", 500, sign("2::Loja:P1:500:BRL:AUTHORISATION:true"));
    let forged = item("3", 900, sign("2::Loja:P1:500:BRL:AUTHORISATION:true"));
    let body = |items: &[&serde_json::Value]| json!({ "notificationItems": items }).to_string();
    for (items, code) in [
        (vec![&first, &second], "verified"),
        (vec![&first, &forged], "signature-mismatch"),
        (vec![&forged, &first], "signature-mismatch"),
        (vec![], "nothing-to-verify"),
    ] {
        assert_eq!(outcome(&verifier, webhook(&[], &body(&items)), 0), code);
    }
    // A vector of the sender's own library.
    let published = json!({ "notificationItems": [{"NotificationRequestItem": {
        "pspReference": "7914073381342284", "merchantAccountCode": "TestMerchant",
        "merchantReference": "TestPayment-1407325143704", "amount": {"value": 1130, "currency": "EUR"},
        "eventCode": "AUTHORISATION", "success": "true",
        "additionalData": {"hmacSignature": "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},
    }}]});
    assert_eq!(outcome(&verifier, webhook(&[], &published.to_string()), 0), "verified");
}

#[test]
fn a_token_in_every_item() {
    let scheme = "{ scheme: static, each: '$.value[*]', from: $.clientState }";
    let verifier = verifier_in(scheme, &["segredo"], Setting::default());
    for (body, code) in [
        (r#"{"value":[{"clientState":"segredo"},{"clientState":"segredo"}]}"#, "verified"),
        (r#"{"value":[{"clientState":"segredo"},{"clientState":"outro"}]}"#, "token-mismatch"),
        (r#"{"value":[{"clientState":"segredo"},{}]}"#, "token-missing"),
        (r#"{"value":[]}"#, "nothing-to-verify"),
    ] {
        assert_eq!(outcome(&verifier, webhook(&[], body), 0), code, "{body}");
    }
}

#[test]
fn what_is_required_must_stand_there() {
    let scheme = "{ scheme: mtls, from: 'header:X-Proxy', require: { 'header:X-Verify': SUCCESS } }";
    let verifier = verifier_in(scheme, &["segredo"], Setting::default());
    for (headers, code) in [
        (vec![("X-Proxy", "segredo"), ("X-Verify", "SUCCESS")], "verified"),
        (vec![("X-Proxy", "segredo"), ("X-Verify", "FAILED")], "requirement-unmet"),
        (vec![("X-Proxy", "segredo")], "requirement-unmet"),
        (vec![("X-Proxy", "outro"), ("X-Verify", "SUCCESS")], "token-mismatch"),
    ] {
        assert_eq!(outcome(&verifier, webhook(&headers, "{}"), 0), code);
    }
}

#[test]
fn a_secret_counts_only_in_its_time() {
    let moment = |secs| Some(Timestamp::from_secs(secs));
    let dated = |secret: &str, from, until| DatedSecret {
        secret: Secret::new(secret),
        not_before: from,
        not_after: until,
    };
    let secrets = [dated("segredo", None, moment(100)), dated("novo", moment(50), None)];
    let scheme =
        verifier_in("{ scheme: static, from: 'header:T' }", &[], Setting::default()).scheme().clone();
    let verifier = Verifier::new(scheme.clone(), secrets, Setting::default()).unwrap();
    for (token, now, code) in [
        ("segredo", 0, "verified"),
        ("segredo", 100, "verified"),
        ("segredo", 101, "token-mismatch"),
        ("novo", 49, "token-mismatch"),
        ("novo", 50, "verified"),
    ] {
        assert_eq!(outcome(&verifier, webhook(&[("T", token)], ""), now), code, "{token} {now}");
    }
    let over = Verifier::new(scheme, [dated("velho", None, moment(1))], Setting::default()).unwrap();
    assert_eq!(outcome(&over, webhook(&[("T", "velho")], ""), 2), "no-secret-in-force");
}

#[test]
fn a_key_of_one_form_is_no_key_of_the_other() {
    let scheme = "any_of:
  - { scheme: ed25519, public_key: { encoding: base64, strip: whpk_ }, signature: { from: 'header:S', encoding: base64 } }
  - { scheme: hmac, key: { encoding: base64, strip: whsec_ }, signature: { from: 'header:S', encoding: base64 } }";
    let public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    let verifier = verifier_in(scheme, &[public], Setting::default());
    // Everybody knows the public key: an HMAC made with its text proves nothing.
    let own = "{ scheme: hmac, signature: { from: 'header:S', encoding: base64 } }";
    let forger = verifier_in(own, &[public], Setting::default());
    let forged = forger.scheme().sign(
        &webhook(&[], "{}"),
        &Secret::new(public),
        &Setting::default(),
        Timestamp::from_secs(0),
    );
    assert_eq!(outcome(&verifier, forged.unwrap(), 0), "signature-mismatch");
}
