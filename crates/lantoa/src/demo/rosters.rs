//! The demo's rosters: who went, who is asked to go, and when people say they are free. Generated
//! from a seed of its own, so that what is made beside it stays as it is.

use std::collections::HashMap;

use jiff::ToSpan as _;
use uuid::Uuid;

use super::{Dice, NOW};
use crate::args;
use crate::foundation::{DbError, Tx, Value, clock};
use crate::rosters::availability::PARTS;
use crate::schedule::ActivityKind;

/// Minutes, hours and days in milliseconds.
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Rosters are filled this far ahead; what comes later is still to be staffed.
const AHEAD: i64 = 14 * DAY;

struct Person {
    id: Uuid,
    name: String,
    /// What they take part in: from, to.
    taken: Vec<(i64, i64)>,
}

struct Planned {
    id: Uuid,
    kind: ActivityKind,
    unit: Uuid,
    team: Option<Uuid>,
    starts_at: i64,
    ends_at: i64,
    state: String,
}

struct Maker {
    dice: Dice,
    made: u64,
    now: i64,
    people: Vec<Person>,
    of_team: HashMap<Uuid, Vec<usize>>,
    team_of_unit: HashMap<Uuid, Uuid>,
    /// The two members of Quang Trung's team who have demo accounts.
    known: Vec<usize>,
    rosters: Vec<Vec<Value>>,
    assignments: Vec<Vec<Value>>,
    notices: Vec<Vec<Value>>,
}

/// Fills the rosters of a demo whose people and calendar are there.
pub(super) async fn fill(tx: &mut Tx) -> Result<(), DbError> {
    let mut maker = Maker {
        dice: Dice(2024),
        made: 1_000_000,
        now: clock::millis(NOW.0.at(NOW.1, 0, 0, 0)),
        people: vec![],
        of_team: HashMap::new(),
        team_of_unit: HashMap::new(),
        known: vec![],
        rosters: vec![],
        assignments: vec![],
        notices: vec![],
    };
    maker.read_people(tx).await?;
    maker.link_accounts(tx).await?;
    maker.hours(tx).await?;
    let rows = tx
        .rows(
            "SELECT id, kind, unit_id, team_id, starts_at, ends_at, state FROM activity
             WHERE kind <> 'broadcast' AND starts_at < $1 ORDER BY starts_at, id",
            args![maker.now + AHEAD],
        )
        .await?;
    for row in rows {
        maker.staff(&Planned {
            id: row.get("id")?,
            kind: row.parse("kind")?,
            unit: row.get("unit_id")?,
            team: row.get("team_id")?,
            starts_at: row.get("starts_at")?,
            ends_at: row.get("ends_at")?,
            state: row.get("state")?,
        });
    }
    maker.write(tx).await
}

impl Maker {
    async fn read_people(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        let rows = tx
            .rows(
                "SELECT m.id, m.name, m.team_id, t.unit_id, t.kind FROM member m
                 JOIN team t ON t.id = m.team_id ORDER BY m.id",
                vec![],
            )
            .await?;
        for row in rows {
            let (team, unit): (Uuid, Uuid) = (row.get("team_id")?, row.get("unit_id")?);
            self.of_team.entry(team).or_default().push(self.people.len());
            if row.get::<String>("kind")? == "community" {
                self.team_of_unit.insert(unit, team);
            }
            self.people.push(Person { id: row.get("id")?, name: row.get("name")?, taken: vec![] });
        }
        Ok(())
    }

