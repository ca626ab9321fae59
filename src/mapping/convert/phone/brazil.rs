//! Brazil's numbering plan: which DDDs exist, what may follow one, and what
//! people put before it. Digits in, digits out; never here: reading them from
//! text, or any other country.

use super::flaw::Flaw;

pub(super) const COUNTRY: &str = "55";

/// The 67 area codes.
#[rustfmt::skip]
const DDDS: [&str; 67] = [
    "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "21", "22", "24", "27", "28",
    "31", "32", "33", "34", "35", "37", "38",
    "41", "42", "43", "44", "45", "46", "47", "48", "49",
    "51", "53", "54", "55",
    "61", "62", "63", "64", "65", "66", "67", "68", "69",
    "71", "73", "74", "75", "77", "79",
    "81", "82", "83", "84", "85", "86", "87", "88", "89",
    "91", "92", "93", "94", "95", "96", "97", "98", "99",
];

/// The long-distance carriers (CSP) that may stand between the trunk 0 and the
/// DDD: those of libphonenumber's metadata.
const CARRIERS: [&str; 13] = ["12", "14", "15", "21", "22", "23", "25", "31", "41", "43", "55", "65", "99"];

/// Whether `text` is one of Brazil's area codes.
pub fn is_ddd(text: &str) -> bool {
    DDDS.contains(&text)
}

/// Whether the digits are all of a number but its DDD.
pub(super) fn is_local(digits: &str) -> bool {
    matches!(digits.len(), 8 | 9) && subscriber(digits).is_ok()
}

/// The whole number with its country code, from national digits, which may have
/// a trunk 0, a carrier or the country code before them.
pub(super) fn complete(digits: &str, default_ddd: Option<&str>) -> Result<String, Flaw> {
    let mut national = after_trunk(digits)?;
    // Only where more than a whole national number is left is a 55 the country:
    // `55 99999-8888` is a mobile of DDD 55, Santa Maria.
    if let Some(rest) = national.strip_prefix(COUNTRY)
        && rest.len() >= 10
    {
        national = after_trunk(rest)?;
    }
    let (ddd, local) = match national.len() {
        0..8 => return Err(Flaw::TooShort),
        8 | 9 => (default_ddd, national),
        10 | 11 => (Some(&national[..2]), &national[2..]),
        _ => return Err(Flaw::TooLong),
    };
    if is_nationwide(local) {
        return Err(Flaw::Service);
    }
    let ddd = ddd.ok_or(Flaw::NoDdd)?;
    if !is_ddd(ddd) {
        return Err(Flaw::UnknownDdd(ddd.to_owned()));
    }
    Ok(format!("{COUNTRY}{ddd}{}", subscriber(local)?))
}

/// What follows the trunk 0 and the carrier, where they are there. No DDD begins
/// with 0, so nothing is taken from a number that has neither.
fn after_trunk(digits: &str) -> Result<&str, Flaw> {
    if ["0300", "0500", "0800", "0900"].iter().any(|prefix| digits.starts_with(prefix)) {
        return Err(Flaw::Service);
    }
    match digits.strip_prefix('0') {
        None => Ok(digits),
        Some(rest) if matches!(rest.len(), 12 | 13) && CARRIERS.contains(&&rest[..2]) => Ok(&rest[2..]),
        Some(rest) => Ok(rest),
    }
}

/// The shared numbers of banks and airlines, dialled alike in the whole country.
fn is_nationwide(local: &str) -> bool {
    local.len() == 8 && ["300", "4003", "4004"].iter().any(|prefix| local.starts_with(prefix))
}

/// Eight or nine digits after the DDD. Mobiles got their leading 9 between 2012
/// and 2016; many registers still hold them without it.
fn subscriber(local: &str) -> Result<String, Flaw> {
    match (local.len(), local.as_bytes()[0]) {
        (9, b'9') | (8, b'2'..=b'5') => Ok(local.to_owned()),
        (8, b'6'..=b'9') => Ok(format!("9{local}")),
        (9, _) => Err(Flaw::NotMobile),
        _ => Err(Flaw::NoSuchNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes() {
        for absent in ["10", "20", "23", "25", "26", "29", "30", "36", "39", "40", "50", "52", "56", "60"] {
            assert!(!is_ddd(absent), "{absent}");
        }
        for absent in ["70", "72", "76", "78", "80", "90", "00", "", "1", "027", "٢٧"] {
            assert!(!is_ddd(absent), "{absent}");
        }
        assert!(DDDS.is_sorted() && DDDS.iter().all(|ddd| is_ddd(ddd)));
    }

    #[test]
    fn what_comes_before_a_ddd() {
        use Flaw::*;
        for (digits, expected) in [
            ("27999998888", Ok("5527999998888")),
            ("027999998888", Ok("5527999998888")),
            ("01527999998888", Ok("5527999998888")),
            ("04127999998888", Ok("5527999998888")),
            ("0152733334444", Ok("552733334444")),
            ("01327999998888", Err(TooLong)), // 13 is not a carrier
            ("1527999998888", Err(TooLong)),  // a carrier only follows a 0
            ("5527999998888", Ok("5527999998888")),
            ("05527999998888", Ok("5527999998888")),
            ("55027999998888", Ok("5527999998888")),
            ("5501527999998888", Ok("5527999998888")),
            ("550800705304", Err(Service)),
            ("08007053040", Err(Service)),
            ("0300123456", Err(Service)),
            ("05001234567", Err(Service)),
            ("09001234567", Err(Service)),
        ] {
            assert_eq!(complete(digits, None), expected.map(str::to_owned), "{digits}");
        }
    }

    #[test]
    fn what_follows_a_ddd() {
        use Flaw::*;
        for (digits, expected) in [
            ("2733334444", Ok("552733334444")),
            ("2753334444", Ok("552753334444")),
            ("2763334444", Ok("5527963334444")),
            ("2799998888", Ok("5527999998888")),
            ("2778334444", Ok("5527978334444")), // legacy trunking became mobile
            ("2713334444", Err(NoSuchNumber)),
            ("2703334444", Err(NoSuchNumber)),
            ("27899998888", Err(NotMobile)),
            ("1140041234", Err(Service)),
            ("1130031234", Err(Service)),
            ("11940041234", Ok("5511940041234")),
            ("20999998888", Err(UnknownDdd("20".into()))),
            ("55999998888", Ok("5555999998888")),
            ("5533334444", Ok("555533334444")),
        ] {
            assert_eq!(complete(digits, None), expected.map(str::to_owned), "{digits}");
        }
    }

    #[test]
    fn a_default_ddd_completes_what_has_none() {
        use Flaw::*;
        for (digits, ddd, expected) in [
            ("999998888", None, Err(NoDdd)),
            ("999998888", Some("27"), Ok("5527999998888")),
            ("99998888", Some("27"), Ok("5527999998888")),
            ("33334444", Some("27"), Ok("552733334444")),
            ("11999998888", Some("27"), Ok("5511999998888")),
            ("40041234", Some("27"), Err(Service)),
            ("40028922", Some("11"), Ok("551140028922")),
            ("40041234", None, Err(Service)),
            ("190", Some("27"), Err(TooShort)),
            ("999998888", Some("20"), Err(UnknownDdd("20".into()))),
        ] {
            assert_eq!(complete(digits, ddd), expected.map(str::to_owned), "{digits} {ddd:?}");
        }
    }
}
