//! Bodies that came compressed: gzip and deflate, up to a cap.
//!
//! Never before verifying: a signature is over the bytes as sent. A small body
//! can become a very large one, so nothing is written past the cap.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::{GzDecoder, ZlibDecoder};

/// The most that a body may become. The most that came in is configured.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    /// With the zlib frame around it, as RFC 9110 has it.
    Deflate,
}

impl Compression {
    /// By the header `Content-Encoding`. None: one that cannot be read, or
    /// several in a row.
    pub fn of(header: Option<&str>) -> Option<Self> {
        let name = header.unwrap_or("identity").trim().to_ascii_lowercase();
        match name.as_str() {
            "" | "identity" => Some(Self::None),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// Err: what is wrong.
    pub fn plain(self, body: &[u8]) -> Result<Cow<'_, [u8]>, String> {
        match self {
            Self::None => Ok(Cow::Borrowed(body)),
            Self::Gzip => inflate(GzDecoder::new(body)).map(Cow::Owned),
            Self::Deflate => inflate(ZlibDecoder::new(body)).map(Cow::Owned),
        }
    }
}

fn inflate(decoder: impl Read) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let read = decoder.take(MAX_BYTES as u64 + 1).read_to_end(&mut plain);
    if plain.len() > MAX_BYTES {
        return Err(format!("decompressed, it has more than {MAX_BYTES} bytes"));
    }
    read.map_err(|_| "it cannot be decompressed".to_owned())?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_header_tells_the_kind() {
        for (header, kind) in [
            (None, Some(Compression::None)),
            (Some("Identity"), Some(Compression::None)),
            (Some("x-gzip"), Some(Compression::Gzip)),
            (Some("deflate"), Some(Compression::Deflate)),
            (Some("br"), None),
            (Some("zstd"), None),
            (Some("gzip, gzip"), None),
        ] {
            assert_eq!(Compression::of(header), kind, "{header:?}");
        }
    }

    #[test]
    fn a_bomb_is_cut_off() {
        let bomb = gzip(&vec![b' '; MAX_BYTES + 1]);
        assert!(bomb.len() < 20_000);
        assert!(Compression::Gzip.plain(&bomb).unwrap_err().contains("more than"));
        assert_eq!(Compression::Gzip.plain(&gzip(&vec![b' '; MAX_BYTES])).unwrap().len(), MAX_BYTES);
        assert!(Compression::Gzip.plain(b"{\"a\":1}").unwrap_err().contains("cannot"));
    }

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let packed = gzip(&body);
            prop_assert_eq!(&Compression::Gzip.plain(&packed).unwrap()[..], &body[..]);
            let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&body).unwrap();
            let packed = encoder.finish().unwrap();
            prop_assert_eq!(&Compression::Deflate.plain(&packed).unwrap()[..], &body[..]);
            let _ = Compression::Gzip.plain(&body);
            let _ = Compression::Deflate.plain(&body);
        }
    }
}
