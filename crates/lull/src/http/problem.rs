//! The one map from refusals and faults to HTTP: RFC 9457 problem documents with a stable code.

use crate::acts::{Invalid, Refusal};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::permission::Denied;
use serde::Serialize;
use store::Fault;

/// How long a client should wait before it tries again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// What went wrong, for a person and for a program.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// Stable: `invalid`, `not_found`, `permission_required`, `plan_required`, `version_conflict`, …
    pub code: &'static str,
    /// Every invalid field, not only the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Dotted path in the body, or the name of a query parameter.
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    pub fn unauthenticated() -> Self {
        let detail = "send a valid token as `Authorization: Bearer …`";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here, or not for you")
    }

    pub fn invalid(errors: Vec<Invalid>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("{} fields cannot be accepted", many.len()),
        };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        let error = |e: Invalid| FieldError { field: e.field, code: e.code, message: e.message };
        problem.errors = errors.into_iter().map(error).collect();
        problem
    }

    pub fn too_many(retry_after: u64) -> Self {
        let detail = format!("too many attempts: try again in {retry_after} s");
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
        problem.retry_after = Some(retry_after);
        problem
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Invalid(errors) => Self::invalid(errors),
            Refusal::Denied(Denied::Permission(permission)) => {
                let detail = format!("this needs the permission `{permission}`, which your role does not have");
                Self::new(StatusCode::FORBIDDEN, "permission_required", detail)
            }
            Refusal::Denied(Denied::Plan { has }) => {
                let detail = format!("this needs the plan `advanced` or `enterprise`; the workspace has `{has}`");
                Self::new(StatusCode::FORBIDDEN, "plan_required", detail)
            }
            Refusal::VersionConflict { current } => {
                let detail = format!("it changed meanwhile and is at version {current}: read it again");
                Self::new(StatusCode::CONFLICT, "version_conflict", detail)
            }
            Refusal::IdempotencyConflict => {
                let detail = "this idempotency key was used within 24 hours for a request with another content";
                Self::new(StatusCode::CONFLICT, "idempotency_conflict", detail)
            }
        }
    }
}

impl Problem {
    pub fn unavailable(detail: &str) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        problem.retry_after = Some(RETRY_AFTER_SECONDS);
        problem
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(_) | Fault::Raced(_) => {
                Self::unavailable("nothing can be stored at the moment; nothing of this request was")
            }
            Fault::Unsettled(_) => Self::unavailable(
                "the database went away and whether this request was stored is not known: send it again with the same \
                 external_id or Idempotency-Key, which never stores it twice",
            ),
            Fault::Broken(reason) => {
                // Handled here, so logged here, once.
                tracing::error!(%reason, "request failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "this is a defect of Lull: the log has the cause",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
