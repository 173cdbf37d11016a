//! The national tree, built in: 2023, June 2025 and today, joined into units with dates of
//! validity and links from predecessors to successors. Sources and licences: `data/README.md`.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use sha2::{Digest, Sha256};

use super::model::{FOR_EVER, Level, Link, SINCE_EVER, Unit};
use crate::foundation::ids::UnitId;

/// The two-tier government began (Resolution 202/2025/QH15 and the 34 resolutions on communes).
pub const TWO_TIERS: Date = date(2025, 7, 1);
/// Vụ Bản's 18 communes became 14 (Resolution 1104/NQ-UBTVQH15).
const VU_BAN_MERGED: Date = date(2024, 9, 1);
/// Between the snapshots of 2023 and June 2025; the true day of most changes is not in the data.
const BETWEEN: Date = date(2025, 1, 1);
/// Ten communes of Đồng Nai became wards.
const WARDS: Date = date(2026, 4, 30);

/// All units, parents before children, and the links between them.
pub struct Gazetteer {
    pub units: Vec<Unit>,
    pub links: Vec<Link>,
}

/// The id of a unit of the gazetteer: the same on every machine, so that two installations speak
/// of the same unit. UUID version 8 (RFC 9562) over level, code and first day.
pub fn id_of(level: Level, code: &str, valid_from: Date) -> UnitId {
    let hash = Sha256::digest(format!("{}:{code}:{valid_from}", level.code()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    UnitId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

type Record = HashMap<String, String>;

fn records(text: &'static str) -> impl Iterator<Item = Record> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("because the built-in files have a header").clone();
    reader.into_records().map(move |record| {
        let record = record.expect("because the built-in files are well-formed");
        header.iter().map(ToOwned::to_owned).zip(record.iter().map(ToOwned::to_owned)).collect()
    })
}

const OF_2023: &str = include_str!("../../../../data/units_2023.csv");
const OF_JUNE_2025: &str = include_str!("../../../../data/units_2025_06.csv");
const OF_TODAY: &str = include_str!("../../../../data/units_2025_07.csv");
const CHANGES: &str = include_str!("../../../../data/unit_changes_2025.csv");
const LINEAGE: &str = include_str!("../../../../data/vu_ban_lineage.csv");
const POINTS: &str = include_str!("../../../../data/vu_ban_2023_points.csv");

#[derive(Default)]
struct Builder {
    units: Vec<Unit>,
    links: Vec<Link>,
    linked: HashSet<(UnitId, UnitId)>,
}

impl Builder {
    fn add(&mut self, record: &Record, level: Level, parent: Option<UnitId>, from: Date) -> usize {
        let code = record["code"].clone();
        self.units.push(Unit {
            id: id_of(level, &code, from),
            code,
            level,
            kind: record["unit_type"].clone(),
            name: record["name"].clone(),
            parent_id: parent,
            valid_from: from,
            valid_to: FOR_EVER,
            dates_exact: true,
            point: None,
            households: None,
            population: None,
            adults: None,
            figures_source: None,
            generated: false,
        });
        self.units.len() - 1
    }

    fn link(&mut self, from: UnitId, to: UnitId, on_date: Date, whole: bool, evidence: &str) {
        if self.linked.insert((from, to)) {
            self.links.push(Link {
                predecessor_id: from,
                successor_id: to,
                on_date,
                whole,
                evidence: evidence.to_owned(),
            });
        }
    }
}

fn level_of(record: &Record) -> Level {
    record["level"].parse().expect("because the built-in files use the names of the levels")
}

/// Reads the built-in files. About 20 000 units in a tenth of a second.
pub fn read() -> Gazetteer {
    let mut builder = Builder::default();
    let mut open: HashMap<(Level, String), usize> = HashMap::new();
    for record in records(OF_2023) {
        let level = level_of(&record);
        let parent = parent_in(&builder, &open, &record, level);
        let index = builder.add(&record, level, parent, SINCE_EVER);
        open.insert((level, record["code"].clone()), index);
    }
    let of_2023 = open.clone();
    let lineage: Vec<Record> = records(LINEAGE).collect();
    let vu_ban: HashSet<&str> =
        lineage.iter().flat_map(|r| [r["code_2023"].as_str(), &r["code_2024_09"]]).collect();

    // June 2025: what kept code, name and parent goes on; the rest ended or began in between.
    let mut seen = HashSet::new();
    for record in records(OF_JUNE_2025) {
        let level = level_of(&record);
        let key = (level, record["code"].clone());
        let parent = parent_in(&builder, &open, &record, level);
        let before = open.get(&key).copied();
        seen.insert(key.clone());
        if let Some(index) = before {
            let unit = &builder.units[index];
            if unit.name == record["name"] && unit.parent_id == parent {
                continue;
            }
        }
        let in_vu_ban = level == Level::Commune && vu_ban.contains(record["code"].as_str());
        let from = if in_vu_ban { VU_BAN_MERGED } else { BETWEEN };
        let index = builder.add(&record, level, parent, from);
        builder.units[index].dates_exact = in_vu_ban;
        if let Some(before) = before {
            end(&mut builder.units[before], from, in_vu_ban);
            let (old, new) = (builder.units[before].id, builder.units[index].id);
            let same = builder.units[before].name == builder.units[index].name;
            let evidence = if same {
                "same code and name, other parent"
            } else {
                "same code, other name in the snapshots of 2023 and June 2025"
            };
            builder.link(old, new, from, true, evidence);
        }
        open.insert(key, index);
    }
    open.retain(|key, index| {
        let stays = seen.contains(key);
        if !stays {
            let in_vu_ban = key.0 == Level::Commune && vu_ban.contains(key.1.as_str());
            let on = if in_vu_ban { VU_BAN_MERGED } else { BETWEEN };
            end(&mut builder.units[*index], on, in_vu_ban);
        }
        stays
    });
    for record in &lineage {
        let old = of_2023[&(Level::Commune, record["code_2023"].clone())];
        let new = open[&(Level::Commune, record["code_2024_09"].clone())];
        if old != new {
            let (old, new) = (builder.units[old].id, builder.units[new].id);
            builder.link(old, new, VU_BAN_MERGED, true, &record["step_2024_evidence"]);
        }
    }
    for record in records(POINTS) {
        let index = of_2023[&(Level::Commune, record["code_2023"].clone())];
        builder.units[index].point = record["lat"].parse().ok().zip(record["lon"].parse().ok());
    }
    today(&mut builder, &open);
    Gazetteer { units: builder.units, links: builder.links }
}

fn end(unit: &mut Unit, on: Date, exact: bool) {
    unit.valid_to = on;
    unit.dates_exact = exact;
}

fn parent_in(
    builder: &Builder,
    open: &HashMap<(Level, String), usize>,
    record: &Record,
    level: Level,
) -> Option<UnitId> {
    let parent_level = match level {
        Level::Province => return None,
        Level::District => Level::Province,
        _ => Level::District,
    };
    open.get(&(parent_level, record["parent_code"].clone())).map(|index| builder.units[*index].id)
}

/// 1 July 2025: districts end, communes hang on provinces.
fn today(builder: &mut Builder, open: &HashMap<(Level, String), usize>) {
    let mut provinces: HashMap<String, UnitId> = HashMap::new();
    let mut communes: HashMap<String, UnitId> = HashMap::new();
    let mut goes_on = HashSet::new();
    for record in records(OF_TODAY) {
        let level = level_of(&record);
        let code = record["code"].clone();
        let point = record["lat"].parse().ok().zip(record["lon"].parse().ok());
        let population = (record["population_flag"] == "ok")
            .then(|| record["population_2025_07"].parse::<f64>().ok().map(|p| p as i64))
            .flatten();
        let index = if level == Level::Province {
            let before = open.get(&(level, code.clone())).copied();
            let index = match before.filter(|_| record["merged_from"] == "không sáp nhập") {
                Some(index) => {
                    goes_on.insert(index);
                    index
                }
                None => builder.add(&record, level, None, TWO_TIERS),
            };
            provinces.insert(code, builder.units[index].id);
            index
        } else {
            let parent = provinces.get(&record["parent_code"]).copied();
            let index = builder.add(&record, level, parent, TWO_TIERS);
            communes.insert(code, builder.units[index].id);
            let earlier = &record["name_2025_07"];
            if earlier.is_empty() || *earlier == record["name"] {
                index
            } else {
                // Another name until it became a ward.
                let unit = &mut builder.units[index];
                unit.name.clone_from(earlier);
                earlier.split(' ').next().unwrap_or_default().clone_into(&mut unit.kind);
                unit.valid_to = WARDS;
                let old = unit.id;
                unit.point = point;
                let index = builder.add(&record, level, parent, WARDS);
                let new = builder.units[index].id;
                builder.link(old, new, WARDS, true, "same code, name of 30 April 2026");
                index
            }
        };
        let unit = &mut builder.units[index];
        unit.point = point;
        unit.population = population;
        unit.figures_source = population.map(|_| "sapnhap.bando.com.vn, 17/7/2025".to_owned());
    }
    for (key, index) in open {
        if key.0 != Level::Province || !goes_on.contains(index) {
            builder.units[*index].valid_to = TWO_TIERS;
        }
    }
    let mut of_province: HashMap<UnitId, HashSet<UnitId>> = HashMap::new();
    for record in records(CHANGES) {
        let old = open.get(&(Level::Commune, record["old_commune_code"].clone()));
        let new = communes.get(&record["new_commune_code"]);
        if let (Some(&old), Some(&new)) = (old, new) {
            let old = builder.units[old].id;
            let whole = record["old_unit_split"] == "false";
            builder.link(old, new, TWO_TIERS, whole, "conversion table of 1 July 2025");
        }
        let old = open.get(&(Level::Province, record["old_province_code"].clone()));
        let new = provinces.get(&record["new_province_code"]);
        if let (Some(&old), Some(&new)) = (old, new) {
            of_province.entry(builder.units[old].id).or_default().insert(new);
        }
    }
    for (old, news) in of_province {
        let whole = news.len() == 1;
        for new in news.into_iter().filter(|new| *new != old) {
            builder.link(old, new, TWO_TIERS, whole, "conversion table of 1 July 2025");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(gazetteer: &'a Gazetteer, level: Level, code: &str, on: Date) -> &'a Unit {
        let mut found = gazetteer
            .units
            .iter()
            .filter(|unit| unit.level == level && unit.code == code && unit.is_valid_on(on));
        let unit = found.next().unwrap();
        assert!(found.next().is_none(), "two units {code} on {on}");
        unit
    }

    #[test]
    fn each_tree_has_the_units_of_its_day() {
        let gazetteer = read();
        let count = |level, on| {
            gazetteer.units.iter().filter(|u| u.level == level && u.is_valid_on(on)).count()
        };
        let [then, june, now] = [date(2023, 9, 15), date(2025, 6, 15), date(2026, 11, 1)];
        assert_eq!(
            [Level::Province, Level::District, Level::Commune].map(|l| count(l, then)),
            [63, 705, 10_599]
        );
        assert_eq!(
            [Level::Province, Level::District, Level::Commune].map(|l| count(l, june)),
            [63, 696, 10_035]
        );
        assert_eq!(
            [Level::Province, Level::District, Level::Commune].map(|l| count(l, now)),
            [34, 0, 3_321]
        );
        let ids: HashSet<_> = gazetteer.units.iter().map(|unit| unit.id).collect();
        assert_eq!(ids.len(), gazetteer.units.len());
    }

    #[test]
    fn a_reused_code_is_another_unit_on_another_day() {
        let gazetteer = read();
        let name = |on| of(&gazetteer, Level::Commune, "13753", on).name.clone();
        assert_eq!(name(date(2023, 9, 15)), "Xã Hợp Hưng");
        assert_eq!(name(date(2026, 1, 1)), "Xã Hiển Khánh");
    }

    #[test]
    fn quang_trung_went_whole_into_hien_khanh() {
        let gazetteer = read();
        let old = of(&gazetteer, Level::Commune, "13768", date(2023, 9, 15));
        let link = gazetteer.links.iter().find(|l| l.predecessor_id == old.id).unwrap();
        let new = gazetteer.units.iter().find(|u| u.id == link.successor_id).unwrap();
        assert_eq!(
            (new.name.as_str(), link.whole, link.on_date),
            ("Xã Hiển Khánh", true, TWO_TIERS)
        );
        let thuan = of(&gazetteer, Level::Commune, "13744", date(2023, 9, 15));
        assert_eq!(thuan.valid_to, VU_BAN_MERGED);
        assert!(gazetteer.links.iter().any(|l| l.predecessor_id == thuan.id && l.whole));
    }

    #[test]
    fn parents_come_first_and_every_link_has_both_ends() {
        let gazetteer = read();
        let mut known = HashSet::new();
        for unit in &gazetteer.units {
            assert!(unit.parent_id.is_none_or(|p| known.contains(&p)), "{}", unit.name);
            assert!(unit.valid_from < unit.valid_to, "{unit:?}");
            known.insert(unit.id);
        }
        for link in &gazetteer.links {
            assert!(known.contains(&link.predecessor_id) && known.contains(&link.successor_id));
        }
    }
}
