//! The one module that draws random bytes: secrets, and what tells processes apart.
#![allow(clippy::disallowed_methods, reason = "this is the module the lint sends everybody to")]

use domain::audit::hex;
use sha2::{Digest, Sha256};

/// A secret a person or program holds. Only its hash is stored.
pub struct Secret(String);

impl Secret {
    /// 160 random bits behind a prefix that tells what leaked, should it leak.
    pub fn new(prefix: &str) -> Secret {
        let mut bytes = [0; 20];
        fill(&mut bytes);
        Secret(format!("{prefix}_{}", hex(&bytes)))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// The stored form of a secret. It has enough random bits of its own to need no salt.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// A node number for a process beside the server, never the server's own 0.
pub fn side_node() -> u8 {
    let mut byte = [0];
    fill(&mut byte);
    1 + byte[0] % (domain::id::NODES - 1)
}

/// Salt for a password.
pub fn salt() -> [u8; 16] {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes
}

/// A new Ed25519 key in PKCS#8.
pub fn ed25519_pkcs8() -> Vec<u8> {
    let made = ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new());
    made.expect("the operating system gives random bytes").as_ref().to_vec()
}

fn fill(bytes: &mut [u8]) {
    // Without random bytes no secret is one: better not to run at all.
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
