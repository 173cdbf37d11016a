//! Rosters: who is free, who goes, who is told, who came.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::civil::{DateTime, date};
use lantoa::args;
use lantoa::foundation::ids::{MemberId, TeamId, UnitId};
use lantoa::foundation::{Db, clock};
use lantoa::rosters::availability::teams_free;
use lantoa::rosters::reminders::{self, Round};

use crate::world::{Browser, World};

/// A world with a team of four in Quang Trung, of whom the first is the team lead's account and the
/// second the member's; the two others have no account.
struct Rostered {
    world: World,
    team: TeamId,
    members: Vec<MemberId>,
    lead: Browser,
    member: Browser,
}

async fn add_team(db: &Db, unit: UnitId, name: &str, people: &[&str]) -> (TeamId, Vec<MemberId>) {
    let team = TeamId::new();
    let mut tx = db.begin().await.unwrap();
    tx.execute(
        "INSERT INTO team (id, unit_id, kind, name, folded, decision)
         VALUES ($1, $2, 'community', $3, $3, '')",
        args![team, unit, name],
    )
    .await
    .unwrap();
    let mut members = vec![];
    for (index, person) in people.iter().enumerate() {
        let member = MemberId::new();
        tx.execute(
            "INSERT INTO member (id, team_id, name, folded, phone, position, organisation)
             VALUES ($1, $2, $3, $4, $5, 'member', '')",
            args![member, team, *person, format!("{index}"), format!("091200000{index}")],
        )
        .await
        .unwrap();
        members.push(member);
    }
    tx.commit().await.unwrap();
    (team, members)
}