    /// The lead and a member of Quang Trung's team sign in with the demo's accounts.
    async fn link_accounts(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        for (place, name) in ["totruong.quangtrung", "thanhvien.quangtrung"].iter().enumerate() {
            let rows = tx
                .rows(
                    "SELECT g.unit_id FROM account a JOIN role_grant g ON g.account_id = a.id
                     WHERE a.sign_in_name = $1",
                    args![*name],
                )
                .await?;
            let Some(row) = rows.first() else { continue };
            let unit: Uuid = row.get("unit_id")?;
            let team = self.team_of_unit.get(&unit).and_then(|team| self.of_team.get(team));
            let Some(index) = team.and_then(|team| team.get(place)).copied() else { continue };
            self.known.push(index);
            let person = &self.people[index];
            tx.execute(
                "UPDATE account SET member_id = $1, display_name = $2 WHERE sign_in_name = $3",
                args![person.id, &person.name, *name],
            )
            .await?;
        }
        Ok(())
    }

    /// Some members have said when they are free.
    async fn hours(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        let (mut said, mut week, mut except) = (vec![], vec![], vec![]);
        for index in 0..self.people.len() {
            let known = self.known.contains(&index);
            if !known && !self.dice.chance(30) {
                continue;
            }
            let person = &self.people[index];
            said.push(args![person.id, self.now - 30 * DAY, &person.name]);
            for weekday in 1..=7_i64 {
                for (part, (_, span)) in PARTS.iter().enumerate() {
                    let likely = match (weekday > 5, part) {
                        (_, 2) => 80,
                        (true, _) => 60,
                        (false, _) => 5,
                    };
                    if self.dice.chance(likely) {
                        week.push(args![person.id, weekday, span.0, span.1]);
                    }
                }
            }
        }
        if let Some(person) = self.known.first().map(|index| self.people[*index].id) {
            let (from, to) = (NOW.0.checked_add(6.days()), NOW.0.checked_add(8.days()));
            let id = self.dice.id(&mut self.made);
            let (from, to) = (from.unwrap_or(NOW.0), to.unwrap_or(NOW.0));
            except.push(args![id, person, from, to, 0_i64, 1440_i64, false, "Đi tập huấn ở tỉnh"]);
        }
        tx.insert_many("INSERT INTO availability (member_id, said_at, said_by)", said, "").await?;
        tx.insert_many(
            "INSERT INTO availability_week (member_id, weekday, from_minute, to_minute)",
            week,
            "",
        )
        .await?;
        tx.insert_many(
            "INSERT INTO availability_exception
                 (id, member_id, from_day, to_day, from_minute, to_minute, free, note)",
            except,
            "",
        )
        .await
    }

    /// Who goes to an activity: nobody who is elsewhere at that time.
    fn crew(&mut self, activity: &Planned) -> Vec<usize> {
        let size = match activity.kind {
            ActivityKind::CounterShift => self.dice.between(1, 2),
            ActivityKind::MobileRun => self.dice.between(2, 3),
            ActivityKind::HallEvening => self.dice.between(4, 5),
            ActivityKind::Meeting | ActivityKind::Training => 8,
            _ => self.dice.between(2, 4),
        } as usize;
        let of = |team: Option<&Uuid>| {
            team.and_then(|team| self.of_team.get(team)).cloned().unwrap_or_default()
        };
        let own = of(activity.team.as_ref());
        let mut pool = of(self.team_of_unit.get(&activity.unit));
        pool.extend(&own);
        let start = self.dice.below(pool.len());
        pool.rotate_left(start);
        if activity.kind == ActivityKind::HallEvening
            && self.known.first().is_some_and(|lead| own.contains(lead))
        {
            pool.splice(0..0, self.known.iter().copied());
        }
        let mut crew: Vec<usize> = vec![];
        for index in pool {
            let taken = &self.people[index].taken;
            let busy = taken.iter().any(|t| t.0 < activity.ends_at && activity.starts_at < t.1);
            if crew.len() < size && !busy && !crew.contains(&index) {
                crew.push(index);
            }
        }
        crew
    }

