//! Administrative units and what stands in them: the national tree at three dates with its
//! predecessor and successor links, hamlets with households and population, venues and assets,
//! and the outlines that maps are drawn from.

pub mod model;
pub mod places;
pub mod store;

pub use model::{FOR_EVER, Level, Link, SINCE_EVER, Unit};
pub use places::{Asset, AssetKind, Venue, VenueKind};
pub use store::{
    by_code, children, choices, counted_in, descendants, expected, find, links, path, search,
};

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> axum::Router<Shared> {
    axum::Router::new()
}