async fn rostered() -> Rostered {
    let world = World::new().await;
    let people = ["Trần Thị Trưởng", "Lê Văn Viên", "Phạm Văn Ba", "Vũ Thị Tư"];
    let (team, members) =
        add_team(&world.app.db, world.quang_trung, "Tổ số Quang Trung", &people).await;
    let mut tx = world.app.db.begin().await.unwrap();
    for (account, member) in
        [("totruong.quangtrung", members[0]), ("thanhvien.quangtrung", members[1])]
    {
        tx.execute(
            "UPDATE account SET member_id = $1 WHERE sign_in_name = $2",
            args![member, account],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let lead = world.browser("totruong.quangtrung").await;
    let member = world.browser("thanhvien.quangtrung").await;
    Rostered { world, team, members, lead, member }
}

impl Rostered {
    /// An activity of the team on a September day, from 19:30 to 21:00 or as given; its id.
    async fn activity(&self, day: i8, from: &str, to: &str) -> String {
        let day = date(2023, 9, day).to_string();
        let (unit, team) = (self.world.quang_trung_1.to_string(), self.team.to_string());
        let fields = [
            ("kind", "hall_evening"),
            ("title", "Tối nhà văn hóa"),
            ("unit", &unit),
            ("team", &team),
            ("place", "Nhà văn hóa xóm 1"),
            ("day", &day),
            ("from", from),
            ("to", to),
            ("clash_reason", "chỉ để thử"),
        ];
        let page = self.lead.post("/activities/new", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        page.location.rsplit('/').next().unwrap().to_owned()
    }

    async fn press(&self, by: &Browser, path: &str) -> StatusCode {
        by.post(path, &[]).await.status
    }

    async fn invite(&self, activity: &str, member: usize) {
        let path = format!("/activities/{activity}/roster/{}/invite", self.members[member]);
        assert_eq!(self.press(&self.lead, &path).await, StatusCode::SEE_OTHER);
    }

    /// One round of the scheduler at a local time.
    async fn round(&self, at: DateTime) -> Round {
        reminders::round(&self.world.app.db, clock::millis(at)).await.unwrap()
    }

    async fn count(&self, from: &str) -> i64 {
        let statement = format!("SELECT COUNT(*) AS n FROM {from}");
        self.world.app.db.count(&statement, vec![]).await.unwrap()
    }

    async fn set(&self, statement: &str, values: Vec<lantoa::foundation::Value>) {
        let mut tx = self.world.app.db.begin().await.unwrap();
        assert!(tx.execute(statement, values).await.unwrap() > 0);
        tx.commit().await.unwrap();
    }
}

fn at(day: i8, hour: i8, minute: i8) -> DateTime {
    date(2023, 9, day).at(hour, minute, 0, 0)
}

async fn free_on(town: &Rostered, team: TeamId, day: i8) -> Vec<(i32, i32)> {
    let day = date(2023, 9, day);
    let mut free: std::collections::HashMap<_, BTreeMap<_, _>> =
        teams_free(&town.world.app.db, &[team], day, day).await.unwrap();
    free.remove(&team).unwrap().remove(&day).unwrap()
}

#[tokio::test]
async fn a_team_can_go_out_when_two_of_it_are_free() {
    let town = rostered().await;
    // Nobody has said anything: evenings on working days, most of the day at weekends.
    assert_eq!(free_on(&town, town.team, 18).await, [(1110, 1260)]);
    assert_eq!(free_on(&town, town.team, 17).await, [(450, 660), (840, 1020), (1110, 1260)]);
    // Three of four are free only from 20:00 on Mondays.
    for member in &town.members[1..] {
        let path = format!("/members/{member}/availability");
        let page = town.lead.post(&path, &[("d1_other", "20h-22:30"), ("d7", "morning")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    }
    assert_eq!(free_on(&town, town.team, 18).await, [(1200, 1350)]);
    assert_eq!(free_on(&town, town.team, 19).await, [], "one alone is not enough");
    // Two of the three are away that week.
    for member in &town.members[2..] {
        let path = format!("/members/{member}/availability/days");
        let days = [("kind", "busy"), ("from", "18/09/2023"), ("to", "20/09/2023")];
        assert_eq!(town.lead.post(&path, &days).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(free_on(&town, town.team, 18).await, [(1200, 1260)]);
    assert_eq!(free_on(&town, town.team, 25).await, [(1200, 1350)], "only that week");
    // A team of one needs only that one; a team without names says nothing against it.
    let (alone, _) =
        add_team(&town.world.app.db, town.world.quang_trung, "Tổ một người", &["Một"]).await;
    let (empty, _) = add_team(&town.world.app.db, town.world.quang_trung, "Tổ trống", &[]).await;
    assert_eq!(free_on(&town, alone, 18).await, [(1110, 1260)]);
    assert_eq!(free_on(&town, empty, 18).await, [(1110, 1260)]);
}

#[tokio::test]
async fn a_member_says_when_they_are_free_and_nobody_elses_hours() {
    let town = rostered().await;
    let own = format!("/members/{}/availability", town.members[1]);
    assert_eq!(town.member.get("/availability").await.location, own);
    let page = town.member.get(&own).await.text();
    assert!(page.contains("Chưa khai giờ rảnh"), "the assumption is said: {page}");
    let wrong = [("d2", "evening"), ("d3_other", "tối muộn")];
    let page = town.member.post(&own, &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("tối muộn") && page.text().contains("Giờ chưa đúng"));
    let right = [("d2", "evening"), ("d3_other", "20:00-21:30")];
    assert_eq!(town.member.post(&own, &right).await.status, StatusCode::SEE_OTHER);
    let page = town.member.get(&own).await.text();
    assert!(page.contains("20:00–21:30") && !page.contains("Chưa khai giờ rảnh"));
    let others = format!("/members/{}/availability", town.members[2]);
    for status in
        [town.member.get(&others).await.status, town.member.post(&others, &right).await.status]
    {
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status), "{status}");
    }
    let elsewhere = town.world.browser("canbo.hienkhanh").await;
    assert_eq!(elsewhere.post(&own, &right).await.status, StatusCode::NOT_FOUND);
    assert!(town.count("audit WHERE action = 'availability'").await == 1);
}

#[tokio::test]
async fn a_member_is_invited_confirms_and_a_decline_leaves_a_gap_to_fill() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    let roster = format!("/activities/{activity}/roster");
    assert_eq!(town.press(&town.lead, &format!("{roster}/team")).await, StatusCode::SEE_OTHER);
    assert_eq!(town.count("activity_member").await, 4, "the whole team");
    let mine = town.member.get("/my-work").await.text();
    assert!(mine.contains("Tối nhà văn hóa") && mine.contains("Nhà văn hóa xóm 1"), "{mine}");
    assert!(mine.contains("Cùng đi: Trần Thị Trưởng, Phạm Văn Ba, Vũ Thị Tư"), "{mine}");
    assert!(mine.contains("1 thông báo mới"), "{mine}");
    let board = town.member.get("/").await.text();
    assert!(board.contains("1 việc đang chờ bạn trả lời"), "{board}");

    let own = format!("/my-work/{activity}");
    assert_eq!(town.press(&town.member, &format!("{own}/confirm")).await, StatusCode::SEE_OTHER);
    let mine = town.member.get("/my-work").await.text();
    assert!(mine.contains("Đã xác nhận") && !mine.contains("thông báo mới"), "{mine}");
    let page = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(page.contains("1 xác nhận"), "{page}");
    assert!(!town.lead.get("/").await.text().contains("hoạt động thiếu người"));

    // One tap, with its reason: a gap on the board, and who could go in their place.
    let (_, others) =
        add_team(&town.world.app.db, town.world.quang_trung_2, "Tổ xóm 2", &["Ngô Văn Thay"]).await;
    let declined = town.press(&town.member, &format!("{own}/decline?reason=ill")).await;
    assert_eq!(declined, StatusCode::SEE_OTHER);
    assert!(town.lead.get("/").await.text().contains("1 hoạt động thiếu người"));
    let desk = town.lead.get("/rosters?show=gaps").await.text();
    assert!(desk.contains("Còn thiếu 1 người") && desk.contains("Ngô Văn Thay"), "{desk}");
    assert!(town.lead.get(&roster).await.text().contains("Ốm"));
    let invite = format!("{roster}/{}/invite?from=desk", others[0]);
    assert_eq!(town.press(&town.lead, &invite).await, StatusCode::SEE_OTHER);
    assert!(!town.lead.get("/").await.text().contains("hoạt động thiếu người"), "filled");
    let history = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(history.contains("Báo không đi được") && history.contains("Lê Văn Viên"), "{history}");
}

#[tokio::test]
async fn who_declines_without_a_reason_is_asked_for_it_where_they_wrote() {
    let town = rostered().await;
    let (first, second) =
        (town.activity(16, "19:30", "21:00").await, town.activity(17, "19:30", "21:00").await);
    town.invite(&first, 1).await;
    town.invite(&second, 1).await;
    let page = town.member.get("/my-work").await.text();
    let field = format!("reason-{second}");
    assert_eq!(page.matches(&format!("id=\"f-{field}\"")).count(), 1, "{page}");
    let decline = format!("/my-work/{second}/decline");
    let page = town.member.post(&decline, &[(field.as_str(), " ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    assert!(text.contains("Không đi được: Tối nhà văn hóa, Chủ nhật 17/09/2023"), "{text}");
    let error = format!("<p class=\"error\" id=\"e-{field}\">Cần điền mục này.</p>");
    assert_eq!(text.matches(&error).count(), 1, "{text}");
    let (before, _) = text.split_once(&error).unwrap();
    assert!(!before.contains("<details class=\"fold\">"), "it is not folded away: {text}");
    let long = "Về quê ".repeat(60);
    let page = town.member.post(&decline, &[(field.as_str(), &long)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains(long.trim()), "what was typed stays");
    assert_eq!(town.count("assignment WHERE answer = 'declined'").await, 0);
    let page = town.member.post(&decline, &[(field.as_str(), "Về quê")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let declined = "assignment WHERE answer = 'declined' AND reason = 'Về quê'";
    assert_eq!(town.count(declined).await, 1);
}

#[tokio::test]
async fn a_member_in_the_trash_comes_to_nothing_ahead_and_leaves_a_gap() {
    let town = rostered().await;
    let past = town.activity(16, "19:30", "21:00").await;
    let ahead = town.activity(17, "19:30", "21:00").await;
    for member in [1, 2] {
        town.invite(&past, member).await;
        town.invite(&ahead, member).await;
    }
    let began = clock::millis(at(14, 19, 30));
    let earlier = "UPDATE activity SET starts_at = $1, ends_at = $2 WHERE id = $3";
    let id: uuid::Uuid = past.parse().unwrap();
    town.set(earlier, args![began, began + 5_400_000, id]).await;
    let attended = format!("/activities/{past}/roster/{}/attended", town.members[2]);
    assert_eq!(town.press(&town.lead, &attended).await, StatusCode::SEE_OTHER);
    let trash = format!("/members/{}/trash", town.members[2]);
    assert_eq!(town.press(&town.lead, &trash).await, StatusCode::SEE_OTHER);

    let now = at(15, 9, 0);
    assert_eq!(town.round(now).await, Round { left: 1, ..Round::default() });
    assert_eq!(town.round(now).await, Round::default(), "once");
    assert!(town.lead.get("/").await.text().contains("1 hoạt động thiếu người"));
    let gaps = town.lead.get("/rosters?show=gaps").await.text();
    assert!(gaps.contains("Còn thiếu 1 người") && gaps.contains(&ahead), "{gaps}");
    let roster = format!("/activities/{ahead}/roster");
    let page = town.lead.get(&roster).await.text();
    assert!(page.contains("Không còn trong tổ") && !page.contains("Mời lại"), "{page}");
    let again = format!("{roster}/{}/invite", town.members[2]);
    assert_eq!(town.press(&town.lead, &again).await, StatusCode::NOT_FOUND);
    let mine = town.member.get("/my-work").await.text();
    assert!(!mine.contains("Cùng đi: Phạm Văn Ba"), "{mine}");
    // Who was there stays written down.
    let held = town.lead.get(&format!("/activities/{past}")).await.text();
    assert!(held.contains("1 có mặt"), "{held}");
    // The gap is filled by another, and stays filled.
    town.invite(&ahead, 3).await;
    town.round(now).await;
    assert!(!town.lead.get("/").await.text().contains("hoạt động thiếu người"));
}

#[tokio::test]
async fn suggestions_are_free_near_and_least_loaded_first() {
    let town = rostered().await;
    let db = &town.world.app.db;
    let (_, near) =
        add_team(db, town.world.quang_trung_1, "Tổ xóm 1", &["Gần Nhiều Việc", "Gần Ít Việc"])
            .await;
    let earlier = town.activity(16, "19:30", "21:00").await;
    let path = format!("/activities/{earlier}/roster/{}/invite", near[0]);
    assert_eq!(town.press(&town.lead, &path).await, StatusCode::SEE_OTHER);
    // Of the team: the first is elsewhere, the second not free.
    let activity = town.activity(17, "19:30", "21:00").await;
    let same_time = town.activity(17, "20:00", "21:30").await;
    town.invite(&same_time, 0).await;
    let away = [("kind", "busy"), ("from", "17/09/2023")];
    let path = format!("/members/{}/availability/days", town.members[1]);
    assert_eq!(town.lead.post(&path, &away).await.status, StatusCode::SEE_OTHER);
    let page = town.lead.get(&format!("/activities/{activity}/roster")).await.text();
    let place = |name: &str| page.find(name).unwrap_or_else(|| panic!("no {name}: {page}"));
    let order = ["Phạm Văn Ba", "Vũ Thị Tư", "Gần Ít Việc", "Gần Nhiều Việc", "Lê Văn Viên"];
    for pair in order.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "{pair:?}");
    }
    let busy = page.split("người bận việc khác").nth(1).unwrap();
    assert!(busy.contains("Trần Thị Trưởng") && busy.contains(&same_time), "linked: {busy}");
}

#[tokio::test]
async fn nobody_is_in_two_places_at_once_without_a_reason() {
    let town = rostered().await;
    let first = town.activity(17, "19:30", "21:00").await;
    let second = town.activity(17, "20:30", "22:00").await;
    town.invite(&first, 2).await;
    let invite = format!("/activities/{second}/roster/{}/invite", town.members[2]);
    assert_eq!(town.press(&town.lead, &invite).await, StatusCode::CONFLICT);
    assert_eq!(
        town.press(&town.lead, &format!("/activities/{second}/roster/team")).await,
        StatusCode::SEE_OTHER
    );
    let both = "assignment s JOIN member m ON m.id = s.member_id WHERE m.name = 'Phạm Văn Ba'";
    assert_eq!(town.count(both).await, 1, "the whole team without who is elsewhere");
    let member = town.members[2].to_string();
    let beside = format!("/activities/{second}/roster/beside");
    let page = town.lead.post(&beside, &[("member", &member), ("clash_reason", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("member", member.as_str()), ("clash_reason", "Đi nửa buổi")];
    assert_eq!(town.lead.post(&beside, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.count(both).await, 2);
    let page = town.lead.get(&format!("/activities/{second}/roster")).await.text();
    assert!(page.contains("Đi nửa buổi"), "the reason is kept: {page}");
}

#[tokio::test]
async fn members_sign_up_for_what_is_open_until_there_are_enough() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    let sign_up = format!("/my-work/{activity}/sign-up");
    assert_eq!(town.press(&town.member, &sign_up).await, StatusCode::CONFLICT, "not open");
    let roster = format!("/activities/{activity}/roster");
    let wanted = [("needed", "1"), ("open", "yes")];
    assert_eq!(town.lead.post(&roster, &wanted).await.status, StatusCode::SEE_OTHER);
    assert!(town.member.get("/my-work").await.text().contains("Tôi đăng ký"));
    assert_eq!(town.press(&town.member, &sign_up).await, StatusCode::SEE_OTHER);
    assert_eq!(town.press(&town.lead, &sign_up).await, StatusCode::CONFLICT, "one is enough");
    let page = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(page.contains("1 tự đăng ký"), "{page}");
    // Hiển Khánh's people see nothing of it.
    let (_, theirs) =
        add_team(&town.world.app.db, town.world.hien_khanh, "Tổ Hiển Khánh", &["Người Hiển Khánh"])
            .await;
    let account = town.world.account("thanhvien.hienkhanh", "member", town.world.hien_khanh).await;
    town.set("UPDATE account SET member_id = $1 WHERE id = $2", args![theirs[0], account]).await;
    let stranger = town.world.browser("thanhvien.hienkhanh").await;
    assert_eq!(town.press(&stranger, &sign_up).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn people_answer_for_themselves_and_leads_within_their_units() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 2).await;
    let own = format!("/my-work/{activity}/confirm");
    assert_eq!(town.press(&town.member, &own).await, StatusCode::NOT_FOUND, "not on the roster");
    let roster = format!("/activities/{activity}/roster");
    let for_another = format!("{roster}/{}/confirm", town.members[2]);
    let refused = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN];
    for name in ["thanhvien.quangtrung", "quay.quangtrung", "canbo.hienkhanh", "lanhdao"] {
        let browser = town.world.browser(name).await;
        assert!(refused.contains(&browser.get(&roster).await.status), "{name}");
        for path in [for_another.clone(), format!("{roster}/team"), roster.clone()] {
            let status = town.press(&browser, &path).await;
            assert!(refused.contains(&status), "{name} {path}: {status}");
        }
    }
    assert_eq!(town.count("assignment WHERE answer = 'confirmed'").await, 0);
    assert_eq!(town.press(&town.lead, &for_another).await, StatusCode::SEE_OTHER);
    assert_eq!(town.count("assignment WHERE answer = 'confirmed'").await, 1);
    // Who looks through a member's eyes sees their work and answers nothing.
    let admin = town.world.browser("quantri").await;
    town.invite(&activity, 1).await;
    let row = town
        .world
        .app
        .db
        .row("SELECT id FROM account WHERE sign_in_name = 'thanhvien.quangtrung'", vec![])
        .await
        .unwrap()
        .unwrap();
    let id: uuid::Uuid = row.get("id").unwrap();
    assert_eq!(town.press(&admin, &format!("/view-as/{id}")).await, StatusCode::SEE_OTHER);
    let page = admin.get("/my-work").await.text();
    assert!(page.contains("Tối nhà văn hóa") && !page.contains("Tôi đi được"), "{page}");
    assert_eq!(town.press(&admin, &own).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn phones_are_shown_only_to_those_who_may_read_contacts() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 2).await;
    let roster = format!("/activities/{activity}/roster");
    assert!(town.lead.get(&roster).await.text().contains("0912000002"));
    let desk = town.lead.get("/rosters?show=phone").await.text();
    assert!(
        desk.contains("0912000002") && desk.contains("Mời tham gia: Tối nhà văn hóa"),
        "{desk}"
    );
    // The loudspeaker operator plans activities, but reads no phone numbers.
    let operator = town.world.browser("dai.quangtrung").await;
    assert_eq!(operator.get(&roster).await.status, StatusCode::OK);
    for path in [roster.as_str(), "/rosters?show=phone"] {
        let page = operator.get(path).await.text();
        assert!(page.contains("Phạm Văn Ba") && !page.contains("0912000002"), "{path}: {page}");
    }
}

#[tokio::test]
async fn each_reminder_is_made_once_in_local_time() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 1).await;
    let nothing = Round::default();
    let one = Round { reminded: 1, ..nothing };
    assert_eq!(town.round(at(16, 17, 59)).await, nothing);
    // 18:00 in Viet Nam is 11:00 in UTC.
    assert_eq!(town.round(at(16, 18, 0)).await, one);
    assert_eq!(town.round(at(16, 18, 0)).await, nothing, "twice at once");
    assert_eq!(town.round(at(16, 23, 50)).await, nothing);
    assert_eq!(town.round(at(17, 0, 10)).await, nothing, "midnight changes nothing");
    assert_eq!(town.round(at(17, 7, 0)).await, nothing, "nor does midnight in UTC");
    assert_eq!(town.round(at(17, 17, 30)).await, one);
    assert_eq!(town.round(at(16, 18, 30)).await, nothing, "nor a clock that is set back");
    assert_eq!(town.round(at(17, 19, 29)).await, nothing);
    let page = town.member.get("/notices").await.text();
    assert!(page.contains("Nhắc trước một tối") && page.contains("Sắp bắt đầu"), "{page}");
    assert!(page.contains("3 thông báo mới"), "{page}");
    assert_eq!(town.press(&town.member, "/notices/read").await, StatusCode::SEE_OTHER);
    assert!(!town.member.get("/notices").await.text().contains("thông báo mới"));
    let page = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(page.contains("1 đã nhắc"), "{page}");
}

#[tokio::test]
async fn a_reminder_just_after_midnight_is_due_on_the_evening_before() {
    let town = rostered().await;
    // 00:30 on the 18th is 17:30 of the 17th in UTC.
    let activity = town.activity(18, "00:30", "01:30").await;
    town.invite(&activity, 1).await;
    assert_eq!(town.round(at(16, 18, 0)).await.reminded, 0, "a day too early");
    assert_eq!(town.round(at(17, 18, 0)).await.reminded, 1);
    assert_eq!(town.round(at(17, 22, 30)).await.reminded, 1);
    assert_eq!(town.round(at(18, 0, 30)).await.reminded, 0);
}

#[tokio::test]
async fn after_downtime_only_the_nearest_reminder_is_caught_up_and_none_of_what_has_begun() {
    let town = rostered().await;
    let begun = town.activity(17, "08:00", "09:00").await;
    let next = town.activity(17, "19:30", "21:00").await;
    town.invite(&begun, 1).await;
    town.invite(&next, 1).await;
    // The server was away from the 15th until 18:00 on the 17th.
    assert_eq!(town.round(at(17, 18, 0)).await.reminded, 1);
    assert_eq!(town.count("notice WHERE kind = 'hours_before'").await, 1);
    assert_eq!(town.count("notice WHERE kind = 'evening_before'").await, 0);
    assert_eq!(town.round(at(17, 18, 1)).await.reminded, 0);
}

#[tokio::test]
async fn a_cancelled_activity_is_told_once_and_not_reminded_of() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 1).await;
    let cancel = [("state", "cancelled"), ("cancel_reason", "Mưa to")];
    let state = format!("/activities/{activity}/state");
    assert_eq!(town.lead.post(&state, &cancel).await.status, StatusCode::SEE_OTHER);
    let told = town.round(at(16, 18, 0)).await;
    assert_eq!(told, Round { cancelled: 1, ..Round::default() });
    assert_eq!(town.round(at(17, 17, 30)).await, Round::default());
    assert!(town.member.get("/notices").await.text().contains("không diễn ra nữa"));
}

#[tokio::test]
async fn what_was_cancelled_and_is_planned_again_is_told_once() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 1).await;
    let confirm = format!("/my-work/{activity}/confirm");
    assert_eq!(town.press(&town.member, &confirm).await, StatusCode::SEE_OTHER);
    let cancel = [("state", "cancelled"), ("cancel_reason", "Mưa to")];
    let state = format!("/activities/{activity}/state");
    let resume = [("state", "planned")];
    // On and off again before anybody heard of it: nobody does.
    for change in [&cancel[..], &resume[..]] {
        assert_eq!(town.lead.post(&state, change).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(town.round(at(15, 8, 0)).await, Round::default());
    for (day, hour) in [(15, 9), (15, 14)] {
        assert_eq!(town.lead.post(&state, &cancel).await.status, StatusCode::SEE_OTHER);
        let off = Round { cancelled: 1, ..Round::default() };
        assert_eq!(town.round(at(day, hour, 0)).await, off);
        assert_eq!(town.lead.post(&state, &resume).await.status, StatusCode::SEE_OTHER);
        let on = Round { resumed: 1, ..Round::default() };
        assert_eq!(town.round(at(day, hour + 1, 0)).await, on);
        assert_eq!(town.round(at(day, hour + 2, 0)).await, Round::default(), "once");
        let told = town.member.get("/notices").await.text();
        assert!(told.contains("Mời tham gia: Tối nhà văn hóa"), "{told}");
        assert!(!told.contains("không diễn ra nữa"), "{told}");
        assert_eq!(town.count("assignment WHERE answer = 'none'").await, 1, "asked anew");
        assert_eq!(town.press(&town.member, &confirm).await, StatusCode::SEE_OTHER);
    }
    assert_eq!(town.round(at(16, 18, 0)).await.reminded, 1, "and reminded of");
}

#[tokio::test]
async fn a_moved_activity_is_told_asked_anew_and_reminded_of_anew() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 1).await;
    let confirm = format!("/my-work/{activity}/confirm");
    assert_eq!(town.press(&town.member, &confirm).await, StatusCode::SEE_OTHER);
    assert_eq!(town.round(at(16, 18, 0)).await.reminded, 1);
    let moved = clock::millis(at(18, 19, 30));
    town.set("UPDATE activity SET starts_at = $1, ends_at = $2", args![moved, moved + 5_400_000])
        .await;
    assert_eq!(town.round(at(16, 19, 0)).await, Round { moved: 1, ..Round::default() });
    assert_eq!(town.count("assignment WHERE answer = 'confirmed'").await, 0, "asked anew");
    assert_eq!(town.round(at(17, 17, 30)).await.reminded, 0, "not at the old time");
    assert_eq!(town.round(at(17, 18, 0)).await.reminded, 1, "on the evening before the new one");
    assert!(town.member.get("/notices").await.text().contains("Đổi lịch"));
}

#[tokio::test]
async fn nobody_is_reminded_more_often_a_day_than_the_office_allows() {
    let town = rostered().await;
    let admin = town.world.browser("quantri").await;
    let rules = [("evening", "17:00"), ("before", "60"), ("per_day", "2")];
    assert_eq!(admin.post("/rosters/reminders", &rules).await.status, StatusCode::SEE_OTHER);
    let wrong = [("evening", "25:00"), ("before", "1"), ("per_day", "2")];
    let page = admin.post("/rosters/reminders", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(town.lead.get("/rosters/reminders").await.status, StatusCode::FORBIDDEN);
    for (from, to) in [("07:30", "08:30"), ("09:00", "10:00"), ("14:00", "15:00")] {
        let activity = town.activity(17, from, to).await;
        town.invite(&activity, 1).await;
    }
    assert_eq!(town.round(at(16, 16, 59)).await.reminded, 0);
    assert_eq!(town.round(at(16, 17, 0)).await.reminded, 2, "the next two");
    assert_eq!(town.round(at(16, 20, 0)).await.reminded, 0);
}

#[tokio::test]
async fn who_has_no_account_is_told_by_phone_and_that_is_written_down() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    town.invite(&activity, 1).await;
    town.invite(&activity, 2).await;
    town.round(at(16, 18, 0)).await;
    let board = town.lead.get("/").await.text();
    assert!(board.contains("1 lượt cần nhắn, gọi"), "who signs in is told there: {board}");
    let desk = town.lead.get("/rosters?show=phone").await.text();
    assert!(desk.contains("Phạm Văn Ba") && !desk.contains("Lê Văn Viên"), "{desk}");
    assert!(desk.contains("Nhắc lịch: Tối nhà văn hóa, Chủ nhật 17/09/2023"), "{desk}");
    let told = format!("/activities/{activity}/roster/{}/told", town.members[2]);
    assert_eq!(town.press(&town.lead, &told).await, StatusCode::SEE_OTHER);
    assert!(!town.lead.get("/rosters?show=phone").await.text().contains("Phạm Văn Ba"));
    let page = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(page.contains("2 đã nhắc"), "one by the server, one by phone: {page}");
}

#[tokio::test]
async fn attendance_is_asked_for_after_the_start_and_can_be_changed() {
    let town = rostered().await;
    let activity = town.activity(17, "19:30", "21:00").await;
    assert_eq!(
        town.press(&town.lead, &format!("/activities/{activity}/roster/team")).await,
        StatusCode::SEE_OTHER
    );
    let one = |member: usize, act: &str| {
        format!("/activities/{activity}/roster/{}/{act}", town.members[member])
    };
    assert_eq!(town.press(&town.lead, &one(1, "attended")).await, StatusCode::CONFLICT, "not yet");
    assert!(!town.lead.get("/").await.text().contains("chờ điểm danh"));
    let began = clock::millis(at(14, 19, 30));
    town.set("UPDATE activity SET starts_at = $1, ends_at = $2", args![began, began + 5_400_000])
        .await;
    assert!(town.lead.get("/").await.text().contains("1 hoạt động chờ điểm danh"));
    assert_eq!(town.press(&town.lead, &one(1, "no_show")).await, StatusCode::SEE_OTHER);
    let all = format!("/activities/{activity}/roster/attended");
    assert_eq!(town.press(&town.lead, &all).await, StatusCode::SEE_OTHER);
    let page = town.lead.get(&format!("/activities/{activity}")).await.text();
    assert!(page.contains("3 có mặt, 1 vắng"), "all but who was noted as missing: {page}");
    assert!(!town.lead.get("/").await.text().contains("chờ điểm danh"));
    assert_eq!(town.press(&town.lead, &one(1, "attended")).await, StatusCode::SEE_OTHER);
    let page = town.lead.get("/activities?to=2023-09-14").await.text();
    assert!(page.contains("4 có mặt") && !page.contains("1 vắng"), "{page}");
    // Nobody answers any more for what has begun.
    let late = town.press(&town.member, &format!("/my-work/{activity}/confirm")).await;
    assert_eq!(late, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_account_is_linked_to_one_member_and_a_member_to_one_account() {
    let town = rostered().await;
    let admin = town.world.browser("quantri").await;
    let row = town
        .world
        .app
        .db
        .row("SELECT id FROM account WHERE sign_in_name = 'quay.quangtrung'", vec![])
        .await
        .unwrap()
        .unwrap();
    let path = format!("/accounts/{}/member", row.get::<uuid::Uuid>("id").unwrap());
    let counter = town.world.browser("quay.quangtrung").await;
    assert!(counter.get("/my-work").await.text().contains("chưa gắn với thành viên nào"));
    let taken = town.members[1].to_string();
    let page = admin.post(&path, &[("member", taken.as_str())]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let free = town.members[3].to_string();
    assert_eq!(admin.post(&path, &[("member", free.as_str())]).await.status, StatusCode::SEE_OTHER);
    assert!(counter.get("/my-work").await.text().contains("Chưa có việc nào"));
    assert_eq!(town.lead.post(&path, &[("member", "")]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_scheduler_stops_when_told_to() {
    let town = rostered().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let scheduler = tokio::spawn(reminders::keep(town.world.app.clone(), stopping));
    stop.send(true).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), scheduler).await.unwrap().unwrap();
}
