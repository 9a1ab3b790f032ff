//! The views of the inbox with their counts: the desk's own, each queue, and those that were saved.

use super::super::format::count;
use super::super::inbox::{self as page, ViewGroup};
use super::inbox_address::{Address, View};
use domain::id::{AgentId, WorkspaceId};
use domain::time::Timestamp;
use store::case_list;
use store::queues::Queue;
use store::saved_views::SavedView;
use store::sweep::Partition;
use store::{Fault, Tx};

/// Cases counted for a view of the desk, at most: a larger number says the same.
pub const COUNTED: i64 = 5_000;
/// … and for a queue or a saved view, of which there may be many.
const COUNTED_EACH: i64 = 999;
/// Queues and saved views that stand beside the list; the others are found by the filter, or by their address.
const SHOWN: usize = 20;

/// What is counted at one look, in the order it is shown.
pub struct Counts {
    /// In the order of [`View::ALL`].
    pub own: Vec<i64>,
    queues: Vec<i64>,
    /// `None`: a search is not counted just for a badge.
    saved: Vec<Option<i64>>,
}

/// A queue's inbox.
fn of_queue(queue: &Queue) -> Address {
    Address { queue: Some(queue.id), ..Address::of(View::Open) }
}

fn of_saved(view: &SavedView) -> Address {
    Address { saved: Some(view.id), ..Address::parse(&view.address) }
}

/// Where no rule is in effect nothing closes, and looking through all cases for it would only cost time.
pub fn is_idle(view: View, rules: &[Partition]) -> bool {
    view == View::Closing && rules.is_empty()
}

pub async fn counts(
    tx: &mut Tx,
    ws: WorkspaceId,
    (me, now): (AgentId, Timestamp),
    rules: &[Partition],
    queues: &[Queue],
    saved: &[SavedView],
) -> Result<Counts, Fault> {
    let mut own = Vec::with_capacity(View::ALL.len());
    for view in View::ALL {
        let filter = Address::of(view).filter(me, now);
        let counted = case_list::count(tx, ws, &filter, rules, COUNTED + 1);
        own.push(if is_idle(view, rules) { 0 } else { counted.await? });
    }
    let mut each = Vec::new();
    for queue in queues.iter().take(SHOWN) {
        each.push(case_list::count(tx, ws, &of_queue(queue).filter(me, now), rules, COUNTED_EACH + 1).await?);
    }
    let mut kept = Vec::new();
    for view in saved.iter().take(SHOWN) {
        let address = of_saved(view);
        let filter = address.filter(me, now);
        kept.push(match filter.text {
            Some(_) => None,
            None if is_idle(address.view, rules) => Some(0),
            None => Some(case_list::count(tx, ws, &filter, rules, COUNTED_EACH + 1).await?),
        });
    }
    Ok(Counts { own, queues: each, saved: kept })
}

impl Counts {
    pub fn of(&self, view: View) -> i64 {
        View::ALL.iter().position(|v| *v == view).map_or(0, |at| self.own[at])
    }

    pub fn groups(&self, address: &Address, queues: &[Queue], saved: &[SavedView]) -> Vec<ViewGroup> {
        let here = address.first();
        let is_here = |there: &Address| here.saved.is_none() && here == *there;
        let own = View::ALL.into_iter().zip(&self.own).map(|(view, number)| page::View {
            key: view.key().to_owned(),
            label: view.label().to_owned(),
            url: Address::of(view).under("/inbox"),
            count: words(*number, COUNTED),
            current: is_here(&Address { order: address.order, ..Address::of(view) }),
        });
        let queue = queues.iter().zip(&self.queues).map(|(queue, number)| page::View {
            key: queue.id.to_string(),
            label: queue.name.clone(),
            url: of_queue(queue).under("/inbox"),
            count: words(*number, COUNTED_EACH),
            current: is_here(&Address { order: address.order, ..of_queue(queue) }),
        });
        let kept = saved.iter().zip(&self.saved).map(|(view, number)| page::View {
            key: view.id.to_string(),
            label: view.name.clone(),
            url: of_saved(view).under("/inbox"),
            count: number.map_or_else(String::new, |number| words(number, COUNTED_EACH)),
            current: here.saved == Some(view.id),
        });
        let groups = [("", own.collect()), ("Queues", queue.collect()), ("Saved views", kept.collect::<Vec<_>>())];
        let group = |(label, views): (&'static str, Vec<page::View>)| ViewGroup { label, views };
        groups.into_iter().filter(|(_, views)| !views.is_empty()).map(group).collect()
    }
}

/// `5,000+` from where counting stopped.
pub fn words(number: i64, counted: i64) -> String {
    let shown = count(number.clamp(0, counted).unsigned_abs());
    if number > counted { format!("{shown}+") } else { shown }
}
