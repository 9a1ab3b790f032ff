//! One's notifications, and which of them one wants.

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Icon, Moment};
use askama::Template;

#[derive(Debug, Clone, Template)]
#[template(path = "notifications.html")]
pub struct NotificationsPage {
    pub layout: Layout,
    pub rows: Vec<Told>,
    /// Only unread ones are listed.
    pub unread_only: bool,
    pub unread: i64,
    /// The newest that is listed: what comes after it is not marked as read with the rest.
    pub newest: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
}

/// One notification.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub icon: Icon,
    /// A sentence without the case.
    pub text: String,
    pub number: i64,
    pub title: String,
    pub at: Moment,
    pub read: bool,
}

#[derive(Debug, Clone, Template)]
#[template(path = "settings_notifications.html")]
pub struct NoticeSettingsPage {
    pub layout: Layout,
    pub kinds: Vec<Kind>,
    /// Where mails go; none if this desk sends none.
    pub address: Option<String>,
}

/// A kind of notification with its two switches.
#[derive(Debug, Clone)]
pub struct Kind {
    pub key: &'static str,
    pub title: &'static str,
    pub hint: &'static str,
    pub in_page: bool,
    pub email: bool,
}
