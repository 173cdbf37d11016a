//! Photos of activities. They are decoded and written anew, so that neither place nor camera data
//! of the original file stays.

use std::io::Cursor;

use axum::extract::{Multipart, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::store;
use crate::args;
use crate::foundation::audit::Entry;
use crate::foundation::ids::{ActivityId, PhotoId};
use crate::foundation::page::redirect;
use crate::foundation::{Db, DbError, Fault, Outcome, Shared};
use crate::people::{Act, Actor};

/// The longest side kept.
const LONGEST: u32 = 1600;

/// A photo without its bytes.
pub struct Photo {
    pub id: PhotoId,
    pub caption: String,
}

/// The photos of an activity.
pub async fn of(db: &Db, activity: ActivityId) -> Result<Vec<Photo>, DbError> {
    db.rows(
        "SELECT id, caption FROM photo WHERE activity_id = $1 AND deleted_at IS NULL ORDER BY id",
        args![activity],
    )
    .await?
    .iter()
    .map(|row| Ok(Photo { id: row.get("id")?, caption: row.get("caption")? }))
    .collect()
}

fn reencode(bytes: &[u8]) -> Option<(u32, u32, Vec<u8>)> {
    let mut reader = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    reader.limits(limits);
    let mut picture = reader.decode().ok()?;
    if picture.width().max(picture.height()) > LONGEST {
        picture = picture.resize(LONGEST, LONGEST, image::imageops::FilterType::Triangle);
    }
    let mut jpeg = vec![];
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 80);
    picture.to_rgb8().write_with_encoder(encoder).ok()?;
    Some((picture.width(), picture.height(), jpeg))
}

pub(super) async fn add(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut parts: Multipart,
) -> Outcome {
    let scope = actor.scope(Act::EditActivities)?;
    let activity = store::find(&app.db, &scope, id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    let (mut caption, mut files) = (String::new(), vec![]);
    while let Some(part) = parts.next_field().await.map_err(|_| Fault::BadRequest("fault-form"))? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| Fault::BadRequest("fault-form"))?;
        match name.as_str() {
            "caption" => {
                caption = String::from_utf8_lossy(&bytes).trim().chars().take(200).collect();
            }
            "photo" if !bytes.is_empty() => files.push(bytes),
            _ => {}
        }
    }
    if files.is_empty() {
        return Err(Fault::BadRequest("error-no-photo"));
    }
    for bytes in files {
        let decoded = tokio::task::spawn_blocking(move || reencode(&bytes)).await;
        let Some((width, height, jpeg)) = decoded.map_err(Fault::internal)? else {
            return Err(Fault::BadRequest("error-not-a-photo"));
        };
        let mut tx = app.db.begin().await?;
        tx.execute(
            "INSERT INTO photo (id, activity_id, caption, width, height, jpeg, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![PhotoId::new(), id, &caption, width, height, jpeg, actor.at],
        )
        .await?;
        Entry::new("changed", "activity", id.0, &activity.title)
            .in_unit(activity.unit_id)
            .detail(serde_json::json!({ "photo": caption }))
            .write(&mut tx, &actor.doer())
            .await?;
        tx.commit().await?;
    }
    Ok(redirect(&format!("/activities/{id}")))
}

pub(super) async fn show(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<PhotoId>,
) -> Result<Response, Fault> {
    let scope = actor.scope(Act::Look)?;
    let row = app
        .db
        .row("SELECT activity_id, jpeg FROM photo WHERE id = $1 AND deleted_at IS NULL", args![id])
        .await?
        .ok_or(Fault::NotFound)?;
    store::find(&app.db, &scope, row.get("activity_id")?).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, max-age=86400")];
    Ok((headers, row.get::<Vec<u8>>("jpeg")?).into_response())
}

pub(super) async fn remove(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<PhotoId>,
) -> Outcome {
    let scope = actor.scope(Act::EditActivities)?;
    let row = app.db.row("SELECT activity_id FROM photo WHERE id = $1", args![id]).await?;
    let activity_id = row.ok_or(Fault::NotFound)?.get("activity_id")?;
    let activity = store::find(&app.db, &scope, activity_id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    let mut tx = app.db.begin().await?;
    tx.execute("UPDATE photo SET deleted_at = $1 WHERE id = $2", args![actor.at, id]).await?;
    Entry::new("deleted", "activity", activity_id.0, &activity.title)
        .in_unit(activity.unit_id)
        .detail(serde_json::json!({ "photo": id.to_string() }))
        .write(&mut tx, &actor.doer())
        .await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{activity_id}")))
}
