//! Maps, drawn by the server as SVG: today's communes as areas, those of 2023 as points over the
//! outlines of their successors.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A ring of longitude and latitude.
pub(super) type Ring = Vec<(f64, f64)>;

/// One area or point to colour.
pub struct Place {
    /// Code of today's commune, for an area.
    pub code: String,
    pub name: String,
    /// Degrees north and east.
    pub point: Option<(f64, f64)>,
    /// Class of its colour: `cover-0` to `cover-5`, `cover-none`.
    pub class: String,
    /// What is read out and shown on hover.
    pub title: String,
    pub href: String,
    /// Draw as a point, not as an area.
    pub as_point: bool,
}

pub(super) fn outlines() -> &'static HashMap<String, Vec<Ring>> {
    static OUTLINES: OnceLock<HashMap<String, Vec<Ring>>> = OnceLock::new();
    OUTLINES.get_or_init(|| {
        let mut all = topology(include_str!("../../../../data/geo/communes_2025.topo.json"));
        // Vụ Bản's province in finer detail.
        all.extend(features(include_str!("../../../../data/geo/ninh_binh_communes_2025.geojson")));
        all
    })
}

/// TopoJSON, as far as it is used here.
#[derive(serde::Deserialize)]
struct Topology {
    transform: Transform,
    arcs: Vec<Vec<(i32, i32)>>,
    objects: Objects,
}

#[derive(serde::Deserialize)]
struct Transform {
    scale: (f64, f64),
    translate: (f64, f64),
}

#[derive(serde::Deserialize)]
struct Objects {
    communes: Geometries,
}

#[derive(serde::Deserialize)]
struct Geometries {
    geometries: Vec<Shape>,
}

/// A commune whose rings are made of arcs: `!n` is arc `n` backwards.
#[derive(serde::Deserialize)]
struct Shape {
    id: String,
    #[serde(flatten)]
    rings: Rings<i32>,
}

/// GeoJSON, as far as it is used here.
#[derive(serde::Deserialize)]
struct Features {
    features: Vec<Feature>,
}

#[derive(serde::Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(serde::Deserialize)]
struct Properties {
    code: String,
}

#[derive(serde::Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Ring>),
    MultiPolygon(Vec<Vec<Ring>>),
}

#[derive(serde::Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Rings<A> {
    Polygon(Vec<Vec<A>>),
    MultiPolygon(Vec<Vec<Vec<A>>>),
}

/// Outlines of TopoJSON: arcs are shared between neighbours, quantised and delta-encoded.
fn topology(text: &str) -> HashMap<String, Vec<Ring>> {
    let topology: Topology =
        serde_json::from_str(text).expect("because the built-in map is TopoJSON");
    let Transform { scale, translate } = topology.transform;
    let arcs: Vec<Ring> = topology
        .arcs
        .into_iter()
        .map(|arc| {
            let (mut x, mut y) = (0, 0);
            arc.into_iter()
                .map(|(dx, dy)| {
                    x += dx;
                    y += dy;
                    (f64::from(x) * scale.0 + translate.0, f64::from(y) * scale.1 + translate.1)
                })
                .collect()
        })
        .collect();
    let ring = |indexes: Vec<i32>| {
        let mut ring = Ring::new();
        for index in indexes {
            if index < 0 {
                ring.extend(arcs[!index as usize].iter().rev());
            } else {
                ring.extend(&arcs[index as usize]);
            }
        }
        ring.shrink_to_fit();
        ring
    };
    let shapes = topology.objects.communes.geometries.into_iter();
    shapes
        .map(|shape| {
            let rings = match shape.rings {
                Rings::Polygon(rings) => rings,
                Rings::MultiPolygon(parts) => parts.into_iter().flatten().collect(),
            };
            (shape.id, rings.into_iter().map(ring).collect())
        })
        .collect()
}

fn features(text: &str) -> HashMap<String, Vec<Ring>> {
    let all: Features = serde_json::from_str(text).expect("because the built-in map is GeoJSON");
    all.features
        .into_iter()
        .map(|feature| {
            let rings = match feature.geometry {
                Geometry::Polygon(rings) => rings,
                Geometry::MultiPolygon(parts) => parts.into_iter().flatten().collect(),
            };
            (feature.properties.code, rings)
        })
        .collect()
}

/// The outlines of communes of today, as rings of longitude and latitude.
pub fn rings(codes: &[String]) -> Vec<Vec<(f64, f64)>> {
    codes.iter().filter_map(|code| outlines().get(code)).flatten().cloned().collect()
}

