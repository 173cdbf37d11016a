//! The whole site: every room's pages and API behind the same doors.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::foundation::{Shared, web};
use crate::{
    campaigns, catalogue, encounters, exchange, measures, people, planning, registers, reports,
    rosters, runs, schedule, start, trash, units,
};

/// The largest request taken: a spreadsheet or a handful of photos.
const LARGEST_BODY: usize = 24 * 1024 * 1024;

/// What rooms after `schedule` show on the page of an activity, in this order.
const BESIDE_ACTIVITIES: &[schedule::Beside] = &[runs::pieces];

/// The JSON doors, and their description.
pub fn api() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Described::openapi())
        .nest(
            "/api/v1",
            OpenApiRouter::new()
                .merge(encounters::api())
                .merge(measures::api())
                .merge(registers::api())
                .merge(schedule::api())
                .merge(runs::api()),
        )
        .split_for_parts()
}

/// What OpenAPI says of the whole.
#[derive(OpenApi)]
#[openapi(info(
    title = "Lan Tỏa",
    description = "Sign in at /sign-in and send the session as cookie or as Bearer token. \
                   Errors are RFC 9457 problem documents. Lists are paged: give `next` as `after`. \
                   Writes take an Idempotency-Key."
))]
struct Described;

/// The site of an installation.
pub fn site(app: Shared) -> Router {
    let (api, description) = api();
    let description = Arc::new(description);
    Router::new()
        .merge(api)
        .route(
            "/api/v1/openapi.json",
            get(move || async move { Json(description.as_ref()).into_response() }),
        )
        .merge(units::routes())
        .merge(people::routes())
        .merge(registers::routes())
        .merge(catalogue::routes())
        .merge(campaigns::routes())
        .merge(planning::routes())
        .merge(schedule::routes(BESIDE_ACTIVITIES))
        .merge(rosters::routes())
        .merge(runs::routes())
        .merge(encounters::routes())
        .merge(measures::routes())
        .merge(reports::routes())
        .merge(exchange::routes())
        .merge(trash::routes())
        .merge(start::routes())
        .layer(from_fn_with_state(app.clone(), start::lead))
        .route("/static/{version}/{name}", get(web::browser_file))
        .layer(axum::middleware::from_fn(web::refuse_cross_site))
        .layer(from_fn_with_state(app.clone(), web::explain))
        .layer(axum::middleware::from_fn(web::protect))
        .layer(CompressionLayer::new())
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .route("/healthz", get(web::healthz))
        .route("/readyz", get(web::readyz))
        .route("/metrics", get(web::metrics))
        .layer(from_fn_with_state(app.clone(), web::observe))
        .with_state(app)
}
