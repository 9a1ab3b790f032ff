//! The bar of the test clock: play, pause, jump.

use super::answer::{Answer, Stop, html, to};
use super::form::Form;
use super::frame::clock_bar;
use super::session::Visitor;
use crate::acts::Invalid;
use crate::clock::TestClock;
use crate::desk::Desk;
use crate::http::problem::Problem;
use crate::{engine, player};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::permission::Permission;
use domain::time::Span;
use std::sync::Arc;

/// The longest jump: a year, in seconds.
const JUMP_MOST: i64 = 366 * 86_400;

/// The clock, for somebody who may move it.
fn clock(desk: &Desk, visitor: &Visitor) -> Result<Arc<TestClock>, Stop> {
    let clock = desk.test_clock.clone().ok_or_else(Problem::not_found)?;
    visitor.auth.require(Permission::WorkCases)?;
    Ok(clock)
}

fn bounded(form: &Form, name: &'static str, most: i64) -> Result<i64, Stop> {
    let invalid = || Invalid::new(name, "out_of_range", format!("this must be from 1 to {most}"));
    let number = form.number(name).filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Problem::invalid(vec![invalid()]).into())
}

/// The bar again, or the page it stood on. Where the bar shows another time than before, the page looks again at its live
/// parts.
fn answer(desk: &Desk, visitor: &Visitor, back: &str) -> Answer {
    let back = visitor.back(back);
    match clock_bar(desk, visitor, &back) {
        Some(bar) if visitor.htmx => html(StatusCode::OK, &bar),
        Some(_) => Ok(to(&back)),
        None => Err(Problem::not_found().into()),
    }
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let query = Form::parse(request.uri().query().unwrap_or(""));
    answer(&desk, &visitor, query.line("back"))
}

pub async fn play(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    clock(&desk, &visitor)?;
    let speed = bounded(&form, "speed", player::FASTEST.into())?;
    player::play(&desk, u32::try_from(speed).unwrap_or(player::FASTEST));
    answer(&desk, &visitor, form.line("back"))
}

pub async fn pause(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    clock(&desk, &visitor)?;
    desk.player.pause();
    answer(&desk, &visitor, form.line("back"))
}

pub async fn advance(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let clock = clock(&desk, &visitor)?;
    let by = Span::seconds(bounded(&form, "by", JUMP_MOST)?);
    engine::jump(&desk, &clock, engine::Jump::By(by)).await?;
    answer(&desk, &visitor, form.line("back"))
}
