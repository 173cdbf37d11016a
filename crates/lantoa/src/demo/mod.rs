//! The demo: Vụ Bản in the middle of its campaign of 8 August to 10 October 2023. Communes, dates
//! and ways of working follow the district's own account; hamlets, people and every figure are
//! generated from a seed and marked so. The same seed makes the same demo.

mod names;
mod rosters;
mod runs;

use std::collections::HashMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use uuid::Uuid;

use crate::args;
use crate::catalogue;
use crate::encounters::{AgeGroup, Outcome, tally};
use crate::foundation::audit::Doer;
use crate::foundation::secret::Secret;
use crate::foundation::{Db, DbError, Tx, Value, clock, settings};
use crate::people::{Role, passwords};
use crate::schedule::ActivityKind;
use crate::schedule::repeat::{Bound, Every, Repeat};
use crate::start;
use crate::units::{FOR_EVER, Level, SINCE_EVER, Unit, store as unit_store};

/// Password of every demo account.
pub const PASSWORD: &str = "lantoa-demo";

const BEGINS: Date = date(2023, 8, 8);
const ENDS: Date = date(2023, 10, 10);
/// Where the demo's clock stands.
const NOW: (Date, i8) = (date(2023, 9, 15), 8);

/// A small reproducible generator (SplitMix64, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `below`.
    fn below(&mut self, below: usize) -> usize {
        (self.next() % below.max(1) as u64) as usize
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as usize) as i64
    }

    /// True in this many of a hundred cases.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, V>(&mut self, from: &'a [V]) -> &'a V {
        &from[self.below(from.len())]
    }

    /// An id in the order of its making.
    fn id(&mut self, count: &mut u64) -> Uuid {
        *count += 1;
        let random = self.next().to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(1_691_000_000_000 + *count, &{
            let mut bytes = [0; 10];
            bytes[..8].copy_from_slice(&random);
            bytes
        })
        .into_uuid()
    }
}

struct Hamlet {
    id: Uuid,
    commune: usize,
    adults: i64,
    households: i64,
    hall: Uuid,
    point: (f64, f64),
}

struct Held {
    id: Uuid,
    commune: usize,
    hamlet: Option<usize>,
    kind: ActivityKind,
    starts_at: i64,
    campaign: Uuid,
    team: Uuid,
}

struct Maker {
    dice: Dice,
    made: u64,
    activities: Vec<Vec<Value>>,
    activity_assets: Vec<Vec<Value>>,
    activity_topics: Vec<Vec<Value>>,
    held: Vec<Held>,
    runs: Vec<runs::Trip>,
    /// Communes with their Sunday evenings: the series and its first start.
    sundays: Vec<(Uuid, Uuid, i64)>,
    now: i64,
}

/// How eagerly each commune works, in percent of the people it could reach; by order of codes.
const ZEAL: [usize; 18] = [46, 30, 58, 24, 38, 33, 20, 41, 27, 82, 22, 35, 30, 44, 37, 52, 26, 31];

/// Fills an empty database with the demo.
pub async fn build(db: &Db, secret: &Secret) -> Result<(), DbError> {
    let now = clock::millis(NOW.0.at(NOW.1, 0, 0, 0));
    let by = Doer { account_id: None, name: "Lan Tỏa".to_owned(), at: now };
    let mut tx = db.begin().await?;
    start::lay_out(&mut tx, &by).await?;
    tx.commit().await?;
    let mut communes = vec![];
    let district =
        crate::units::by_code(db, Level::District, "359", BEGINS).await?.ok_or_else(|| {
            DbError::Column { column: "code".into(), reason: "359 is not in the gazetteer".into() }
        })?;
    for unit in crate::units::children(db, district.id, BEGINS).await? {
        communes.push(unit);
    }
    communes.sort_by(|a, b| a.code.cmp(&b.code));
    let topics = catalogue::store::topics(db).await?;

    let mut tx = db.begin().await?;
    let mut maker = Maker {
        dice: Dice(2023),
        made: 0,
        activities: vec![],
        activity_assets: vec![],
        activity_topics: vec![],
        held: vec![],
        runs: vec![],
        sundays: vec![],
        now,
    };
    let hamlets = maker.hamlets(&mut tx, &communes).await?;
    let places = maker.places(&mut tx, district.id.0, &communes, &hamlets).await?;
    let accounts = maker.accounts(&mut tx, district.id.0, &communes).await?;
    let topic_ids: Vec<Uuid> = topics.iter().map(|topic| topic.id.0).collect();
    let campaigns = maker.campaigns(&mut tx, district.id.0, &communes, &topic_ids).await?;
    maker.calendar(&communes, &hamlets, &places, campaigns, &topic_ids);
    maker.write_calendar(&mut tx).await?;
    maker.write_series(&mut tx).await?;
    if let Some(commune) = communes.iter().find(|unit| unit.name == "Xã Quang Trung") {
        maker.closed_days(&mut tx, commune.id.0).await?;
    }
    let skills: Vec<Uuid> = topics
        .iter()
        .filter(|topic| topic.kind == catalogue::TopicKind::Skill)
        .map(|topic| topic.id.0)
        .collect();
    maker
        .encounters(&mut tx, secret, &hamlets, campaigns.0, &skills, &topic_ids, &accounts)
        .await?;
    rosters::fill(&mut tx).await?;
    tally::rebuild(&mut tx).await?;
    maker.write_runs(&mut tx, &communes, &hamlets).await?;
    settings::set(&mut tx, settings::HOME_UNIT, &district.id.to_string()).await?;
    settings::set(&mut tx, settings::DEMO_CLOCK, &now.to_string()).await?;
    tx.commit().await
}

