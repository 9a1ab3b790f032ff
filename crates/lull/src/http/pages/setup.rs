//! The first run: the page that makes the owner, and the one that says what to do next.

use askama::Template;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon};

/// The form of a fresh desk, as it was typed.
#[derive(Debug, Clone, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    pub theme: Theme,
    pub asset_version: String,
    /// The right code came with the address.
    pub has_code: bool,
    pub code: String,
    pub workspace: String,
    pub name: String,
    pub email: String,
    pub time_zone: String,
    /// Every zone there is.
    pub zones: Vec<String>,
    pub queue: String,
    pub channel: String,
    pub networks: Vec<Choice>,
    /// Field and what is wrong with it.
    pub errors: Vec<(String, String)>,
}

impl SetupPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(of, _)| of == field).map(|(_, error)| error.as_str())
    }

    /// Name, label, type, autocomplete, hint and value of the fields of one line.
    fn fields(&self) -> [(&'static str, &'static str, &'static str, &'static str, &'static str, &str); 4] {
        [
            ("workspace", "Workspace", "text", "organization", "Your team or company", &self.workspace),
            ("name", "Your name", "text", "name", "", &self.name),
            ("email", "Your e-mail", "email", "username", "You sign in with it", &self.email),
            ("password", "Password", "password", "new-password", "At least 8 characters", ""),
        ]
    }
}

/// What to do next at a desk that has just been set up.
#[derive(Debug, Clone, Template)]
#[template(path = "welcome.html")]
pub struct WelcomePage {
    pub layout: Layout,
    pub channel: String,
    /// The channel's id, for the example.
    pub channel_id: String,
    pub cases: String,
    pub most_mib: usize,
    pub import_error: Option<String>,
    /// Lines that were refused, each with its reason.
    pub refused: Vec<String>,
    pub imported: Option<String>,
}
