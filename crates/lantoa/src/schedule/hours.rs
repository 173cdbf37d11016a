//! In which hours activities may take place. No law sets clock hours for loudspeakers in the whole
//! country (Decree 49/2024/NĐ-CP leaves them to each commune's rules), so each unit keeps its own;
//! a unit without any follows the nearest above it, and at the very top stands a default of this
//! program, which every screen calls so.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::model::ActivityKind;
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::UnitId;
use crate::foundation::{Conditions, Db, DbError, Row, Tx};

/// What is heard: by the whole hamlet, or by those who came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sound {
    /// Xe loa, đài truyền thanh.
    Loudspeaker,
    /// Buổi gặp, trực, tập huấn.
    Session,
}

impl Sound {
    /// Both, in the order of screens.
    pub const ALL: [Sound; 2] = [Sound::Loudspeaker, Sound::Session];

    /// The name in the database, in addresses and in translation keys (`sound-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Sound::Loudspeaker => "loudspeaker",
            Sound::Session => "session",
        }
    }

    /// What an activity of this kind is.
    pub const fn of(kind: ActivityKind) -> Self {
        match kind {
            ActivityKind::MobileRun | ActivityKind::Broadcast => Sound::Loudspeaker,
            _ => Sound::Session,
        }
    }

    /// The default of this program. Loudspeakers: the day of the noise regulation, 6 to 21 hours
    /// (QCVN 26:2010/BTNMT, table 1), without the noon rest; the rest and the hours of sessions
    /// are this program's own assumption.
    pub fn default_week(self) -> Week {
        let day = match self {
            Sound::Loudspeaker => vec![(6 * 60, 11 * 60 + 30), (13 * 60 + 30, 21 * 60)],
            Sound::Session => vec![(7 * 60, 21 * 60)],
        };
        Week(std::array::from_fn(|_| day.clone()))
    }
}

impl std::str::FromStr for Sound {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Sound::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Spans of the day, in minutes from midnight, in order and apart from each other.
pub type Spans = Vec<(i32, i32)>;

/// The allowed spans of each day from Monday to Sunday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week(pub [Spans; 7]);

impl Week {
    /// The spans of a day.
    pub fn on(&self, day: Date) -> &Spans {
        &self.0[day.weekday().to_monday_zero_offset() as usize]
    }
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            &self.0.iter().map(|spans| shown(spans, "-", " ")).collect::<Vec<_>>().join("|"),
        )
    }
}

impl std::str::FromStr for Week {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let days: Vec<Spans> =
            text.split('|').map(|day| read_spans(day).ok_or(())).collect::<Result<_, _>>()?;
        days.try_into().map(Week).map_err(|_| ())
    }
}

fn clock_time(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Spans as people read them: "06:00–11:30, 13:30–21:00".
pub fn in_words(spans: &[(i32, i32)]) -> String {
    shown(spans, "–", ", ")
}

fn shown(spans: &[(i32, i32)], dash: &str, comma: &str) -> String {
    let spans: Vec<String> = spans
        .iter()
        .map(|(from, to)| format!("{}{dash}{}", clock_time(*from), clock_time(*to)))
        .collect();
    spans.join(comma)
}

/// Reads hours as people write them, in the order written: "6:00-11:30, 13h30 – 21h; 22-24". Spans
/// are set apart by comma, semicolon or space, their ends by hyphen or dash; none where one cannot
/// be read. Nothing written means no span. Every form that asks for hours reads them here.
pub fn read(text: &str) -> Option<Spans> {
    let ends: Vec<&str> = text.split(['-', '–', '—']).map(str::trim).collect();
    let joined = ends.join("-");
    let parts = joined.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(read_span).collect()
}

/// Reads hours as [`read`] does, where they have to be in order and apart from each other.
pub fn read_spans(text: &str) -> Option<Spans> {
    let spans = read(text)?;
    spans.is_sorted_by(|before, after| before.1 <= after.0).then_some(spans)
}

fn read_span(text: &str) -> Option<(i32, i32)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (read_minute(from)?, read_minute(to)?);
    (from < to).then_some((from, to))
}

fn read_minute(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once([':', 'h']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    let hour: i32 = hour.parse().ok()?;
    let minute: i32 = if minute.is_empty() { 0 } else { minute.parse().ok()? };
    let within = (0..=24).contains(&hour) && (0..60).contains(&minute);
    let all = within.then(|| hour * 60 + minute)?;
    (all <= 24 * 60).then_some(all)
}

/// Whether a span lies wholly in one of the allowed ones.
pub fn fits(allowed: &[(i32, i32)], from: i32, to: i32) -> bool {
    allowed.iter().any(|(open, close)| *open <= from && to <= *close)
}

/// The rule that holds in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whose rule it is; none for the default of the program.
    pub unit: Option<(UnitId, String)>,
    pub week: Week,
    /// Whether nothing can be planned outside these hours, not even with a reason.
    pub blocks: bool,
    /// The paper it follows; may be empty.
    pub basis: String,
}

impl Rule {
    fn default_of(what: Sound) -> Self {
        Self { unit: None, week: what.default_week(), blocks: false, basis: String::new() }
    }

    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            unit: Some((row.get("unit_id")?, row.get("unit_name")?)),
            week: row.parse("week")?,
            blocks: row.get("blocks")?,
            basis: row.get("basis")?,
        })
    }
}