struct Places {
    counters: Vec<Uuid>,
    teams: Vec<Uuid>,
    vehicles: Vec<Uuid>,
    district_team: Uuid,
    /// In the order of the hamlets.
    hamlet_teams: Vec<Uuid>,
}

impl Maker {
    fn id(&mut self) -> Uuid {
        self.dice.id(&mut self.made)
    }

    /// An id that leaves the dice of everything else as they fall.
    fn id_beside(&mut self, of: Uuid) -> Uuid {
        Dice(of.as_u128() as u64).id(&mut self.made)
    }

    fn person(&mut self) -> String {
        let woman = self.dice.chance(50);
        let family = self.dice.pick(&names::FAMILY);
        let (middle, given) = if woman {
            (self.dice.pick(&names::MIDDLE_OF_WOMEN), self.dice.pick(&names::OF_WOMEN))
        } else {
            (self.dice.pick(&names::MIDDLE_OF_MEN), self.dice.pick(&names::OF_MEN))
        };
        format!("{family} {middle} {given}")
    }

    async fn hamlets(&mut self, tx: &mut Tx, communes: &[Unit]) -> Result<Vec<Hamlet>, DbError> {
        let (mut units, mut hamlets) = (vec![], vec![]);
        for (index, commune) in communes.iter().enumerate() {
            let town = commune.kind.contains("trấn");
            for number in 1..=self.dice.between(9, 12) {
                let adults = self.dice.between(280, 640);
                let households = adults * 10 / self.dice.between(21, 25);
                let name = if town {
                    format!("Tổ dân phố {number}")
                } else {
                    format!("Xóm {number}")
                };
                let (lat, lon) = commune.point.unwrap_or((20.37, 106.09));
                let angle = number as f64 * 2.4;
                let unit = Unit {
                    id: crate::foundation::ids::UnitId(self.id()),
                    code: format!("{number:02}"),
                    level: Level::Hamlet,
                    kind: if town { "Tổ dân phố".into() } else { "Xóm".into() },
                    name,
                    parent_id: Some(commune.id),
                    valid_from: SINCE_EVER,
                    valid_to: FOR_EVER,
                    dates_exact: false,
                    point: Some((lat + 0.006 * angle.sin(), lon + 0.006 * angle.cos())),
                    households: Some(households),
                    population: Some(adults * 100 / 72),
                    adults: Some(adults),
                    figures_source: Some("Số liệu do máy tạo ra để minh họa".into()),
                    generated: true,
                };
                hamlets.push(Hamlet {
                    id: unit.id.0,
                    commune: index,
                    adults,
                    households,
                    hall: Uuid::nil(),
                    point: unit.point.unwrap_or((lat, lon)),
                });
                units.push(unit);
            }
        }
        unit_store::insert(tx, &units).await?;
        unit_store::connect(tx).await?;
        for hamlet in &mut hamlets {
            hamlet.hall = self.id();
        }
        let halls = hamlets.iter().zip(&units).map(|(hamlet, unit)| {
            let name = format!("Nhà văn hóa {}", unit.name);
            args![hamlet.hall, unit.id, "village_hall", &name, vietnamese::fold(&name), "", 120_i64]
        });
        tx.insert_many(
            "INSERT INTO venue (id, unit_id, kind, name, folded, address, capacity)",
            halls,
            "",
        )
        .await?;
        Ok(hamlets)
    }

