//! Reports: the overview, the breakdowns, and their figures and pictures as files.

use super::super::layout::Section;
use super::super::reports::{Empty, Report as Shown, ReportsPage, Tab, TabLink};
use super::answer::{Answer, Stop, header_of};
use super::frame::{self, MEMBERS};
use super::moments::Moments;
use super::reports_address::Address;
use super::reports_figures::figures;
use super::reports_groups as groups;
use super::reports_period::{self as days, Named, Range};
use super::reports_picker::{Given, Names, picker, set};
use super::reports_pictures::{Kind, Material, draw, picture};
use super::session::Visitor;
use crate::charts::{BARS, Size, png};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::reports::csv;
use crate::http::problem::Problem;
use crate::reports::{self, Query, Report};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::metrics::{Bucket, Calendar, Counts, Dimension, Period};
use domain::permission::Permission;
use store::{Fault, agents, channels, queues};
use tokio::sync::Semaphore;

/// Points of a picture, at most: finer ones could not be told apart.
const POINTS: usize = 130;
/// Pictures turned into PNG at a time: it is computing, and others want the processor too.
static DRAWING: Semaphore = Semaphore::const_new(1);

pub async fn overview(desk: State<Desk>, visitor: Visitor, request: Request) -> Answer {
    show(desk, visitor, request, Tab::Overview).await
}

pub async fn breakdown(desk: State<Desk>, visitor: Visitor, Path(tab): Path<String>, request: Request) -> Answer {
    let tab = tab_of(&tab).filter(|tab| *tab != Tab::Overview);
    show(desk, visitor, request, tab.ok_or_else(missing)?).await
}

fn missing() -> Stop {
    Stop::Problem(Problem::not_found())
}

/// The tab whose files lie in this folder.
fn tab_of(folder: &str) -> Option<Tab> {
    Tab::ALL.into_iter().find(|tab| folder_of(*tab) == format!("/reports/{folder}"))
}

fn folder_of(tab: Tab) -> String {
    if tab == Tab::Overview { "/reports/overview".to_owned() } else { tab.path().to_owned() }
}

/// An address with what it means now.
pub struct Asked {
    pub address: Address,
    pub names: Names,
    pub moments: Moments,
    pub me: agents::Agent,
    pub zone: String,
    /// The days, or what is wrong with them.
    pub range: Result<Range, String>,
}

/// Reads an address, and what it takes to show it to a person.
pub async fn asked(desk: &Desk, visitor: &Visitor, query: &str) -> Result<Asked, Stop> {
    visitor.auth.require(Permission::ReadReports)?;
    let (ws, me, zone) = (visitor.auth.workspace, visitor.agent, visitor.auth.time_zone.clone());
    let mut address = Address::parse(query);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let agents = agents::list(tx, ws, None, MEMBERS).await?;
            let queues = queues::list(tx, ws, None, MEMBERS).await?;
            let channels = channels::list(tx, ws, None, MEMBERS).await?;
            let me = frame::member(tx, (ws, me)).await?;
            Ok((Names { agents, queues, channels }, me, tx.now()))
        })
    });
    let (names, me, now) = found.await?;
    let moments = Moments::new(&zone, now);
    let local = moments.zoned(now);
    // Chosen without days, other days are at first the usual ones.
    if address.period == Named::Custom && address.first.is_empty() && address.last.is_empty() {
        [address.first, address.last] = days::named(Named::Custom, &local).typed();
    }
    let range = match address.period {
        Named::Custom => days::custom(&address.first, &address.last),
        period => Ok(days::named(period, &local)),
    };
    Ok(Asked { address, names, moments, me, zone, range })
}

impl Asked {
    pub fn period(&self, range: Range) -> Period {
        range.period(self.moments.zoned(self.moments.now).time_zone())
    }

