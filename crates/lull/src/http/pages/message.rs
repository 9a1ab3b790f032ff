//! A page that says one thing: not found, not allowed, failed, a link that expired.

use askama::Template;

use super::layout::Theme;

#[derive(Debug, Clone, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    pub theme: Theme,
    pub asset_version: String,
    /// The HTTP status, shown small; 0 shows none.
    pub code: u16,
    pub title: String,
    /// What happened, and what the person can do about it.
    pub text: String,
    pub action_label: String,
    pub action_href: String,
}

impl MessagePage {
    /// The page for a refused or failed request, with the way back to the inbox.
    pub fn for_status(code: u16, theme: Theme, asset_version: impl Into<String>) -> Self {
        let (title, text) = match code {
            403 => {
                ("You may not do this", "Your role does not allow it. An owner of the workspace can change your role.")
            }
            404 => ("There is nothing here", "The address may be mistyped, or what it named is not visible to you."),
            409 => (
                "Somebody else was faster",
                "What you saw has changed since. Go back, look at it again, and repeat what still applies.",
            ),
            503 => (
                "Lull cannot save right now",
                "Nothing was lost that was confirmed. Go back and try again in a moment; what you typed is still there.",
            ),
            _ => (
                "Something failed",
                "It is written to the log of the server. Go back and try again; if it stays, tell whoever runs this desk.",
            ),
        };
        Self {
            theme,
            asset_version: asset_version.into(),
            code,
            title: title.to_owned(),
            text: text.to_owned(),
            action_label: "Go to the inbox".to_owned(),
            action_href: "/inbox".to_owned(),
        }
    }

    /// The page for a one-time sign-in link that was used or is too old.
    pub fn link_expired(theme: Theme, asset_version: impl Into<String>) -> Self {
        Self {
            code: 0,
            title: "This link no longer works".to_owned(),
            text: "A sign-in link works once and for a short time. Ask for a new one, or sign in with your password."
                .to_owned(),
            action_label: "Sign in".to_owned(),
            action_href: "/sign-in".to_owned(),
            ..Self::for_status(404, theme, asset_version)
        }
    }
}
