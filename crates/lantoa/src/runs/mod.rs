//! Mobile loudspeaker runs: the stops of a vehicle in their order - roads driven through while
//! the script is read, then residential stops where people are guided - with the crew, the
//! vehicle, a check that every leg can be driven in time, and the run sheet on one page.

mod api;
mod beside;
mod changes;
mod crew;
mod editor;
pub mod model;
mod say;
mod sheet;
pub mod store;

use axum::Router;
use axum::routing::{get, post};

pub use api::api;
pub use beside::pieces;
pub use model::{RunStop, StopKind};

use crate::foundation::Shared;
use changes::Turn;

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    let stop = "/activities/{id}/run/stops/{stop}";
    Router::new()
        .route("/activities/{id}/run", get(editor::show))
        .route("/activities/{id}/run/script", post(changes::set_script))
        .route("/activities/{id}/run/copy", post(changes::copy))
        .route("/activities/{id}/run/stops", post(changes::add))
        .route(&format!("{stop}/edit"), get(editor::edit_stop).post(changes::change_stop))
        .route(&format!("{stop}/earlier"), post(|s, a, p| changes::turn(Turn::Earlier, s, a, p)))
        .route(&format!("{stop}/later"), post(|s, a, p| changes::turn(Turn::Later, s, a, p)))
        .route(&format!("{stop}/remove"), post(changes::remove))
        .route("/activities/{id}/run-sheet", get(sheet::page))
        .route("/activities/{id}/run-sheet.pdf", get(sheet::pdf))
}
