//! `multipart/form-data` (RFC 7578): the text fields, by name. Files are left
//! out: no message is made of one.

/// Fields, files included.
const MAX_PARTS: usize = 1_000;
/// RFC 2046 allows no longer boundary.
const MAX_BOUNDARY_BYTES: usize = 70;

/// The boundary that a `Content-Type` names.
pub fn boundary(content_type: &str) -> Option<String> {
    let named = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (!named.is_empty() && named.len() <= MAX_BOUNDARY_BYTES).then(|| named.to_owned())
}

/// Name and value of each text field, in order. Err: what is wrong, without the
/// content.
pub fn read(boundary: &str, body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the very beginning, without a line before.
    let mut rest = match body.strip_prefix(&delimiter.as_bytes()[2..]) {
        Some(rest) => rest,
        None => after(body, delimiter.as_bytes()).ok_or("there is no part")?.1,
    };
    let mut fields = Vec::new();
    let mut parts = 0;
    while !rest.starts_with(b"--") {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(format!("it has more than {MAX_PARTS} parts"));
        }
        let (_, part) = after(rest, b"\r\n").ok_or("a part is cut off")?;
        let (content, next) = after(part, delimiter.as_bytes()).ok_or("the last boundary is missing")?;
        fields.extend(field(content)?);
        rest = next;
    }
    Ok(fields)
}

/// What stands before the first `mark`, and what after it.
fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// None: a file.
fn field(part: &[u8]) -> Result<Option<(String, String)>, String> {
    // A part without any header begins with the empty line.
    let (head, value) = match part.strip_prefix(b"\r\n") {
        Some(value) => (&b""[..], value),
        None => after(part, b"\r\n\r\n").ok_or("a part has no empty line after its headers")?,
    };
    let head = std::str::from_utf8(head).map_err(|_| "the headers of a part are not UTF-8")?;
    let disposition = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
        .map(|(_, value)| value)
        .ok_or("a part does not say its name")?;
    if parameter(disposition, "filename").is_some() || parameter(disposition, "filename*").is_some() {
        return Ok(None);
    }
    let name = parameter(disposition, "name").ok_or("a part does not say its name")?;
    let value = std::str::from_utf8(value).map_err(|_| "a field is not UTF-8")?;
    Ok(Some((name, value.to_owned())))
}

/// `name="a"; filename="b"`, quotes optional, `\"` a quote inside.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition;
    while let Some((_, after)) = rest.split_once(';') {
        let (name, value) = after.split_once('=')?;
        let value = value.trim_start();
        let (value, tail) = match value.strip_prefix('"') {
            Some(quoted) => quoted_text(quoted),
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim().to_owned(), &value[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = tail;
    }
    None
}

fn quoted_text(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(body: &str) -> Result<Vec<(String, String)>, String> {
        read("XX", body.as_bytes())
    }

    #[test]
    fn fields_are_read_and_files_left_out() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"nome\"\r\n\r\nMaria\r\n--XX\r\n\
                    content-disposition: form-data; name=foto; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n--XX\r\n\
                    Content-Disposition: form-data; name=\"a \\\"b\\\"\"\r\n\r\nduas\r\nlinhas\r\n--XX--\r\n";
        assert_eq!(
            pairs(body),
            Ok(vec![("nome".into(), "Maria".into()), ("a \"b\"".into(), "duas\r\nlinhas".into())])
        );
        assert_eq!(pairs(&format!("preâmbulo\r\n{body}")).map(|fields| fields.len()), Ok(2));
        assert_eq!(pairs("--XX--\r\n"), Ok(vec![]));
    }

    #[test]
    fn what_is_broken_is_said() {
        for (body, why) in [
            ("", "no part"),
            ("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "last boundary"),
            ("--XX\r\n\r\nx\r\n--XX--", "name"),
            ("--XX\r\nContent-Disposition: form-data; name=a\r\nx\r\n--XX--", "empty line"),
            ("--XX", "cut off"),
        ] {
            let error = pairs(body).unwrap_err();
            assert!(error.contains(why), "{body:?}: {error}");
        }
        let many = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n".repeat(1_001);
        assert!(pairs(&many).unwrap_err().contains("1000"));
    }

    #[test]
    fn a_boundary_is_found_in_its_header() {
        for (header, found) in [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("multipart/form-data; charset=utf-8; Boundary=\"a b\"", Some("a b")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
        ] {
            assert_eq!(boundary(header).as_deref(), found, "{header}");
        }
        assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "a".repeat(71))), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in proptest::collection::vec(("[a-z\\[\\]0-9]{1,8}", "[^-]{0,30}"), 0..6)) {
            let mut body = String::new();
            for (name, value) in &fields {
                body += &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            }
            body += "--XX--\r\n";
            prop_assert_eq!(pairs(&body), Ok(fields));
        }

        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "[-X\r\n:;=\"\\\\a]{0,80}") {
            let _ = read("XX", &body);
            let _ = read("XX", format!("--XX\r\n{text}\r\n--XX--").as_bytes());
            let _ = boundary(&text);
        }
    }
}
