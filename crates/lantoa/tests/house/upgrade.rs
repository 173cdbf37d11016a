//! An installation of the first version is brought up to date, and nothing of it is lost.

use jiff::civil::date;
use lantoa::args;
use lantoa::foundation::{Db, clock};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{PgPool, SqlSafeStr as _, SqlitePool, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use crate::world::{Place, fresh_place};

const WEEK: i64 = 7 * 86_400_000;

/// A database as the first version left it, with nothing in it.
async fn first_version(place: &Place) -> Db {
    let text = include_str!("../../../../migrations/0001_house.sql").into_sql_str();
    let house = Migration::new(1, "house".into(), MigrationType::Simple, text, false);
    let migrator = Migrator::with_migrations(vec![house]);
    match place {
        Place::File(path, _) => {
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
            let pool = SqlitePool::connect_with(options).await.unwrap();
            migrator.run(&pool).await.unwrap();
            Db::Sqlite { reader: pool.clone(), writer: pool }
        }
        Place::Server(url) => {
            let pool = PgPool::connect(url).await.unwrap();
            migrator.run(&pool).await.unwrap();
            Db::Postgres(pool)
        }
    }
}

async fn today(place: &Place) -> Db {
    match place {
        Place::File(path, _) => Db::open_sqlite(path).await.unwrap(),
        Place::Server(url) => Db::open_postgres(url).await.unwrap(),
    }
}

#[tokio::test]
async fn the_first_version_with_its_series_and_members_is_brought_up_to_date() {
    let place = fresh_place().await;
    let db = first_version(&place).await;
    let [unit, team, member, account, series] = std::array::from_fn(|_| Uuid::now_v7());
    let evenings: [Uuid; 4] = std::array::from_fn(|_| Uuid::now_v7());
    let single = Uuid::now_v7();
    let first = clock::millis(date(2023, 9, 17).at(19, 30, 0, 0));
    // The third was moved to Monday at eight, the fourth lies in the trash.
    let moved = first + 2 * WEEK + 86_400_000 + 30 * 60_000;
    let starts = [first, first + WEEK, moved, first + 3 * WEEK];

    let mut tx = db.begin().await.unwrap();
    tx.execute(
        "INSERT INTO unit (id, code, level, kind, name, folded, valid_from, valid_to, dates_exact,
             generated) VALUES ($1, '1', 'commune', 'Xã', 'Xã thử', 'xa thu', '0001-01-01',
             '9999-12-31', 1, 0)",
        args![unit],
    )
    .await
    .unwrap();
    tx.execute(
        "INSERT INTO team (id, unit_id, kind, name, folded, decision)
         VALUES ($1, $2, 'community', 'Tổ thử', 'to thu', '')",
        args![team, unit],
    )
    .await
    .unwrap();
    tx.execute(
        "INSERT INTO member (id, team_id, name, folded, phone, position, organisation)
         VALUES ($1, $2, 'Người thử', 'nguoi thu', '', 'lead', '')",
        args![member, team],
    )
    .await
    .unwrap();
    tx.execute(
        "INSERT INTO account (id, sign_in_name, display_name, password_hash, language, created_at)
         VALUES ($1, 'thu', 'Thử', '', 'vi', 0)",
        args![account],
    )
    .await
    .unwrap();
    let all = evenings.iter().zip(starts).map(|(id, at)| (*id, Some(series), at));
    for (id, series, at) in all.chain([(single, None, first + 7_200_000)]) {
        tx.execute(
            "INSERT INTO activity (id, series_id, kind, title, folded, unit_id, place, starts_at,
                 ends_at, state, cancel_reason, clash_reason, minutes, created_at, deleted_at)
             VALUES ($1, $2, 'hall_evening', 'Tối Chủ nhật', 'toi chu nhat', $3, '', $4, $5,
                 'planned', '', '', '', 7, $6)",
            args![id, series, unit, at, at + 5_400_000, (id == evenings[3]).then_some(8_i64)],
        )
        .await
        .unwrap();
    }
    for id in [evenings[0], single] {
        tx.execute(
            "INSERT INTO activity_member (activity_id, member_id) VALUES ($1, $2)",
            args![id, member],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;

    let db = today(&place).await;
    let rows = db.rows("SELECT id, rule, starts_at FROM series", vec![]).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<Uuid>("id").unwrap(), series);
    assert_eq!(rows[0].get::<String>("rule").unwrap(), "FREQ=WEEKLY;COUNT=4");
    assert_eq!(rows[0].get::<i64>("starts_at").unwrap(), first);
    let rows = db
        .rows(
            "SELECT series_at, starts_at, changes, changed_at FROM activity
             WHERE series_id IS NOT NULL ORDER BY starts_at",
            vec![],
        )
        .await
        .unwrap();
    let by_rule: Vec<i64> = rows.iter().map(|row| row.get("series_at").unwrap()).collect();
    let stand: Vec<i64> = rows.iter().map(|row| row.get("starts_at").unwrap()).collect();
    assert_eq!(by_rule, [first, first + WEEK, first + 2 * WEEK, first + 3 * WEEK]);
    assert_eq!(stand, starts, "nothing is moved");
    assert_eq!(rows[0].get::<i64>("changed_at").unwrap(), 7, "a feed can say when");
    let alone = "SELECT COUNT(*) AS n FROM activity WHERE series_id IS NULL AND series_at IS NULL";
    assert_eq!(db.count(alone, vec![]).await.unwrap(), 1);

    // Who was a member of an activity is on its roster, asked and not yet answered.
    let rows = db
        .rows(
            "SELECT x.activity_id, s.answer, s.starts_at FROM activity_member x
             JOIN assignment s ON s.activity_id = x.activity_id AND s.member_id = x.member_id
             WHERE x.member_id = $1 ORDER BY s.starts_at",
            args![member],
        )
        .await
        .unwrap();
    let of: Vec<Uuid> = rows.iter().map(|row| row.get("activity_id").unwrap()).collect();
    assert_eq!(of, [evenings[0], single]);
    assert!(rows.iter().all(|row| row.get::<String>("answer").unwrap() == "none"));
    assert_eq!(rows[0].get::<i64>("starts_at").unwrap(), first, "no one is told of a move");
    db.close().await;
    // A second start finds nothing left to do.
    today(&place).await.close().await;
}
