//! Administrative units and what stands in them: the national tree at three dates with its
//! predecessor and successor links, hamlets with households and population, venues and assets,
//! and the outlines that maps are drawn from.

pub mod gazetteer;
pub mod map;
pub mod model;
mod pages;
pub mod places;
pub mod store;
pub mod track;
pub mod travel;

pub use model::{FOR_EVER, Level, Link, SINCE_EVER, Unit};
pub use pages::routes;
pub use places::{AssetKind, VenueKind};
pub use store::{
    by_code, children, choices, counted_in, descendants, expected, expected_of, find, find_all,
    links, names, path, search, successors_on,
};