    fn staff(&mut self, activity: &Planned) {
        let crew = self.crew(activity);
        if crew.is_empty() {
            return;
        }
        let ahead = activity.starts_at > self.now;
        let away = (activity.starts_at - self.now).abs();
        // Who opens the demo as Quang Trung's lead or member finds something of every kind to do.
        let ours = activity.team.is_some_and(|team| {
            let team = self.of_team.get(&team);
            self.known.first().is_some_and(|lead| team.is_some_and(|team| team.contains(lead)))
        });
        let wanted = ours && activity.kind == ActivityKind::HamletSession && away < 3 * DAY;
        let is_open = ahead && (self.dice.chance(8) || wanted);
        let needed = crew.len() + usize::from(is_open);
        self.rosters.push(args![activity.id, needed, is_open]);
        // Of what was just held, attendance is sometimes still to be taken.
        let untaken = away < 4 * DAY && (self.dice.chance(12) || ours);
        for (place, index) in crew.into_iter().enumerate() {
            self.assign(activity, place, index, ahead, untaken);
        }
    }

    fn assign(&mut self, on: &Planned, place: usize, index: usize, ahead: bool, untaken: bool) {
        let known = self.known.contains(&index);
        let roll = self.dice.below(100);
        let answer = match (ahead, roll) {
            (true, _) if place == 2 && on.kind == ActivityKind::HallEvening => "declined",
            (true, _) if known => {
                if place == 0 {
                    "confirmed"
                } else {
                    "none"
                }
            }
            (true, 0..60) => "confirmed",
            (true, 60..98) | (false, 85..95) => "none",
            (true, _) | (false, 95..) => "declined",
            (false, _) => "confirmed",
        };
        let reasons = ["work", "family", "ill", "away"];
        let reason = if answer == "declined" { *self.dice.pick(&reasons) } else { "" };
        let came = self.dice.chance(if answer == "confirmed" { 94 } else { 70 });
        let attendance = match (on.state.as_str(), answer) {
            ("held", "confirmed" | "none") if !untaken => {
                if came {
                    "attended"
                } else {
                    "no_show"
                }
            }
            _ => "unknown",
        };
        let origin = if !known && self.dice.chance(12) { "signed_up" } else { "invited" };
        let reminded = !ahead && answer != "declined" && self.dice.chance(90);
        let added = (on.starts_at - 9 * DAY).min(self.now - DAY);
        // Who has not answered was last dealt with by the lead of the team.
        let lead = on.team.and_then(|team| self.of_team.get(&team)?.first().copied());
        let by = if answer == "none" { lead.unwrap_or(index) } else { index };
        let by = self.people[by].name.clone();
        let person = &mut self.people[index];
        if answer != "declined" {
            person.taken.push((on.starts_at, on.ends_at));
        }
        self.assignments.push(args![
            on.id,
            person.id,
            origin,
            answer,
            reason,
            "",
            attendance,
            on.starts_at,
            added,
            added + HOUR,
            &by,
            reminded.then_some(on.starts_at - 2 * HOUR)
        ]);
        if known && ahead {
            let id = self.dice.id(&mut self.made);
            let read = (answer != "none").then_some(added + HOUR);
            let person = &self.people[index];
            let day = clock::local(added).date();
            self.notices.push(args![
                id,
                person.id,
                on.id,
                "invited",
                on.starts_at,
                added,
                day,
                read,
                "",
                ""
            ]);
        }
    }

    async fn write(self, tx: &mut Tx) -> Result<(), DbError> {
        tx.insert_many("INSERT INTO roster (activity_id, needed, is_open)", self.rosters, "")
            .await?;
        tx.insert_many(
            "INSERT INTO assignment (activity_id, member_id, origin, answer, reason, clash_reason,
                 attendance, starts_at, added_at, changed_at, changed_by, reminded_at)",
            self.assignments,
            "",
        )
        .await?;
        tx.insert_many(
            "INSERT INTO notice (id, member_id, activity_id, kind, starts_at, made_at, made_on,
                 read_at, told_how, told_by)",
            self.notices,
            "",
        )
        .await
    }
}