    async fn places(
        &mut self,
        tx: &mut Tx,
        district: Uuid,
        communes: &[Unit],
        hamlets: &[Hamlet],
    ) -> Result<Places, DbError> {
        let (mut venues, mut teams, mut members, mut assets) = (vec![], vec![], vec![], vec![]);
        let mut venue = |id: Uuid, unit: Uuid, kind: &str, name: String| {
            let folded = vietnamese::fold(&name);
            venues.push(args![id, unit, kind, name, folded, ""]);
        };
        venue(
            self.dice.id(&mut self.made),
            district,
            "one_stop",
            "Bộ phận một cửa huyện Vụ Bản".into(),
        );
        venue(self.dice.id(&mut self.made), district, "police", "Công an huyện Vụ Bản".into());
        let mut counters = vec![];
        for commune in communes {
            let counter = self.dice.id(&mut self.made);
            counters.push(counter);
            let lower = commune.name.replacen("Xã", "xã", 1).replacen("Thị trấn", "thị trấn", 1);
            venue(counter, commune.id.0, "one_stop", format!("Bộ phận một cửa {lower}"));
            venue(self.dice.id(&mut self.made), commune.id.0, "police", format!("Công an {lower}"));
            venue(
                self.dice.id(&mut self.made),
                commune.id.0,
                "post_office",
                format!("Điểm bưu điện - văn hóa {lower}"),
            );
        }
        tx.insert_many("INSERT INTO venue (id, unit_id, kind, name, folded, address)", venues, "")
            .await?;
        let mut phone = 0;
        let mut add_team = |maker: &mut Self, unit: Uuid, kind: &str, name: String, size: i64| {
            let id = maker.id();
            teams.push(args![id, unit, kind, &name, vietnamese::fold(&name), ""]);
            for place in 0..size {
                let person = maker.person();
                phone += 1;
                let position = if place == 0 { "lead" } else { "member" };
                let organisation = *maker.dice.pick(&[
                    "Đoàn Thanh niên",
                    "Hội Phụ nữ",
                    "Hội Nông dân",
                    "Hội Cựu chiến binh",
                    "",
                ]);
                let folded = vietnamese::fold(&person);
                members.push(args![
                    maker.id(),
                    id,
                    person,
                    folded,
                    format!("0900{phone:06}"),
                    position,
                    organisation
                ]);
            }
            id
        };
        let district_team =
            add_team(self, district, "youth", "Đội tuyên truyền lưu động huyện".into(), 8);
        let (mut commune_teams, mut hamlet_teams) = (vec![], vec![]);
        for (index, commune) in communes.iter().enumerate() {
            let lower = commune.name.replacen("Xã", "xã", 1).replacen("Thị trấn", "thị trấn", 1);
            let size = self.dice.between(6, 9);
            commune_teams.push(add_team(
                self,
                commune.id.0,
                "community",
                format!("Tổ công nghệ số cộng đồng {lower}"),
                size,
            ));
            for hamlet in hamlets.iter().filter(|hamlet| hamlet.commune == index) {
                let number =
                    hamlets.iter().filter(|h| h.commune == index && h.id <= hamlet.id).count();
                let size = self.dice.between(4, 6);
                hamlet_teams.push(add_team(
                    self,
                    hamlet.id,
                    "community",
                    format!("Tổ công nghệ số cộng đồng số {number} {lower}"),
                    size,
                ));
            }
        }
        tx.insert_many("INSERT INTO team (id, unit_id, kind, name, folded, decision)", teams, "")
            .await?;
        tx.insert_many(
            "INSERT INTO member (id, team_id, name, folded, phone, position, organisation)",
            members,
            "",
        )
        .await?;
        let mut vehicles = vec![];
        for number in 1..=4 {
            let id = self.id();
            vehicles.push(id);
            let name = format!("Xe loa số {number}");
            assets.push(args![
                id,
                district,
                "loudspeaker_vehicle",
                &name,
                vietnamese::fold(&name),
                format!("XL-{number:02}"),
                ""
            ]);
        }
        for (kind, name) in [
            ("projector", "Máy chiếu"),
            ("portable_speaker", "Loa kéo"),
            ("tablet_set", "Bộ máy tính bảng"),
        ] {
            for number in 1..=2 {
                let name = format!("{name} số {number}");
                assets.push(args![
                    self.id(),
                    district,
                    kind,
                    &name,
                    vietnamese::fold(&name),
                    "",
                    ""
                ]);
            }
        }
        tx.insert_many(
            "INSERT INTO asset (id, unit_id, kind, name, folded, code, note)",
            assets,
            "",
        )
        .await?;
        Ok(Places { counters, teams: commune_teams, vehicles, district_team, hamlet_teams })
    }

