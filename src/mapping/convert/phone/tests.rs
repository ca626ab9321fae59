//! The whole of `as: phone`: the reference's table, the sentences of a refusal,
//! and the laws.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn check(value: Value, default_ddd: Option<&str>, expected: Option<&str>) {
    let read = phone(&value, default_ddd);
    assert_eq!(read.as_deref().ok(), expected, "{value} {default_ddd:?}: {read:?}");
}

#[test]
fn what_senders_write() {
    const MOBILE: &str = "5527999998888";
    for (text, expected) in [
        ("(27) 99999-8888", MOBILE),
        ("27999998888", MOBILE),
        ("5527999998888", MOBILE),
        ("027999998888", MOBILE),
        ("0 15 27 99999-8888", MOBILE),
        ("041 27 99999-8888", MOBILE),
        ("0XX27 99999-8888", MOBILE),
        ("+55 (27) 9 9999-8888", MOBILE),
        ("+55 (0) 27 99999-8888", MOBILE),
        ("55 27 99999 8888", MOBILE),
        ("27.99999.8888", MOBILE),
        ("27\u{a0}99999\u{2011}8888", MOBILE),
        ("２７９９９９９８８８８", MOBILE),
        ("0055 27 999998888", MOBILE),
        ("tel:+5527999998888", MOBILE),
        ("5527999998888@s.whatsapp.net", MOBILE),
        ("5527999998888@c.us", MOBILE),
        ("552799998888", MOBILE),
        ("2799998888", MOBILE),
        ("(27) 9999-8888", MOBILE),
        ("556196842267", "5561996842267"),
        ("553196883193", "5531996883193"),
        ("2733334444", "552733334444"),
        ("48 30252598", "554830252598"),
        ("(27) 3333-4444 ramal 12", "552733334444"),
        ("(27) 3333-4444 / 99999-8888", "552733334444"),
        ("****-8888 | (27) 99999-8888", MOBILE),
        ("99999-8888 ou 27 99999-8888", MOBILE),
        ("55999998888", "5555999998888"),
        ("(55) 99999-8888", "5555999998888"),
        ("5555999998888", "5555999998888"),
        ("+351912345678", "351912345678"),
        ("00351 912 345 678", "351912345678"),
        ("+1 (415) 555-1234", "14155551234"),
    ] {
        check(json!(text), None, Some(expected));
    }
    for number in [json!(27999998888u64), json!(5527999998888u64), json!(27999998888.0)] {
        check(number, None, Some(MOBILE));
    }
}

#[test]
fn a_default_ddd_speaks_only_where_there_is_none() {
    for (text, expected) in [
        ("99999-8888", Some("5527999998888")),
        ("9999-8888", Some("5527999998888")),
        ("99999-8888 / 3333-4444", Some("5527999998888")),
        ("11 99999-8888", Some("5511999998888")),
        ("11/99999-8888", None),
        ("(11) 3333-444 / 99999-8888", None),
        ("+55 99999-8888", None),
        ("4004-1234", None),
        ("190", None),
    ] {
        check(json!(text), Some("27"), expected);
    }
}

#[test]
fn a_refusal_says_what_was_found_and_keeps_the_phone_to_itself() {
    for (value, message) in [
        (
            json!("0800 705 3040"),
            "the phone `***3040` is a service number, such as 0800 or 4004, and not a person's",
        ),
        (
            json!("4004-1234"),
            "the phone `***1234` is a service number, such as 0800 or 4004, and not a person's",
        ),
        (json!("190"), "the phone `190` is too short: it has 3 digits"),
        (json!("***1234"), "the phone `1234` has some of its digits hidden"),
        (json!("(+1)213-***-1234"), "the phone `***1234` has some of its digits hidden"),
        (json!("XXXXXXX"), "the phone `***` has some of its digits hidden"),
        (json!("999998888"), "the phone `***8888` has no DDD"),
        (json!("(20) 99999-8888"), "the phone `***8888` has the DDD `20`, which does not exist"),
        (
            json!("27 89999-8888"),
            "the phone `***8888` has nine digits after the DDD and does not begin with 9",
        ),
        (json!("27 1999-8888"), "the phone `***8888` begins with 0 or 1 after the DDD, as no number does"),
        (json!("351912345678"), "the phone `***5678` is too long: it has 12 digits"),
        (json!("00000000000"), "the phone `***0000` has no country code after its `+` or `00`"),
        (json!("2.799999888E10"), "the phone `***8810` has letters among its digits"),
        (json!("não informado"), "expected a phone and found the text `não informado`"),
        (json!("ramal 99998888"), "expected a phone and found none among the text"),
        (json!("a@b.com"), "expected a phone and found what looks like an e-mail address"),
        (json!(" "), "expected a phone and found an empty text"),
        (json!(null), "expected a phone and found null"),
        (json!(["27999998888"]), "expected a phone and found a list of 1"),
        (json!({"number": 1}), "expected a phone and found an object"),
        (json!(-27999998888i64), "expected a phone and found a number that is not whole and positive"),
        (json!(27.5), "expected a phone and found a number that is not whole and positive"),
    ] {
        assert_eq!(phone(&value, None).unwrap_err().message.english(), message, "{value}");
    }
}

