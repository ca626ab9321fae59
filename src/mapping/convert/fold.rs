//! One character in plainer clothes. Keyboards, copied contacts and styled text
//! bring digits and signs that look like ASCII and are not; `char::to_digit`
//! knows none of them. This is the part of Unicode's NFKC that matters inside a
//! number, never a normaliser of names or sentences.

/// The ASCII form of a full-width character or of a digit in another dress; any
/// other character as it is.
pub(in crate::mapping) fn fold(c: char) -> char {
    let code = c as u32;
    let ascii = match code {
        // Full-width forms: `９`, `＋`, `＊`, `／`, `Ｘ`.
        0xFF01..=0xFF5E => code - 0xFEE0,
        // Arabic-Indic digits and their eastern variants.
        0x0660..=0x0669 => code - 0x0660 + u32::from(b'0'),
        0x06F0..=0x06F9 => code - 0x06F0 + u32::from(b'0'),
        // Mathematical digits: five styles of ten, as in "𝟐𝟕".
        0x1D7CE..=0x1D7FF => (code - 0x1D7CE) % 10 + u32::from(b'0'),
        _ => return c,
    };
    char::from_u32(ascii).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs_become_ascii_and_the_rest_stays() {
        for (dressed, plain) in [
            ("０１９＋＊／＠Ｘ", "019+*/@X"),
            ("٠٩۰۹", "0909"),
            ("𝟎𝟗𝟘𝟡𝟶𝟿", "090909"),
            ("27 é ² ①", "27 é ² ①"),
        ] {
            assert_eq!(dressed.chars().map(fold).collect::<String>(), plain);
        }
    }
}
