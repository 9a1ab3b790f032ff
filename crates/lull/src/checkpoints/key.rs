//! The key that signs checkpoints (Ed25519), and the public half that checks them.

use domain::audit::hex;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

const PUBLIC_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;
/// Hex digits that tell keys apart for people.
const ID_DIGITS: usize = 16;
/// A key file is a hundred bytes; what is larger is none.
const FILE_BYTES: usize = 4_096;

/// The private key. It is never shown.
pub struct Key(Ed25519KeyPair);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.public().id())
    }
}

impl Key {
    /// Makes a key and writes it to a file that does not exist yet and that only its owner may read.
    pub fn generate(file: &Path) -> Result<Key, String> {
        let pkcs8 = crate::random::ed25519_pkcs8();
        let failed = |e: std::io::Error| format!("cannot write {}: {e}", file.display());
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut made = options.open(file).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                format!("{} exists already: a key is never overwritten", file.display())
            }
            _ => failed(e),
        })?;
        made.write_all(&pkcs8).and_then(|()| made.sync_all()).map_err(failed)?;
        Key::of(&pkcs8).ok_or_else(|| "the key that was made is none".to_owned())
    }

    /// Reads a private key in PKCS#8, as `lull audit keygen` writes it.
    pub fn read(file: &Path) -> Result<Key, String> {
        let bytes = std::fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
        let key = Some(bytes).filter(|bytes| bytes.len() <= FILE_BYTES).and_then(|bytes| Key::of(&bytes));
        let key = key.ok_or_else(|| {
            format!("{} is no Ed25519 key in PKCS#8 (DER): make one with `lull audit keygen FILE`", file.display())
        })?;
        warn_if_open(file);
        Ok(key)
    }

    fn of(pkcs8: &[u8]) -> Option<Key> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok().map(Key)
    }

    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; PUBLIC_BYTES];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// The signature in hex.
    pub fn sign(&self, text: &str) -> String {
        hex(self.0.sign(text.as_bytes()).as_ref())
    }
}

#[cfg(unix)]
fn warn_if_open(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).map_or(0, |found| found.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(file = %file.display(), "others may read the key that signs checkpoints: `chmod 600` it");
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Path) {}

/// What checks signatures; it may be known to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; PUBLIC_BYTES]);

impl PublicKey {
    /// 64 hex digits, or a file that holds them.
    pub fn read(given: &str) -> Result<PublicKey, String> {
        if let Some(key) = PublicKey::parse(given) {
            return Ok(key);
        }
        let text = std::fs::read_to_string(given)
            .map_err(|e| format!("{given} is neither a public key (64 hex digits) nor a file with one: {e}"))?;
        PublicKey::parse(&text).ok_or_else(|| format!("{given} holds no public key: that is 64 hex digits"))
    }

    pub fn parse(text: &str) -> Option<PublicKey> {
        domain::audit::hash_from_hex(text.trim()).map(PublicKey)
    }

    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// Short enough to compare by eye.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0))[..ID_DIGITS].to_owned()
    }

    pub fn signed(&self, text: &str, signature: &str) -> bool {
        let signature = bytes(signature).filter(|bytes| bytes.len() == SIGNATURE_BYTES);
        signature.is_some_and(|bytes| UnparsedPublicKey::new(&ED25519, self.0).verify(text.as_bytes(), &bytes).is_ok())
    }
}

/// Lower-case hex read back.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let (head, tail) = text.split_at_checked(64)?;
    Some([domain::audit::hash_from_hex(head)?, domain::audit::hash_from_hex(tail)?].concat())
}
