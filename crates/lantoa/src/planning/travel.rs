//! Travel times: estimated from coordinates, or asked of a routing server that speaks OSRM's
//! HTTP interface (`table` service, <https://project-osrm.org/docs/v5.24.0/api/#table-service>).

use std::fmt::Write as _;
use std::time::Duration;

use routing::{Matrix, Time};

use super::brief::Travel;
use crate::units::travel::km;

/// Degrees north and east.
pub type Point = (f64, f64);

/// Places asked about at once: public and default OSRM servers take at most 100 coordinates
/// (`--max-table-size`).
const AT_ONCE: usize = 100;

/// How long a routing server is waited for.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Why a routing server's answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// Nobody answers, or not in time.
    #[error("the routing server does not answer: {0}")]
    Silent(String),
    /// It answers, but not with travel times.
    #[error("the routing server refuses: {0}")]
    Refused(String),
    /// It knows no road between two of the places.
    #[error("no road from place {0} to place {1}")]
    Unreachable(usize, usize),
}

/// Minutes between two points by the assumptions of a brief.
pub fn minutes(travel: &Travel, a: Point, b: Point) -> Time {
    let straight = km(a, b);
    if straight < 0.001 {
        return 0;
    }
    let road = straight * travel.road_percent as f64 / 100.0;
    (travel.extra_minutes as f64 + road / travel.kmh.max(1) as f64 * 60.0).ceil() as Time
}

/// All travel times between places, estimated.
pub fn estimated(travel: &Travel, places: &[Point]) -> Matrix {
    Matrix::of_places(places.len(), |a, b| minutes(travel, places[a], places[b]))
}

#[derive(serde::Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
}

/// All travel times between places, as the server at `base` tells them. Blocks: call it where
/// blocking is allowed.
pub fn served(base: &str, places: &[Point], patience: Duration) -> Result<Matrix, NoRoute> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .build()
        .into();
    let mut times = vec![0; places.len() * places.len()];
    // Each request holds two groups of at most half of what a server takes.
    let groups: Vec<Vec<usize>> =
        (0..places.len()).collect::<Vec<_>>().chunks(AT_ONCE / 2).map(<[usize]>::to_vec).collect();
    for from in &groups {
        for to in &groups {
            let answer = ask(&agent, &question(base, places, from, to))?;
            for (row, a) in from.iter().enumerate() {
                for (column, b) in to.iter().enumerate() {
                    let seconds = answer.durations.get(row).and_then(|row| row.get(column));
                    let Some(Some(seconds)) = seconds else {
                        return Err(NoRoute::Unreachable(*a, *b));
                    };
                    times[a * places.len() + b] = (seconds / 60.0).ceil() as Time;
                }
            }
        }
    }
    Ok(Matrix::of_places(places.len(), |a, b| times[a * places.len() + b]))
}

fn question(base: &str, places: &[Point], from: &[usize], to: &[usize]) -> String {
    let mut url = format!("{}/table/v1/driving/", base.trim_end_matches('/'));
    for (index, place) in from.iter().chain(to).enumerate() {
        let separator = if index == 0 { "" } else { ";" };
        let (lat, lon) = places[*place];
        let _ = write!(url, "{separator}{lon:.6},{lat:.6}");
    }
    let numbers = |range: std::ops::Range<usize>| {
        range.map(|number| number.to_string()).collect::<Vec<_>>().join(";")
    };
    let _ = write!(
        url,
        "?annotations=duration&sources={}&destinations={}",
        numbers(0..from.len()),
        numbers(from.len()..from.len() + to.len())
    );
    url
}

fn ask(agent: &ureq::Agent, url: &str) -> Result<Answer, NoRoute> {
    let silent = |e: ureq::Error| NoRoute::Silent(e.to_string());
    let mut response = agent.get(url).call().map_err(silent)?;
    let status = response.status();
    let text = response.body_mut().read_to_string().map_err(silent)?;
    let answer: Answer = serde_json::from_str(&text)
        .map_err(|_| NoRoute::Refused(format!("HTTP {}", status.as_u16())))?;
    if answer.code != "Ok" {
        return Err(NoRoute::Refused(format!("{} {}", answer.code, answer.message)));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn travel_takes_the_road_and_the_parking_but_nothing_from_a_place_to_itself() {
        let travel = Travel::default();
        assert_eq!(minutes(&travel, (20.0, 106.0), (20.0, 106.0)), 0);
        // 11.12 km straight, 15.01 km by road, 32.2 minutes and 2.
        assert_eq!(minutes(&travel, (20.0, 106.0), (20.1, 106.0)), 35);
    }
}