    async fn accounts(
        &mut self,
        tx: &mut Tx,
        district: Uuid,
        communes: &[Unit],
    ) -> Result<Vec<Uuid>, DbError> {
        let hash = passwords::hash(PASSWORD);
        let of = |name: &str| communes.iter().find(|c| c.name == name).map_or(district, |c| c.id.0);
        let (qt, hk) = (of("Xã Quang Trung"), of("Xã Hiển Khánh"));
        let list = [
            ("quantri", vec![(Role::Administrator, district)]),
            ("canbo.vuban", vec![(Role::Officer, district)]),
            ("canbo.quangtrung", vec![(Role::Officer, qt)]),
            ("canbo.hienkhanh", vec![(Role::Officer, hk)]),
            ("totruong.quangtrung", vec![(Role::TeamLead, qt)]),
            ("thanhvien.quangtrung", vec![(Role::Member, qt)]),
            ("motcua.quangtrung", vec![(Role::Counter, qt)]),
            ("daitruyenthanh", vec![(Role::Loudspeaker, district)]),
            ("lanhdao", vec![(Role::Viewer, district)]),
        ];
        let mut made = vec![];
        for (name, grants) in list {
            let id = self.id();
            let person = self.person();
            tx.execute(
                "INSERT INTO account (id, sign_in_name, display_name, password_hash, language, created_at)
                 VALUES ($1, $2, $3, $4, 'vi', $5)",
                args![id, name, person, &hash, self.now],
            )
            .await?;
            let rows = grants.iter().map(|(role, unit)| args![id, role.code(), *unit]);
            tx.insert_many("INSERT INTO role_grant (account_id, role, unit_id)", rows, "").await?;
            made.push(id);
        }
        Ok(made)
    }

    async fn campaigns(
        &mut self,
        tx: &mut Tx,
        district: Uuid,
        communes: &[Unit],
        topics: &[Uuid],
    ) -> Result<(Uuid, Uuid), DbError> {
        let (peak, sunday) = (self.id(), self.id());
        let insert = "INSERT INTO campaign (id, unit_id, template, name, folded, goal, starts_on, ends_on, created_at)";
        let names = [
            (
                peak,
                "peak",
                "Đợt cao điểm tuyên truyền, hướng dẫn người dân sử dụng dịch vụ công trực tuyến",
            ),
            (sunday, "sunday_evening", "Mô hình tối Chủ nhật tại Quang Trung và Hiển Khánh"),
        ];
        let goal = "Người dân biết và tự nộp được hồ sơ trực tuyến các dịch vụ công thiết yếu; không bỏ sót thôn, xóm nào.";
        let rows = names.iter().map(|(id, template, name)| {
            args![
                *id,
                district,
                *template,
                *name,
                vietnamese::fold(name),
                goal,
                BEGINS,
                ENDS,
                self.now
            ]
        });
        tx.insert_many(insert, rows, "").await?;
        let in_sunday =
            |unit: &&Unit| ["Xã Quang Trung", "Xã Hiển Khánh"].contains(&unit.name.as_str());
        let mut units: Vec<Vec<Value>> = communes.iter().map(|unit| args![peak, unit.id]).collect();
        units.extend(communes.iter().filter(in_sunday).map(|unit| args![sunday, unit.id]));
        tx.insert_many("INSERT INTO campaign_unit (campaign_id, unit_id)", units, "").await?;
        let rows =
            [peak, sunday].into_iter().flat_map(|c| topics.iter().map(move |t| args![c, *t]));
        tx.insert_many("INSERT INTO campaign_topic (campaign_id, topic_id)", rows, "").await?;
        let forces = [
            "Tổ công nghệ số cộng đồng",
            "Công chức bộ phận một cửa",
            "Công an xã",
            "Bưu điện",
            "Đoàn Thanh niên",
            "Hội Phụ nữ",
            "Hội Nông dân",
        ];
        let rows = forces.iter().enumerate().map(|(index, name)| args![peak, index, *name]);
        tx.insert_many("INSERT INTO campaign_force (campaign_id, position, name)", rows, "")
            .await?;
        let mut targets = vec![args![self.id(), peak, district, "people_percent", 60_i64]];
        for unit in communes {
            targets.push(args![self.id(), peak, unit.id, "people_percent", 60_i64]);
            targets.push(args![self.id(), peak, unit.id, "activities", 40_i64]);
        }
        tx.insert_many(
            "INSERT INTO target (id, campaign_id, unit_id, measure, value)",
            targets,
            "",
        )
        .await?;
        Ok((peak, sunday))
    }

