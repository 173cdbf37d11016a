//! What every request can reach: database, clock, key, configuration.

use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

use tokio::sync::Notify;
use uuid::Uuid;

use super::clock::Clock;
use super::db::Db;
use super::ids::{AccountId, UnitId};
use super::secret::Secret;
use super::telemetry::Metrics;
use super::work::Work;

/// The running installation.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub secret: Secret,
    pub metrics: Metrics,
    /// Whether names in it are made up, which every page then says.
    pub demo: bool,
    /// Whether the site is reached over HTTPS, so that cookies may insist on it.
    pub secure_cookies: bool,
    /// Rung when the first page asks for the demo in place of an empty installation.
    pub demo_wanted: Notify,
    /// Files between their trial and their import. In memory only: they may hold people's numbers,
    /// which never reach the disk.
    pub handed_in: Mutex<Vec<HandedIn>>,
    /// Long computations.
    pub work: Work,
    /// Address of a routing server that speaks OSRM's interface, where one is configured.
    pub routing_server: Option<String>,
    home: RwLock<Option<Home>>,
}

/// A file handed in by an account, until it is brought in or an hour has passed.
#[derive(Debug, Clone)]
pub struct HandedIn {
    pub id: Uuid,
    pub account_id: AccountId,
    /// What it is to be.
    pub kind: &'static str,
    pub file_name: String,
    pub bytes: Arc<Vec<u8>>,
    pub since: Instant,
}

/// The unit that this installation works for.
#[derive(Debug, Clone)]
pub struct Home {
    pub unit_id: UnitId,
    pub name: String,
    pub level: String,
}

/// How handlers hold the app.
pub type Shared = Arc<App>;

impl App {
    /// An installation over an open database.
    pub fn new(db: Db, clock: Clock, secret: Secret, demo: bool, home: Option<Home>) -> Self {
        Self {
            db,
            clock,
            secret,
            metrics: Metrics::default(),
            demo,
            secure_cookies: false,
            demo_wanted: Notify::new(),
            handed_in: Mutex::default(),
            work: Work::default(),
            routing_server: None,
            home: RwLock::new(home),
        }
    }

    /// The home unit, or none before the own start has been made.
    pub fn home(&self) -> Option<Home> {
        self.home.read().map_or_else(|e| e.into_inner().clone(), |home| home.clone())
    }

    /// Sets the home unit once the own start has been made.
    pub fn settle(&self, home: Home) {
        match self.home.write() {
            Ok(mut slot) => *slot = Some(home),
            Err(poisoned) => *poisoned.into_inner() = Some(home),
        }
    }
}
