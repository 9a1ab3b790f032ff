//! Who may change what: the two refusals of A2 told apart, and the roles.

use domain::permission::Permission::{
    self, ExportData, ManageCaseSettings, ManageTeam, ManageTokens, ManageWorkspace, Read, ReadAuditLog, ReadReports,
    WorkCases,
};
use domain::permission::{Denied, Plan, Role, may_change_case_settings};

#[test]
fn changing_the_case_settings_needs_the_permission_and_the_plan_a2() {
    for role in [Role::Owner, Role::CareManager] {
        for plan in [Plan::Advanced, Plan::Enterprise] {
            assert_eq!(may_change_case_settings(role, plan), Ok(()), "{role} on {plan}");
        }
    }
}

#[test]
fn who_lacks_the_permission_hears_of_the_permission_on_every_plan_a2() {
    for role in [Role::Agent, Role::Viewer] {
        for plan in Plan::ALL {
            let refusal = may_change_case_settings(role, *plan);
            assert_eq!(refusal, Err(Denied::Permission(ManageCaseSettings)), "{role} on {plan}");
        }
    }
}

#[test]
fn who_has_the_permission_but_not_the_plan_hears_of_the_plan_a2() {
    for role in [Role::Owner, Role::CareManager] {
        for plan in [Plan::Standard, Plan::Professional] {
            assert_eq!(may_change_case_settings(role, plan), Err(Denied::Plan { has: plan }), "{role} on {plan}");
        }
    }
}

#[test]
fn each_role_has_exactly_its_permissions_a2() {
    let table: [(Role, &[Permission]); 4] = [
        (Role::Owner, Permission::ALL),
        (Role::CareManager, &[ManageTeam, ManageCaseSettings, ReadAuditLog, ExportData, ReadReports, WorkCases, Read]),
        (Role::Agent, &[ReadReports, WorkCases, Read]),
        (Role::Viewer, &[ReadReports, Read]),
    ];
    for (role, has) in table {
        for permission in Permission::ALL {
            let expected = if has.contains(permission) { Ok(()) } else { Err(Denied::Permission(*permission)) };
            assert_eq!(role.require(*permission), expected, "{role}: {permission}");
        }
    }
    assert!(!Role::CareManager.allows(ManageWorkspace) && !Role::CareManager.allows(ManageTokens));
}

#[test]
fn nobody_grants_a_role_with_a_permission_they_lack() {
    for own in Role::ALL {
        for other in Role::ALL {
            let more = Permission::ALL.iter().any(|p| other.allows(*p) && !own.allows(*p));
            assert_eq!(own.may_grant(*other), !more, "{own} grants {other}");
        }
    }
}

#[test]
fn a_new_workspace_is_advanced_unless_said_otherwise() {
    assert_eq!(Plan::default(), Plan::Advanced);
}
