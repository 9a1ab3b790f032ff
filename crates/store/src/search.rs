//! Full-text search over what a case can be found by: its messages, comments and title, the customer's name and handle, its
//! number. All terms of a search must occur, in any of these texts; a term in quotation marks is a phrase, and the last
//! word may be the beginning of one.
//!
//! Two roads lead to the cases, and both are bounded. If a term is rare, its texts lead to the cases, and the other terms are
//! looked for in those alone. If every term is common, the cases next in the list's order are looked through instead: one
//! does not get far before a page is full.

use crate::{Fault, Param, Tx, dialect};
use domain::case;
use domain::id::WorkspaceId;

/// Terms of a search; more are left out.
const TERMS: usize = 12;
/// A term that more texts say is common.
pub(crate) const RARE: i64 = 20_000;
/// Cases looked through for common terms.
pub const WALK: i64 = 2_000;

/// Words that must follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub words: String,
    /// The last word may go on.
    pub beginning: bool,
    /// So few texts say it that they are gathered instead of asked one by one; known once a road was chosen.
    pub rare: bool,
}

/// A search as it was typed, taken apart. Everything is a search; one without a letter or digit finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub terms: Vec<Term>,
    /// The whole search, if it is a case's number.
    pub number: Option<i64>,
}

/// How the cases of a search are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// By the texts that say this term.
    Texts(usize),
    /// Through the cases, in the list's order.
    Cases,
}

impl Search {
    pub fn parse(typed: &str) -> Search {
        let number = case::number(typed);
        // `Case 12` is what pages call the case: not two words that it would have to say.
        let typed = if number.is_some() { typed.trim().trim_start_matches(|c: char| c.is_alphabetic()) } else { typed };
        let mut terms = Vec::new();
        let parts: Vec<&str> = typed.split('"').collect();
        for (place, part) in parts.iter().enumerate() {
            let last = place + 1 == parts.len();
            if place % 2 == 1 && !last {
                terms.push(Term { words: part.trim().to_owned(), beginning: false, rare: false });
                continue;
            }
            // What follows a quotation mark that nobody closed is plain words.
            terms.extend(part.split_whitespace().map(|word| Term {
                words: word.to_owned(),
                beginning: false,
                rare: false,
            }));
            if let Some(typing) = terms.last_mut().filter(|_| last && part.trim_end().ends_with(char::is_alphanumeric))
            {
                typing.beginning = true;
            }
        }
        terms.retain(|term| term.words.contains(char::is_alphanumeric));
        terms.truncate(TERMS);
        Search { terms, number }
    }

    /// Which term leads to the cases, if one is rare enough. A beginning that everybody says is a word of its own if
    /// everybody says that, too; else its newest texts lead to the cases: looking for it case by case would gather
    /// all its words each time.
    pub async fn road(&mut self, tx: &mut Tx, ws: WorkspaceId) -> Result<Road, Fault> {
        let mut rarest = None;
        for place in 0..self.terms.len() {
            let mut said = said(tx, ws, &self.terms[place]).await?;
            if said > RARE && self.terms[place].beginning {
                let whole = Term { beginning: false, ..self.terms[place].clone() };
                said = self::said(tx, ws, &whole).await?;
                if said <= RARE {
                    return Ok(Road::Texts(place));
                }
                self.terms[place] = whole;
            }
            self.terms[place].rare = said <= RARE;
            if said <= RARE && rarest.is_none_or(|(least, _)| said < least) {
                rarest = Some((said, place));
            }
        }
        Ok(match rarest {
            Some((_, place)) => Road::Texts(place),
            None if self.number.is_some() || self.terms.is_empty() => Road::Texts(0),
            None => Road::Cases,
        })
    }
}

/// How many texts say a term, counted to just above [`RARE`].
async fn said(tx: &mut Tx, ws: WorkspaceId, term: &Term) -> Result<i64, Fault> {
    let shared = tx.is_shared();
    let words = dialect::search_term(shared, &term.words, term.beginning);
    let (from, condition) = dialect::said_in(shared, "$1", "$2", term.beginning);
    let sql = format!(
        "select count(*) from (select 1 from {from} where d.workspace = $1 and d.owner <> 0 and {condition} limit {}) said",
        RARE + 1
    );
    tx.query_one(&sql, &[Param::Int(ws.0), Param::Text(&words)], |row| row.get(0)).await
}

/// The ids of the cases that a term or a number leads to, as a query.
pub(crate) fn found(shared: bool, ws: &str, term: Option<(&str, bool)>, number: Option<&str>) -> String {
    let mut roads = Vec::new();
    if let Some((term, beginning)) = term {
        let (from, condition) = dialect::said_in(shared, ws, term, beginning);
        let said = |kind: &str| {
            format!(
                "select d.owner from {from} where d.workspace = {ws} and d.kind {kind} 'customer' and {condition} \
                 order by d.id desc limit {RARE}"
            )
        };
        roads.push(format!("select owner from ({}) said", said("<>")));
        roads.push(format!(
            "select c.id from ({}) named cross join cases c where c.workspace = {ws} and c.customer = named.owner",
            said("=")
        ));
    }
    if let Some(number) = number {
        roads.push(format!("select id from cases where workspace = {ws} and number = {number}"));
    }
    if roads.is_empty() {
        "select id from cases where workspace = 0 and id = 0".to_owned()
    } else {
        roads.join(" union ")
    }
}

/// The condition that the case `c` says a term, or its customer does.
pub(crate) fn case_says(shared: bool, term: &str, beginning: bool) -> String {
    let (from, condition) = dialect::says(shared, "c.workspace", term, beginning);
    // A subquery that answers one row is not turned into a join, which would read all that was ever said.
    let said = |owner: &str, kind: &str| {
        format!(
            "coalesce((select true from {from} where d.workspace = c.workspace and d.owner = {owner} and d.kind {kind} 'customer' \
             and {condition} limit 1), false)"
        )
    };
    format!("({} or {})", said("c.id", "<>"), said("c.customer", "="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(typed: &str) -> Vec<String> {
        let shown = |term: &Term| format!("{}{}", term.words, if term.beginning { "…" } else { "" });
        Search::parse(typed).terms.iter().map(shown).collect()
    }

    #[test]
    fn a_search_is_words_and_phrases_and_its_last_word_may_go_on() {
        for (typed, wanted) in [
            ("lost parcel", vec!["lost", "parcel…"]),
            ("\"lost parcel\" ada", vec!["lost parcel", "ada…"]),
            ("ada \"lost parcel\"", vec!["ada", "lost parcel"]),
            ("\"lost par", vec!["lost", "par…"]),
            ("a\"b\"c", vec!["a", "b", "c…"]),
            ("\"\" ( * NOT -- ' ;", vec!["NOT"]),
            ("NOT", vec!["NOT…"]),
            ("50%", vec!["50%"]),
            ("::", vec![]),
        ] {
            assert_eq!(terms(typed), wanted, "{typed}");
        }
    }

    #[test]
    fn a_number_is_a_case_and_words_as_well() {
        assert_eq!(Search::parse(" #12 ").number, Some(12));
        assert_eq!(terms("#12"), ["#12…"]);
        assert_eq!(Search::parse("Case 12").number, Some(12));
        assert_eq!(terms("Case 12"), ["12…"]);
        assert_eq!(terms("0012"), ["0012…"], "which may be an order's number");
        assert_eq!(Search::parse("12 parcels").number, None);
    }
}
