//! Who may do what: roles, plans, and the two refusals that must be told apart.

use crate::words;

words! {
    Role {
        Owner = "owner",
        CareManager = "care_manager",
        Agent = "agent",
        Viewer = "viewer",
    }
}

words! {
    Plan {
        Standard = "standard",
        Professional = "professional",
        Advanced = "advanced",
        Enterprise = "enterprise",
    }
}

words! {
    Permission {
        /// Name, time zone and plan of the workspace.
        ManageWorkspace = "manage_workspace",
        ManageTokens = "manage_tokens",
        /// Agents, queues and channels.
        ManageTeam = "manage_team",
        /// The lifecycle settings (A2).
        ManageCaseSettings = "manage_case_settings",
        ReadAuditLog = "read_audit_log",
        /// Take cases, closures and messages out of the desk as files.
        ExportData = "export_data",
        /// The figures of section 5 and the pictures of them: for everybody, agents see each other's too.
        ReadReports = "read_reports",
        /// Take messages in, reply, comment, change cases.
        WorkCases = "work_cases",
        Read = "read",
    }
}

/// Why somebody may not change the case settings (A2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    Permission(Permission),
    Plan { has: Plan },
}

impl Role {
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read | Permission::ReadReports => true,
            Permission::WorkCases => !matches!(self, Role::Viewer),
            Permission::ManageTeam
            | Permission::ManageCaseSettings
            | Permission::ReadAuditLog
            | Permission::ExportData => matches!(self, Role::Owner | Role::CareManager),
            Permission::ManageWorkspace | Permission::ManageTokens => matches!(self, Role::Owner),
        }
    }

    pub const fn require(self, permission: Permission) -> Result<(), Denied> {
        if self.allows(permission) { Ok(()) } else { Err(Denied::Permission(permission)) }
    }

    /// Whether somebody with this role may give `other` away: nobody hands out more than they have.
    pub fn may_grant(self, other: Role) -> bool {
        // `ALL` is in falling order of power.
        self <= other
    }
}

impl Plan {
    pub const fn includes_auto_close(self) -> bool {
        matches!(self, Plan::Advanced | Plan::Enterprise)
    }
}

impl Default for Plan {
    /// Who hosts it decides.
    fn default() -> Self {
        Plan::Advanced
    }
}

/// Both gates of A2, the permission first.
pub const fn may_change_case_settings(role: Role, plan: Plan) -> Result<(), Denied> {
    if let Err(denied) = role.require(Permission::ManageCaseSettings) {
        return Err(denied);
    }
    if !plan.includes_auto_close() {
        return Err(Denied::Plan { has: plan });
    }
    Ok(())
}
