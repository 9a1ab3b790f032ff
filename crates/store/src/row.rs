//! Values on their way into statements and out of rows, for both databases.

use crate::Fault;
use domain::id::*;
use domain::time::Timestamp;

/// A statement's parameter, borrowed from the caller.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
}

/// What can be a parameter.
pub trait ToParam {
    fn to_param(&self) -> Param<'_>;
}

/// What can be read from a row.
pub trait Column: Sized {
    fn from_row(row: &Row<'_>, index: usize) -> Result<Self, Fault>;
}

/// One row of an answer.
pub struct Row<'a>(pub(crate) Source<'a>);

/// The database a row came from.
pub(crate) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of the column at `index`, counted from 0.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, Fault> {
        T::from_row(self, index)
    }

    /// A column that holds one of an enumeration's words.
    pub fn word<T: std::str::FromStr>(&self, index: usize) -> Result<T, Fault> {
        parse_word(self.text(index)?)
    }

    pub fn optional_word<T: std::str::FromStr>(&self, index: usize) -> Result<Option<T>, Fault> {
        self.optional_text(index)?.map(parse_word).transpose()
    }

    /// A column that holds a JSON list of texts.
    pub fn texts(&self, index: usize) -> Result<Vec<String>, Fault> {
        match self.text(index)? {
            "[]" => Ok(Vec::new()),
            text => serde_json::from_str(text).map_err(Fault::damaged),
        }
    }

    /// A text column, borrowed from the row.
    pub fn text(&self, index: usize) -> Result<&str, Fault> {
        self.optional_text(index)?.ok_or_else(|| Fault::damaged("null where a text belongs"))
    }

    fn optional_text(&self, index: usize) -> Result<Option<&str>, Fault> {
        match &self.0 {
            Source::Sqlite(row) => row.get_ref(index).map_err(read_fault)?.as_str_or_null().map_err(read_fault),
            Source::Postgres(row) => row.try_get(index).map_err(read_fault),
        }
    }

    fn optional_int(&self, index: usize) -> Result<Option<i64>, Fault> {
        match &self.0 {
            Source::Sqlite(row) => row.get(index).map_err(read_fault),
            Source::Postgres(row) => row.try_get(index).map_err(read_fault),
        }
    }

    fn optional_bool(&self, index: usize) -> Result<Option<bool>, Fault> {
        match &self.0 {
            Source::Sqlite(row) => row.get(index).map_err(read_fault),
            Source::Postgres(row) => row.try_get(index).map_err(read_fault),
        }
    }
}

fn parse_word<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    // The value itself stays out of the message: a damaged row may hold anything (T4).
    text.parse().map_err(|_| Fault::damaged("a word that no version of Lull writes"))
}

fn read_fault(error: impl std::fmt::Display) -> Fault {
    Fault::damaged(error)
}

macro_rules! plain {
    ($($type:ty: $read:expr;)*) => { $(
        impl Column for Option<$type> {
            fn from_row(row: &Row<'_>, index: usize) -> Result<Self, Fault> {
                $read(row, index)
            }
        }
        impl Column for $type {
            fn from_row(row: &Row<'_>, index: usize) -> Result<Self, Fault> {
                $read(row, index)?.ok_or_else(|| Fault::damaged("null where a value belongs"))
            }
        }
    )* };
}
plain! {
    i64: Row::optional_int;
    bool: Row::optional_bool;
    String: |row: &Row<'_>, index| Ok(row.optional_text(index)?.map(str::to_owned));
}

macro_rules! wrapped {
    ($($type:ty: $wrap:expr, $unwrap:expr;)*) => { $(
        impl Column for $type {
            fn from_row(row: &Row<'_>, index: usize) -> Result<Self, Fault> {
                row.get::<i64>(index).map($wrap)
            }
        }
        impl Column for Option<$type> {
            fn from_row(row: &Row<'_>, index: usize) -> Result<Self, Fault> {
                Ok(row.get::<Option<i64>>(index)?.map($wrap))
            }
        }
        impl ToParam for $type {
            fn to_param(&self) -> Param<'_> {
                let unwrap: fn(&$type) -> i64 = $unwrap;
                Param::Int(unwrap(self))
            }
        }
    )* };
}
wrapped! {
    WorkspaceId: WorkspaceId, |id| id.0;
    AgentId: AgentId, |id| id.0;
    QueueId: QueueId, |id| id.0;
    ChannelId: ChannelId, |id| id.0;
    CustomerId: CustomerId, |id| id.0;
    CannedReplyId: CannedReplyId, |id| id.0;
    CaseId: CaseId, |id| id.0;
    MessageId: MessageId, |id| id.0;
    CommentId: CommentId, |id| id.0;
    ActivityId: ActivityId, |id| id.0;
    NotificationId: NotificationId, |id| id.0;
    TokenId: TokenId, |id| id.0;
    RunId: RunId, |id| id.0;
    BulkId: BulkId, |id| id.0;
    ViewId: ViewId, |id| id.0;
    EventId: EventId, |id| id.0;
    Timestamp: Timestamp::from_micros, |t| t.as_micros();
}

impl ToParam for i64 {
    fn to_param(&self) -> Param<'_> {
        Param::Int(*self)
    }
}
impl ToParam for bool {
    fn to_param(&self) -> Param<'_> {
        Param::Bool(*self)
    }
}
impl ToParam for str {
    fn to_param(&self) -> Param<'_> {
        Param::Text(self)
    }
}
impl ToParam for String {
    fn to_param(&self) -> Param<'_> {
        Param::Text(self)
    }
}
impl<T: ToParam + ?Sized> ToParam for &T {
    fn to_param(&self) -> Param<'_> {
        (**self).to_param()
    }
}
impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, T::to_param)
    }
}
impl ToParam for Param<'_> {
    fn to_param(&self) -> Param<'_> {
        *self
    }
}
