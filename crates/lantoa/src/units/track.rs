//! The map of a journey: numbered stops joined in their order over the outlines of today's
//! communes, drawn by the server as SVG. What it shows is always said in a table as well.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::gazetteer::TWO_TIERS;
use super::map::{Ring, bounds_of, escape, outlines};
use super::model::{Level, Unit};
use super::store;
use crate::foundation::ids::UnitId;
use crate::foundation::{Db, DbError};

/// A stop of a journey.
pub struct Mark {
    /// As it is numbered in the table.
    pub number: usize,
    /// Written under the stops of a place once.
    pub name: String,
    /// Degrees north and east.
    pub point: (f64, f64),
    /// Whether it is only driven through: then it is drawn round, else square.
    pub passing: bool,
    /// What is read out and shown on hover.
    pub title: String,
}

/// Codes of today's communes in which some units lie, or into which these went.
pub async fn ground(db: &Db, ids: &[UnitId], today: Date) -> Result<Vec<String>, DbError> {
    let units = store::find_all(db, ids).await?;
    let communes: Vec<UnitId> = units
        .values()
        .filter_map(|unit| if unit.level == Level::Hamlet { unit.parent_id } else { Some(unit.id) })
        .collect();
    let communes: Vec<Unit> = store::find_all(db, &communes).await?.into_values().collect();
    let now = store::successors_on(db, &communes, today.max(TWO_TIERS)).await?;
    let mut codes: Vec<String> = now.into_values().map(|unit| unit.code).collect();
    codes.sort();
    codes.dedup();
    Ok(codes)
}

/// Width of a drawing, in units of its own.
const WIDTH: f64 = 420.0;
/// Room around the stops for their labels.
const EDGE: f64 = 48.0;

/// From degrees to the drawing.
struct Projection {
    west: f64,
    north: f64,
    /// One degree east is shorter than one north by the cosine of the latitude.
    squeeze: f64,
    /// Units of the drawing in a degree north.
    scale: f64,
    height: f64,
}

impl Projection {
    fn over(points: &[(f64, f64)]) -> Option<Self> {
        /// A journey within a hamlet is drawn no larger than this: 0.012 degrees are 1.3 km.
        const LEAST: f64 = 0.012;
        let (mut west, mut south, mut east, mut north) = bounds_of(points)?;
        let squeeze = f64::midpoint(north, south).to_radians().cos();
        let (grow_east, grow_north) =
            ((LEAST / squeeze - (east - west)).max(0.0), (LEAST / 2.0 - (north - south)).max(0.0));
        west -= grow_east / 2.0;
        east += grow_east / 2.0;
        south -= grow_north / 2.0;
        north += grow_north / 2.0;
        let across = (WIDTH - 2.0 * EDGE) / ((east - west) * squeeze);
        let scale = across.min(340.0 / (north - south));
        // Where the height decides, the drawing stands in the middle.
        let spare = (WIDTH - 2.0 * EDGE) - (east - west) * squeeze * scale;
        west -= spare / 2.0 / scale / squeeze;
        Some(Self { west, north, squeeze, scale, height: (north - south) * scale + 2.0 * EDGE })
    }

    fn x(&self, lon: f64) -> f64 {
        (lon - self.west) * self.squeeze * self.scale + EDGE
    }

    fn y(&self, lat: f64) -> f64 {
        (self.north - lat) * self.scale + EDGE
    }

    fn path(&self, rings: &[Ring]) -> String {
        let mut path = String::new();
        for ring in rings {
            for (index, &(lon, lat)) in ring.iter().enumerate() {
                let step = if index == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{step}{:.1} {:.1}", self.x(lon), self.y(lat));
            }
            path.push('Z');
        }
        path
    }

    /// A bar of a round number of metres, and its length in the drawing.
    fn bar(&self) -> (i64, f64) {
        /// Kilometres of a degree north.
        const DEGREE: f64 = 111.195;
        let fits = |metres: &i64| *metres as f64 / 1000.0 / DEGREE * self.scale <= 110.0;
        let metres = [10_000, 5000, 2000, 1000, 500, 200].into_iter().find(fits).unwrap_or(100);
        (metres, metres as f64 / 1000.0 / DEGREE * self.scale)
    }
}

