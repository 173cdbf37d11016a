//! What happens to every request and answer, whichever room serves it: request id and log line,
//! metrics, refusal of cross-site writes, security headers, errors explained to their reader,
//! and the embedded browser files.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use askama::Template;
use axum::Json;
use axum::body::Body;
use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tracing::Instrument as _;

use super::app::Shared;
use super::error::{Explained, Fault};
use super::page::{Shell, redirect, render};
use super::telemetry::RequestLabels;
use super::text::{Lang, T};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No script, style, frame or connection but our own, and nothing inline.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Gives the request an id, logs and counts it.
pub async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = uuid::Uuid::now_v7().to_string();
    let method = request.method().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id, method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, ms = took.as_secs_f64() * 1000.0, "served"));
    app.metrics.served(&RequestLabels { method, route, status }, took);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// Adds the headers that keep a browser strict.
pub async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "geolocation=(), microphone=(), camera=(self)"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses writes that another site made a browser send. Browsers say where a request comes from
/// in `Sec-Fetch-Site` and `Origin`; a page cannot forge either (Fetch standard; OWASP
/// Cross-Site Request Forgery Prevention, "Fetch Metadata"). A request that carries neither and
/// no cookie is a program with its own token, which no other site can make a browser send.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    if *request.method() == Method::GET || *request.method() == Method::HEAD {
        return next.run(request).await;
    }
    if is_our_own(request.headers()) {
        next.run(request).await
    } else {
        Fault::CrossSite.into_response()
    }
}

fn is_our_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, of)| of == host),
        (Some(_), None) => false,
        (None, _) => !headers.contains_key(header::COOKIE),
    }
}

/// Turns a [`Fault`] into a page for people or an RFC 9457 problem document for programs.
pub async fn explain(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let asked = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let is_get = *request.method() == Method::GET;
    let t = T(language(request.headers()));
    let for_program = path.starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let explained = match response.extensions().get::<Explained>() {
        Some(explained) => explained.clone(),
        // Answers of the router itself: no such route, wrong method.
        None if status == StatusCode::NOT_FOUND && is_bare(&response) => {
            Explained { name: "not-found", fields: vec![], key: None }
        }
        None if status == StatusCode::METHOD_NOT_ALLOWED || is_refusal(&response) => {
            Explained { name: "bad-request", fields: vec![], key: None }
        }
        None => return response,
    };
    if for_program {
        return problem(status, &explained, t);
    }
    if explained.name == "sign-in-needed" {
        let back = if is_get { super::form::encode(&asked) } else { String::new() };
        return redirect(&format!("/sign-in?back={back}"));
    }
    let shell = Shell {
        t,
        title: t.get(&format!("fault-{}-title", explained.name)),
        demo: app.demo,
        ..Shell::default()
    };
    let advice = match explained.key {
        Some(key) => t.get(key),
        None => t.get(&format!("fault-{}", explained.name)),
    };
    let fields = explained.fields.iter().map(|f| (f.field.clone(), t.get(f.key))).collect();
    match render(&FaultPage { shell, advice, fields }) {
        Ok(mut page) => {
            *page.status_mut() = status;
            page
        }
        Err(_) => status.into_response(),
    }
}

/// An extractor's own refusal, such as of an id that is none.
fn is_refusal(response: &Response) -> bool {
    let plain = response.headers().get(header::CONTENT_TYPE).is_some_and(|media_type| {
        media_type.to_str().is_ok_and(|media_type| media_type.starts_with("text/plain"))
    });
    response.status() == StatusCode::BAD_REQUEST && plain
}

fn is_bare(response: &Response) -> bool {
    !response.headers().contains_key(header::CONTENT_TYPE)
}

#[derive(Template)]
#[template(path = "foundation/fault.html")]
struct FaultPage {
    shell: Shell,
    advice: String,
    fields: Vec<(String, String)>,
}

/// RFC 9457 problem details.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:lantoa:problem:` and a stable name.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Wrong fields, each with what to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// A wrong field of a request.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    pub field: String,
    pub code: String,
    pub detail: String,
}

fn problem(status: StatusCode, explained: &Explained, t: T) -> Response {
    let detail = match explained.key {
        Some(key) => t.get(key),
        None => t.get(&format!("fault-{}", explained.name)),
    };
    let errors = explained.fields.iter().map(|f| ProblemField {
        field: f.field.clone(),
        code: f.key.to_owned(),
        detail: t.get(f.key),
    });
    let body = Problem {
        kind: format!("urn:lantoa:problem:{}", explained.name),
        title: t.get(&format!("fault-{}-title", explained.name)),
        status: status.as_u16(),
        detail,
        errors: errors.collect(),
    };
    let mut response = (status, Json(body)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The language a browser asks for: the `lang` cookie, else Vietnamese.
pub fn language(headers: &HeaderMap) -> Lang {
    cookie(headers, "lang").map_or(Lang::Vi, |code| Lang::of(&code))
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(of, _)| *of == name)
        .map(|(_, value)| value.to_owned())
}

struct BrowserFile {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! browser_files {
    ($($name:literal => $media:literal),* $(,)?) => {
        /// Everything a browser fetches, embedded in the binary.
        const BROWSER_FILES: &[BrowserFile] = &[$(BrowserFile {
            name: $name,
            media_type: $media,
            bytes: include_bytes!(concat!("../../../../web/", $name)),
        }),*];
    };
}
browser_files! {
    "lantoa.css" => "text/css; charset=utf-8",
    "lantoa.js" => "text/javascript; charset=utf-8",
    "lantoa.svg" => "image/svg+xml",
}

/// The hash of all browser files, so that a new version is fetched at once and then kept.
pub fn browser_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hash = Sha256::new();
        for file in BROWSER_FILES {
            hash.update(file.bytes);
        }
        hex::encode(&hash.finalize()[..6])
    })
}

/// `GET /static/{version}/{name}`: an embedded browser file, kept by browsers for a year.
pub async fn browser_file(Path((_version, name)): Path<(String, String)>) -> Response {
    let Some(file) = BROWSER_FILES.iter().find(|file| file.name == name) else {
        return Fault::NotFound.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, Body::from(file.bytes)).into_response()
}

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers within two seconds.
pub async fn readyz(State(app): State<Shared>) -> Response {
    let asked = app.db.count("SELECT 1 AS n", vec![]);
    match tokio::time::timeout(Duration::from_secs(2), asked).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "database does not answer\n").into_response(),
    }
}

/// `GET /metrics`: Prometheus' text format.
pub async fn metrics(State(app): State<Shared>) -> Response {
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], app.metrics.text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn another_site_cannot_make_a_browser_write() {
        assert!(is_our_own(&headers(&[("sec-fetch-site", "same-origin"), ("cookie", "a=b")])));
        assert!(!is_our_own(&headers(&[("sec-fetch-site", "cross-site"), ("cookie", "a=b")])));
        assert!(!is_our_own(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_our_own(&headers(&[("origin", "http://a.vn"), ("host", "a.vn")])));
        assert!(!is_our_own(&headers(&[("origin", "http://b.vn"), ("host", "a.vn")])));
        assert!(!is_our_own(&headers(&[("cookie", "lantoa=x"), ("host", "a.vn")])));
        assert!(is_our_own(&headers(&[("host", "a.vn")])));
    }
}
