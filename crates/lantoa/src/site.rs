//! The whole site: every room's pages and API behind the same doors.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::foundation::{Shared, web};
use crate::{
    campaigns, catalogue, encounters, exchange, measures, people, registers, reports, schedule,
    start, units,
};

/// The largest request taken: a spreadsheet or a handful of photos.
const LARGEST_BODY: usize = 24 * 1024 * 1024;

/// The site of an installation.
pub fn site(app: Shared) -> Router {
    Router::new()
        .merge(units::routes())
        .merge(people::routes())
        .merge(registers::routes())
        .merge(catalogue::routes())
        .merge(campaigns::routes())
        .merge(schedule::routes())
        .merge(encounters::routes())
        .merge(measures::routes())
        .merge(reports::routes())
        .merge(exchange::routes())
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
