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
    /// The page for a problem; `plan_required` and `cross_site` are refusals that no role would change.
    pub fn for_problem(code: u16, problem: &str, theme: Theme, asset_version: impl Into<String>) -> Self {
        let page = Self::for_status(code, theme, asset_version);
        let (title, text) = match problem {
            "plan_required" => (
                "The plan does not include this",
                "It needs the plan Advanced or Enterprise. An owner of the workspace can change the plan.",
            ),
            "cross_site" => (
                "This came from another site",
                "A page of another site sent this form with your sign-in, so nothing was done. If you meant it, do it here.",
            ),
            _ => return page,
        };
        Self { title: title.to_owned(), text: text.to_owned(), ..page }
    }

    /// The page for a refused or failed request, with the way back to the inbox.
    pub fn for_status(code: u16, theme: Theme, asset_version: impl Into<String>) -> Self {
        let (title, text) = match code {
            403 => {
                ("You may not do this", "Your role does not allow it. An owner of the workspace can change your role.")
            }
            400 | 415 | 422 => (
                "This form could not be read",
                "Something in it is missing or not what this desk expects. Go back, reload the page, and try again.",
            ),
            404 => ("There is nothing here", "The address may be mistyped, or what it named is not visible to you."),
            409 => (
                "Somebody else was faster",
                "What you saw has changed since. Go back, look at it again, and repeat what still applies.",
            ),
            405 => ("This address only takes forms", "Open the page the form stands on, and send it from there."),
            413 => (
                "This is too long",
                "A form can have at most 1 MiB. Go back and shorten it; what you typed is still there.",
            ),
            429 => ("Too many tries", "Wait a minute, then try again."),
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
