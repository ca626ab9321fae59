//! Phones as they may be shown: masked, for screens and logs; and the digits of
//! any text. Never here: whether digits are a phone (see `convert::phone`).

use crate::mapping::convert::{fold, is_ddd};

/// A phone of `as: phone` without what would let it be called:
/// `+55 27 9****-8888`. Of anything shorter than a phone nothing is shown.
pub fn phone_mask(phone: &str) -> String {
    let digits = digits(phone);
    if digits.len() < 8 {
        return "****".to_owned();
    }
    let (hidden, last) = digits.split_at(digits.len() - 4);
    match hidden.strip_prefix("55").map(|national| national.split_at(national.len().min(2))) {
        Some((ddd, rest)) if is_ddd(ddd) && matches!(rest.len(), 4 | 5) => {
            // The 9 of a mobile is in all of them and tells nothing.
            let nine = if rest.len() == 5 { "9" } else { "" };
            format!("+55 {ddd} {nine}****-{last}")
        }
        _ => format!("+{}{last}", "*".repeat(hidden.len())),
    }
}

/// The digits of a text, such as the eleven of `123.456.789-09`.
pub fn digits(text: &str) -> String {
    text.chars().map(fold).filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks() {
        for (phone, expected) in [
            ("5527999998888", "+55 27 9****-8888"),
            ("+55 (27) 99999-8888", "+55 27 9****-8888"),
            ("552733334444", "+55 27 ****-4444"),
            ("351912345678", "+********5678"),
            ("5520999998888", "+*********8888"),
            ("27999998888", "+*******8888"),
            ("190", "****"),
            ("", "****"),
        ] {
            assert_eq!(phone_mask(phone), expected);
        }
    }

    #[test]
    fn digits_of_a_text() {
        for (text, expected) in [("123.456.789-09", "12345678909"), ("nº ４２", "42"), ("R$", "")] {
            assert_eq!(digits(text), expected);
        }
    }

    proptest! {
        /// A mask shows four digits of the subscriber and, of Brazil's, the DDD.
        #[test]
        fn a_mask_hides(text in "[0-9]{0,20}") {
            let shown = digits(&phone_mask(&text));
            prop_assert!(shown.len() <= 9 && phone_mask(&text).contains("****"), "{}", shown);
        }
    }
}
