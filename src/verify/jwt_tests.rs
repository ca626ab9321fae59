//! Tokens that are believed, and every way in which one is not.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::tests::{outcome, verifier_in, webhook};
use super::*;
use crate::verify::fetched::{Fetched, FetchedKeys, FetchedKind};
use crate::verify::jwt::MAX_TOKEN_BYTES;
use crate::verify::jwt_key::{JwtKey, JwtKeys, PublicForm};
use crate::verify::mac::digest;
use crate::verify::scheme::Hash;
use jsonwebtoken::Algorithm;

const NOW: i64 = 1_772_452_800;
const SECRET: &str = "segredo-de-teste";
const SET: &str = "https://keys.example.com/set";
const HS: &str = "{ scheme: jwt, from: 'header:Authorization', prefix: 'Bearer ', algorithms: [HS256],
  claims: { iss: loja, aud: '{param:audience}', ok: true }, max_age_secs: 300,
  body_hash: { claim: sha256 } }";
const FETCHED: &str =
    "{ scheme: jwt, from: 'header:A', algorithms: [RS256, ES256], jwks: 'https://keys.example.com/set' }";
const PEM: &str =
    "{ scheme: jwt, from: 'header:A', algorithms: [RS256, ES256], public_key: { encoding: pem } }";
const BODY: &str = r#"{"id":"e1"}"#;

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token with this header, whose signature is what `sign` makes.
fn token(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", base64url(signature))
}

fn hmac(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    move |message| aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
}

/// A sender with an elliptic key.
struct Sender(EcdsaKeyPair);

impl Sender {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn sign(&self) -> impl Fn(&[u8]) -> Vec<u8> {
        |message| self.0.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    fn jwk(&self, kid: &str) -> Value {
        let point = self.0.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid,
            "x": base64url(&point[1..33]), "y": base64url(&point[33..]) })
    }

    fn pem(&self) -> String {
        use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        pem("PUBLIC KEY", der.as_ref())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn good_claims() -> Value {
    let hash = Encoding::Hex.encode(&digest(Hash::Sha256, BODY.as_bytes()));
    json!({ "iss": "loja", "aud": ["outra", "nossa"], "ok": true, "iat": NOW, "exp": NOW + 60, "sha256": hash })
}

fn shared() -> Verifier {
    let params = [("audience".to_owned(), Secret::new("nossa"))].into_iter().collect();
    verifier_in(HS, &[SECRET], Setting { params, ..Setting::default() })
}

fn bearer(token: &str) -> RawWebhook {
    webhook(&[("Authorization", &format!("Bearer {token}"))], BODY)
}

fn hs256(claims: &Value) -> String {
    token(&json!({ "alg": "HS256", "typ": "JWT" }), claims, hmac(SECRET.as_bytes()))
}

#[test]
fn claims_and_times_are_held_against_the_rule() {
    let verifier = shared();
    let with = |name: &str, value: Value| {
        let mut claims = good_claims();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (claims, what) in [
        (good_claims(), "verified"),
        (with("aud", json!("nossa")), "verified"),
        (with("exp", json!(NOW as f64 + 0.5)), "verified"),
        (with("exp", json!(NOW - 59)), "verified"),
        (with("exp", json!(NOW - 60)), "token-expired"),
        (with("exp", json!("amanhã")), "token-malformed"),
        (without("exp"), "claim-missing"),
        (with("nbf", json!(NOW + 60)), "verified"),
        (with("nbf", json!(NOW + 61)), "token-not-yet-valid"),
        (with("iat", json!(NOW - 300)), "verified"),
        (with("iat", json!(NOW - 301)), "token-too-old"),
        (with("iat", json!(NOW + 61)), "token-not-yet-valid"),
        (with("iat", json!(i64::MIN)), "token-too-old"),
        (with("exp", json!(f64::MAX)), "verified"),
        (without("iat"), "claim-missing"),
        (with("iss", json!("outra")), "claim-mismatch"),
        (with("aud", json!(["outra"])), "claim-mismatch"),
        (with("aud", json!("nossa loja")), "claim-mismatch"),
        (without("aud"), "claim-missing"),
        (with("ok", json!("true")), "claim-mismatch"),
        (with("sha256", json!("00")), "digest-mismatch"),
        (with("sha256", json!(1)), "claim-missing"),
        (json!([]), "token-malformed"),
    ] {
        assert_eq!(outcome(&verifier, bearer(&hs256(&claims)), NOW), what, "{claims}");
    }
    let mut tampered = bearer(&hs256(&good_claims()));
    tampered.body = BODY.replace("e1", "e2").into();
    assert_eq!(outcome(&verifier, tampered, NOW), "digest-mismatch");
}

#[test]
fn a_token_that_is_none_is_refused() {
    let (verifier, good) = (shared(), hs256(&good_claims()));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let of = |header: Value| token(&header, &good_claims(), hmac(SECRET.as_bytes()));
    for (text, what) in [
        (good.clone(), "verified"),
        (String::new(), "token-missing"),
        ("a.b".to_owned(), "token-malformed"),
        (format!("{good}."), "token-malformed"),
        (format!("{good}.{signature}"), "token-malformed"),
        (format!("{message}."), "token-signature-mismatch"),
        (format!("{good}="), "token-signature-mismatch"),
        ("a".repeat(MAX_TOKEN_BYTES + 1), "token-malformed"),
        (of(json!({ "alg": "none" })), "token-algorithm"),
        (of(json!({ "alg": "None" })), "token-algorithm"),
        (of(json!({ "alg": "" })), "token-algorithm"),
        (of(json!({ "alg": "HS384" })), "token-algorithm"),
        (of(json!({ "alg": "hs256" })), "token-algorithm"),
        (of(json!({ "typ": "JWT" })), "token-malformed"),
        (of(json!({ "alg": "HS256", "crit": ["b64"], "b64": false })), "token-malformed"),
        (of(json!("HS256")), "token-malformed"),
        (token(&json!({ "alg": "none" }), &good_claims(), |_| Vec::new()), "token-algorithm"),
        (token(&json!({ "alg": "HS256" }), &good_claims(), hmac(b"outro")), "token-signature-mismatch"),
    ] {
        assert_eq!(outcome(&verifier, bearer(&text), NOW), what, "{text}");
    }
    let without_prefix = webhook(&[("Authorization", good.as_str())], BODY);
    assert_eq!(outcome(&verifier, without_prefix, NOW), "token-missing");
    assert_eq!(outcome(&verifier, webhook(&[], BODY), NOW), "token-missing");
}

/// Whoever knows the public key signs with it as if it were a shared secret.
#[test]
fn a_public_key_is_never_a_shared_secret() {
    let sender = Sender::new();
    let (pem, claims) = (sender.pem(), json!({ "exp": NOW + 60 }));
    let verifier = verifier_in(PEM, &[&pem], Setting::default());
    let header = json!({ "alg": "HS256" });
    for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), sender.0.public_key().as_ref()] {
        let forged = token(&header, &claims, hmac(secret));
        assert_eq!(outcome(&verifier, webhook(&[("A", &forged)], BODY), NOW), "token-algorithm");
    }
    let genuine = token(&json!({ "alg": "ES256" }), &claims, sender.sign());
    assert_eq!(outcome(&verifier, webhook(&[("A", &genuine)], BODY), NOW), "verified");
    // An elliptic signature that is said to be RSA's is nobody's.
    let mislabelled = token(&json!({ "alg": "RS256" }), &claims, sender.sign());
    assert_eq!(outcome(&verifier, webhook(&[("A", &mislabelled)], BODY), NOW), "token-signature-mismatch");
}