/// The whole digits of a Brazilian number, mobile or landline.
fn brazilian() -> impl Strategy<Value = String> {
    let ddd = prop::sample::select((11..=99u32).filter(|ddd| is_ddd(&ddd.to_string())).collect::<Vec<_>>());
    (ddd, "9[0-9]{8}|[25][0-9]{7}").prop_map(|(ddd, local)| format!("55{ddd}{local}"))
}

/// `digits` with a character of `noise` before, between and after them.
fn noisy(digits: &str, noise: &[String]) -> String {
    let mut text = String::new();
    for (digit, noise) in digits.chars().zip(noise.iter().cycle()) {
        text.push_str(noise);
        text.push(digit);
    }
    text + &noise[0]
}

fn check_shape(digits: &str) -> Result<(), TestCaseError> {
    prop_assert!(
        (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()),
        "{}",
        digits
    );
    if let Some(national) = digits.strip_prefix("55") {
        let (ddd, local) = national.split_at(2);
        let mobile = local.len() == 9 && local.starts_with('9');
        let landline = local.len() == 8 && matches!(local.as_bytes()[0], b'2'..=b'5');
        prop_assert!(is_ddd(ddd) && (mobile || landline), "{}", digits);
    }
    Ok(())
}

proptest! {
    /// A number means the same with or without what may precede it.
    #[test]
    fn what_precedes_a_number_does_not_change_it(whole in brazilian()) {
        let national = &whole[2..];
        for written in [
            whole.clone(), national.into(), format!("+{whole}"), format!("00{whole}"),
            format!("0{national}"), format!("015{national}"), format!("+55 0 {national}"),
        ] {
            prop_assert_eq!(phone(&json!(written), None), Ok(whole.clone()), "{}", written);
        }
        let (country, area, number) = (json!("55"), json!(national[..2]), json!(national[2..]));
        prop_assert_eq!(phone_from_parts(Some(&country), Some(&area), &number), Ok(whole.clone()));
        prop_assert_eq!(phone_from_parts(None, Some(&area), &number), Ok(whole));
    }

    #[test]
    fn formatting_changes_nothing(
        whole in brazilian(),
        noise in prop::collection::vec("[ ().\u{a0}\u{202a}\u{2011}–-]", 1..8),
    ) {
        for digits in [&whole, &whole[2..]] {
            prop_assert_eq!(phone(&json!(noisy(digits, &noise)), None), Ok(whole.clone()));
        }
    }

    /// Whatever is read is a phone, and stays the same when it is read again.
    #[test]
    fn any_text_is_read_or_refused(
        text: String,
        near in "[0-9+() /x*ou@.-]{0,24}",
        digits in "[0+]{0,2}[0-9]{7,16}",
    ) {
        for text in [text, near, digits] {
            let Ok(first) = phone(&json!(text), Some("27")) else { continue };
            check_shape(&first)?;
            let again = if first.starts_with("55") { first.clone() } else { format!("+{first}") };
            prop_assert_eq!(phone(&json!(again), None), Ok(first));
        }
    }

    /// No refusal holds more of a phone than its last four digits.
    #[test]
    fn a_refusal_never_shows_a_phone(
        text in "(ramal|[+*x@ /-]{0,8})[0-9]{5,20}[x@ /a]{0,2}",
        part in "[0-9]{0,12}",
    ) {
        let text = json!(text);
        let parts = phone_from_parts(None, Some(&json!(part)), &text);
        for error in [phone(&text, None).err(), parts.err()].into_iter().flatten() {
            let error = error.message.english();
            let longest = error.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest < Some(5), "{}", error);
        }
    }
}
