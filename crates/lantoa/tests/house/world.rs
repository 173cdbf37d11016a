//! A small world to test in: Vụ Bản with two communes, two hamlets each, and one account of every
//! kind, on a fresh database.
#![allow(dead_code)]

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::civil::date;
use lantoa::args;
use lantoa::foundation::app::Home;
use lantoa::foundation::audit::Doer;
use lantoa::foundation::ids::{AccountId, UnitId};
use lantoa::foundation::secret::Secret;
use lantoa::foundation::{App, Clock, Db, Shared, clock};
use lantoa::people::passwords;
use lantoa::units::{FOR_EVER, Level, SINCE_EVER, Unit, store};
use sqlx::Connection as _;
use tower::ServiceExt as _;
use uuid::Uuid;

/// Password of every account.
pub const PASSWORD: &str = "mật khẩu thử";

/// Units of the world.
pub struct World {
    pub app: Shared,
    pub district: UnitId,
    /// Xã Quang Trung with its two hamlets.
    pub quang_trung: UnitId,
    pub quang_trung_1: UnitId,
    pub quang_trung_2: UnitId,
    /// Xã Hiển Khánh with its two hamlets.
    pub hien_khanh: UnitId,
    pub hien_khanh_1: UnitId,
    pub hien_khanh_2: UnitId,
    _folder: Option<Folder>,
}

/// A folder that goes with the test.
pub struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A fresh, empty database: `SQLite` in a temporary folder, or a new `PostgreSQL` database.
pub async fn fresh_db() -> (Db, Option<impl Drop + Send + Sync + use<>>) {
    let (db, folder) = fresh().await;
    (db, folder)
}

async fn fresh() -> (Db, Option<Folder>) {
    match fresh_place().await {
        Place::File(path, folder) => (Db::open_sqlite(&path).await.unwrap(), Some(folder)),
        Place::Server(url) => (Db::open_postgres(&url).await.unwrap(), None),
    }
}

/// Where a database can be: nothing is there yet, or an empty one on a server.
pub enum Place {
    File(std::path::PathBuf, Folder),
    Server(String),
}

/// A place for a database of its own.
pub async fn fresh_place() -> Place {
    let name = format!("lantoa_{}", Uuid::now_v7().simple());
    let Ok(server) = std::env::var("LANTOA_TEST_DATABASE") else {
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        return Place::File(folder.join("lantoa.db"), Folder(folder));
    };
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    Place::Server(format!("{base}/{name}"))
}

fn unit(code: &str, level: Level, kind: &str, name: &str, parent: Option<UnitId>) -> Unit {
    Unit {
        id: UnitId::new(),
        code: code.to_owned(),
        level,
        kind: kind.to_owned(),
        name: name.to_owned(),
        parent_id: parent,
        valid_from: SINCE_EVER,
        valid_to: FOR_EVER,
        dates_exact: true,
        point: None,
        households: (level == Level::Hamlet).then_some(100),
        population: (level == Level::Hamlet).then_some(400),
        adults: (level == Level::Hamlet).then_some(300),
        figures_source: None,
        generated: false,
    }
}

impl World {
    /// A world at 08:00 on 15 September 2023.
    pub async fn new() -> Self {
        let (db, folder) = fresh().await;
        let province = unit("36", Level::Province, "Tỉnh", "Tỉnh Nam Định", None);
        let district = unit("359", Level::District, "Huyện", "Huyện Vụ Bản", Some(province.id));
        let qt = unit("13768", Level::Commune, "Xã", "Xã Quang Trung", Some(district.id));
        let hk = unit("13747", Level::Commune, "Xã", "Xã Hiển Khánh", Some(district.id));
        let hamlet = |code: &str, parent: &Unit| {
            unit(code, Level::Hamlet, "Xóm", &format!("Xóm {code}"), Some(parent.id))
        };
        let (qt1, qt2) = (hamlet("1", &qt), hamlet("2", &qt));
        let (hk1, hk2) = (hamlet("1", &hk), hamlet("2", &hk));
        let ids = (district.id, qt.id, hk.id, qt1.id, qt2.id, hk1.id, hk2.id);
        let mut tx = db.begin().await.unwrap();
        store::insert(&mut tx, &[province, district, qt, hk, qt1, qt2, hk1, hk2]).await.unwrap();
        store::connect(&mut tx).await.unwrap();
        let by = Doer { account_id: None, name: "thử".to_owned(), at: 0 };
        lantoa::catalogue::store::lay_out(&mut tx, &by).await.unwrap();
        tx.commit().await.unwrap();
        let now = clock::millis(date(2023, 9, 15).at(8, 0, 0, 0));
        let standing = Clock::Standing(jiff::Timestamp::from_millisecond(now).unwrap());
        let home =
            Home {
                unit_id: ids.0, name: "Huyện Vụ Bản".to_owned(), level: "district".to_owned()
            };
        let app = Arc::new(App::new(db, standing, Secret::fixed("test"), false, Some(home)));
        let world = Self {
            app,
            district: ids.0,
            quang_trung: ids.1,
            hien_khanh: ids.2,
            quang_trung_1: ids.3,
            quang_trung_2: ids.4,
            hien_khanh_1: ids.5,
            hien_khanh_2: ids.6,
            _folder: folder,
        };
        world.account("quantri", "administrator", world.district).await;
        world.account("canbo", "officer", world.district).await;
        world.account("canbo.quangtrung", "officer", world.quang_trung).await;
        world.account("canbo.hienkhanh", "officer", world.hien_khanh).await;
        world.account("totruong.quangtrung", "team_lead", world.quang_trung).await;
        world.account("thanhvien.quangtrung", "member", world.quang_trung).await;
        world.account("quay.quangtrung", "counter", world.quang_trung).await;
        world.account("dai.quangtrung", "loudspeaker", world.quang_trung).await;
        world.account("lanhdao", "viewer", world.district).await;
        world
    }