#[test]
fn a_static_rsa_key_is_one_too() {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let sign = |message: &[u8]| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    };
    let token = token(&json!({ "alg": "RS256" }), &json!({ "exp": NOW + 60 }), sign);
    let verifier = verifier_in(PEM, &[&pem("PUBLIC KEY", der.as_ref())], Setting::default());
    assert_eq!(outcome(&verifier, webhook(&[("A", &token)], BODY), NOW), "verified");
}

#[test]
fn a_key_that_is_none_is_refused_at_load() {
    let error = |form, secret: &str| {
        let keys = JwtKeys::Public(form);
        JwtKey::new(&keys, &[Algorithm::ES256], &Secret::new(secret)).err()
    };
    use PublicForm::{Jwk, Pem};
    let sender = Sender::new();
    let (jwk, okp) = (sender.jwk("k").to_string(), json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" }));
    assert_eq!(error(Pem, &sender.pem()), None);
    assert_eq!(error(Jwk, &jwk), None);
    assert_eq!(error(Pem, "x"), Some(KeyError::NotPem));
    assert_eq!(error(Pem, &pem("PUBLIC KEY", b"x")), Some(KeyError::NotPublicKey));
    assert_eq!(error(Pem, &pem("EC PRIVATE KEY", b"x")), Some(KeyError::NotPublicKey));
    assert_eq!(error(Pem, &pem("CERTIFICATE", b"x")), Some(KeyError::NotPublicKey));
    assert_eq!(error(Jwk, "x"), Some(KeyError::NotJwk));
    assert_eq!(error(Jwk, &okp.to_string()), Some(KeyError::NotPublicKey));
    assert_eq!(error(Jwk, r#"{"kty":"oct","k":"c2VncmVkbw"}"#), Some(KeyError::NotPublicKey));
}

fn fetched(keys: &[Value]) -> FetchedKeys {
    let fetched = FetchedKeys::default();
    let document = json!({ "keys": keys }).to_string();
    fetched.put(SET, Fetched::read(FetchedKind::KeySet, document.as_bytes()).unwrap());
    fetched
}

#[test]
fn a_fetched_set_is_asked_by_the_name_of_the_key() {
    let (first, second, other) = (Sender::new(), Sender::new(), Sender::new());
    let setting = Setting::default();
    let verifier = verifier_in(FETCHED, &[], setting.clone());
    let of = |sender: &Sender, kid: Option<&str>| {
        let claims = json!({ "exp": NOW + 60 });
        webhook(&[("A", &token(&json!({ "alg": "ES256", "kid": kid }), &claims, sender.sign()))], BODY)
    };
    let wanted = |raw: RawWebhook| {
        let refusal = verifier.check(&raw, Timestamp::from_secs(NOW)).unwrap_err();
        (refusal.code(), refusal.wanted().map(|wanted| wanted.address.clone()))
    };
    assert_eq!(wanted(of(&first, Some("1"))), ("keys-unavailable", Some(SET.to_owned())));
    // What is put there is seen by who was made before.
    let document = json!({ "keys": [first.jwk("1"), { "kty": "x" }, 7] }).to_string();
    setting.fetched.put(SET, Fetched::read(FetchedKind::KeySet, document.as_bytes()).unwrap());
    assert_eq!(outcome(&verifier, of(&first, Some("1")), NOW), "verified");
    assert_eq!(outcome(&verifier, of(&first, None), NOW), "verified");
    assert_eq!(outcome(&verifier, of(&other, Some("1")), NOW), "token-signature-mismatch");
    assert_eq!(wanted(of(&second, Some("2"))), ("key-unknown", Some(SET.to_owned())));
    let both = verifier_in(
        FETCHED,
        &[],
        Setting { fetched: fetched(&[first.jwk("1"), second.jwk("2")]), ..Setting::default() },
    );
    assert_eq!(outcome(&both, of(&second, Some("2")), NOW), "verified");
    assert_eq!(outcome(&both, of(&second, None), NOW), "verified");
    assert_eq!(outcome(&both, of(&second, Some("1")), NOW), "token-signature-mismatch");
}

/// A key says for which signatures it is, and is not asked for others.
#[test]
fn a_key_of_a_set_keeps_to_its_algorithm() {
    let sender = Sender::new();
    let raw = || {
        let claims = json!({ "exp": NOW + 60 });
        webhook(&[("A", &token(&json!({ "alg": "ES256", "kid": "1" }), &claims, sender.sign()))], BODY)
    };
    for (algorithm, what) in [("ES256", "verified"), ("ES384", "token-signature-mismatch")] {
        let mut key = sender.jwk("1");
        key["alg"] = json!(algorithm);
        let verifier = verifier_in(FETCHED, &[], Setting { fetched: fetched(&[key]), ..Setting::default() });
        assert_eq!(outcome(&verifier, raw(), NOW), what, "{algorithm}");
    }
    let mut encrypting = sender.jwk("1");
    encrypting["alg"] = json!("RSA-OAEP");
    let document = json!({ "keys": [encrypting] }).to_string();
    assert!(Fetched::read(FetchedKind::KeySet, document.as_bytes()).is_err());
}

#[test]
fn a_set_without_a_public_key_is_no_set() {
    let sender = Sender::new();
    let mut encrypting = sender.jwk("1");
    encrypting["use"] = json!("enc");
    for document in [
        json!({}),
        json!({ "keys": [] }),
        json!({ "keys": [{ "kty": "oct", "k": "c2VncmVkbw", "kid": "1" }] }),
        json!({ "keys": [encrypting] }),
    ] {
        let read = Fetched::read(FetchedKind::KeySet, document.to_string().as_bytes());
        assert!(read.is_err(), "{document}");
    }
}

#[test]
fn the_body_itself_may_be_the_token() {
    let verifier =
        verifier_in("{ scheme: jwt, from: body, algorithms: [HS256] }", &[SECRET], Setting::default());
    let token = hs256(&json!({ "exp": NOW + 60 }));
    assert_eq!(outcome(&verifier, webhook(&[], &format!("{token}\n")), NOW), "verified");
    assert_eq!(outcome(&verifier, webhook(&[], "{}"), NOW), "token-malformed");
}

#[test]
fn what_we_sign_is_believed_and_does_not_stay() {
    let verifier = shared();
    let (secret, now) = (Secret::new(SECRET), Timestamp::from_secs(NOW));
    let signed = verifier.scheme().sign(&webhook(&[], BODY), &secret, verifier.setting(), now).unwrap();
    let kept = verifier.verify(signed, now).unwrap().into_webhook();
    assert_eq!(kept.headers.get("authorization"), Some("[secret]"));
    let scheme = verifier_in(FETCHED, &[], Setting::default()).scheme().clone();
    assert!(scheme.sign(&webhook(&[], BODY), &secret, &Setting::default(), now).is_err());
}

proptest! {
    #[test]
    fn no_changed_bit_is_believed(bit in 0_usize..8 * 512) {
        let good = hs256(&good_claims());
        let mut bytes = good.clone().into_bytes();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        prop_assert_ne!(outcome(&shared(), bearer(&changed), NOW), "verified");
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,80}", header in "\\PC{0,30}", claims in "\\PC{0,30}") {
        let made = token(&json!({ "alg": "HS256", "kid": header }), &json!(claims), hmac(SECRET.as_bytes()));
        let apart = format!("{}.{}.{text}", base64url(&header), base64url(&claims));
        for token in [text.clone(), apart, made] {
            prop_assert_ne!(outcome(&shared(), bearer(&token), NOW), "verified");
        }
    }
}
