//! `plan`: the planner and its peers on the same instances, in turn, in one run.
//!
//! Budgets are seconds of processor time of one thread. Every solution, ours or not, is judged by
//! `routing::verify`, which shares no code with the search; plans of peers, which know no teams, are
//! judged without the team rule, and their team clashes are counted. Peers take part where
//! `PEERS_PYTHON` (or `python3`) has them: `pip install pyvroom ortools pyvrp`; and vrp-core where
//! `VRP_CLI` (or `vrp-cli`) is there: `cargo install vrp-cli`. vrp-core looks for few vehicles before
//! short ways, and its limit is wall time.
//!
//! Results are kept line by line in `target/bench-plan.jsonl`; `plan-table` makes the table.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};
use routing::formats;
use routing::generate::{self, Wish};
use routing::verify::{self, Broken};
use routing::{Progress, Search, Timetable, Watch};
use serde_json::{Value, json};

use crate::Figure;

/// Processor seconds of this thread.
fn cpu_time() -> f64 {
    #[cfg(unix)]
    {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
    }
    #[cfg(not(unix))]
    {
        static SINCE: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        SINCE.get_or_init(Instant::now).elapsed().as_secs_f64()
    }
}

/// A budget, and when the first plan with nothing left out was there.
struct Meter {
    since: f64,
    seconds: f64,
    first_whole: Option<f64>,
    attempts: u64,
}

impl Meter {
    fn of(seconds: f64) -> Self {
        Self { since: cpu_time(), seconds, first_whole: None, attempts: 0 }
    }

    fn passed(&self) -> f64 {
        cpu_time() - self.since
    }
}

impl Watch for Meter {
    fn spent(&mut self) -> f64 {
        self.passed() / self.seconds
    }

