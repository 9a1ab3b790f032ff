//! Customers: known by their id on a network.

use crate::support::{Desk, Fixture, at, customer};
use domain::id::{CustomerId, WorkspaceId};
use store::case_list::containing;
use store::customers::{self, Customer};

#[test]
fn a_customer_is_found_by_id_and_by_the_networks_id() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let written =
        Customer { scope: "email".to_owned(), name: None, handle: None, ..customer(CustomerId(9), "a@b", at(3)) };
    let renamed = Customer { name: Some("Ada".to_owned()), handle: Some("@a".to_owned()), ..written.clone() };
    let (first, second) = (written.clone(), renamed.clone());
    let (one, two) = desk.write(async move |tx| {
        customers::insert(tx, ws, &first).await?;
        let one = customers::by_external_id(tx, ws, "email", "a@b").await?;
        customers::rename(tx, ws, &second).await?;
        Ok((one, customers::get(tx, ws, second.id).await?))
    });
    assert_eq!((one, two), (Some(written.clone()), Some(renamed)));
    let found = desk.read(async move |tx| {
        Ok([
            customers::by_external_id(tx, ws, "x", "a@b").await?,
            customers::by_external_id(tx, WorkspaceId(9), "email", "a@b").await?,
            customers::get(tx, WorkspaceId(9), written.id).await?,
        ])
    });
    assert_eq!(found, [None, None, None]);
}

#[test]
fn a_networks_id_stands_for_one_customer() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let twice = customer(CustomerId(9), "u_1", at(0));
    let elsewhere = Customer { scope: "web:1".to_owned(), ..twice.clone() };
    assert!(desk.try_write(async move |tx| customers::insert(tx, ws, &twice).await).is_err());
    desk.write(async move |tx| customers::insert(tx, ws, &elsewhere).await);
}

#[test]
fn customers_are_searched_by_name_handle_and_id_page_by_page() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let named = |id, name: &str, handle: &str| Customer {
        name: Some(name.to_owned()),
        handle: Some(handle.to_owned()),
        ..customer(CustomerId(id), &format!("ext_{id}"), at(0))
    };
    let people = [
        named(1, "Grace", "@hopper"),
        named(2, "Ünal", "@U_100%"),
        Customer { name: None, handle: None, ..named(3, "", "") },
    ];
    for person in people {
        desk.write(async move |tx| customers::insert(tx, ws, &person).await);
    }
    let search = |text: Option<&str>, after: Option<i64>, limit: i64| -> Vec<i64> {
        let like = text.map(containing);
        let after = after.map(CustomerId);
        let found = desk.read(async move |tx| customers::list(tx, ws, like.as_deref(), after, limit).await);
        found.iter().map(|customer| customer.id.0).collect()
    };
    assert_eq!(search(None, None, 2), [1, 2]);
    assert_eq!(search(None, Some(2), 9), [3, fixture.customer.0]);
    assert_eq!(search(Some("GRACE"), None, 9), [1]);
    assert_eq!(search(Some("hopp"), None, 9), [1]);
    assert_eq!(search(Some("ünal"), None, 9), [2], "letters beyond English have two cases too");
    assert_eq!(search(Some("u_100%"), None, 9), [2]);
    assert_eq!(search(Some("ext_3"), None, 9), [3]);
    assert_eq!(search(Some("_"), Some(1), 1), [2]);
    assert_eq!(search(Some("nobody"), None, 9), [] as [i64; 0]);
}
