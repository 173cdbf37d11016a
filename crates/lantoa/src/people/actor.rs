//! Who stands behind a request.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::access::{Act, Grant, Scope};
use super::sessions;
use crate::foundation::audit::Doer;
use crate::foundation::ids::{AccountId, MemberId};
use crate::foundation::page::Place;
use crate::foundation::{App, Fault, Lang, Shared, Shell, T, web};

/// The signed-in person of a request, with what they may do.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account_id: AccountId,
    pub name: String,
    pub t: T,
    /// The token of the session.
    pub token: String,
    pub grants: Vec<Grant>,
    /// The member of a team that the person (or whose view this is) is.
    pub member_id: Option<MemberId>,
    /// That member's notices not yet read.
    pub unread: i64,
    /// The name of the person whose view this is; then nothing can be changed.
    pub viewing_as: Option<String>,
    /// The installation's present instant, in epoch milliseconds.
    pub at: i64,
}

impl FromRequestParts<Shared> for Actor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Fault> {
        let bearer = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(ToOwned::to_owned);
        let token = bearer
            .or_else(|| web::cookie(&parts.headers, sessions::COOKIE))
            .ok_or(Fault::SignInNeeded)?;
        let session = sessions::of_token(&app.db, &token).await?.ok_or(Fault::SignInNeeded)?;
        let lang = web::cookie(&parts.headers, "lang")
            .map_or(session.account.lang, |code| Lang::of(&code));
        let viewing_as = session.view_as.as_ref().map(|other| other.display_name.clone());
        let eyes = session.view_as.unwrap_or_else(|| session.account.clone());
        Ok(Self {
            account_id: session.account.id,
            name: session.account.display_name,
            t: T(lang),
            token,
            grants: eyes.grants,
            member_id: eyes.member_id,
            unread: eyes.unread,
            viewing_as,
            at: app.clock.now(),
        })
    }
}

impl Actor {
    /// The units on which the person may do this, or a refusal.
    pub fn scope(&self, act: Act) -> Result<Scope, Fault> {
        if self.viewing_as.is_some() && !act.only_reads() {
            return Err(Fault::NotAllowed);
        }
        Scope::of(&self.grants, act)
    }

    /// Whether the person may do this anywhere.
    pub fn may(&self, act: Act) -> bool {
        self.scope(act).is_ok()
    }

    /// The name under which changes are written down.
    pub fn doer(&self) -> Doer {
        Doer { account_id: Some(self.account_id), name: self.name.clone(), at: self.at }
    }

    /// The frame of a page: `here` is the key of its place in the navigation.
    pub fn shell(&self, app: &App, here: &str, title: String) -> Shell {
        let standing: Vec<String> = self
            .grants
            .iter()
            .map(|grant| {
                format!("{} · {}", self.t.name("role", grant.role.code()), grant.unit_name)
            })
            .collect();
        Shell {
            t: self.t,
            title,
            person: self.name.clone(),
            standing: standing.join("; "),
            home_name: app.home().map_or_else(String::new, |home| home.name),
            now: vietnamese::date_time(app.clock.local()),
            places: self.places(here),
            demo: app.demo,
            viewing_as: self.viewing_as.clone(),
            unread: self.unread,
            notice: None,
            refresh: false,
        }
    }

    fn places(&self, here: &str) -> Vec<Place> {
        const PLACES: &[(&str, &str, Act)] = &[
            ("/", "nav-board", Act::Look),
            ("/my-work", "nav-my-work", Act::Look),
            ("/notices", "nav-notices", Act::Look),
            ("/encounters/new", "nav-record", Act::RecordEncounters),
            ("/campaigns", "nav-campaigns", Act::Look),
            ("/calendar", "nav-calendar", Act::Look),
            ("/activities", "nav-activities", Act::Look),
            ("/rosters", "nav-rosters", Act::EditActivities),
            ("/encounters", "nav-encounters", Act::ReadEncounters),
            ("/coverage", "nav-coverage", Act::Look),
            ("/reports", "nav-reports", Act::MakeReports),
            ("/units", "nav-units", Act::Look),
            ("/venues", "nav-venues", Act::Look),
            ("/teams", "nav-teams", Act::Look),
            ("/assets", "nav-assets", Act::Look),
            ("/catalogue", "nav-catalogue", Act::Look),
            ("/exchange", "nav-exchange", Act::Exchange),
            ("/trash", "nav-trash", Act::EditActivities),
            ("/accounts", "nav-accounts", Act::ManageAccounts),
            ("/audit", "nav-audit", Act::ReadAudit),
        ];
        // Whose account is no member's has no work of their own here.
        let own = ["nav-my-work", "nav-notices"];
        PLACES
            .iter()
            .filter(|(_, key, act)| {
                self.may(*act) && (self.member_id.is_some() || !own.contains(key))
            })
            .map(|&(path, key, _)| {
                let count = if key == "nav-notices" { self.unread } else { 0 };
                Place { path, key, here: key == here, count }
            })
            .collect()
    }
}
