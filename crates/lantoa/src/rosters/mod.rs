//! Rosters: when members are free, who takes part in which activity and what they answered, who
//! was there, what they are told and when, and where people are missing.

mod acts;
pub mod availability;
mod changes;
mod desk;
mod hours;
mod hours_pages;
mod links;
mod mine;
mod model;
mod pages;
pub mod reminders;
mod store;
mod suggest;

use axum::Router;
use axum::routing::{get, post};

pub use desk::{Part, waiting};
pub use hours::Span;
pub use store::unanswered_by;

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    let one = "/activities/{id}/roster";
    let of_one = |act: &str| format!("{one}/{{member}}/{act}");
    Router::new()
        .route("/availability", get(hours_pages::own))
        .route("/members/{id}/availability", get(hours_pages::show).post(hours_pages::set_week))
        .route("/members/{id}/availability/forget", post(hours_pages::forget_week))
        .route("/members/{id}/availability/days", post(hours_pages::add_days))
        .route("/members/{id}/availability/days/{days}/drop", post(hours_pages::drop_days))
        .route(one, get(pages::show).post(pages::set_wanted))
        .route(&format!("{one}/team"), post(acts::whole_team))
        .route(&format!("{one}/beside"), post(acts::beside))
        .route(&format!("{one}/attended"), post(acts::all_attended))
        .route(&of_one("invite"), post(acts::invite))
        .route(&of_one("confirm"), post(acts::confirm))
        .route(&of_one("decline"), post(acts::decline))
        .route(&of_one("release"), post(acts::release))
        .route(&of_one("attended"), post(acts::attended))
        .route(&of_one("no_show"), post(acts::no_show))
        .route(&of_one("told"), post(acts::told))
        .route("/rosters", get(desk::show))
        .route("/rosters/reminders", get(desk::rules).post(desk::set_rules))
        .route("/my-work", get(mine::work))
        .route("/my-work/{id}/confirm", post(mine::confirm))
        .route("/my-work/{id}/decline", post(mine::decline))
        .route("/my-work/{id}/sign-up", post(mine::sign_up))
        .route("/notices", get(mine::told))
        .route("/notices/read", post(mine::read_all))
        .route("/accounts/{id}/member", get(links::show).post(links::set))
}
