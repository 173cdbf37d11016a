//! The frame around every page: who is signed in, where one can go, whether this is a demo.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::Fault;
use super::text::T;

/// What `templates/shell.html` shows around a page.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    pub t: T,
    /// Title of the page, already in the reader's language.
    pub title: String,
    /// Name of the signed-in person and of their roles and units, or empty.
    pub person: String,
    pub standing: String,
    /// The unit this installation works for.
    pub home_name: String,
    /// The date and time that the installation's clock shows.
    pub now: String,
    /// Where the person may go.
    pub places: Vec<Place>,
    /// Whether names in it are generated.
    pub demo: bool,
    /// The name of the person whose view this is, when looking through another's eyes.
    pub viewing_as: Option<String>,
    /// The person's notices not yet read.
    pub unread: i64,
    /// What was just done, from the `done` query parameter or a cookie.
    pub notice: Option<String>,
    /// Whether the page waits for work and is to be looked at again.
    pub refresh: bool,
}

/// An entry of the navigation.
#[derive(Debug, Clone)]
pub struct Place {
    pub path: &'static str,
    pub key: &'static str,
    pub here: bool,
    /// How many wait there; 0 says nothing.
    pub count: i64,
}

/// Turns a template into a response.
pub fn render(page: &impl Template) -> Result<Response, Fault> {
    let html = page.render().map_err(Fault::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// `303 See Other` after a form was accepted.
pub fn redirect(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}

/// A file to save, under a name that may hold Vietnamese letters (RFC 6266).
pub fn download(file_name: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let plain: String = vietnamese::fold(file_name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '-' })
        .collect();
    let disposition = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        super::form::encode(file_name)
    );
    let headers =
        [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}