/// The rule of each unit: its own, that of the nearest unit above it, or the default.
pub async fn rules(
    db: &Db,
    units: &[UnitId],
    what: Sound,
) -> Result<HashMap<UnitId, Rule>, DbError> {
    let mut found = HashMap::new();
    for some in units.chunks(400) {
        let mut conditions = Conditions::new().and("h.what = ?", args![what.code()]);
        conditions.one_of("w.unit_id", some.iter().map(Into::into).collect());
        let statement = format!(
            "SELECT w.unit_id AS of_unit, h.unit_id, u.name AS unit_name, h.week, h.blocks, h.basis
             FROM unit_ancestor w JOIN allowed_hours h ON h.unit_id = w.ancestor_id
             JOIN unit u ON u.id = h.unit_id{} ORDER BY w.distance",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            if let std::collections::hash_map::Entry::Vacant(slot) =
                found.entry(row.get("of_unit")?)
            {
                slot.insert(Rule::read(&row)?);
            }
        }
    }
    for unit in units {
        found.entry(*unit).or_insert_with(|| Rule::default_of(what));
    }
    Ok(found)
}

/// The rule that holds in one unit.
pub async fn rule(db: &Db, unit: UnitId, what: Sound) -> Result<Rule, DbError> {
    let mut all = rules(db, &[unit], what).await?;
    Ok(all.remove(&unit).unwrap_or_else(|| Rule::default_of(what)))
}

/// The minutes of a day in which something may take place in a unit.
pub async fn allowed(db: &Db, unit: UnitId, what: Sound, day: Date) -> Result<Spans, DbError> {
    Ok(rule(db, unit, what).await?.week.on(day).clone())
}

/// As [`allowed`], of many units over many days.
pub async fn allowed_of(
    db: &Db,
    units: &[UnitId],
    what: Sound,
    from: Date,
    to: Date,
) -> Result<HashMap<UnitId, BTreeMap<Date, Spans>>, DbError> {
    let rules = rules(db, units, what).await?;
    let of_week = |week: &Week| {
        let mut days = BTreeMap::new();
        let mut day = from;
        while day <= to {
            days.insert(day, week.on(day).clone());
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        days
    };
    Ok(rules.into_iter().map(|(unit, rule)| (unit, of_week(&rule.week))).collect())
}

/// Gives a unit hours of its own.
pub async fn set(
    tx: &mut Tx,
    unit: (UnitId, &str),
    what: Sound,
    before: &Rule,
    after: &Rule,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO allowed_hours (unit_id, what, week, blocks, basis) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (unit_id, what) DO UPDATE SET week = excluded.week, blocks = excluded.blocks,
             basis = excluded.basis",
        args![unit.0, what.code(), after.week.to_string(), after.blocks, &after.basis],
    )
    .await?;
    log(tx, "changed", unit, what, before, after, by).await
}

/// Lets a unit follow the one above it again.
pub async fn unset(
    tx: &mut Tx,
    unit: (UnitId, &str),
    what: Sound,
    before: &Rule,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM allowed_hours WHERE unit_id = $1 AND what = $2",
        args![unit.0, what.code()],
    )
    .await?;
    log(tx, "withdrawn", unit, what, before, &Rule::default_of(what), by).await
}

async fn log(
    tx: &mut Tx,
    action: &'static str,
    (unit, name): (UnitId, &str),
    what: Sound,
    before: &Rule,
    after: &Rule,
    by: &Doer,
) -> Result<(), DbError> {
    let flat = |rule: &Rule| {
        serde_json::json!({
            what.code(): rule.week.to_string(), "blocks": rule.blocks, "basis": rule.basis,
        })
    };
    Entry::new(action, "allowed_hours", unit.0, name)
        .in_unit(unit)
        .change(&flat(before), &flat(after))
        .write(tx, by)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(read_spans("6:00-11:30, 13h30 – 21h"), Some(vec![(360, 690), (810, 1260)]));
        assert_eq!(read_spans("6-11"), Some(vec![(360, 660)]));
        let same = Some(vec![(450, 690), (1110, 1260)]);
        for way in
            ["7:30-11:30,18:30-21:00", "7h30–11h30; 18h30 — 21h", " 7h30  -  11:30  18:30-21 "]
        {
            assert_eq!(read_spans(way), same, "{way}");
        }
        assert_eq!(read_spans(""), Some(vec![]));
        for wrong in ["6:00", "11-6", "6-12, 11-13", "25-26", "a-b", "6:75-8", "6-71582789"] {
            assert_eq!(read_spans(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_week_comes_back_as_it_was_stored() {
        let mut week = Sound::Loudspeaker.default_week();
        week.0[6] = vec![];
        assert_eq!(week.to_string().parse(), Ok(week.clone()));
        assert!(week.on(date(2023, 9, 17)).is_empty(), "a Sunday");
        assert_eq!(in_words(week.on(date(2023, 9, 18))), "06:00–11:30, 13:30–21:00");
    }

    #[test]
    fn an_activity_must_lie_wholly_in_one_span() {
        let allowed = [(360, 690), (810, 1260)];
        assert!(fits(&allowed, 360, 690));
        assert!(!fits(&allowed, 600, 900));
        assert!(!fits(&allowed, 1200, 1261));
    }
}
