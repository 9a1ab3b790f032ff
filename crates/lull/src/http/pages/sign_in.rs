//! The sign-in page.

use askama::Template;

use super::layout::Theme;
use super::parts::Icon;

#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub theme: Theme,
    pub asset_version: String,
    /// What was typed before, so that only the password is typed again.
    pub email: String,
    /// Why the last try failed; never says which of the two fields was wrong.
    pub error: Option<String>,
    /// The local address to go to afterwards; empty means the inbox.
    pub next: String,
    /// What was typed into a case after the session had ended.
    pub typed: Option<Typed>,
}

/// A text that waits for its author to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    pub number: i64,
    /// `reply` or `note`.
    pub kind: &'static str,
    pub text: String,
    /// Too long to be kept: it can only be copied.
    pub too_long: bool,
}

impl Typed {
    fn what(&self) -> &'static str {
        if self.kind == "note" { "internal note" } else { "reply" }
    }
}

/// The page behind a one-time link: its one button signs in, with a password for the next time if one is chosen.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in_link.html")]
pub struct LinkPage {
    pub theme: Theme,
    pub asset_version: String,
    /// The secret part of the address the button posts to.
    pub link: String,
    /// Who is signed in on this browser already.
    pub signed_in_as: Option<String>,
    /// What is wrong with the password.
    pub error: Option<String>,
}
