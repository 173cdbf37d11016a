//! Instances that other programs read too, as text in and text out:
//!
//! * `outreach-plan-1`, JSON: sessions of a campaign, vehicles, bases, 64 days;
//! * Solomon's and Gehring and Homberger's text (vehicle routing with time windows);
//! * VRPLIB (capacitated, with or without time windows);
//! * a [`Problem`] itself as JSON (`lantoa-plan-1`), as a campaign's page exports it.
//!
//! The `verify` module reads instances by its own code; nothing here is shared with it.

mod outreach;
mod solomon;
mod vrplib;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::problem::{Problem, Time, Timetable};

/// Where an instance came from, and so how its solution is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `outreach-plan-1`.
    Outreach,
    /// Solomon's text.
    Solomon,
    /// VRPLIB.
    Vrplib,
    /// `lantoa-plan-1`.
    Own,
}

/// An instance, read.
#[derive(Debug, Clone)]
pub struct Instance {
    pub format: Format,
    pub name: String,
    pub problem: Problem,
    /// Units of the problem to one unit of the instance: 10 where distances are kept to tenths.
    pub scale: Time,
}

/// Why a text is no instance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("neither outreach-plan-1, lantoa-plan-1, Solomon's text nor VRPLIB")]
    Unknown,
    #[error("line {line}: {what}")]
    Line { line: usize, what: String },
    #[error("JSON: {0}")]
    Json(String),
    #[error("{0}")]
    Content(String),
    #[error(transparent)]
    Unsound(#[from] crate::problem::Unsound),
}

/// `lantoa-plan-1`: a problem with names for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Own {
    /// Always `lantoa-plan-1`.
    pub format: String,
    #[serde(default)]
    pub name: String,
    /// What each visit is, by its number; may be shorter.
    #[serde(default)]
    pub visit_names: Vec<String>,
    /// What each vehicle is, by its number; may be shorter.
    #[serde(default)]
    pub vehicle_names: Vec<String>,
    pub problem: Problem,
}

/// Reads an instance of any format known here.
///
/// # Errors
/// Where it is none, with the line or the reason.
pub fn read(text: &str) -> Result<Instance, Unreadable> {
    let instance = if text.trim_start().starts_with('{') {
        let head: Head = serde_json::from_str(text).map_err(json)?;
        match head.format.as_str() {
            "outreach-plan-1" => outreach::read(text)?,
            "lantoa-plan-1" => {
                let own: Own = serde_json::from_str(text).map_err(json)?;
                Instance { format: Format::Own, name: own.name, problem: own.problem, scale: 1 }
            }
            _ => return Err(Unreadable::Unknown),
        }
    } else if text.contains("EDGE_WEIGHT_TYPE") {
        vrplib::read(text)?
    } else if text.contains("CUST") {
        solomon::read(text)?
    } else {
        return Err(Unreadable::Unknown);
    };
    instance.problem.check()?;
    Ok(instance)
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
}

#[allow(clippy::needless_pass_by_value)] // as map_err hands it over
fn json(e: serde_json::Error) -> Unreadable {
    Unreadable::Json(e.to_string())
}

impl Instance {
    /// Lets teams and venues be in two places at once.
    pub fn ignore_resources(&mut self) {
        self.problem.resources = 0;
        for visit in &mut self.problem.visits {
            visit.resources.clear();
        }
    }

    /// A cost in the units of the instance.
    pub fn cost_text(&self, cost: i64) -> String {
        if self.scale == 1 {
            cost.to_string()
        } else {
            format!("{:.1}", cost as f64 / f64::from(self.scale))
        }
    }

    /// The solution as text: `outreach-solution-1` as JSON, or one route per line.
    pub fn solution(&self, timetable: &Timetable) -> String {
        match self.format {
            Format::Outreach => outreach::write(&self.problem, timetable, false),
            Format::Own => outreach::write(&self.problem, timetable, true),
            Format::Solomon | Format::Vrplib => {
                let mut text = String::new();
                for (index, route) in timetable.routes.iter().enumerate() {
                    let stops: Vec<String> =
                        route.stops.iter().map(|stop| (stop.visit + 1).to_string()).collect();
                    let _ = writeln!(text, "Route #{}: {}", index + 1, stops.join(" "));
                }
                let bill = self.problem.bill(timetable);
                let _ = writeln!(text, "Cost {}", self.cost_text(bill.travel));
                text
            }
        }
    }
}

/// Euclidean distance to tenths, the rest cut off, as whole tenths.
fn tenths(a: (f64, f64), b: (f64, f64)) -> Time {
    ((a.0 - b.0).hypot(a.1 - b.1) * 10.0).floor() as Time
}