    #[allow(clippy::too_many_arguments)] // one row of the calendar
    fn activity(
        &mut self,
        campaign: Uuid,
        kind: ActivityKind,
        title: &str,
        unit: Uuid,
        venue: Option<Uuid>,
        team: Uuid,
        day: Date,
        hours: (i8, i8, i64),
        where_: (usize, Option<usize>),
    ) -> Uuid {
        let id = self.id();
        let starts_at = clock::millis(day.at(hours.0, hours.1, 0, 0));
        let ends_at = starts_at + hours.2 * 60_000;
        let past = ends_at <= self.now;
        let cancelled = self.dice.chance(3);
        let state = match (past, cancelled) {
            (true, true) => "cancelled",
            (true, false) => "held",
            _ if self.dice.chance(60) => "confirmed",
            _ => "planned",
        };
        let reason = if state == "cancelled" { "Mưa to, dời sang tuần sau" } else { "" };
        let headcount = (state == "held").then(|| self.dice.between(12, 90));
        self.activities.push(args![
            id,
            campaign,
            kind.code(),
            title,
            vietnamese::fold(title),
            unit,
            venue,
            "",
            team,
            starts_at,
            ends_at,
            state,
            reason,
            "",
            headcount,
            "",
            self.now,
            self.now,
            None::<Uuid>,
            None::<i64>
        ]);
        if state == "held" {
            self.held.push(Held {
                id,
                commune: where_.0,
                hamlet: where_.1,
                kind,
                starts_at,
                campaign,
                team,
            });
        }
        id
    }