    fn better(&mut self, found: &Progress<'_>) {
        self.attempts = found.iterations;
        if self.first_whole.is_none() && found.bill.unserved == 0 {
            self.first_whole = Some(self.passed());
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instances")
}

fn log_file() -> PathBuf {
    let target = std::env::var("CARGO_TARGET_DIR")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    target.join("bench-plan.jsonl")
}

fn note(line: &Value) -> anyhow::Result<()> {
    let path = log_file();
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{line}")?;
    eprintln!("{line}");
    Ok(())
}

/// One run of ours.
fn ours(path: &Path, seconds: f64, seed: u64, ignore_teams: bool) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let mut instance = formats::read(&text)?;
    if ignore_teams {
        instance.ignore_resources();
    }
    let mut meter = Meter::of(seconds);
    let search = Search { seed, from: None };
    let timetable = routing::plan(&instance.problem, &search, &mut meter)?;
    let spent = meter.passed();
    let solution = instance.solution(&timetable);
    let who = if ignore_teams { "Lan Tỏa, no team rule" } else { "Lan Tỏa" };
    judged(path, &text, &solution, who, seconds, spent, seed, ignore_teams)
}

/// One run of a peer.
fn peer(solver: &str, path: &Path, seconds: f64, seed: u64) -> anyhow::Result<()> {
    let out = std::env::temp_dir().join(format!("lantoa-peer-{}", std::process::id()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.py");
    let ran = Command::new(python())
        .arg(script)
        .arg(solver)
        .arg(path)
        .args([seconds.to_string(), seed.to_string()])
        .arg(&out)
        .output()?;
    if !ran.status.success() {
        bail!("{solver}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let last = String::from_utf8_lossy(&ran.stdout);
    let said: Value = serde_json::from_str(last.lines().last().unwrap_or_default())?;
    let (text, solution) = (std::fs::read_to_string(path)?, std::fs::read_to_string(&out)?);
    let spent = said["cpu"].as_f64().unwrap_or_default();
    judged(path, &text, &solution, solver, seconds, spent, seed, true)
}

#[allow(clippy::too_many_arguments)] // one line of the log
fn judged(
    path: &Path,
    text: &str,
    solution: &str,
    who: &str,
    budget: f64,
    spent: f64,
    seed: u64,
    ignore_teams: bool,
) -> anyhow::Result<()> {
    let report = verify::files(text, solution, ignore_teams)?;
    let strict = verify::files(text, solution, false)?;
    let clashes =
        strict.broken.iter().filter(|b| matches!(b, Broken::ResourceTwice { .. })).count();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    note(&json!({
        "instance": name, "solver": who, "budget": budget, "cpu": spent, "seed": seed,
        "cost": report.cost.parse::<f64>().unwrap_or(f64::NAN), "routes": report.routes,
        "broken": report.broken.len(), "clashes": clashes,
    }))
}

/// One run of vrp-core, the baseline in Rust.
fn vrp_core(path: &Path, seconds: f64, seed: u64) -> anyhow::Result<()> {
    let out = std::env::temp_dir().join(format!("lantoa-vrp-{}", std::process::id()));
    let ran = Command::new(vrp_cli())
        .args(["solve", "solomon"])
        .arg(path)
        .args(["--max-time", &seconds.to_string(), "--parallelism", "1,1", "-o"])
        .arg(&out)
        .output()?;
    if !ran.status.success() {
        bail!("vrp-cli: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let text = std::fs::read_to_string(path)?;
    let routes = std::fs::read_to_string(&out)?;
    // Its own cost is of distances not cut off.
    let routes: Vec<&str> =
        routes.lines().filter_map(|line| line.split("Cost").next()).map(str::trim).collect();
    let routes = routes.join("\n");
    judged(path, &text, &routes, "vrp-core", seconds, seconds, seed, true)
}

fn vrp_cli() -> String {
    std::env::var("VRP_CLI").unwrap_or_else(|_| "vrp-cli".to_owned())
}

fn python() -> String {
    std::env::var("PEERS_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn installed() -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.py");
    let said = Command::new(python()).arg(script).arg("--installed").output();
    let said = said.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    let mut found: Vec<String> =
        said.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if Command::new(vrp_cli()).arg("--version").output().is_ok() {
        found.push("vrp-core".to_owned());
    }
    found
}

/// Runs a part: `outreach`, `solomon`, `times`, or all.
pub fn measure(part: Option<&str>, seeds: u64) -> anyhow::Result<Vec<Figure>> {
    let peers = installed();
    let has = |name: &str| peers.iter().any(|peer| peer == name);
    eprintln!("peers: {}", if peers.is_empty() { "none".into() } else { peers.join(", ") });
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    if wanted("times") {
        times(seeds)?;
    }
    for seed in 1..=seeds {
        if wanted("outreach") {
            let district = folder().join("outreach/district-18x10-s1.json");
            let big = folder().join("outreach/big-40x12-s1.json");
            ours(&district, 10.0, seed, true)?;
            ours(&district, 10.0, seed, false)?;
            if has("vroom-5") {
                peer("vroom-5", &district, 0.0, seed)?;
            }
            ours(&district, 60.0, seed, false)?;
            if has("ortools") {
                peer("ortools", &district, 60.0, seed)?;
            }
            ours(&big, 60.0, seed, false)?;
            if has("vroom-1") {
                peer("vroom-1", &big, 0.0, seed)?;
            }
        }
        if wanted("solomon") {
            for path in solomon()? {
                ours(&path, 10.0, seed, false)?;
                if has("pyvrp") {
                    peer("pyvrp", &path, 10.0, seed)?;
                }
                if has("vrp-core") {
                    vrp_core(&path, 10.0, seed)?;
                }
            }
        }
    }
    figures()
}

fn solomon() -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = vec![];
    for entry in std::fs::read_dir(folder().join("solomon"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "txt") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// First plans and repairs.
fn times(seeds: u64) -> anyhow::Result<()> {
    for seed in 1..=seeds {
        for (name, wish, seconds) in [
            ("district, generated", Wish::district(seed), 2.0),
            ("province, generated", Wish::province(seed), 30.0),
        ] {
            let problem = generate::outreach(wish);
            let mut meter = Meter::of(seconds);
            let timetable = routing::plan(&problem, &Search { seed, from: None }, &mut meter)?;
            let broken = verify::timetable(&problem, &timetable).len();
            note(&json!({
                "first": name, "seed": seed, "visits": problem.visits.len(),
                "seconds": meter.first_whole, "unserved": timetable.unserved.len(),
                "broken": broken,
            }))?;
            repairs(name, &problem, &timetable, seed)?;
        }
    }
    Ok(())
}

/// One change at a time: the busiest Sunday lost, a vehicle broken for a week, a new hamlet.
fn repairs(
    name: &str,
    problem: &routing::Problem,
    before: &Timetable,
    seed: u64,
) -> anyhow::Result<()> {
    let slots = before.slots(problem.visits.len());
    let on = |day: u32| slots.iter().flatten().filter(|s| problem.day_of(s.start) == day).count();
    let sunday = (0..64).filter(|day| day % 7 == 6).max_by_key(|day| on(*day)).unwrap_or(6);
    let mut lost = problem.clone();
    for visit in &mut lost.visits {
        visit.windows.retain(|window| problem.day_of(window.0) != sunday);
    }
    let mut stopped = problem.clone();
    for shift in &mut stopped.shifts {
        if shift.vehicle == 0 && (28..35).contains(&shift.day) {
            shift.end = shift.start;
        }
    }
    let mut grown = problem.clone();
    grown.visits.push(problem.visits[problem.visits.len() / 2].clone());
    for (what, after) in [("lost Sunday", lost), ("broken vehicle", stopped), ("new hamlet", grown)]
    {
        let mut meter = Meter::of(0.8);
        let since = Instant::now();
        let began = cpu_time();
        let repaired = routing::repair(&after, before, seed, &mut meter)?;
        let (took, cpu) = (since.elapsed().as_secs_f64(), cpu_time() - began);
        let now = repaired.slots(after.visits.len());
        // Whoever had to move is not counted: what stood on the lost day or in the lost vehicle.
        let had_to = |slot: routing::Slot| {
            let shift = &after.shifts[slot.shift as usize];
            (what == "lost Sunday" && problem.day_of(slot.start) == sunday)
                || shift.start == shift.end
        };
        let moved = slots
            .iter()
            .zip(&now)
            .filter(|(old, new)| old.is_some_and(|slot| !had_to(slot)) && old != new);
        note(&json!({
            "repair": name, "change": what, "seed": seed, "seconds": took, "cpu": cpu,
            "others moved": moved.count(), "unserved": repaired.unserved.len(),
            "broken": verify::timetable(&after, &repaired).len(),
        }))?;
    }
    Ok(())
}

/// What the log holds, as figures.
fn figures() -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![];
    for (name, runs) in gathered()? {
        let mean = runs.iter().map(|run| run.0).sum::<f64>() / runs.len() as f64;
        figures.push(Figure { name, value: mean, unit: "cost, mean", at_most: None });
    }
    Ok(figures)
}

/// Costs, processor seconds, clashes and broken rules of every run, by instance, solver and budget.
type Runs = BTreeMap<String, Vec<(f64, f64, u64, u64)>>;

fn lines() -> anyhow::Result<Vec<Value>> {
    let text = std::fs::read_to_string(log_file()).context("nothing measured yet: bench plan")?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn gathered() -> anyhow::Result<Runs> {
    let mut runs = Runs::new();
    for line in lines()?.iter().filter(|line| !line["instance"].is_null()) {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| line[key].as_f64().unwrap_or(f64::NAN);
        let name = format!("{}|{}|{}", text("instance"), text("solver"), number("budget"));
        let count = |key: &str| line[key].as_u64().unwrap_or_default();
        let run = (number("cost"), number("cpu"), count("clashes"), count("broken"));
        runs.entry(name).or_default().push(run);
    }
    Ok(runs)
}

/// The best that any run here reached, or the proven optimum where the literature has it.
fn references(runs: &Runs) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut best = BTreeMap::new();
    for (name, all) in runs {
        let instance = name.split('|').next().unwrap_or_default().to_owned();
        let least = all.iter().filter(|run| run.3 == 0).map(|run| run.0).fold(f64::MAX, f64::min);
        let known = best.entry(instance).or_insert(f64::MAX);
        *known = known.min(least);
    }
    let path = folder().join("solomon/optimal_distance_dimacs.csv");
    for line in std::fs::read_to_string(path)?.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(',').map(str::trim).collect();
        if let (Some(name), Some(Ok(value))) = (parts.first(), parts.get(3).map(|v| v.parse())) {
            best.insert((*name).to_owned(), value);
        }
    }
    Ok(best)
}

/// Processor seconds of a first plan or a repair.
fn seconds_of(line: &Value) -> f64 {
    line["cpu"].as_f64().or(line["seconds"].as_f64()).unwrap_or(f64::NAN)
}

/// Prints the table in Markdown.
pub fn table() -> anyhow::Result<()> {
    let runs = gathered()?;
    let best = references(&runs)?;
    println!(
        "| instance | solver | budget (s) | runs | cost min | median | max | CPU s (median) | team clashes | rules broken |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut classes: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, all) in &runs {
        let parts: Vec<&str> = name.split('|').collect();
        let [instance, solver, budget] = parts[..] else { continue };
        if instance.contains('x') {
            let mut costs: Vec<f64> = all.iter().map(|run| run.0).collect();
            costs.sort_by(f64::total_cmp);
            let mut cpu: Vec<f64> = all.iter().map(|run| run.1).collect();
            cpu.sort_by(f64::total_cmp);
            let budget = if budget == "0" { "until it ends" } else { budget };
            println!(
                "| {instance} | {solver} | {budget} | {} | {} | {} | {} | {:.1} | {} | {} |",
                all.len(),
                costs[0],
                costs[costs.len() / 2],
                costs[costs.len() - 1],
                cpu[cpu.len() / 2],
                all.iter().map(|run| run.2).max().unwrap_or(0),
                all.iter().map(|run| run.3).sum::<u64>(),
            );
        } else if let Some(reference) = best.get(instance) {
            let class = instance.trim_end_matches(|c: char| c.is_ascii_digit());
            let first = &instance[class.len()..=class.len()];
            for run in all {
                let gap = (run.0 / reference - 1.0) * 100.0;
                for key in [format!("{class}{first}"), "all 56".to_owned()] {
                    classes.entry(format!("{key}|{solver}")).or_default().push(gap);
                }
            }
        }
    }
    println!("\n| Solomon's instances | solver | runs | mean gap (%) | worst gap (%) |");
    println!("|---|---|---:|---:|---:|");
    for (name, gaps) in &classes {
        let (class, solver) = name.split_once('|').unwrap_or_default();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let worst = gaps.iter().copied().fold(0.0, f64::max);
        println!("| {class} | {solver} | {} | {mean:.2} | {worst:.2} |", gaps.len());
    }
    println!("\n| what | seeds | median | worst | besides |");
    println!("|---|---:|---:|---:|---|");
    let mut times: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    let lines = lines()?;
    for line in &lines {
        if let Some(name) = line["first"].as_str() {
            times.entry(format!("first whole plan, {name}")).or_default().push(line);
        } else if let Some(name) = line["repair"].as_str() {
            let change = line["change"].as_str().unwrap_or_default();
            times.entry(format!("repair, {name}: {change}")).or_default().push(line);
        }
    }
    for (name, all) in times {
        let mut seconds: Vec<f64> = all.iter().map(|line| seconds_of(line)).collect();
        seconds.sort_by(f64::total_cmp);
        let most = |key: &str| all.iter().filter_map(|line| line[key].as_u64()).max();
        let besides = match most("others moved") {
            Some(moved) => format!(
                "at most {moved} others moved, {} unserved",
                most("unserved").unwrap_or_default()
            ),
            None => format!("{} visits", most("visits").unwrap_or_default()),
        };
        println!(
            "| {name} | {} | {:.3} s | {:.3} s | {besides} |",
            all.len(),
            seconds[seconds.len() / 2],
            seconds[seconds.len() - 1]
        );
    }
    Ok(())
}
