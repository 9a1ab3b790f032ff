//! Builds the document of `PUT /v1/settings/lifecycle`.

use serde_json::{Value, json};

pub const ALL: [&str; 3] = ["open", "in_progress", "on_hold"];

/// The whole document with auto close off and the contract's defaults elsewhere.
pub fn policy() -> Value {
    json!({
        "auto_close": {
            "enabled": false, "threshold_minutes": 1440, "statuses": ALL,
            "skip_when_customer_waits": false, "exempt_tags": [], "warning": null,
            "closing_message": null, "business_hours": null,
        },
        "auto_reopen": {"enabled": true, "window_minutes": 5760},
    })
}

/// The document with auto close on.
pub fn closing_after(minutes: i64, statuses: &[&str]) -> Value {
    let mut document = policy();
    document["auto_close"]["enabled"] = json!(true);
    document["auto_close"]["threshold_minutes"] = json!(minutes);
    document["auto_close"]["statuses"] = json!(statuses);
    document
}

/// Changes one value, named by its JSON pointer.
pub fn set(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer starts with a slash");
    document.pointer_mut(parent).expect("the parent is there")[field] = value;
    document
}
