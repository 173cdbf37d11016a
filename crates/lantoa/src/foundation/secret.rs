//! The installation's own key. From it come the keyed hashes under which people and households
//! are counted: the numbers themselves are never stored (promise 5), and the hash is worthless
//! without this key. It lies in the data folder, readable by its owner only, and in every backup.

use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// 32 bytes that never leave the data folder.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Reads the key of a data folder, making it on the first start.
    pub fn of_folder(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join("secret.key");
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let mut key = [0u8; 32];
                hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
                    std::io::Error::other(format!(
                        "{} must hold 64 hexadecimal digits",
                        path.display()
                    ))
                })?;
                Ok(Self(key))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let secret = Self(random());
                write_private(&path, &hex::encode(secret.0))?;
                Ok(secret)
            }
            Err(e) => Err(e),
        }
    }

    /// A key known beforehand, for a reproducible demo or test.
    pub fn fixed(seed: &str) -> Self {
        Self(Sha256::digest(seed.as_bytes()).into())
    }

    /// The keyed hash (HMAC-SHA-256, RFC 2104, cut to 16 bytes) of `text` for one `purpose`.
    pub fn keyed_hash(&self, purpose: &str, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .expect("because HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()[..16].to_vec()
    }
}

/// 32 bytes from the operating system.
pub fn random() -> [u8; 32] {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("because every supported system has a random source");
    bytes
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}
