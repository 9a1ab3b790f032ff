//! Statements sent one after the other without waiting for answers in between: what a transaction costs at least.

use super::sql::Value;
use anyhow::{Result, ensure};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

type Sent<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

/// A statement with what it is to be run with.
pub type Bound<'a> = (&'a Statement, &'a [Value]);

/// One transaction in one go; how many rows each statement changed.
pub async fn transaction(client: &Client, statements: impl IntoIterator<Item = Bound<'_>>) -> Result<Vec<u64>> {
    let mut sent: Vec<Sent<'_>> = vec![simple(client, "begin")];
    sent.extend(statements.into_iter().map(|(statement, values)| bound(client, statement, values)));
    sent.push(simple(client, "commit"));
    let mut changed = all(sent).await?;
    changed.pop();
    Ok(changed.split_off(1))
}

fn simple<'a>(client: &'a Client, sql: &'static str) -> Sent<'a> {
    Box::pin(async move { client.batch_execute(sql).await.map(|()| 0) })
}

fn bound<'a>(client: &'a Client, statement: &'a Statement, values: &'a [Value]) -> Sent<'a> {
    Box::pin(async move {
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        client.execute(statement, &values).await
    })
}

/// A statement is sent when it is first polled, so the first look at all of them sends them in order.
async fn all(mut sent: Vec<Sent<'_>>) -> Result<Vec<u64>> {
    let mut answers: Vec<Option<Result<u64, Error>>> = sent.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (one, answer) in sent.iter_mut().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            if let Poll::Ready(ready) = one.as_mut().poll(context) {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let expected = answers.len();
    let answers = answers.into_iter().flatten().collect::<Result<Vec<u64>, Error>>()?;
    ensure!(answers.len() == expected, "an answer is missing");
    Ok(answers)
}
