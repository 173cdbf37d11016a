//! The search, beside the requests: it keeps its best so far in the database every half second,
//! so that neither a closed browser nor a restart loses it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use routing::{Progress, Search, Timetable, Unsound, Watch, explain};

use super::ground::Ground;
use super::store::{self, News, Plan, Purpose, State};
use crate::foundation::ids::PlanId;
use crate::foundation::{Fault, Shared};
use crate::people::Scope;

/// How long a repair searches: few sessions move, so little is to be found later.
const REPAIR: Duration = Duration::from_millis(1500);
/// How long a question "what if" searches at most.
const WHAT_IF: Duration = Duration::from_secs(10);
/// Points of the line that shows how the cost fell; older ones are thinned out.
const COURSE: usize = 200;

/// Watches over a search by the clock of the wall.
struct Watcher {
    began: Instant,
    budget: Duration,
    stop: Arc<AtomicBool>,
    news: Arc<Mutex<News>>,
}

impl Watch for Watcher {
    fn spent(&mut self) -> f64 {
        if self.stop.load(Ordering::Relaxed) {
            return 1.0;
        }
        self.began.elapsed().as_secs_f64() / self.budget.as_secs_f64()
    }

    fn better(&mut self, found: &Progress<'_>) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.best.clone_from(found.timetable);
        news.bill = found.bill;
        news.iterations = found.iterations;
        if news.course.len() >= COURSE {
            let mut index = 0;
            news.course.retain(|_| {
                index += 1;
                index % 2 == 0
            });
        }
        news.course.push((self.began.elapsed().as_millis() as i64, found.bill.total));
    }
}

/// Lets a plan be searched as soon as its turn has come.
pub fn launch(app: &Shared, id: PlanId) {
    let app = app.clone();
    let stop = app.work.announce(id.0);
    tokio::spawn(async move {
        if let Some(_turn) = app.work.turn().await
            && let Err(fault) = run(&app, id, &stop).await
        {
            tracing::error!(error = %fault, plan = %id, "a search failed");
            let _ =
                store::keep(&app.db, id, &News::default(), State::Failed, app.clock.now()).await;
        }
        app.work.forget(id.0);
    });
}

async fn run(app: &Shared, id: PlanId, stop: &Arc<AtomicBool>) -> Result<(), Fault> {
    if !store::begin(&app.db, id, app.clock.now()).await? {
        return Ok(());
    }
    let plan = store::find(&app.db, &Scope::of_everything(), id).await?;
    let ground = store::ground(&app.db, id).await?;
    let news = Arc::new(Mutex::new(News::default()));
    let watcher = Watcher {
        began: Instant::now(),
        budget: budget(&plan),
        stop: stop.clone(),
        news: news.clone(),
    };
    let problem = ground.stepped();
    let mut search = tokio::task::spawn_blocking(move || {
        let found = search(&plan, &ground, watcher);
        found.map(|best| {
            let reasons = explain::all_unserved(&problem, &best);
            (problem.bill(&best), best, reasons)
        })
    });
    let (mut kept, mut ticks) = (None, 0);
    let found = loop {
        tokio::select! {
            found = &mut search => break found,
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                let so_far = snapshot(&news);
                let latest = so_far.course.last().copied();
                ticks += 1;
                // Also now and then without news, to hear of an end from elsewhere.
                if latest != kept || ticks % 4 == 0 {
                    kept = latest;
                    if !store::keep(&app.db, id, &so_far, State::Running, 0).await? {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    };
    let (bill, best, reasons) = found.map_err(Fault::internal)?.map_err(Fault::internal)?;
    let state = if stop.load(Ordering::Relaxed) { State::Stopped } else { State::Done };
    let last = News { best, bill, reasons: Some(reasons), ..snapshot(&news) };
    store::keep(&app.db, id, &last, state, app.clock.now()).await?;
    Ok(())
}

fn snapshot(news: &Mutex<News>) -> News {
    news.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn budget(plan: &Plan) -> Duration {
    let asked = Duration::from_secs(plan.brief.seconds.into());
    match plan.purpose {
        Purpose::First | Purpose::Again => asked,
        Purpose::Repair => REPAIR.min(asked),
        Purpose::WhatIf => WHAT_IF.min(asked),
    }
}

/// Searches a plan's timetable.
fn search(plan: &Plan, ground: &Ground, mut watcher: Watcher) -> Result<Timetable, Unsound> {
    let was: Vec<_> =
        ground.problem.visits.iter().map(|visit| visit.was.or(visit.locked)).collect();
    let before = ground.of_slots(&was);
    let problem = ground.stepped();
    let seed = plan.brief.seed;
    match plan.purpose {
        Purpose::Repair => routing::repair(&problem, &before, seed, &mut watcher),
        Purpose::First => routing::plan(&problem, &Search { seed, from: None }, &mut watcher),
        Purpose::Again | Purpose::WhatIf => {
            routing::plan(&problem, &Search { seed, from: Some(before) }, &mut watcher)
        }
    }
}

/// The numbers of sessions in a ground that are locked.
pub fn locks(ground: &Ground) -> HashSet<u32> {
    let visits = (0u32..).zip(&ground.problem.visits);
    visits.filter(|(_, visit)| visit.locked.is_some()).map(|(number, _)| number).collect()
}
