//! The list of settings pages that stands beside each of them.
//!
//! A settings page hangs itself in by a line of [`PAGES`] and a template that extends `settings_frame.html`.

use domain::permission::Permission;

/// Title, and pages of the group with who may see them; the order is that of the list.
type Group = (&'static str, &'static [(&'static str, &'static str, Permission)]);

/// Every settings page there is.
const PAGES: &[Group] = &[
    (
        "Cases",
        &[
            ("/settings/cases", "Case lifecycle", Permission::Read),
            ("/settings/queue-rules", "Rules of queues", Permission::Read),
            ("/settings/runs", "Run log", Permission::Read),
            ("/settings/tags", "Tags", Permission::ManageTeam),
            ("/settings/canned", "Canned replies", Permission::WorkCases),
        ],
    ),
    (
        "Team",
        &[
            ("/settings/members", "Members", Permission::Read),
            ("/settings/queues", "Queues", Permission::Read),
            ("/settings/channels", "Channels", Permission::ManageTeam),
        ],
    ),
    (
        "Desk",
        &[
            ("/settings/workspace", "Workspace", Permission::ManageWorkspace),
            ("/settings/tokens", "Tokens", Permission::ManageTokens),
        ],
    ),
    (
        "You",
        &[
            ("/settings/notifications", "Notifications", Permission::Read),
            ("/settings/password", "Password", Permission::Read),
        ],
    ),
];

/// A group of pages under its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    pub title: &'static str,
    pub pages: Vec<Entry>,
}

/// One settings page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub address: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// The pages a person may see, with the one at `here` marked.
pub fn shelves(here: &str, allows: impl Fn(Permission) -> bool) -> Vec<Shelf> {
    let path = here.split(['?', '#']).next().unwrap_or("");
    let is_current =
        |address: &str| path == address || path.strip_prefix(address).is_some_and(|rest| rest.starts_with('/'));
    let shelf = |(title, pages): &Group| {
        let seen = pages.iter().filter(|(_, _, needs)| allows(*needs));
        let entry = |(address, label, _): &(&'static str, &'static str, Permission)| Entry {
            address,
            label,
            current: is_current(address),
        };
        Shelf { title, pages: seen.map(entry).collect() }
    };
    PAGES.iter().map(shelf).filter(|shelf| !shelf.pages.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::permission::Role;

    #[test]
    fn the_page_one_is_on_is_marked_with_all_below_it_and_no_other() {
        let current = |here: &str| -> Vec<&str> {
            let shelves = shelves(here, |_| true);
            shelves.iter().flat_map(|shelf| &shelf.pages).filter(|page| page.current).map(|page| page.address).collect()
        };
        assert_eq!(current("/settings/cases?x=1"), ["/settings/cases"]);
        assert_eq!(current("/settings/cases/advice"), ["/settings/cases"]);
        assert!(current("/settings/casesque").is_empty());
    }

    #[test]
    fn nobody_is_led_to_a_page_they_may_not_see_and_no_group_is_empty() {
        for role in Role::ALL {
            for shelf in shelves("/settings", |permission| role.allows(permission)) {
                assert!(!shelf.pages.is_empty(), "{} for {role:?}", shelf.title);
            }
        }
        let shown = |role: Role| -> usize {
            shelves("/", |permission| role.allows(permission)).iter().map(|shelf| shelf.pages.len()).sum()
        };
        assert!(shown(Role::Viewer) <= shown(Role::Owner));
    }
}
