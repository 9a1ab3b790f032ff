//! Taking data out of the desk as a file: recorded before the first byte leaves (T2).

use super::traces;
use super::{Answer, Caller};
use crate::accept;
use crate::exports::What;
use domain::audit::AuditEvent;
use domain::permission::Permission;
use serde_json::Value;
use store::{Command, Tx};

/// Notes who exports what. How many rows that is nobody knows yet.
#[derive(Debug, Clone)]
pub struct RecordExport {
    pub caller: Caller,
    pub what: What,
    /// What was asked for: kind of rows, format, filters.
    pub new: Value,
}

impl Command for RecordExport {
    type Output = Result<(), super::Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let (permission, event) = match self.what {
            What::AuditLog => (Permission::ReadAuditLog, AuditEvent::AuditExported),
            What::Cases | What::Closures | What::Messages => (Permission::ExportData, AuditEvent::DataExported),
        };
        accept!(self.caller.require(permission));
        let object = ("workspace", self.caller.workspace.to_string());
        traces::of_setting(tx, &self.caller, event, object, None, Some(self.new.clone())).await?;
        Ok(Ok(()))
    }
}
