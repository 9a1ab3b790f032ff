//! `/v1/customers`: customers with their cases.

use super::super::answer::{read, show};
use super::super::fields::short;
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Query, Segment};
use super::super::shapes::CustomerBody;
use crate::desk::Desk;
use axum::extract::State;
use axum::response::Response;
use domain::id::{CustomerId, WorkspaceId};
use domain::message::NAME_CHARS;
use store::customers::Customer;
use store::{Fault, Tx, case_list, cases, customers};

/// Cases shown with a customer, newest first.
const CASES: i64 = 100;

async fn with_cases(tx: &mut Tx, ws: WorkspaceId, customer: Customer) -> Result<(Customer, Vec<i64>), Fault> {
    let cases = cases::of_customer(tx, ws, customer.id, CASES).await?;
    Ok((customer, cases.iter().map(|case| case.number).collect()))
}

/// List customers
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(
    ("q" = Option<String>, Query, description = "Part of a name, handle or external id"),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<CustomerBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "customers");
    let pattern = query.read("q", short(NAME_CHARS)).map(|q| case_list::containing(&q));
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(CustomerId), page.fetch());
    let rows = read(&desk, move |tx| {
        Box::pin(async move {
            let mut rows = Vec::new();
            for customer in customers::list(tx, ws, pattern.as_deref(), after, fetch).await? {
                rows.push(with_cases(tx, ws, customer).await?);
            }
            Ok(rows)
        })
    })
    .await?;
    let position = |row: &(Customer, Vec<i64>)| vec![Some(row.0.id.0)];
    Ok(show(&page.finish(rows, position, |(customer, cases)| CustomerBody::new(customer, cases))))
}

/// Read a customer
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = String, Path)),
    responses((status = 200, body = CustomerBody), (status = 404, body = Problem)))]
pub async fn show_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let id = CustomerId::parse(&id).ok_or_else(Problem::not_found)?;
    let ws = auth.workspace;
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            match customers::get(tx, ws, id).await? {
                Some(customer) => with_cases(tx, ws, customer).await.map(Some),
                None => Ok(None),
            }
        })
    });
    let (customer, cases) = found.await?.ok_or_else(Problem::not_found)?;
    Ok(show(&CustomerBody::new(customer, cases)))
}