    fn calendar(
        &mut self,
        communes: &[Unit],
        hamlets: &[Hamlet],
        places: &Places,
        (peak, sunday): (Uuid, Uuid),
        topics: &[Uuid],
    ) {
        let mut day = BEGINS;
        while day <= ENDS {
            let weekday = day.weekday().to_monday_zero_offset();
            let holiday = day >= date(2023, 9, 1) && day <= date(2023, 9, 4);
            // Loudspeaker vehicles: two communes a day each in the first weeks and the last.
            if weekday < 6 && !holiday && (weekday % 2 == 0) {
                for (number, vehicle) in places.vehicles.clone().into_iter().enumerate() {
                    let commune = (day.day_of_year() as usize * 4 + number) % communes.len();
                    let title = format!("Xe loa lưu động tại {}", communes[commune].name);
                    let unit = communes[commune].id.0;
                    // The district's own team rides with the first vehicle, the commune's with
                    // the others: nobody is in two places at once.
                    let team =
                        if number == 0 { places.district_team } else { places.teams[commune] };
                    let id = self.activity(
                        peak,
                        ActivityKind::MobileRun,
                        &title,
                        unit,
                        None,
                        team,
                        day,
                        (16, 30, 90),
                        (commune, None),
                    );
                    self.activity_assets.push(args![id, vehicle]);
                    let starts_at = clock::millis(day.at(16, 30, 0, 0));
                    self.runs.push(runs::Trip { id, commune, starts_at });
                }
            }
            for (index, commune) in communes.iter().enumerate() {
                let unit = commune.id.0;
                let team = places.teams[index];
                let own: Vec<usize> =
                    (0..hamlets.len()).filter(|h| hamlets[*h].commune == index).collect();
                if weekday < 5 && !holiday && (index + weekday as usize).is_multiple_of(3) {
                    let title = format!("Hướng dẫn tại bộ phận một cửa {}", commune.name);
                    self.activity(
                        peak,
                        ActivityKind::CounterShift,
                        &title,
                        unit,
                        Some(places.counters[index]),
                        team,
                        day,
                        (7, 30, 240),
                        (index, None),
                    );
                }
                if weekday == 6
                    && !holiday
                    && ["Xã Quang Trung", "Xã Hiển Khánh"].contains(&commune.name.as_str())
                {
                    let hamlet = own[(day.day_of_year() as usize / 7) % own.len()];
                    let id = self.activity(
                        sunday,
                        ActivityKind::HallEvening,
                        "Tối Chủ nhật tại nhà văn hóa",
                        hamlets[hamlet].id,
                        Some(hamlets[hamlet].hall),
                        team,
                        day,
                        (19, 30, 90),
                        (index, Some(hamlet)),
                    );
                    self.of_series(unit, day);
                    self.activity_topics
                        .extend(topics.iter().take(4).map(|topic| args![id, *topic]));
                }
                if weekday == 5 && commune.name == "Xã Đại Thắng" {
                    for hamlet in &own {
                        self.activity(
                            peak,
                            ActivityKind::HomeRound,
                            "Đến từng nhà hướng dẫn",
                            hamlets[*hamlet].id,
                            None,
                            places.hamlet_teams[*hamlet],
                            day,
                            (8, 0, 180),
                            (index, Some(*hamlet)),
                        );
                    }
                } else if weekday >= 5 && !holiday && !own.is_empty() {
                    let hamlet = own[(day.day_of_year() as usize + index) % own.len()];
                    self.activity(
                        peak,
                        ActivityKind::HamletSession,
                        "Buổi hướng dẫn tại khu dân cư",
                        hamlets[hamlet].id,
                        Some(hamlets[hamlet].hall),
                        team,
                        day,
                        (if weekday == 6 { 15 } else { 19 }, 0, 90),
                        (index, Some(hamlet)),
                    );
                }
                if weekday == 0 {
                    self.activity(
                        peak,
                        ActivityKind::Broadcast,
                        "Phát thanh trên đài truyền thanh xã",
                        unit,
                        None,
                        team,
                        day,
                        (6, 0, 20),
                        (index, None),
                    );
                }
            }
            day = day.checked_add(1.day()).unwrap_or(ENDS);
            if day == BEGINS {
                break;
            }
        }
        for (index, commune) in communes.iter().enumerate() {
            self.activity(
                peak,
                ActivityKind::Training,
                "Tập huấn tổ công nghệ số cộng đồng",
                commune.id.0,
                None,
                places.teams[index],
                BEGINS,
                (8, 0, 150),
                (index, None),
            );
        }
    }

    /// The activity made last is one of the Sunday evenings of a commune.
    fn of_series(&mut self, unit: Uuid, day: Date) {
        let starts_at = clock::millis(day.at(19, 30, 0, 0));
        let found = self.sundays.iter().find(|(of, _, _)| *of == unit);
        let series = found.map_or_else(Uuid::nil, |(_, series, _)| *series);
        let series = if series.is_nil() {
            let series = self.id_beside(unit);
            self.sundays.push((unit, series, starts_at));
            series
        } else {
            series
        };
        if let Some(row) = self.activities.last_mut() {
            row.truncate(row.len() - 2);
            row.extend(args![series, starts_at]);
        }
    }

    /// The rules of the Sunday evenings, with the Sunday of the National Day holidays left out.
    async fn write_series(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        for (unit, series, first) in std::mem::take(&mut self.sundays) {
            let every = Every::Weeks { interval: 1, days: vec![Weekday::Sunday] };
            let rule = Repeat { every, bound: Bound::Until(ENDS) }.to_string();
            let title = "Tối Chủ nhật tại nhà văn hóa";
            tx.execute(
                "INSERT INTO series (id, unit_id, title, rule, starts_at, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                args![series, unit, title, rule, first, self.now],
            )
            .await?;
            tx.execute(
                "INSERT INTO series_exception (series_id, day, reason) VALUES ($1, $2, $3)",
                args![series, date(2023, 9, 3), "Nghỉ lễ Quốc khánh"],
            )
            .await?;
        }
        Ok(())
    }

