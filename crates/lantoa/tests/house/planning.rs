//! A campaign becomes a timetable: planned, explained, changed, repaired, put on the calendar.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use axum::http::StatusCode;
use lantoa::args;
use lantoa::foundation::clock;
use lantoa::foundation::ids::UnitId;
use lantoa::units::{FOR_EVER, Level, SINCE_EVER, Unit, store};
use uuid::Uuid;

use crate::world::{Browser, World};

/// A world with a campaign, a team and a hall in every hamlet, and a vehicle at the district.
struct Planner {
    world: World,
    officer: Browser,
    campaign: String,
    vehicle: Uuid,
    teams: HashMap<UnitId, Uuid>,
}

impl Planner {
    async fn new() -> Self {
        let world = World::new().await;
        let campaign = world.campaign().await;
        let officer = world.browser("canbo").await;
        let vehicle = Uuid::now_v7();
        let mut teams = HashMap::new();
        let mut tx = world.app.db.begin().await.unwrap();
        for unit in
            [world.quang_trung_1, world.quang_trung_2, world.hien_khanh_1, world.hien_khanh_2]
        {
            let team = Uuid::now_v7();
            teams.insert(unit, team);
            tx.execute(
                "INSERT INTO team (id, unit_id, kind, name, folded, decision)
                 VALUES ($1, $2, 'community', 'Tổ thử', 'to thu', '')",
                args![team, unit],
            )
            .await
            .unwrap();
            tx.execute(
                "INSERT INTO venue (id, unit_id, kind, name, folded, address)
                 VALUES ($1, $2, 'village_hall', 'Nhà văn hóa', 'nha van hoa', '')",
                args![Uuid::now_v7(), unit],
            )
            .await
            .unwrap();
        }
        tx.execute(
            "INSERT INTO asset (id, unit_id, kind, name, folded, code, note)
             VALUES ($1, $2, 'loudspeaker_vehicle', 'Xe loa số 1', 'xe loa so 1', '', '')",
            args![vehicle, world.district],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self { world, officer, campaign, vehicle, teams }
    }

    /// The form of the inputs as it comes, with some fields otherwise.
    fn inputs(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = [
            ("from", "2023-09-15"),
            ("to", "2023-09-30"),
            ("visits", "1"),
            ("minutes", "90"),
            ("gap", "7"),
            ("step", "15"),
            ("host", "hamlet"),
            ("wish", "few_trips"),
            ("seconds", "1"),
            ("crews", "0"),
            ("availability", "yes"),
            ("skip_closed", "yes"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        for weekday in 0..7 {
            fields.push((format!("open:{weekday}"), "yes".to_owned()));
            fields.push((format!("day{weekday}:{}", self.vehicle), "yes".to_owned()));
        }
        fields.push((format!("used:{}", self.vehicle), "yes".to_owned()));
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields
    }

    /// Only Sundays, and everything as early as possible.
    fn sundays(&self) -> Vec<(String, String)> {
        let closed = ["open:0", "open:1", "open:2", "open:3", "open:4", "open:5"];
        let mut more: Vec<(&str, &str)> = closed.iter().map(|name| (*name, "")).collect();
        more.push(("wish", "soon"));
        self.inputs(&more)
    }

    /// One evening in the week, three hours: one session of 90 minutes fits a vehicle, not four.
    fn one_evening(&self) -> Vec<(String, String)> {
        let mut fields = self.sundays();
        for (name, value) in [("start:6", "18:00"), ("end:6", "21:00"), ("to", "2023-09-17")] {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_owned()));
        }
        fields
    }

    /// Adds a hamlet to the registers.
    async fn hamlet(&self, name: &str, commune: UnitId) -> UnitId {
        let hamlet = unit(Level::Hamlet, name, commune, None);
        let id = hamlet.id;
        let mut tx = self.world.app.db.begin().await.unwrap();
        store::insert(&mut tx, &[hamlet]).await.unwrap();
        store::connect(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A district: 18 communes, nearly two hundred hamlets with a team each; a vehicle, and three groups
    /// more that the inputs ask for.
    async fn district() -> Self {
        let planner = Self::new().await;
        let world = &planner.world;
        let mut units = vec![];
        let mut communes = vec![];
        for number in 0..16u32 {
            let point =
                (20.30 + f64::from(number / 4) * 0.04, 106.0 + f64::from(number % 4) * 0.05);
            let name = format!("Xã thử {number}");
            let commune = unit(Level::Commune, &name, world.district, Some(point));
            for hamlet in 0..12u32 {
                let (along, up) = (f64::from(hamlet % 4) * 0.008, f64::from(hamlet / 4) * 0.008);
                let at = Some((point.0 + up, point.1 + along));
                units.push(unit(Level::Hamlet, &format!("Xóm {hamlet}"), commune.id, at));
            }
            communes.push(commune);
        }
        let mut tx = world.app.db.begin().await.unwrap();
        store::insert(&mut tx, &communes).await.unwrap();
        store::insert(&mut tx, &units).await.unwrap();
        store::connect(&mut tx).await.unwrap();
        for commune in &communes {
            let campaign: Uuid = planner.campaign.parse().unwrap();
            tx.execute(
                "INSERT INTO campaign_unit (campaign_id, unit_id) VALUES ($1, $2)",
                args![campaign, commune.id],
            )
            .await
            .unwrap();
        }
        for hamlet in &units {
            tx.execute(
                "INSERT INTO team (id, unit_id, kind, name, folded, decision)
                 VALUES ($1, $2, 'community', 'Tổ thử', 'to thu', '')",
                args![Uuid::now_v7(), hamlet.id],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        planner
    }

    /// Sends the inputs, waits for the end of the search; the address of the plan.
    async fn plan(&self, fields: &[(String, String)]) -> String {
        let path = format!("/campaigns/{}/plan", self.campaign);
        let plan = post(&self.officer, &path, fields).await;
        self.wait(&plan).await;
        plan
    }

    /// Waits until a plan has been searched.
    async fn wait(&self, plan: &str) {
        for _ in 0..200 {
            let page = self.officer.get(plan).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text());
            if !page.text().contains("data-refresh") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{plan} is still being searched");
    }

    async fn accept(&self, plan: &str) {
        assert_eq!(self.officer.get(&format!("{plan}/accept")).await.status, StatusCode::OK);
        let page = self.officer.post(&format!("{plan}/accept"), &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    }

    /// Sessions on the calendar: activity, hamlet, start; those cancelled are left out.
    async fn sessions(&self) -> Vec<(Uuid, UnitId, i64)> {
        let statement = "SELECT id, unit_id, starts_at FROM activity
                         WHERE kind = 'hamlet_session' AND state <> 'cancelled'
                           AND deleted_at IS NULL ORDER BY unit_id";
        let rows = self.world.app.db.rows(statement, vec![]).await.unwrap();
        rows.iter()
            .map(|row| {
                (row.get("id").unwrap(), row.get("unit_id").unwrap(), row.get("starts_at").unwrap())
            })
            .collect()
    }

    async fn count(&self, statement: &str) -> i64 {
        self.world.app.db.count(statement, vec![]).await.unwrap()
    }
}

fn unit(level: Level, name: &str, parent: UnitId, point: Option<(f64, f64)>) -> Unit {
    let id = UnitId::new();
    Unit {
        id,
        code: id.to_string(),
        level,
        kind: String::new(),
        name: name.to_owned(),
        parent_id: Some(parent),
        valid_from: SINCE_EVER,
        valid_to: FOR_EVER,
        dates_exact: true,
        point,
        households: None,
        population: None,
        adults: None,
        figures_source: None,
        generated: true,
    }
}

async fn post(browser: &Browser, path: &str, fields: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = browser.post(path, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    page.location
}

fn day_of(at: i64) -> String {
    clock::local(at).date().to_string()
}

#[tokio::test]
async fn an_accepted_plan_visits_each_hamlet_and_nothing_is_in_two_places() {
    let planner = Planner::new().await;
    let page = planner.officer.get(&format!("/campaigns/{}/plan", planner.campaign)).await;
    assert!(page.text().contains("Sẽ xếp 4 buổi với 1 xe"), "{}", page.text());
    let plan = planner.plan(&planner.inputs(&[])).await;
    assert_eq!(planner.sessions().await.len(), 0, "a draft is not on the calendar");
    for view in ["calendar", "vehicles", "teams", "map", "list"] {
        let page = planner.officer.get(&format!("{plan}?view={view}")).await;
        assert_eq!(page.status, StatusCode::OK, "{view}");
    }
    planner.accept(&plan).await;
    let sessions = planner.sessions().await;
    let hamlets: HashSet<UnitId> = sessions.iter().map(|session| session.1).collect();
    assert_eq!((sessions.len(), hamlets.len()), (4, 4));
    let clashes = "SELECT COUNT(*) AS n FROM activity a JOIN activity b
         ON a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
         AND (a.team_id = b.team_id OR a.venue_id = b.venue_id OR EXISTS (
             SELECT 1 FROM activity_asset x JOIN activity_asset y ON x.asset_id = y.asset_id
             WHERE x.activity_id = a.id AND y.activity_id = b.id))";
    assert_eq!(planner.count(clashes).await, 0);
    let stops = "SELECT COUNT(*) AS n FROM run_stop s JOIN activity a ON a.id = s.activity_id
                 JOIN activity_asset x ON x.activity_id = a.id WHERE a.kind = 'mobile_run'";
    assert_eq!(planner.count(stops).await, 4, "the vehicle's runs stop at every session");
    let again = planner.officer.post(&format!("{plan}/accept"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "accepted twice");
    let xlsx = planner.officer.get(&format!("{plan}/timetable.xlsx")).await;
    assert_eq!(&xlsx.bytes[..2], b"PK");
    assert!(planner.officer.get(&format!("{plan}/print")).await.text().contains("Xe loa số 1"));
}

#[tokio::test]
async fn a_lost_sunday_is_repaired_with_old_and_new_shown_before_anything_changes() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    planner.accept(&plan).await;
    let before = planner.sessions().await;
    let on = |sessions: &[(Uuid, UnitId, i64)], day: &str| {
        sessions.iter().filter(|session| day_of(session.2) == day).count()
    };
    assert_eq!(on(&before, "2023-09-17"), 4);
    let lost = [("kind", "day"), ("from", "2023-09-17")];
    let sent = planner.officer.post(&format!("{plan}/change"), &lost).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    planner.wait(&sent.location).await;
    let page = planner.officer.get(&sent.location).await.text();
    assert!(page.contains("Không tổ chức ngày 17/09/2023"), "{page}");
    assert!(page.contains("Dời 4 buổi, thêm 0, bỏ 0, giữ nguyên 0."), "{page}");
    assert!(page.contains("17/09/2023") && page.contains("24/09/2023"));
    assert_eq!(planner.sessions().await, before, "nothing has changed yet");
    planner.accept(&sent.location).await;
    let after = planner.sessions().await;
    assert_eq!(on(&after, "2023-09-24"), 4);
    let ids = |sessions: &[(Uuid, UnitId, i64)]| -> Vec<Uuid> {
        sessions.iter().map(|session| session.0).collect()
    };
    assert_eq!(ids(&after), ids(&before), "the same activities, moved");
    let monday = clock::millis(jiff::civil::date(2023, 9, 18).at(0, 0, 0, 0));
    let lost = format!("kind = 'mobile_run' AND starts_at < {monday}");
    let left = format!("SELECT COUNT(*) AS n FROM activity WHERE {lost} AND state <> 'cancelled'");
    assert_eq!(planner.count(&left).await, 0, "no run of the lost day is left");
    let told = format!(
        "SELECT COUNT(*) AS n FROM activity WHERE {lost} AND cancel_reason LIKE '%17/09/2023%'"
    );
    assert!(planner.count(&told).await > 0, "and each says why");
    let old = planner.officer.get(&plan).await.text();
    assert!(old.contains("nay đã có lịch khác thay"), "{old}");
}

#[tokio::test]
async fn what_was_moved_by_hand_stays_when_the_rest_is_planned_anew() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    let to = [("day", "2023-09-24"), ("time", "09:15"), ("vehicle", "0")];
    let moved = planner.officer.post(&format!("{plan}/sessions/0/move"), &to).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    let again = planner.officer.post(&format!("{plan}/again"), &[]).await;
    planner.wait(&again.location).await;
    let page = planner.officer.get(&format!("{}/sessions/0", again.location)).await.text();
    assert!(page.contains("24/09/2023, 09:15–10:45"), "{page}");
    assert!(page.contains("Buổi này đã được khóa ở đây."));
    let unlocked =
        planner.officer.post(&format!("{}/sessions/0/lock?to=no", again.location), &[]).await;
    assert_eq!(unlocked.status, StatusCode::SEE_OTHER);
    let page = planner.officer.get(&format!("{}/sessions/0", again.location)).await.text();
    assert!(!page.contains("Buổi này đã được khóa ở đây."));
}

#[tokio::test]
async fn a_move_that_breaks_a_rule_is_refused_with_the_rule() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    // A Monday morning: the team said nothing, so it is taken to be at work.
    let to = [("day", "2023-09-18"), ("time", "09:00"), ("vehicle", "0")];
    let refused = planner.officer.post(&format!("{plan}/sessions/0/move"), &to).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("ngoài giờ cho phép"), "{}", refused.text());
    assert!(refused.text().contains("value=\"2023-09-18\""), "what was typed is still there");
    let insisted = [to.as_slice(), &[("outside", "yes")]].concat();
    let moved = planner.officer.post(&format!("{plan}/sessions/0/move"), &insisted).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    // Another session at the same time: the one vehicle cannot be at both.
    let twice = planner.officer.post(&format!("{plan}/sessions/1/move"), &insisted).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let night = [("day", "2023-09-17"), ("time", "23:00"), ("vehicle", "0")];
    let late = planner.officer.post(&format!("{plan}/sessions/1/move"), &night).await;
    assert!(late.text().contains("không làm việc vào lúc ấy"), "{}", late.text());
}

#[tokio::test]
async fn a_search_cut_off_by_a_restart_keeps_its_best() {
    let planner = Planner::new().await;
    let path = format!("/campaigns/{}/plan", planner.campaign);
    let plan = post(&planner.officer, &path, &planner.inputs(&[("seconds", "60")])).await;
    for _ in 0..100 {
        if planner.officer.get(&plan).await.text().contains("Tốt nhất đến lúc này") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    lantoa::planning::recover(&planner.world.app.db).await.unwrap();
    planner.world.app.work.finish().await;
    let page = planner.officer.get(&plan).await.text();
    assert!(page.contains("bị ngắt"), "{page}");
    assert!(page.contains("trên 4 buổi"), "{page}");
    planner.accept(&plan).await;
    assert_eq!(planner.sessions().await.len(), 4);
}

#[tokio::test]
async fn a_search_can_be_stopped_and_its_best_used() {
    let planner = Planner::new().await;
    let path = format!("/campaigns/{}/plan", planner.campaign);
    let plan = post(&planner.officer, &path, &planner.inputs(&[("seconds", "60")])).await;
    let twice = post(&planner.officer, &path, &planner.inputs(&[])).await;
    assert_eq!(twice, plan, "one search of a campaign at a time");
    tokio::time::sleep(Duration::from_millis(700)).await;
    planner.officer.post(&format!("{plan}/stop"), &[]).await;
    planner.wait(&plan).await;
    let page = planner.officer.get(&plan).await.text();
    assert!(page.contains("đã dừng tìm") && page.contains("trên 4 buổi"), "{page}");
}

#[tokio::test]
async fn a_commune_officer_plans_only_their_hamlets_and_a_viewer_none() {
    let planner = Planner::new().await;
    let own = planner.world.browser("canbo.quangtrung").await;
    let path = format!("/campaigns/{}/plan", planner.campaign);
    let page = own.get(&path).await;
    // No vehicle of theirs: one group goes out on its own.
    assert!(page.text().contains("Sẽ xếp 2 buổi với 1 xe"), "{}", page.text());
    let fields = planner.inputs(&[("crews", "1")]);
    let plan = post(&own, &path, &fields).await;
    planner.wait(&plan).await;
    let accepted = own.post(&format!("{plan}/accept"), &[]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.text());
    let hamlets: HashSet<UnitId> = planner.sessions().await.iter().map(|s| s.1).collect();
    let theirs = HashSet::from([planner.world.quang_trung_1, planner.world.quang_trung_2]);
    assert_eq!(hamlets, theirs);
    let neighbour = planner.world.browser("canbo.hienkhanh").await;
    assert_eq!(neighbour.get(&plan).await.status, StatusCode::NOT_FOUND);
    for name in ["lanhdao", "thanhvien.quangtrung", "dai.quangtrung"] {
        let other = planner.world.browser(name).await;
        assert_eq!(other.get(&path).await.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(other.get(&plan).await.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn accepting_looks_at_the_calendar_again() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    let team = planner.teams[&planner.world.quang_trung_1];
    let (team, unit) = (team.to_string(), planner.world.quang_trung_1.to_string());
    let meeting = [
        ("kind", "meeting"),
        ("title", "Họp đột xuất cả ngày"),
        ("unit", unit.as_str()),
        ("team", team.as_str()),
        ("day", "2023-09-17"),
        ("from", "07:00"),
        ("to", "21:00"),
    ];
    let added = planner.officer.post("/activities/new", &meeting).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text());
    let refused = planner.officer.post(&format!("{plan}/accept"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Những buổi bị vướng"), "{}", refused.text());
    assert_eq!(planner.sessions().await.len(), 0, "all or nothing");
    let again = planner.officer.post(&format!("{plan}/again"), &[]).await;
    planner.wait(&again.location).await;
    planner.accept(&again.location).await;
    let sessions = planner.sessions().await;
    let moved = sessions.iter().find(|s| s.1 == planner.world.quang_trung_1).unwrap();
    assert_eq!(day_of(moved.2), "2023-09-24");
}

#[tokio::test]
async fn what_cannot_be_served_is_listed_with_its_reason() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.one_evening()).await;
    let page = planner.officer.get(&plan).await.text();
    assert!(page.contains("3 buổi không xếp được"), "{page}");
    assert!(page.contains("1 ca đã kín giờ"), "{page}");
    let asked = planner.officer.post(&format!("{plan}/what-if"), &[("question", "more")]).await;
    planner.wait(&asked.location).await;
    let page = planner.officer.get(&asked.location).await.text();
    assert!(page.contains("Thêm một đoàn") && page.contains("Được gì"), "{page}");
    assert!(page.contains(">-1<"), "one more group serves one more session: {page}");
    let accepted = planner.officer.post(&format!("{}/accept", asked.location), &[]).await;
    assert_eq!(accepted.status, StatusCode::CONFLICT, "a question is not a plan");
}

#[tokio::test]
async fn reasons_are_kept_with_the_plan_and_not_worked_out_at_every_view() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.one_evening()).await;
    let id: Uuid = plan.rsplit('/').next().unwrap().parse().unwrap();
    let db = &planner.world.app.db;
    let read = "SELECT bill FROM plan WHERE id = $1";
    let kept: String = db.row(read, args![id]).await.unwrap().unwrap().get("bill").unwrap();
    let mut bill: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(bill["reasons"].as_array().unwrap().len(), 3, "{kept}");
    // What a page says is what was kept, so nothing was worked out again.
    for reason in bill["reasons"].as_array_mut().unwrap() {
        reason[1] = "NoWindow".into();
    }
    let mut tx = db.begin().await.unwrap();
    let write = "UPDATE plan SET bill = $1 WHERE id = $2";
    tx.execute(write, args![bill.to_string(), id]).await.unwrap();
    tx.commit().await.unwrap();
    let page = planner.officer.get(&plan).await.text();
    assert_eq!(page.matches("Không có giờ nào tổ chức được").count(), 3, "{page}");
    // A search that was cut off has none: they are worked out at the first view and kept.
    bill.as_object_mut().unwrap().remove("reasons");
    let bill: routing::Bill = serde_json::from_value(bill).unwrap();
    let mut tx = db.begin().await.unwrap();
    let bill = serde_json::to_string(&bill).unwrap();
    tx.execute(write, args![bill, id]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(planner.officer.get(&plan).await.text().contains("1 ca đã kín giờ"));
    let again: String = db.row(read, args![id]).await.unwrap().unwrap().get("bill").unwrap();
    assert_eq!(again, kept);
}

#[tokio::test]
async fn one_more_evening_is_searched_answered_in_a_sentence_and_becomes_the_draft() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.one_evening()).await;
    let ask = planner.officer.get(&format!("{plan}/what-if")).await.text();
    assert!(ask.contains("Nếu thêm một buổi tối trong tuần"), "{ask}");
    // The plan spans Friday to Sunday; the rules forbid nothing on Saturday, the inputs do.
    let question = [("question", "evening"), ("weekday", "5")];
    let asked = planner.officer.post(&format!("{plan}/what-if"), &question).await;
    let answer = asked.location;
    planner.wait(&answer).await;
    let page = planner.officer.get(&answer).await.text();
    assert!(page.contains("Thêm buổi tối Thứ Bảy hằng tuần"), "{page}");
    assert!(page.contains("bớt 1 buổi không xếp được"), "{page}");
    let refused = planner.officer.post(&format!("{answer}/accept"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "a question is not a plan");
    let adopted = planner.officer.post(&format!("{answer}/adopt"), &[]).await;
    assert_eq!(adopted.location, answer);
    let twice = planner.officer.post(&format!("{answer}/adopt"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert_eq!(planner.sessions().await.len(), 0, "a draft is not on the calendar");
    planner.accept(&answer).await;
    let days: HashSet<String> = planner.sessions().await.iter().map(|s| day_of(s.2)).collect();
    assert_eq!(days, HashSet::from(["2023-09-16".to_owned(), "2023-09-17".to_owned()]));
    // The next plan begins with that evening ticked, so that it can be taken back.
    let inputs = planner.officer.get(&format!("/campaigns/{}/plan", planner.campaign)).await.text();
    assert!(inputs.contains("name=\"evenings\" value=\"5\" checked"), "{inputs}");
}

#[tokio::test]
async fn an_evening_that_could_be_used_already_is_not_said_to_buy_anything() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.inputs(&[])).await;
    let question = [("question", "evening"), ("weekday", "1")];
    let asked = planner.officer.post(&format!("{plan}/what-if"), &question).await;
    planner.wait(&asked.location).await;
    let page = planner.officer.get(&asked.location).await.text();
    assert!(page.contains("vốn đã dùng được ở mọi thôn, xóm"), "{page}");
}

#[tokio::test]
async fn a_new_hamlet_and_one_more_session_are_added_in_one_step() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    planner.accept(&plan).await;
    let before = planner.sessions().await;
    assert!(!planner.officer.get(&plan).await.text().contains("chưa có trong lịch này"));
    let new = planner.hamlet("Xóm Mới", planner.world.quang_trung).await;
    let page = planner.officer.get(&plan).await.text();
    assert!(page.contains("Có 1 thôn, xóm trong sổ chưa có trong lịch này."), "{page}");
    let nothing = planner.officer.post(&format!("{plan}/change"), &[("kind", "new")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text().contains("Chọn nơi cần thêm buổi."), "{}", nothing.text());
    let page = planner.officer.get(&format!("{plan}/change?kind=new")).await.text();
    let ticked = format!("value=\"{new}\" checked");
    assert!(page.contains(&ticked), "chosen already: {page}");
    let (new, more) = (new.to_string(), planner.world.hien_khanh_1.to_string());
    let both = [("kind", "new"), ("units", new.as_str()), ("hamlet", more.as_str())];
    let sent = planner.officer.post(&format!("{plan}/change"), &both).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    planner.wait(&sent.location).await;
    let page = planner.officer.get(&sent.location).await.text();
    assert!(page.contains("Thêm buổi ở") && page.contains("Xóm Mới, Xã Quang Trung"), "{page}");
    assert!(page.contains("Dời 0 buổi, thêm 2, bỏ 0, giữ nguyên 4."), "{page}");
    assert_eq!(planner.sessions().await, before, "nothing has changed yet");
    planner.accept(&sent.location).await;
    let after = planner.sessions().await;
    assert_eq!(after.len(), 6);
    assert!(before.iter().all(|session| after.contains(session)), "no other session moved");
}

#[tokio::test]
async fn a_district_officer_who_changes_a_communes_plan_changes_that_commune_only() {
    let planner = Planner::new().await;
    let own = planner.world.browser("canbo.quangtrung").await;
    let path = format!("/campaigns/{}/plan", planner.campaign);
    let plan = post(&own, &path, &planner.inputs(&[("crews", "1")])).await;
    planner.wait(&plan).await;
    let page = planner.officer.get(&plan).await.text();
    assert!(!page.contains("chưa có trong lịch này"), "other communes are not new to it: {page}");
    let again = planner.officer.post(&format!("{plan}/again"), &[]).await;
    planner.wait(&again.location).await;
    assert!(planner.officer.get(&again.location).await.text().contains("trên 2 buổi"));
    planner.accept(&again.location).await;
    let hamlets: HashSet<UnitId> = planner.sessions().await.iter().map(|s| s.1).collect();
    let theirs = HashSet::from([planner.world.quang_trung_1, planner.world.quang_trung_2]);
    assert_eq!(hamlets, theirs);
}

#[tokio::test]
async fn a_lost_sunday_in_a_whole_district_moves_at_most_five_other_sessions() {
    let planner = Planner::district().await;
    // Two months, as a peak campaign has; two seconds of searching.
    let asked = [("seconds", "2"), ("crews", "3"), ("to", "2023-11-15")];
    let plan = planner.plan(&planner.inputs(&asked)).await;
    planner.accept(&plan).await;
    let before = planner.sessions().await;
    assert!(before.len() >= 190, "{} sessions", before.len());
    let sunday = before
        .iter()
        .map(|session| clock::local(session.2).date())
        .filter(|day| day.weekday() == jiff::civil::Weekday::Sunday)
        .map(|day| day.to_string())
        .max_by_key(|day| before.iter().filter(|s| day_of(s.2) == *day).count())
        .expect("sessions on a Sunday");
    let lost = before.iter().filter(|session| day_of(session.2) == sunday).count();
    assert!(lost >= 5, "{lost} sessions on {sunday}");
    let change = [("kind", "day"), ("from", sunday.as_str())];
    let sent = planner.officer.post(&format!("{plan}/change"), &change).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    planner.wait(&sent.location).await;
    planner.accept(&sent.location).await;
    let after: HashMap<Uuid, i64> =
        planner.sessions().await.into_iter().map(|s| (s.0, s.2)).collect();
    assert_eq!(after.len(), before.len(), "every hamlet still has its session");
    assert!(after.values().all(|at| day_of(*at) != sunday));
    let others = before.iter().filter(|s| day_of(s.2) != sunday && after[&s.0] != s.2).count();
    assert!(others <= 5, "{others} other sessions moved for {lost} lost");
}

#[tokio::test]
async fn wrong_inputs_are_said_at_their_fields_and_stay() {
    let planner = Planner::new().await;
    let path = format!("/campaigns/{}/plan", planner.campaign);
    let fields = planner.inputs(&[("minutes", "chín mươi"), ("off", "mai"), ("to", "2023-09-01")]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = planner.officer.post(&path, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    assert!(text.contains("value=\"chín mươi\"") && text.contains("value=\"mai\""), "{text}");
    assert!(text.contains("Ngày chưa đúng") && text.contains("Phải sau thời điểm bắt đầu"));
}

#[tokio::test]
async fn the_problem_is_there_for_other_programs() {
    let planner = Planner::new().await;
    let path = format!("/campaigns/{}/plan/problem.json", planner.campaign);
    let text = planner.officer.get(&path).await.text();
    let instance = routing::formats::read(&text).unwrap();
    assert_eq!(instance.problem.visits.len(), 4);
    assert!(text.contains("Xe loa số 1") && text.contains("Xóm 1, Xã Hiển Khánh"));
}

#[tokio::test]
async fn planned_activities_of_a_campaign_go_to_the_trash_together() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.inputs(&[])).await;
    planner.accept(&plan).await;
    let path = format!("/campaigns/{}/activities/clear", planner.campaign);
    assert!(planner.officer.get(&path).await.text().contains("hoạt động dự kiến"));
    let viewer = planner.world.browser("lanhdao").await;
    assert_eq!(viewer.post(&path, &[]).await.status, StatusCode::FORBIDDEN);
    planner.officer.post(&path, &[]).await;
    assert_eq!(planner.sessions().await.len(), 0);
    assert!(planner.officer.get("/trash").await.text().contains("Buổi tuyên truyền tại Xóm 1"));
}

#[tokio::test]
async fn a_search_that_found_nothing_yet_never_empties_the_calendar() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    planner.accept(&plan).await;
    let before = planner.sessions().await;
    assert_eq!(before.len(), 4);
    // A second search, cut off before it had anything to show.
    let other = planner.plan(&planner.sundays()).await;
    let id: Uuid = other.rsplit('/').next().unwrap().parse().unwrap();
    let empty = r#"{"routes":[],"unserved":[]}"#;
    let mut tx = planner.world.app.db.begin().await.unwrap();
    let cut_off = "UPDATE plan SET best = $1, state = 'interrupted' WHERE id = $2";
    tx.execute(cut_off, args![empty, id]).await.unwrap();
    tx.commit().await.unwrap();
    let page = planner.officer.post(&format!("{other}/accept"), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text());
    assert_eq!(planner.sessions().await, before);
}

#[tokio::test]
async fn an_older_draft_does_not_move_what_was_held() {
    let planner = Planner::new().await;
    let plan = planner.plan(&planner.sundays()).await;
    planner.accept(&plan).await;
    // A draft made before the evening was held has its session on another day.
    let lost = [("kind", "day"), ("from", "2023-09-17")];
    let draft = planner.officer.post(&format!("{plan}/change"), &lost).await.location;
    planner.wait(&draft).await;
    let before = planner.sessions().await;
    let held = before[0].0;
    let mut tx = planner.world.app.db.begin().await.unwrap();
    let statement = "UPDATE activity SET state = 'held', headcount = 30 WHERE id = $1";
    tx.execute(statement, args![held]).await.unwrap();
    tx.commit().await.unwrap();
    let page = planner.officer.post(&format!("{draft}/accept"), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("buổi đã tổ chức được giữ nguyên"), "{}", page.text());
    assert_eq!(planner.sessions().await, before, "nothing has changed");
    assert!(page.text().contains("/again"), "the way on is offered");
}
