//! Who may set up a fresh desk: whoever can read its console.
//!
//! A desk without an owner would belong to the first stranger who finds it. So `serve` prints a code, and the page that makes the
//! owner asks everybody for it: a proxy on this machine may make a stranger's request look like a local one. The code holds
//! for this process and only while there is no owner, which the act itself makes sure of.

use crate::random::{Secret, hash};
use std::sync::OnceLock;

#[derive(Debug, Default)]
pub struct Setup {
    code_hash: OnceLock<String>,
}

impl Setup {
    /// Opens the setup; answers the code.
    pub fn open(&self) -> String {
        let code = Secret::new("setup");
        // A second opening changes nothing: its code would admit nobody.
        let _ = self.code_hash.set(code.hash());
        code.reveal().to_owned()
    }

    /// Whether this process found a desk without an owner.
    pub fn is_open(&self) -> bool {
        self.code_hash.get().is_some()
    }

    pub fn admits(&self, code: &str) -> bool {
        // Hashes are compared, so that the time it takes tells nothing of the code.
        self.code_hash.get().is_some_and(|right| hash(code.trim()) == *right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_brings_the_code_is_admitted_and_nobody_else() {
        let setup = Setup::default();
        let code = setup.open();
        assert!(setup.admits(&code) && setup.admits(&format!(" {code} ")));
        assert!(!setup.admits("") && !setup.admits("setup_wrong"));
        assert!(!setup.admits(&Setup::default().open()), "that of another process");
    }

    #[test]
    fn a_desk_that_had_an_owner_at_its_start_is_not_set_up_at_all() {
        let setup = Setup::default();
        assert!(!setup.is_open() && !setup.admits("") && !setup.admits("setup_any"));
    }
}
