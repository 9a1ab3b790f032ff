//! The rows of a list: each case with what stands beside it, read by sets.

use super::super::format::listed;
use super::super::inbox::{Closes, Row, Spoke, Waiting};
use super::attend::is_here;
use super::inbox_address::{Order, SOON};
use super::moments::Moments;
use super::preview::{LOOKED_AT, preview};
use super::words::{self, Names};
use crate::acts::attend::NEWS_LAST;
use domain::case::{Status, WaitingOn};
use domain::closure::ClosingReason;
use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::lifecycle::{Next, WhyNot, next};
use domain::message::Direction;
use domain::permission::Plan;
use domain::policy::CloseRule;
use domain::time::{Span, Timestamp};
use std::collections::{HashMap, HashSet};
use store::case_list::Listed;
use store::cases::Case;
use store::messages::{self, Latest};
use store::policies::{self, Stored};
use store::presence::{self, Here};
use store::{Fault, Tx, closures, seen};

/// Whose list it is.
#[derive(Clone, Copy)]
pub struct Asker {
    pub ws: WorkspaceId,
    pub plan: Plan,
    pub me: AgentId,
    /// As of who is here.
    pub real_time: Option<Timestamp>,
}

/// What the rows of one page need beside the cases.
pub struct Beside {
    latest: HashMap<CaseId, Latest>,
    drafted: HashSet<CaseId>,
    /// Cases with something new for the reader, and whether they ever looked at them.
    news: HashMap<CaseId, bool>,
    others: HashMap<CaseId, Vec<Here>>,
    reasons: HashMap<CaseId, (ClosingReason, Option<AgentId>)>,
    policies: Vec<Stored>,
    plan: Plan,
}

impl Beside {
    pub async fn read(tx: &mut Tx, asker: Asker, rows: &[Listed]) -> Result<Beside, Fault> {
        let Asker { ws, plan, me, real_time } = asker;
        let ids: Vec<i64> = rows.iter().map(|row| row.case.id.0).collect();
        let closed = rows.iter().map(|row| &row.case).filter(|case| case.closed_at.is_some());
        let periods: Vec<[i64; 2]> = closed.map(|case| [case.id.0, case.reopen_count]).collect();
        let latest = messages::latest_of(tx, ws, &json(&ids), LOOKED_AT).await?;
        let reasons = closures::reasons_of(tx, ws, &json(&periods)).await?;
        let drafted = messages::drafted(tx, ws, &json(&ids), me).await?.into_iter().collect();
        let news = seen::news(tx, ws, &json(&ids), me, tx.now().minus(NEWS_LAST)).await?;
        let here = presence::others(tx, ws, &json(&ids), me, real_time.unwrap_or(tx.now())).await?;
        let mut others: HashMap<CaseId, Vec<Here>> = HashMap::new();
        for one in here {
            others.entry(one.case).or_default().push(one);
        }
        Ok(Beside {
            drafted,
            others,
            news: news.into_iter().map(|news| (news.case, news.looked)).collect(),
            latest: latest.into_iter().map(|latest| (latest.case, latest)).collect(),
            reasons: reasons.into_iter().map(|(case, reason, by)| (case, (reason, by))).collect(),
            policies: policies::all(tx, ws).await?,
            plan,
        })
    }
}

fn json(numbers: &impl serde::Serialize) -> String {
    serde_json::to_string(numbers).unwrap_or_else(|_| "[]".to_owned())
}

/// Who looks at the rows, and how.
pub struct Eyes<'a> {
    pub me: AgentId,
    pub names: &'a Names,
    pub moments: &'a Moments,
    pub order: Order,
}

