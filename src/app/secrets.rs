//! From `env:NAME` and `file:PATH` to the secret itself.

use std::sync::Arc;

use crate::diagnostic::Sentence;
use crate::event::{Secret, SecretRef};

/// Where secrets come from: this machine's, or the demo's own.
pub type Secrets = Arc<dyn Fn(&SecretRef) -> Result<Secret, Sentence> + Send + Sync>;

/// The environment and the files of this machine.
pub fn of_this_machine() -> Secrets {
    Arc::new(resolve)
}

/// Larger files are not secrets.
const MAX_BYTES: u64 = 64 * 1024;

/// Err: one sentence that names the place and not the content.
fn resolve(reference: &SecretRef) -> Result<Secret, Sentence> {
    let bytes = match reference {
        SecretRef::Env(name) => std::env::var_os(name)
            .ok_or_else(|| say!("the environment variable `{}` is not set", name))?
            .into_encoded_bytes(),
        SecretRef::File(path) => {
            let shown = path.display();
            let size = std::fs::metadata(path)
                .map_err(|why| say!("the file `{}` cannot be read: {}", shown, why))?
                .len();
            if size > MAX_BYTES {
                return Err(say!(
                    "the file `{}` has {} bytes; a secret has at most {}",
                    shown,
                    size,
                    MAX_BYTES
                ));
            }
            let mut bytes =
                std::fs::read(path).map_err(|why| say!("the file `{}` cannot be read: {}", shown, why))?;
            // Editors and `echo` end a file with a line break that nobody typed.
            let kept = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let kept = kept.strip_suffix(b"\r").unwrap_or(kept).len();
            bytes.truncate(kept);
            bytes
        }
        SecretRef::Captured => return Err(say!("`captured` is handed over by a sender")),
    };
    if bytes.is_empty() {
        return Err(say!("`{}` is empty", reference));
    }
    Ok(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_loses_its_last_line_break_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for (content, secret) in
            [("abc\n", "abc"), ("abc\r\n", "abc"), ("a b \n\n", "a b \n"), ("abc", "abc")]
        {
            let path = folder.path().join("secret");
            std::fs::write(&path, content).unwrap();
            assert_eq!(resolve(&SecretRef::File(path)).unwrap().expose(), secret.as_bytes());
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        let unset = resolve(&SecretRef::Env("GANCHO_TEST_NOT_SET".into())).unwrap_err();
        assert_eq!(unset.english(), "the environment variable `GANCHO_TEST_NOT_SET` is not set");
        assert!(
            resolve(&SecretRef::File("/no/such/file".into()))
                .unwrap_err()
                .english()
                .contains("/no/such/file")
        );
    }
}
