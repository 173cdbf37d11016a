//! One program for every figure of the product: `cargo run --release -p bench -- NAME [--json]`.
//!
//! * `startup`: how long the demo takes to make, how long a start takes until the first page with
//!   the demo made, and what the idle server holds in memory.
//! * `pages`: how long the server takes for each office page with the demo loaded, and how large
//!   each is as sent.
//! * `plan [outreach|solomon|times] [--seeds N]`: the planner against VROOM, OR-Tools and PyVRP where
//!   they are installed; `plan-table` prints what was measured as a table.
//!
//! It runs the real program, built beside it in release mode, on a folder of its own. Each figure
//! stands beside a yardstick measured in the same run, because machines differ and are noisy.

mod client;
mod pages;
mod plan;
mod server;
mod startup;

use anyhow::bail;

/// A figure with what it should stay below and what the machine did meanwhile.
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// The promise, where there is one: at most this.
    at_most: Option<f64>,
}

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let json = words.iter().any(|word| word == "--json");
    let name = words.iter().find(|word| !word.starts_with("--"));
    let figures = match name.map(String::as_str) {
        Some("startup") => startup::measure()?,
        Some("pages") => pages::measure()?,
        Some("plan") => {
            let seeds = words.iter().skip_while(|word| *word != "--seeds").nth(1);
            let seeds = seeds.and_then(|count| count.parse().ok()).unwrap_or(5);
            let parts = ["outreach", "solomon", "times"];
            plan::measure(parts.into_iter().find(|p| words.iter().any(|w| w == p)), seeds)?
        }
        Some("plan-table") => return plan::table(),
        _ => bail!("bench NAME [--json]; NAME: startup, pages, plan, plan-table"),
    };
    if json {
        let list: Vec<serde_json::Value> = figures
            .iter()
            .map(|of| {
                serde_json::json!({"name": of.name, "value": of.value, "unit": of.unit,
                                   "at_most": of.at_most})
            })
            .collect();
        println!("{}", serde_json::Value::from(list));
        return Ok(());
    }
    for of in &figures {
        let promise = match of.at_most {
            Some(most) if of.value <= most => format!("  (promised ≤ {most}: kept)"),
            Some(most) => format!("  (promised ≤ {most}: BROKEN)"),
            None => String::new(),
        };
        println!("{:<46} {:>10.2} {}{promise}", of.name, of.value, of.unit);
    }
    Ok(())
}