impl Eyes<'_> {
    pub fn row(&self, listed: &Listed, beside: &Beside) -> Row {
        let case = &listed.case;
        let latest = beside.latest.get(&case.id);
        let (time_label, time) = self.sorted_by(case, listed.closes_at);
        Row {
            number: case.number.unsigned_abs(),
            draft: beside.drafted.contains(&case.id),
            unread: self.unread(case, beside),
            company: self.company(case, beside),
            customer: words::customer(listed.customer_name.as_deref(), listed.customer_handle.as_deref()),
            title: case.title.clone(),
            preview: latest.map(|latest| preview(&latest.text)).unwrap_or_default(),
            spoke: self.spoke(latest),
            waiting: self.waiting(case),
            assignee: case.assignee.map(|agent| self.names.agent(agent).to_owned()),
            assigned_to_me: case.assignee == Some(self.me),
            queue: self.names.queue(case.queue).to_owned(),
            status: words::status(case.status),
            network: words::network(case.network).to_owned(),
            priority: words::priority(case.priority),
            tags: case.tags.clone(),
            closes: self.closes(case, beside),
            time_label: time_label.to_owned(),
            time: self.moments.at(time),
        }
    }

    /// What one never looked at is news only where it may be one's own to do: nobody has it, or oneself.
    fn unread(&self, case: &Case, beside: &Beside) -> bool {
        let concerns_me = !case.status.is_closed() && case.assignee.is_none_or(|agent| agent == self.me);
        beside.news.get(&case.id).is_some_and(|looked| *looked || concerns_me)
    }

    /// Who writes is worth more than who only looks.
    fn company(&self, case: &Case, beside: &Beside) -> Option<String> {
        let others = beside.others.get(&case.id)?;
        let names = |typing: bool| -> Vec<String> {
            let meant = others.iter().filter(|here| here.typing.is_some() == typing);
            meant.map(|here| self.names.agent(here.agent).to_owned()).collect()
        };
        match names(true).as_slice() {
            [] => is_here(&names(false)),
            [one] => Some(format!("{one} is writing")),
            several => Some(format!("{} are writing", listed(several))),
        }
    }

    fn sorted_by(&self, case: &Case, closes_at: Option<Timestamp>) -> (&'static str, Timestamp) {
        match (self.order, closes_at) {
            (Order::Newest, _) => ("Created", case.created_at),
            (Order::ClosesFirst, Some(at)) => ("Closes", at),
            _ => ("Last activity", case.last_activity_at),
        }
    }

    fn spoke(&self, latest: Option<&Latest>) -> Spoke {
        match latest {
            None => Spoke::Nobody,
            Some(Latest { direction: Direction::Inbound, automatic: true, .. }) => Spoke::CustomerMachine,
            Some(Latest { direction: Direction::Inbound, .. }) => Spoke::Customer,
            Some(Latest { author: Some(agent), .. }) if *agent == self.me => Spoke::You,
            Some(Latest { author: Some(agent), .. }) => Spoke::Agent(self.names.agent(*agent).to_owned()),
            Some(_) => Spoke::Us,
        }
    }

    fn waiting(&self, case: &Case) -> Waiting {
        let length = case.waiting_since.map(|since| self.moments.since(since)).unwrap_or_default();
        // Nobody waits on a closed case, whatever it was closed in the middle of.
        match case.waiting_on.filter(|_| !case.status.is_closed()) {
            None => Waiting::Nobody,
            Some(WaitingOn::Us) => Waiting::OnUs(length),
            Some(WaitingOn::Customer) => Waiting::OnCustomer(length),
        }
    }

    fn closes(&self, case: &Case, beside: &Beside) -> Closes {
        if let (Status::Closed, Some(at)) = (case.status, case.closed_at) {
            let how = match beside.reasons.get(&case.id) {
                Some((ClosingReason::Inactivity, _)) => "by inactivity".to_owned(),
                Some((_, Some(agent))) if *agent == self.me => "by you".to_owned(),
                Some((_, Some(agent))) => format!("by {}", self.names.agent(*agent)),
                Some((ClosingReason::Api, None)) => "through the API".to_owned(),
                Some((ClosingReason::Manual, None)) | None => "by hand".to_owned(),
            };
            return Closes::Closed { moment: self.moments.at(at), how };
        }
        let rule = policies::resolve(beside.plan, &beside.policies, case.queue).effective.close;
        closes(case, rule, self.moments)
    }
}

/// When a case that is not closed closes by itself, or why it will not.
pub fn closes(case: &Case, rule: CloseRule, moments: &Moments) -> Closes {
    let at = match next(case.facts(), rule, moments.now) {
        Next::Waits { until } => until,
        // The next run of the engine closes it, which is not yet.
        Next::Due { .. } => moments.now.plus(Span::millis(1)),
        Next::NotCovered(why) => return Closes::WillNot { reason: why_not(why).to_owned() },
    };
    Closes::At { moment: moments.at(at), soon: at.since(moments.now) <= SOON }
}

pub fn why_not(why: WhyNot) -> &'static str {
    match why {
        WhyNot::AlreadyClosed => "it is closed",
        WhyNot::SwitchedOff => "auto close is off",
        WhyNot::SuspendedByPlan => "the plan suspends auto close",
        WhyNot::StatusNotSelected => "auto close leaves this status alone",
        WhyNot::SilentSinceBefore { .. } => "silent since before auto close was on",
    }
}