/// Whether there is an outline for a commune of today.
pub fn has_outline(code: &str) -> bool {
    outlines().contains_key(code)
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Draws `places` and, under points, the outlines of the `ground` communes. Empty where nothing
/// can be drawn. `label` names the whole drawing.
pub fn draw(places: &[Place], ground: &[String], label: &str) -> String {
    const WIDTH: f64 = 640.0;
    let known = outlines();
    let areas = places.iter().filter(|place| !place.as_point).map(|place| &place.code);
    let rings: Vec<&Ring> =
        areas.chain(ground).filter_map(|code| known.get(code)).flatten().collect();
    let points = places.iter().filter_map(|p| p.point).map(|(lat, lon)| (lon, lat));
    let all: Vec<(f64, f64)> =
        rings.iter().flat_map(|ring| ring.iter().copied()).chain(points).collect();
    let Some(bounds) = bounds_of(&all) else { return String::new() };
    let (west, south, east, north) = bounds;
    // One degree east is shorter than one north by the cosine of the latitude.
    let squeeze = f64::midpoint(north, south).to_radians().cos();
    let scale = WIDTH / ((east - west) * squeeze).max(0.01);
    let height = ((north - south) * scale).clamp(80.0, 1200.0);
    let x = |lon: f64| (lon - west) * squeeze * scale + 30.0;
    let y = |lat: f64| (north - lat) * scale + 20.0;
    let path = |rings: &[Ring]| {
        let mut path = String::new();
        for ring in rings {
            for (index, &(lon, lat)) in ring.iter().enumerate() {
                let step = if index == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{step}{:.1} {:.1}", x(lon), y(lat));
            }
            path.push('Z');
        }
        path
    };
    let mut svg = format!(
        r#"<svg class="map" viewBox="0 0 {:.0} {:.0}" role="group" aria-label="{}">"#,
        WIDTH + 60.0,
        height + 40.0,
        escape(label)
    );
    for code in ground {
        if let Some(rings) = known.get(code) {
            let _ = write!(svg, r#"<path class="outline" d="{}"/>"#, path(rings));
        }
    }
    let mut labels = String::new();
    let mut taken: Vec<(f64, f64)> = vec![];
    for place in places {
        let title = escape(&place.title);
        let (mut open, mut close) = (String::new(), "");
        if !place.href.is_empty() {
            open = format!(r#"<a href="{}" aria-label="{title}">"#, escape(&place.href));
            close = "</a>";
        }
        let mut at = place.point.map(|(lat, lon)| (x(lon), y(lat)));
        if let Some((cx, cy)) = at.as_mut().filter(|_| place.as_point) {
            // Points are known to about a kilometre: where two would cover each other, the later
            // one stands beside.
            while taken.iter().any(|(ox, oy)| (ox - *cx).abs() < 28.0 && (oy - *cy).abs() < 28.0) {
                *cx -= 30.0;
                *cy += 34.0;
            }
            taken.push((*cx, *cy));
        }
        let shape = if place.as_point {
            at.map(|(cx, cy)| {
                format!(
                    r#"<circle class="area point {}" cx="{cx:.1}" cy="{cy:.1}" r="13">"#,
                    place.class
                )
            })
        } else {
            known
                .get(&place.code)
                .map(|rings| format!(r#"<path class="area {}" d="{}">"#, place.class, path(rings)))
        };
        if let Some(shape) = shape {
            let end = if place.as_point { "</circle>" } else { "</path>" };
            let _ = write!(svg, "{open}{shape}<title>{title}</title>{end}{close}");
        }
        if let Some((cx, cy)) = at {
            let below = if place.as_point { 27.0 } else { 0.0 };
            let _ = write!(
                labels,
                r#"<text class="label" x="{cx:.1}" y="{:.1}">{}</text>"#,
                cy + below,
                escape(&place.name)
            );
        }
    }
    svg.push_str(&labels);
    svg.push_str("</svg>");
    svg
}

pub(super) fn bounds_of(points: &[(f64, f64)]) -> Option<(f64, f64, f64, f64)> {
    let mut bounds: Option<(f64, f64, f64, f64)> = None;
    for &(x, y) in points {
        let (w, s, e, n) = bounds.unwrap_or((x, y, x, y));
        bounds = Some((w.min(x), s.min(y), e.max(x), n.max(y)));
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commune_of_today_has_an_outline() {
        assert_eq!(outlines().len(), 3321);
        let vu_ban = &outlines()["13741"];
        assert!(
            vu_ban[0]
                .iter()
                .all(|&(lon, lat)| (106.0..106.2).contains(&lon) && (20.2..20.5).contains(&lat))
        );
    }

    #[test]
    fn names_cannot_break_out_of_the_drawing() {
        let place = Place {
            code: "13741".into(),
            name: "<script>".into(),
            point: Some((20.34, 106.08)),
            class: "cover-1".into(),
            title: "a\"b".into(),
            href: "/units/1?a=1&b=2".into(),
            as_point: false,
        };
        let svg = draw(&[place], &[], "Vụ Bản");
        assert!(!svg.contains("<script") && svg.contains("a&quot;b") && svg.contains("&amp;b=2"));
    }
}
