//! A case as it is shown: its row with what stands beside it, read in the same transaction.

use domain::id::{CaseId, WorkspaceId};
use domain::lifecycle::closes_at;
use domain::policy::CloseRule;
use domain::time::Timestamp;
use store::case_list::Listed;
use store::cases::{self, Case};
use store::closures::{self, Closure};
use store::customers::{self, Customer};
use store::policies::{self, InForce};
use store::{Fault, Tx};

#[derive(Debug, Clone)]
pub struct CaseView {
    pub case: Case,
    pub customer_name: Option<String>,
    pub customer_handle: Option<String>,
    pub closes_at: Option<Timestamp>,
    /// The closure of the period that is closed now.
    pub closure: Option<Closure>,
    pub follow_ups: Vec<i64>,
}

/// The view of a case whose customer and rule are at hand.
pub async fn case(tx: &mut Tx, case: Case, customer: &Customer, rule: CloseRule) -> Result<CaseView, Fault> {
    let listed = Listed {
        closes_at: closes_at(case.facts(), rule),
        case,
        customer_name: customer.name.clone(),
        customer_handle: customer.handle.clone(),
    };
    of_listed(tx, listed).await
}

/// The view of a case that was just made: nothing followed it yet.
pub fn new_case(case: Case, customer: &Customer, rule: CloseRule) -> CaseView {
    CaseView {
        closes_at: closes_at(case.facts(), rule),
        case,
        customer_name: customer.name.clone(),
        customer_handle: customer.handle.clone(),
        closure: None,
        follow_ups: Vec::new(),
    }
}

/// The view of a row of a list.
pub async fn of_listed(tx: &mut Tx, listed: Listed) -> Result<CaseView, Fault> {
    let Listed { case, customer_name, customer_handle, closes_at } = listed;
    let closure = match case.closed_at {
        Some(_) => closures::get(tx, case.workspace, case.id, case.reopen_count).await?,
        None => None,
    };
    let follow_ups = cases::follow_ups(tx, case.workspace, case.number).await?;
    Ok(CaseView { case, customer_name, customer_handle, closes_at, closure, follow_ups })
}

/// The view of a case, with everything read here.
pub async fn of_case(tx: &mut Tx, row: Case) -> Result<CaseView, Fault> {
    let rule = in_force(tx, &row).await?.effective.close;
    let Some(customer) = customers::get(tx, row.workspace, row.customer).await? else {
        return Err(Fault::Broken(format!("case {} has no customer", row.number)));
    };
    case(tx, row, &customer, rule).await
}

pub async fn case_by_id(tx: &mut Tx, ws: WorkspaceId, id: CaseId) -> Result<Option<CaseView>, Fault> {
    match cases::get(tx, ws, id).await? {
        Some(row) => of_case(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// What holds for a case now.
pub async fn in_force(tx: &mut Tx, case: &Case) -> Result<InForce, Fault> {
    policies::in_force(tx, case.workspace, case.queue).await
}
