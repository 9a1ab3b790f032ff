//! Parameters are bound by the number in their name, and values come back as they were given.

use crate::support::Desk;
use domain::id::CaseId;
use domain::time::Timestamp;
use store::{Fault, Param, params};

#[test]
fn a_second_parameter_named_before_the_first_is_bound_by_its_number() {
    let desk = Desk::new();
    let texts = desk.read(async |tx| {
        let sql = "select $2, $1, $2 || $1";
        tx.query_one(sql, params!["one", "two"], |row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?))
        })
        .await
    });
    assert_eq!(texts, ("two".to_owned(), "one".to_owned(), "twoone".to_owned()));
}

#[test]
fn numbers_of_two_digits_are_numbers_too() {
    let desk = Desk::new();
    let found = desk.read(async |tx| {
        let sql = "select $11, $10, $1";
        let values = params![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        tx.query_one(sql, values, |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?))).await
    });
    assert_eq!(found, (11, 10, 1));
}

#[test]
fn a_missing_parameter_is_an_error_and_not_a_null() {
    let desk = Desk::new();
    for sql in ["select $1, $2", "select $2", "select $0", "select ?1", "select $name"] {
        let answer = desk.try_read(async move |tx| tx.query(sql, params![1_i64], |_| Ok(())).await);
        assert!(matches!(answer, Err(Fault::Broken(_))), "{sql}: {answer:?}");
        let answer = desk.try_write(async move |tx| tx.execute(sql, params![1_i64]).await);
        assert!(matches!(answer, Err(Fault::Broken(_))), "{sql}: {answer:?}");
    }
}

#[test]
fn a_cached_statement_forgets_the_values_of_its_last_run() {
    let desk = Desk::new();
    let answers = desk.read(async |tx| {
        let mut answers = Vec::new();
        for value in [Some("first"), None, Some("")] {
            answers.push(tx.query_one("select $1", params![value], |row| row.get::<Option<String>>(0)).await?);
        }
        Ok(answers)
    });
    assert_eq!(answers, [Some("first".to_owned()), None, Some(String::new())]);
}

#[test]
fn every_kind_of_value_comes_back_as_it_was_given() {
    let desk = Desk::new();
    desk.read(async |tx| {
        let moment = Timestamp::from_micros(i64::MIN);
        let values = params![i64::MAX, true, "Grüße 👋 'quoted'", moment, CaseId(7), None::<i64>, Param::Null, &&"x"];
        tx.query_one("select $1, $2, $3, $4, $5, $6, $7, $8", values, |row| {
            assert_eq!(row.get::<i64>(0)?, i64::MAX);
            assert!(row.get::<bool>(1)?);
            assert_eq!(row.text(2)?, "Grüße 👋 'quoted'");
            assert_eq!(row.get::<Timestamp>(3)?, moment);
            assert_eq!(row.get::<Option<CaseId>>(4)?, Some(CaseId(7)));
            assert_eq!(row.get::<Option<i64>>(5)?, None);
            assert_eq!(row.get::<Option<Timestamp>>(6)?, None);
            assert_eq!(row.get::<String>(7)?, "x");
            Ok(())
        })
        .await
    });
}

#[test]
fn a_value_of_another_kind_is_a_fault_and_names_no_stored_text() {
    let desk = Desk::new();
    let answer =
        desk.try_read(async |tx| tx.query("select 'a secret' as told", params![], |row| row.get::<i64>(0)).await);
    let fault = answer.expect_err("a text is no number");
    assert!(!fault.is_unavailable() && !fault.to_string().contains("secret"), "{fault}");
    let word =
        desk.try_read(async |tx| tx.query("select 'done'", params![], |row| row.word::<domain::case::Status>(0)).await);
    assert!(matches!(word, Err(Fault::Broken(_))), "{word:?}");
    let texts = desk.try_read(async |tx| tx.query("select '{', 1", params![], |row| row.texts(0)).await);
    assert!(matches!(texts, Err(Fault::Broken(_))), "{texts:?}");
}

#[test]
fn a_statement_says_how_many_rows_it_changed() {
    let desk = Desk::new();
    let insert = "insert into audit_heads (workspace, seq, hash) values (1, 0, ''), (2, 0, '') on conflict do nothing";
    assert_eq!(desk.sql(insert), 2);
    assert_eq!(desk.sql(insert), 0);
    assert_eq!(desk.sql("delete from audit_heads where workspace = 2"), 1);
    let none = desk.try_read(async |tx| tx.query_one("select 1 where 1 = 0", params![], |_| Ok(())).await);
    assert!(matches!(none, Err(Fault::Broken(_))), "{none:?}");
}
