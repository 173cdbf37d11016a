//! Long computations beside the requests: one at a time on this installation, the others wait
//! their turn, and each can be asked to stop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// The one place at which long work is done.
#[derive(Debug)]
pub struct Work {
    turn: Semaphore,
    wishes: Mutex<HashMap<Uuid, Arc<AtomicBool>>>,
}

impl Default for Work {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), wishes: Mutex::default() }
    }
}

impl Work {
    fn wishes(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<AtomicBool>>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn; none only when the program ends.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turn.acquire().await.ok()
    }

    /// Announces work; what comes back becomes true once somebody wants it to stop.
    pub fn announce(&self, id: Uuid) -> Arc<AtomicBool> {
        self.wishes().entry(id).or_default().clone()
    }

    /// Asks announced work to stop.
    pub fn stop(&self, id: Uuid) {
        if let Some(wish) = self.wishes().get(&id) {
            wish.store(true, Ordering::Relaxed);
        }
    }

    /// Lets nothing more begin, asks all work to stop, and waits a moment until it has.
    pub async fn finish(&self) {
        self.turn.close();
        for wish in self.wishes().values() {
            wish.store(true, Ordering::Relaxed);
        }
        for _ in 0..60 {
            if self.wishes().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Forgets work that is done.
    pub fn forget(&self, id: Uuid) {
        self.wishes().remove(&id);
    }
}