    /// Adds an account with one role.
    pub async fn account(&self, name: &str, role: &str, unit: UnitId) -> AccountId {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| passwords::hash(PASSWORD));
        let id = AccountId::new();
        let mut tx = self.app.db.begin().await.unwrap();
        tx.execute(
            "INSERT INTO account (id, sign_in_name, display_name, password_hash, language, created_at)
             VALUES ($1, $2, $3, $4, 'vi', 0)",
            args![id, name, name, hash],
        )
        .await
        .unwrap();
        tx.execute(
            "INSERT INTO role_grant (account_id, role, unit_id) VALUES ($1, $2, $3)",
            args![id, role, unit],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The topic whose label begins with these words.
    pub async fn topic(&self, words: &str) -> String {
        let t = lantoa::foundation::T::default();
        let choices = lantoa::catalogue::choices(&self.app.db, t).await.unwrap();
        choices.into_iter().find(|(_, label)| label.starts_with(words)).unwrap().0
    }

    /// A campaign of both communes over September 2023, made at the officer's form; its id.
    pub async fn campaign(&self) -> String {
        let officer = self.browser("canbo").await;
        let topic = self.topic("9.").await;
        let (qt, hk) = (self.quang_trung.to_string(), self.hien_khanh.to_string());
        let page = officer
            .post(
                "/campaigns/new",
                &[
                    ("template", "peak"),
                    ("name", "Đợt thử tháng chín"),
                    ("starts_on", "2023-09-01"),
                    ("ends_on", "2023-09-30"),
                    ("units", &qt),
                    ("units", &hk),
                    ("topics", &topic),
                    ("people_percent", "50"),
                ],
            )
            .await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        page.location.rsplit('/').next().unwrap().to_owned()
    }

    /// Records an encounter at the form; its id.
    pub async fn encounter(&self, by: &Browser, unit: UnitId, more: &[(&str, &str)]) -> String {
        let (topic, unit) = (self.topic("9.").await, unit.to_string());
        let mut fields = vec![
            ("unit", unit.as_str()),
            ("channel", "home_round"),
            ("topic", topic.as_str()),
            ("outcome", "told"),
            ("age", "60_plus"),
            ("day", "2023-09-14"),
            ("time", "19:30"),
        ];
        fields.extend(more);
        let page = by.post("/encounters/new", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        let (_, last) = page.location.split_once("last=").unwrap();
        last.split('&').next().unwrap().to_owned()
    }

    /// A browser in which this account is signed in.
    pub async fn browser(&self, name: &str) -> Browser {
        let token = lantoa::people::sessions::sign_in(&self.app.db, name, PASSWORD).await.unwrap();
        Browser { app: self.app.clone(), token: Some(token) }
    }

    /// A browser in which nobody is signed in.
    pub fn stranger(&self) -> Browser {
        Browser { app: self.app.clone(), token: None }
    }
}

/// A browser at the doors of the site.
pub struct Browser {
    app: Shared,
    pub token: Option<String>,
}

/// What came back.
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Page {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

impl Browser {
    /// Opens a page.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                let encode = lantoa::foundation::form::encode;
                format!("{}={}", encode(name), encode(value))
            })
            .collect();
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form with one file and further fields (`multipart/form-data`).
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file_field: &str,
        file_name: &str,
        bytes: &[u8],
    ) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        body.extend(
            format!(
                "--frontier\r\nContent-Disposition: form-data; name=\"{file_field}\"; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n--frontier--\r\n");
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=frontier")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Sends JSON.
    pub async fn send_json(&self, method: &str, path: &str, body: &serde_json::Value) -> Page {
        let request = self
            .request(method, path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// A request as a browser on our own pages would make it.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "lantoa.test")
            .header("sec-fetch-site", "same-origin");
        match &self.token {
            Some(token) => request.header(header::COOKIE, format!("lantoa_session={token}")),
            None => request,
        }
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Page {
        let response = lantoa::site::site(self.app.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Page {
            status: parts.status,
            location: parts
                .headers
                .get(header::LOCATION)
                .map_or_else(String::new, |v| v.to_str().unwrap().to_owned()),
            headers: parts.headers,
            bytes: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}