/// Draws a journey over the outlines of the `ground` communes. Empty where there are no stops.
/// `label` names the whole drawing.
pub fn draw(marks: &[Mark], ground: &[String], label: &str) -> String {
    let points: Vec<(f64, f64)> = marks.iter().map(|mark| (mark.point.1, mark.point.0)).collect();
    let Some(on) = Projection::over(&points) else { return String::new() };
    let mut svg = format!(
        r#"<svg class="map track" viewBox="0 0 {WIDTH:.0} {:.0}" role="img" aria-label="{}">"#,
        on.height,
        escape(label)
    );
    for rings in ground.iter().filter_map(|code| outlines().get(code)) {
        let _ = write!(svg, r#"<path class="outline" d="{}"/>"#, on.path(rings));
    }
    let places = apart(points.iter().map(|&(lon, lat)| (on.x(lon), on.y(lat))));
    let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = write!(svg, r#"<polyline class="way" points="{}"/>"#, line.join(" "));
    let mut named: Vec<&str> = vec![];
    let mut labels = String::new();
    for (mark, (x, y)) in marks.iter().zip(places) {
        let shape = if mark.passing {
            format!(r#"<circle class="pass" cx="{x:.1}" cy="{y:.1}" r="14"/>"#)
        } else {
            let (left, top) = (x - 13.0, y - 13.0);
            format!(r#"<rect class="stop" x="{left:.1}" y="{top:.1}" width="26" height="26"/>"#)
        };
        let _ = write!(svg, "<g><title>{}</title>{shape}", escape(&mark.title));
        let _ = write!(
            svg,
            r#"<text class="{}" x="{x:.1}" y="{:.1}">{}</text></g>"#,
            if mark.passing { "pass-number" } else { "stop-number" },
            y + 5.0,
            mark.number
        );
        if !mark.name.is_empty() && !named.contains(&mark.name.as_str()) {
            named.push(&mark.name);
            let below = y + 30.0;
            let name = escape(&mark.name);
            let _ =
                write!(labels, r#"<text class="label" x="{x:.1}" y="{below:.1}">{name}</text>"#);
        }
    }
    svg.push_str(&labels);
    let (metres, length) = on.bar();
    let said = if metres >= 1000 { format!("{} km", metres / 1000) } else { format!("{metres} m") };
    let bottom = on.height - 12.0;
    let _ = write!(
        svg,
        r#"<path class="bar-of-scale" d="M12 {bottom:.0}h{length:.1}"/><text class="scale" x="12" y="{:.0}">{said}</text>"#,
        bottom - 6.0
    );
    svg.push_str("</svg>");
    svg
}

/// Moves what would cover an earlier one beside it: points are known to about a kilometre.
fn apart(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    const ROOM: f64 = 30.0;
    let mut taken: Vec<(f64, f64)> = vec![];
    for (mut x, y) in points {
        while taken.iter().any(|(ox, oy)| (ox - x).abs() < ROOM && (oy - y).abs() < ROOM) {
            x += ROOM;
        }
        taken.push((x, y));
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: usize, point: (f64, f64)) -> Mark {
        Mark {
            number,
            name: format!("Xóm <{number}>"),
            point,
            passing: number == 1,
            title: format!("{number}. 16:30"),
        }
    }

    #[test]
    fn a_journey_stays_in_its_frame_and_its_names_in_their_place() {
        let marks =
            [mark(1, (20.37, 106.09)), mark(2, (20.376, 106.09)), mark(3, (20.37, 106.099))];
        let svg = draw(&marks, &["13741".to_owned()], "Lộ trình");
        assert!(!svg.contains("<1>") && svg.contains("Xóm &lt;1&gt;"));
        assert_eq!(svg.matches("class=\"stop\"").count(), 2);
        let on = Projection::over(&[(106.09, 20.37), (106.09, 20.376), (106.099, 20.37)]).unwrap();
        for (x, y) in [(on.x(106.09), on.y(20.376)), (on.x(106.099), on.y(20.37))] {
            assert!((0.0..=WIDTH).contains(&x) && (0.0..=on.height).contains(&y), "{x} {y}");
        }
        assert_eq!(draw(&[], &[], ""), "");
    }

    #[test]
    fn stops_at_one_place_do_not_cover_each_other() {
        let places = apart([(100.0, 50.0), (100.0, 50.0), (110.0, 60.0)].into_iter());
        assert_eq!(places, [(100.0, 50.0), (130.0, 50.0), (170.0, 60.0)]);
    }
}