    /// Closed days: an example, and marked so.
    async fn closed_days(&mut self, tx: &mut Tx, commune: Uuid) -> Result<(), DbError> {
        tx.execute(
            "INSERT INTO closed_days (id, unit_id, kind, name, first_on, last_on, blocks)
             VALUES ($1, $2, 'exam', $3, $4, $5, 0)",
            args![
                self.id_beside(commune),
                commune,
                "Khảo sát đầu năm học (ví dụ do máy tạo)",
                date(2023, 9, 21),
                date(2023, 9, 22)
            ],
        )
        .await?;
        Ok(())
    }

    async fn write_calendar(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        tx.insert_many(
            "INSERT INTO activity (id, campaign_id, kind, title, folded, unit_id, venue_id, place,
                 team_id, starts_at, ends_at, state, cancel_reason, clash_reason, headcount, minutes,
                 created_at, changed_at, series_id, series_at)",
            std::mem::take(&mut self.activities),
            "",
        )
        .await?;
        let assets = std::mem::take(&mut self.activity_assets);
        tx.insert_many("INSERT INTO activity_asset (activity_id, asset_id)", assets, "").await?;
        let topics = std::mem::take(&mut self.activity_topics);
        tx.insert_many("INSERT INTO activity_topic (activity_id, topic_id)", topics, "").await
    }

    #[allow(clippy::too_many_arguments)] // everything made before comes together here
    async fn encounters(
        &mut self,
        tx: &mut Tx,
        secret: &Secret,
        hamlets: &[Hamlet],
        peak: Uuid,
        skills: &[Uuid],
        topics: &[Uuid],
        accounts: &[Uuid],
    ) -> Result<(), DbError> {
        let mut by_commune: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, held) in self.held.iter().enumerate() {
            if held.starts_at < self.now
                && held.kind != ActivityKind::Broadcast
                && held.kind != ActivityKind::Training
            {
                by_commune.entry(held.commune).or_default().push(index);
            }
        }
        let (mut rows, mut topic_rows) = (vec![], vec![]);
        for (number, hamlet) in hamlets.iter().enumerate() {
            // Some hamlets nobody has come to yet.
            if number % 17 == 5 {
                continue;
            }
            let zeal = ZEAL[hamlet.commune % ZEAL.len()];
            let wanted =
                hamlet.adults as usize * zeal * self.dice.between(70, 130) as usize / 10_000;
            let Some(pool) = by_commune.get(&hamlet.commune) else { continue };
            let near: Vec<usize> = pool
                .iter()
                .copied()
                .filter(|index| self.held[*index].hamlet.is_none_or(|at| at == number))
                .collect();
            if near.is_empty() {
                continue;
            }
            for person in 0..wanted {
                let age = match self.dice.below(100) {
                    0..=2 => AgeGroup::Under18,
                    3..=24 => AgeGroup::From18,
                    25..=64 => AgeGroup::From35,
                    65..=91 => AgeGroup::From60,
                    _ => AgeGroup::Unknown,
                };
                let known = self.dice.chance(86);
                let household = self.dice.below(hamlet.households.max(1) as usize);
                let times = if self.dice.chance(22) { 2 } else { 1 };
                for _ in 0..times {
                    let held = &self.held[near[self.dice.below(near.len())]];
                    let (activity, kind, team, held_in) =
                        (held.id, held.kind, held.team, held.campaign);
                    let met_at =
                        (held.starts_at + self.dice.between(2, 85) * 60_000).min(self.now - 60_000);
                    let id = self.id();
                    let met_on = clock::local(met_at).date();
                    // The Sunday model is part of the peak campaign; its own campaign counts a share.
                    let campaign =
                        if held_in != peak && self.dice.chance(40) { held_in } else { peak };
                    let person_key = known
                        .then(|| secret.keyed_hash("person", &format!("demo:{number}:{person}")));
                    let at_home = kind == ActivityKind::HomeRound || self.dice.chance(35);
                    let household_key = at_home.then(|| {
                        secret.keyed_hash("household", &format!("{}:{household}", hamlet.id))
                    });
                    rows.push(args![
                        id,
                        campaign,
                        activity,
                        team,
                        hamlet.id,
                        kind.code(),
                        met_at,
                        met_on,
                        person_key,
                        household_key,
                        age.code(),
                        "",
                        *self.dice.pick(accounts),
                        met_at + 30_000,
                        1_i64
                    ]);
                    let first = if self.dice.chance(70) {
                        *self.dice.pick(skills)
                    } else {
                        *self.dice.pick(topics)
                    };
                    let mut of = vec![first];
                    while self.dice.chance(35) && of.len() < 3 {
                        let more = *self.dice.pick(topics);
                        if !of.contains(&more) {
                            of.push(more);
                        }
                    }
                    for topic in of {
                        let old = age == AgeGroup::From60;
                        let outcome = match self.dice.below(100) {
                            0..=24 => Outcome::Told,
                            25..=49 => Outcome::Shown,
                            50..=77 => Outcome::DoneWithHelp,
                            78..=93 if !old => Outcome::DoneAlone,
                            78..=85 => Outcome::DoneAlone,
                            _ => Outcome::NotDone,
                        };
                        let reason = if outcome == Outcome::NotDone {
                            *self.dice.pick(&[
                                "Chưa có điện thoại thông minh",
                                "Chưa kích hoạt VNeID",
                                "Mạng yếu",
                                "Muốn người nhà làm giúp",
                            ])
                        } else {
                            ""
                        };
                        topic_rows.push(args![id, topic, outcome.code(), reason]);
                    }
                }
            }
        }
        tx.insert_many(
            "INSERT INTO encounter (id, campaign_id, activity_id, team_id, unit_id, channel, met_at,
                 met_on, person_key, household_key, age_group, note, recorded_by, recorded_at, revision)",
            rows,
            "",
        )
        .await?;
        tx.insert_many(
            "INSERT INTO encounter_topic (encounter_id, topic_id, outcome, reason)",
            topic_rows,
            "",
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_demo_has_the_shape_of_vu_bans_campaign() {
        let folder = std::env::temp_dir().join(format!("lantoa-demo-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open_sqlite(&folder.join("lantoa.db")).await.unwrap();
        build(&db, &Secret::fixed("demo")).await.unwrap();
        let count = async |from: &str| {
            db.count(&format!("SELECT COUNT(*) AS n FROM {from}"), vec![]).await.unwrap()
        };
        let hamlets = count("unit WHERE level = 'hamlet' AND generated = 1").await;
        assert!((160..=220).contains(&hamlets), "{hamlets} hamlets");
        let encounters = count("encounter").await;
        assert!((36_000..=44_000).contains(&encounters), "{encounters} encounters");
        assert_eq!(
            count(
                "campaign_unit c JOIN campaign k ON k.id = c.campaign_id WHERE k.template = 'peak'"
            )
            .await,
            18
        );
        let later = format!("encounter WHERE met_at > {}", clock::millis(NOW.0.at(NOW.1, 0, 0, 0)));
        assert_eq!(count(&later).await, 0, "nothing is recorded of what is still to come");
        let twice = "activity_asset x JOIN activity a ON a.id = x.activity_id
            JOIN activity_asset y ON y.asset_id = x.asset_id AND y.activity_id <> x.activity_id
            JOIN activity b ON b.id = y.activity_id
            WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
        assert_eq!(count(twice).await, 0, "no vehicle is in two places");
        let runs = "activity a WHERE a.kind = 'mobile_run'";
        let bare =
            format!("{runs} AND NOT EXISTS (SELECT 1 FROM run_stop s WHERE s.activity_id = a.id)");
        assert!(count(runs).await > 90);
        assert_eq!(count(&bare).await, 0, "every run has its stops");
        let late = "run_stop s JOIN activity a ON a.id = s.activity_id
            WHERE a.starts_at + (s.after_start + s.minutes) * 60000 > a.ends_at";
        assert_eq!(count(late).await, 0, "every run is over in time");
        let twice = "activity_member x JOIN activity a ON a.id = x.activity_id
            JOIN activity_member y ON y.member_id = x.member_id AND y.activity_id <> x.activity_id
            JOIN activity b ON b.id = y.activity_id
            WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
        assert_eq!(count(twice).await, 0, "no member is in two places");
        for standing in ["answer = 'none'", "answer = 'declined'", "attendance = 'no_show'"] {
            assert!(count(&format!("assignment WHERE {standing}")).await > 20, "{standing}");
        }
        assert_eq!(tally::check(&db).await.unwrap(), 0);
        db.close().await;
        std::fs::remove_dir_all(folder).unwrap();
    }
}
