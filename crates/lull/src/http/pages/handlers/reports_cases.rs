//! The cases behind a figure of a report, as many as it says, oldest first.

use super::super::format::seconds;
use super::super::layout::Section;
use super::super::reports::{CaseRow, CasesPage, Tab};
use super::answer::{Answer, Stop};
use super::form::Form;
use super::frame;
use super::reports::{Asked, asked};
use super::reports_figures::{CASES, CLOSED, DEFINITIONS, Definition, OPENED, REOPENED, REPLIED, SETTLED, count_words};
use super::reports_picker::{agent_name, reason, set};
use super::session::Visitor;
use super::words;
use crate::acts::Invalid;
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::reports::read_figure;
use crate::http::problem::Problem;
use crate::reports::{self, Query};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::id::{CaseId, WorkspaceId};
use domain::metrics::{Counts, Phase};
use domain::time::Timestamp;
use store::cases::{self, Case};
use store::customers;
use store::reports::Place;
use store::{Fault, Tx};

/// Rows on a page.
const ROWS: i64 = 50;
/// Of a person who counts pages, not of a program: keeps the arithmetic of the range small.
const PAGES: i64 = 1_000_000;

/// Where in the list a page stands.
struct Page {
    after: Option<Place>,
    /// Counted from 1.
    number: i64,
}

impl Page {
    fn parse(form: &Form) -> Page {
        let mut numbers = form.line("cursor").split('.').map(|part| part.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let after = match (next(), next(), next()) {
            (Some(at), Some(case), Some(place)) => Some((Timestamp::from_micros(at), CaseId(case), place)),
            _ => None,
        };
        let number = form.number("page").unwrap_or(2).clamp(2, PAGES);
        Page { number: if after.is_some() { number } else { 1 }, after }
    }

    fn cursor((at, case, place): Place) -> String {
        format!("{}.{}.{place}", at.as_micros(), case.0)
    }

    /// `51–100 of 1,203`.
    fn range(&self, rows: usize, total: i64) -> String {
        let from = (self.number - 1) * ROWS + 1;
        let to = from + rows as i64 - 1;
        match total {
            total if rows == 0 || total < to => count_words(rows as i64),
            total if total <= ROWS => count_words(total),
            total => format!("{}–{} of {}", count_words(from), count_words(to), count_words(total)),
        }
    }
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let query = request.uri().query().unwrap_or("");
    let form = Form::parse(query);
    let invalid = |code, message| Stop::Problem(Problem::invalid(vec![Invalid::new("figure", code, message)]));
    let figure = read_figure(form.line("figure")).map_err(|(code, message)| invalid(code, message))?;
    let definition = DEFINITIONS.into_iter().find(|one| one.key == form.line("figure")).unwrap_or(OPENED);
    let asked = asked(&desk, &visitor, query).await?;
    let range = asked
        .range
        .clone()
        .map_err(|error| Stop::Problem(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error)))?;
    let (ws, period, page) = (visitor.auth.workspace, asked.period(range), Page::parse(&form));
    let only = asked.address.only.clone();
    let whole = Query { period, group_by: None, bucket: None, selection: only.clone() };
    let total = reports::read(&desk, ws, whole).await.map_err(Problem::from)?.totals;
    let mut found =
        reports::behind(&desk, ws, figure, period, only, page.after, ROWS + 1).await.map_err(Problem::from)?;
    let more = found.len() as i64 > ROWS;
    found.truncate(ROWS as usize);
    let last = found.last().map(|(place, _)| *place).filter(|_| more);
    let cases = read(&desk, move |tx| Box::pin(async move { with_cases(tx, ws, found).await })).await?;
    let rows: Vec<CaseRow> = cases.iter().map(|row| asked.row(row)).collect();
    let next = |place: Place| {
        let (cursor, number) = (Page::cursor(place), (page.number + 1).to_string());
        asked.address.with(CASES, &[("figure", definition.key), ("cursor", &cursor), ("page", &number)])
    };
    let here = asked.address.with(CASES, &[("figure", definition.key)]);
    let mut filters = set(CASES, &asked.address, &asked.names);
    for filter in &mut filters {
        let mark = if filter.without_url.contains('?') { '&' } else { '?' };
        filter.without_url = format!("{}{mark}figure={}", filter.without_url, definition.key);
    }
    let page = CasesPage {
        layout: frame::layout(&desk, &visitor, &asked.me, Section::Reports, definition.heading, &here),
        back_url: asked.address.under(Tab::Overview.path()),
        label: definition.heading,
        definition: definition.words,
        dated_by: definition.dated_by,
        period: range.words(),
        filters,
        range: page.range(rows.len(), size(definition, total)),
        rows,
        first_url: page.after.is_some().then(|| here.clone()),
        older_url: last.map(next),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

/// How many cases or closings are behind a figure.
fn size(figure: Definition, total: Counts) -> i64 {
    match figure {
        OPENED => total.opened,
        CLOSED => total.closed(),
        SETTLED => total.settled,
        REOPENED => total.reopened,
        REPLIED => total.replied,
        _ => total.undone,
    }
}

/// A phase with its case and its customer's name.
struct Row {
    at: Timestamp,
    phase: Phase,
    case: Case,
    customer: String,
}

async fn with_cases(tx: &mut Tx, ws: WorkspaceId, found: Vec<(Place, Phase)>) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::with_capacity(found.len());
    for ((at, id, _), phase) in found {
        let Some(case) = cases::get(tx, ws, id).await? else { continue };
        let customer = customers::get(tx, ws, case.customer).await?;
        let customer = customer.map(|one| words::customer(one.name.as_deref(), one.handle.as_deref()));
        rows.push(Row { at, phase, case, customer: customer.unwrap_or_else(|| words::customer(None, None)) });
    }
    Ok(rows)
}

impl Asked {
    fn row(&self, row: &Row) -> CaseRow {
        let queue = self.names.queues.iter().find(|queue| queue.id == row.phase.under.queue);
        let closing = row.phase.closing;
        CaseRow {
            number: row.case.number,
            title: row.case.title.clone(),
            customer: row.customer.clone(),
            status: words::status(row.case.status),
            queue: queue.map_or_else(|| "a former queue".to_owned(), |queue| queue.name.clone()),
            agent: agent_name(&self.names, row.phase.under.agent),
            at: self.moments.at(row.at),
            closed: closing.map_or_else(|| "–".to_owned(), |closing| reason(closing.reason).to_owned()),
            took: closing
                .map_or_else(|| "–".to_owned(), |closing| seconds(closing.handle_time.as_micros() as f64 / 1e6)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_in_the_list_it_stands() {
        let page = |query: &str| Page::parse(&Form::parse(query));
        assert_eq!(page("").range(50, 1_203), "1–50 of 1,203");
        assert_eq!(page("cursor=5.6.0&page=3").range(20, 120), "101–120 of 120");
        assert_eq!(page("page=3").range(7, 7), "7", "without a cursor it is the first");
        assert_eq!(page("cursor=x&page=3").number, 1);
        assert_eq!(page("cursor=5.6.0").after, Some((Timestamp::from_micros(5), CaseId(6), 0)));
        assert_eq!(Page::cursor((Timestamp::from_micros(5), CaseId(6), 1)), "5.6.1");
    }
}
