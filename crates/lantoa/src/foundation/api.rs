//! What every JSON endpoint under `/api/v1` shares: pages under a cursor, writes that can be sent
//! again, and the description of it all.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::error::{Fault, Outcome};
use super::form::Form;
use super::ids::AccountId;
use super::{App, clock};
use crate::args;

/// The most rows of a page.
pub const MOST: usize = 200;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Paged<V> {
    pub items: Vec<V>,
    /// Give it as `after` for the next page; none where this is the last.
    pub next: Option<String>,
}

/// How a list is asked for: the query's `limit`, 1 to 200, 50 where it is not given.
pub fn limit(form: &mut Form) -> Result<usize, Fault> {
    let limit = form.number("limit", 1..=MOST as i64).unwrap_or(50);
    if form.is_sound() { Ok(limit as usize) } else { Err(form.faults()) }
}

/// A value as a JSON answer.
pub fn json<V: Serialize>(value: &V) -> Outcome {
    Ok(axum::Json(value).into_response())
}

/// An instant as RFC 3339 in Viet Nam's time.
pub fn instant(millis: i64) -> String {
    let local = clock::local(millis);
    format!("{}+07:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The JSON object of a request as a form.
pub fn body(bytes: &Bytes) -> Result<Form, Fault> {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(json) if json.is_object() => Ok(Form::of_json(&json)),
        _ => Err(Fault::BadRequest("fault-json")),
    }
}

/// Runs a write once for each `Idempotency-Key`: sent again, it answers as the first time; the
/// same key with another request is refused (draft-ietf-httpapi-idempotency-key-header).
pub async fn once<V: Serialize>(
    app: &App,
    account: AccountId,
    headers: &HeaderMap,
    asked: &str,
    bytes: &Bytes,
    act: impl Future<Output = Result<(StatusCode, V), Fault>>,
) -> Outcome {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.chars().count() > 100 {
        return Err(Fault::BadRequest("fault-idempotency-key"));
    }
    // Keyed, as a body may hold a person's number.
    let hash =
        app.secret.keyed_hash("request", &format!("{asked}\0{}", String::from_utf8_lossy(bytes)));
    if !key.is_empty() {
        let before = app
            .db
            .row(
                "SELECT request_hash, status, body FROM idempotency
                 WHERE account_id = $1 AND key = $2",
                args![account, key],
            )
            .await?;
        if let Some(before) = before {
            if before.get::<Vec<u8>>("request_hash")? != hash {
                return Err(Fault::Conflict("fault-idempotency-reused"));
            }
            let status = StatusCode::from_u16(before.get::<i64>("status")? as u16);
            let status = status.map_err(Fault::internal)?;
            return Ok(answer(status, before.get("body")?));
        }
    }
    let (status, value) = act.await?;
    let text = serde_json::to_string(&value).map_err(Fault::internal)?;
    if !key.is_empty() {
        let mut tx = app.db.begin().await?;
        tx.execute(
            "INSERT INTO idempotency (account_id, key, request_hash, status, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, key) DO NOTHING",
            args![account, key, hash, i64::from(status.as_u16()), &text, app.clock.now()],
        )
        .await?;
        tx.commit().await?;
    }
    Ok(answer(status, text))
}

fn answer(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
