//! Settings → Team: members and queues.

use super::layout::{Availability, Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon};
use askama::Template;

/// What is wrong with one field of a form, if anything is.
pub type Fault = Option<String>;

#[derive(Debug, Clone, Template)]
#[template(path = "settings_members.html")]
pub struct MembersPage {
    pub layout: Layout,
    /// Whether this person may change members.
    pub edits: bool,
    pub members: Vec<MemberRow>,
}

#[derive(Debug, Clone)]
pub struct MemberRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    /// `3 of 10`, or `3` without a limit.
    pub load: String,
    pub auto_assign: bool,
    pub active: bool,
    pub availability: Availability,
    /// Of whom this page is for.
    pub me: bool,
}

/// A member's form: a new one, or one to change.
#[derive(Debug, Clone, Template)]
#[template(path = "settings_member.html")]
pub struct MemberPage {
    pub layout: Layout,
    /// `None`: to be added.
    pub id: Option<String>,
    /// As stored; the heading.
    pub known_as: String,
    /// Whether this person may change this member: nobody changes somebody above them.
    pub edits: bool,
    pub form: MemberForm,
    /// The open cases that are theirs: `3 open cases`.
    pub cases: Option<String>,
    /// The link that was just made, whole.
    pub link: Option<String>,
}

/// As typed; what was refused comes back unchanged.
#[derive(Debug, Clone, Default)]
pub struct MemberForm {
    pub name: String,
    pub email: String,
    pub roles: Vec<Choice>,
    pub capacity: String,
    pub auto_assign: bool,
    pub active: bool,
    /// What the form was filled from: only what differs is changed, so that two people do not undo each other.
    pub was: Vec<(&'static str, String)>,
    pub name_fault: Fault,
    pub email_fault: Fault,
    pub role_fault: Fault,
    pub capacity_fault: Fault,
}

#[derive(Debug, Clone, Template)]
#[template(path = "settings_queues.html")]
pub struct QueuesPage {
    pub layout: Layout,
    pub edits: bool,
    pub queues: Vec<QueueRow>,
}

#[derive(Debug, Clone)]
pub struct QueueRow {
    pub id: String,
    pub name: String,
    pub assignment: &'static str,
    pub members: Vec<String>,
    /// How many members are online, of those who take part.
    pub online: usize,
    pub last: Option<String>,
    pub automatic: bool,
}

#[derive(Debug, Clone, Template)]
#[template(path = "settings_queue.html")]
pub struct QueuePage {
    pub layout: Layout,
    pub id: Option<String>,
    pub known_as: String,
    pub edits: bool,
    pub form: QueueForm,
}

#[derive(Debug, Clone, Default)]
pub struct QueueForm {
    pub name: String,
    /// Value, title, what it does, whether it is chosen.
    pub rules: Vec<Rule>,
    pub members: Vec<Choice>,
    /// A fingerprint of what the form was filled from: one gone stale is refused, and nothing of it is lost.
    pub was: String,
    /// Somebody changed the queue meanwhile.
    pub stale: Fault,
    pub name_fault: Fault,
    pub assignment_fault: Fault,
    pub members_fault: Fault,
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub value: &'static str,
    pub title: &'static str,
    pub hint: &'static str,
    pub chosen: bool,
}