    /// The buckets that give not too many points, and the finest that gives bars (or the one asked for).
    fn buckets(&self, calendar: &Calendar, period: Period) -> (Vec<Bucket>, Bucket) {
        let points = |bucket| calendar.edges(period, bucket).map_or(usize::MAX, |edges| edges.len() - 1);
        let fit: Vec<Bucket> = Bucket::ALL.iter().copied().filter(|bucket| points(*bucket) <= POINTS).collect();
        // A month is shown by its days, of which it can have one more than there are bars.
        let usual = Bucket::ALL.iter().copied().find(|bucket| points(*bucket) <= BARS + 1).unwrap_or(Bucket::Month);
        let bucket = self.address.bucket.filter(|bucket| fit.contains(bucket)).unwrap_or(usual);
        (fit, bucket)
    }

    fn query(&self, period: Period) -> Query {
        Query { period, group_by: None, bucket: None, selection: self.address.only.clone() }
    }
}

/// What a page's figures and pictures are made from.
struct Found {
    material: Material,
    before: Option<Counts>,
    buckets: Vec<Bucket>,
    period: Period,
}

async fn find(desk: &Desk, visitor: &Visitor, asked: &Asked, range: Range, tab: Tab) -> Result<Found, Stop> {
    let ws = visitor.auth.workspace;
    let calendar = reports::calendar(desk, ws).await?;
    let period = asked.period(range);
    let (buckets, bucket) = asked.buckets(&calendar, period);
    let ask = async |query: Query| reports::read(desk, ws, query).await.map_err(Problem::from);
    let plain = || asked.query(period);
    let grouped = |by: Dimension| Query { group_by: Some(by), ..plain() };
    let mut material = Material {
        report: match groups::dimension(tab) {
            Some(by) => ask(grouped(by)).await?,
            None => ask(Query { bucket: Some(bucket), ..plain() }).await?,
        },
        moments: asked.moments.clone(),
        bucket,
        handle: Vec::new(),
        active: Vec::new(),
        inbound: Default::default(),
        by_reason: asked.address.only.reason.is_some(),
        group_word: groups::word(tab),
    };
    let mut before = None;
    if tab == Tab::Overview {
        material.handle = ask(grouped(Dimension::HandleTime)).await?.groups;
        material.active = ask(grouped(Dimension::HandleTimeWithoutIdleTail)).await?.groups;
        material.inbound = reports::inbound_by_hour(desk, ws, period, asked.address.only.clone()).await?;
        if let Some(range) = range.compared(asked.address.compare, asked.address.period) {
            before = Some(ask(asked.query(asked.period(range))).await?.totals);
        }
    }
    Ok(Found { material, before, buckets, period })
}

async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request, tab: Tab) -> Answer {
    let asked = asked(&desk, &visitor, request.uri().query().unwrap_or("")).await?;
    let address = &asked.address;
    let here = address.under(tab.path());
    let layout =
        frame::layout(&desk, &visitor, &asked.me, Section::Reports, &format!("Reports: {}", tab.word()), &here);
    let found = match &asked.range {
        Ok(range) => Some((*range, find(&desk, &visitor, &asked, *range, tab).await?)),
        Err(_) => None,
    };
    let given = Given {
        days: asked.range.as_ref().map(Range::typed).unwrap_or_default(),
        dates_error: asked.range.as_ref().err().cloned(),
        buckets: found.as_ref().map_or_else(Vec::new, |(_, found)| found.buckets.clone()),
        bucket: found.as_ref().map_or(Bucket::Day, |(_, found)| found.material.bucket),
    };
    let status = if asked.range.is_ok() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let link = |one: Tab| TabLink { label: one.word(), url: address.under(one.path()), current: one == tab };
    let page = ReportsPage {
        layout,
        tab,
        tabs: Tab::ALL.map(link).to_vec(),
        picker: picker(tab, address, &asked.names, given),
        report: found.map(|(range, found)| report(&asked, tab, range, &found)),
    };
    frame::page(&visitor, status, &page)
}

