//! `lantoa plan` and `lantoa verify`: the planner on instance files, for comparison with others.

use std::path::Path;

use anyhow::{Context as _, bail};
use routing::formats::{self, Instance};
use routing::{Progress, Search, Watch, verify};

/// How long to search.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Seconds of this thread's processor time.
    pub cpu_seconds: f64,
    /// Attempts instead, for a plan that is the same on every machine.
    pub attempts: Option<u64>,
}

/// Processor seconds that this thread has had; on systems without such a clock, time since the start.
pub fn cpu_time() -> f64 {
    #[cfg(unix)]
    {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
    }
    #[cfg(not(unix))]
    {
        static SINCE: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        SINCE.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
    }
}

/// Watches the processor clock, and tells a person on standard error how it goes.
struct Meter<'a> {
    instance: &'a Instance,
    budget: Budget,
    since: f64,
    attempts: routing::Attempts,
    told: Option<f64>,
}

impl Watch for Meter<'_> {
    fn spent(&mut self) -> f64 {
        match self.budget.attempts {
            Some(_) => self.attempts.spent(),
            None => (cpu_time() - self.since) / self.budget.cpu_seconds,
        }
    }

    fn better(&mut self, found: &Progress<'_>) {
        let now = cpu_time() - self.since;
        let due = self.told.is_none_or(|told| now - told >= 0.5);
        if due {
            self.told = Some(now);
            eprintln!(
                "{:8.3} s  cost {}, {} routes, {} unserved",
                now,
                self.instance.cost_text(found.bill.total),
                found.bill.shifts,
                found.bill.unserved
            );
        }
    }
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

/// Plans an instance and writes the solution where asked.
pub fn plan(
    file: &Path,
    budget: Budget,
    seed: u64,
    ignore_teams: bool,
    solution: Option<&Path>,
) -> anyhow::Result<()> {
    if budget.cpu_seconds.is_nan() || budget.cpu_seconds <= 0.0 {
        bail!("--cpu-seconds: một số lớn hơn 0 / a number above 0");
    }
    let mut instance =
        formats::read(&text_of(file)?).with_context(|| file.display().to_string())?;
    if ignore_teams {
        instance.ignore_resources();
    }
    let mut meter = Meter {
        instance: &instance,
        budget,
        since: cpu_time(),
        attempts: routing::Attempts::of(budget.attempts.unwrap_or(0)),
        told: None,
    };
    let search = Search { seed, from: None };
    let timetable = routing::plan(&instance.problem, &search, &mut meter)?;
    let bill = instance.problem.bill(&timetable);
    println!("cost {}", instance.cost_text(bill.total - unserved_price(&instance, &timetable)));
    println!("travel {}", instance.cost_text(bill.travel));
    println!("routes {}", bill.shifts);
    println!("unserved {}", bill.unserved);
    for (visit, reason) in routing::explain::all_unserved(&instance.problem, &timetable) {
        println!("  visit {visit}: {reason:?}");
    }
    if let Some(path) = solution {
        std::fs::write(path, instance.solution(&timetable))
            .with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// What of the bill stands for visits left out: counted apart.
fn unserved_price(instance: &Instance, timetable: &routing::Timetable) -> i64 {
    let problem = &instance.problem;
    let weight = |visit: &u32| 1 + i64::from(problem.visits[*visit as usize].priority);
    timetable.unserved.iter().map(weight).sum::<i64>() * problem.costs.unserved
}

/// Judges a solution by code of its own; fails where it breaks a rule.
pub fn judge(instance: &Path, solution: &Path, ignore_teams: bool) -> anyhow::Result<()> {
    let report = verify::files(&text_of(instance)?, &text_of(solution)?, ignore_teams)
        .with_context(|| solution.display().to_string())?;
    println!("cost {}", report.cost);
    println!("routes {}", report.routes);
    println!("held {}", report.held);
    println!("left out {}", report.left_out);
    for broken in &report.broken {
        println!("BROKEN {broken}");
    }
    if !report.broken.is_empty() {
        bail!("{} quy tắc bị vi phạm / rules broken", report.broken.len());
    }
    println!("mọi quy tắc đều giữ / every rule holds");
    Ok(())
}
