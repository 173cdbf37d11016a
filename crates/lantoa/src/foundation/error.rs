//! Everything that can go wrong in a request, and the one way from there to the person:
//! a page in their language that says what to do, or an RFC 9457 problem document for programs.

use axum::http::StatusCode;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::db::DbError;

/// What a handler answers with.
pub type Outcome<R = Response> = Result<R, Fault>;

/// Why a request could not be served. Every variant names what the person can do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody is signed in: sign in first.
    #[error("sign in first")]
    SignInNeeded,
    /// The role or its units do not cover this: ask an administrator.
    #[error("not allowed")]
    NotAllowed,
    /// There is no such thing, or it is not theirs to know of.
    #[error("not found")]
    NotFound,
    /// The input is wrong: each field with the key of the message that says how to mend it.
    #[error("invalid input: {0:?}")]
    Invalid(Vec<FieldError>),
    /// It clashes with what is stored; the key of the message says with what.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The request itself is malformed.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// The request did not come from one of our own pages.
    #[error("cross-site request refused")]
    CrossSite,
    /// Too many attempts: wait.
    #[error("too many attempts")]
    TooMany,
    /// Our own failure; the request id leads to the log line.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Our own failure; the request id leads to the log line.
    #[error("internal: {0}")]
    Internal(String),
}

/// A field of a form that cannot be taken as typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Name of the form field or JSON property.
    pub field: String,
    /// Key of the message in the translation catalogue.
    pub key: &'static str,
}

impl FieldError {
    /// The field and the key of what to say about it.
    pub fn new(field: impl Into<String>, key: &'static str) -> Self {
        Self { field: field.into(), key }
    }
}

impl Fault {
    /// Our own failure, with what happened for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Fault::Internal(what.to_string())
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Fault::SignInNeeded => StatusCode::UNAUTHORIZED,
            Fault::NotAllowed | Fault::CrossSite => StatusCode::FORBIDDEN,
            Fault::NotFound => StatusCode::NOT_FOUND,
            Fault::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::Conflict(_) => StatusCode::CONFLICT,
            Fault::BadRequest(_) => StatusCode::BAD_REQUEST,
            Fault::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Fault::Database(_) | Fault::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A short stable name, the end of the problem's `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::SignInNeeded => "sign-in-needed",
            Fault::NotAllowed => "not-allowed",
            Fault::NotFound => "not-found",
            Fault::Invalid(_) => "invalid",
            Fault::Conflict(_) => "conflict",
            Fault::BadRequest(_) => "bad-request",
            Fault::CrossSite => "cross-site",
            Fault::TooMany => "too-many",
            Fault::Database(_) | Fault::Internal(_) => "internal",
        }
    }
}

/// What [`Fault::into_response`] leaves for `web::explain` to turn into a page or a problem
/// document, once the language and what the client accepts are known.
#[derive(Clone)]
pub struct Explained {
    pub name: &'static str,
    pub fields: Vec<FieldError>,
    pub key: Option<&'static str>,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Fault::Database(_) | Fault::Internal(_) = &self {
            tracing::error!(error = %self, "request failed");
        }
        let status = self.status();
        let explained = Explained {
            name: self.name(),
            key: match &self {
                Fault::Conflict(key) | Fault::BadRequest(key) => Some(key),
                _ => None,
            },
            fields: match self {
                Fault::Invalid(fields) => fields,
                _ => vec![],
            },
        };
        let mut response =
            (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], explained.name)
                .into_response();
        response.extensions_mut().insert(explained);
        response
    }
}