fn report(asked: &Asked, tab: Tab, range: Range, found: &Found) -> Shown {
    let (address, material) = (&asked.address, &found.material);
    let overview = tab == Tab::Overview;
    let folder = folder_of(tab);
    let kinds: &[Kind] = if overview { &Kind::OVERVIEW } else { &[Kind::Compared] };
    let compared = range.compared(address.compare, address.period).filter(|_| overview);
    Shown {
        period: range.words(),
        compared: compared.map(|range| range.words()),
        zone: asked.zone.clone(),
        as_of: asked.moments.at(material.report.as_of),
        empty: empty(address, &material.report),
        figures: if overview { figures(address, material.report.totals, found.before) } else { Vec::new() },
        pictures: kinds.iter().map(|kind| picture(*kind, material, address, &folder)).collect(),
        groups: (!overview).then(|| groups::table(tab, address, &material.report)),
        csv_url: address.under(&format!("{folder}/figures.csv")),
    }
}

fn empty(address: &Address, report: &Report) -> Option<Empty> {
    let Counts { opened, reopened, .. } = report.totals;
    let nothing = opened == 0 && reopened == 0 && report.totals.closed() == 0;
    nothing.then_some(if address.is_filtered() { Empty::FilteredOut } else { Empty::Quiet })
}

/// What is asked for as a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    /// The figures: of the buckets, or of the groups.
    Csv,
    Svg(Kind),
    Png(Kind),
}

impl File {
    fn parse(tab: Tab, name: &str) -> Option<File> {
        let (key, form) = name.rsplit_once('.')?;
        let kinds: &[Kind] = if tab == Tab::Overview { &Kind::OVERVIEW } else { &[Kind::Compared] };
        let kind = kinds.iter().copied().find(|kind| kind.key() == key);
        match form {
            "csv" => (key == "figures").then_some(File::Csv),
            "svg" => kind.map(File::Svg),
            "png" => kind.map(File::Png),
            _ => None,
        }
    }
}

/// A page's figures as CSV, or one of its pictures, of the same address.
pub async fn file(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path((tab, name)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let tab = tab_of(&tab).ok_or_else(missing)?;
    let file = File::parse(tab, &name).ok_or_else(missing)?;
    let asked = asked(&desk, &visitor, request.uri().query().unwrap_or("")).await?;
    let range = asked
        .range
        .clone()
        .map_err(|error| Stop::Problem(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error)))?;
    let found = find(&desk, &visitor, &asked, range, tab).await?;
    let [first, last] = range.typed();
    let (key, form) = name.rsplit_once('.').unwrap_or((&name, ""));
    let name = format!("{key}-{first}-{last}.{form}");
    match file {
        File::Csv => {
            let by = groups::dimension(tab);
            let bucket = by.is_none().then_some(found.material.bucket);
            let query = Query { group_by: by, bucket, ..asked.query(found.period) };
            Ok(saved(&name, "text/csv; charset=utf-8", csv(&found.material.report, &query)?.into_bytes()))
        }
        File::Svg(kind) => {
            Ok(saved(&name, "image/svg+xml", document(kind, &asked, range, &found.material).into_bytes()))
        }
        File::Png(kind) => {
            let document = document(kind, &asked, range, &found.material);
            let _turn = DRAWING.acquire().await;
            let drawn = tokio::task::spawn_blocking(move || png(&document)).await;
            let broken = |error: String| Stop::from(Fault::Broken(error));
            let bytes = drawn.map_err(|error| broken(error.to_string()))?.map_err(|error| broken(error.to_string()))?;
            Ok(saved(&name, "image/png", bytes))
        }
    }
}

/// A picture that stands alone: it says what it covers.
fn document(kind: Kind, asked: &Asked, range: Range, material: &Material) -> String {
    let shown = picture(kind, material, &asked.address, "");
    let filters = set("", &asked.address, &asked.names).into_iter().map(|one| format!("{}: {}", one.label, one.value));
    let of = asked.moments.words(material.report.as_of);
    let said = [range.words(), format!("days of {}", asked.zone)].into_iter().chain(filters);
    let said = said.chain([format!("as of {of}")]).collect::<Vec<_>>().join(" · ");
    draw(kind, material, Size::File).document(kind.title(), &shown.finding, &said)
}

fn saved(name: &str, content_type: &str, bytes: Vec<u8>) -> Response {
    let mut response = (header_of("content-type", content_type), bytes).into_response();
    response.headers_mut().extend(header_of("content-disposition", &format!("attachment; filename=\"{name}\"")));
    response
}
