//! All SQL of the catalogue.

use std::collections::{HashMap, HashSet};

use super::model::{ServiceList, Topic, TopicKind};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{ServiceListId, TopicId};
use crate::foundation::{Db, DbError, Row, Tx};

fn topic_of(row: &Row) -> Result<Topic, DbError> {
    Ok(Topic {
        id: row.get("id")?,
        code: row.get("code")?,
        kind: row.parse("kind")?,
        list_id: row.get("list_id")?,
        position: row.get("position")?,
        name_vi: row.get("name_vi")?,
        name_en: row.get("name_en")?,
        agency: row.get("agency")?,
        interlinked_group: row.get("interlinked_group")?,
        source: row.get("source")?,
    })
}

const COLUMNS: &str = "id, code, kind, list_id, position, name_vi, name_en, agency,
    interlinked_group, source";

/// The topics in force: skills first, then services in the order of their lists.
pub async fn topics(db: &Db) -> Result<Vec<Topic>, DbError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM topic WHERE retired_at IS NULL ORDER BY kind DESC, code, position"
    );
    let mut topics =
        db.rows(&statement, vec![]).await?.iter().map(topic_of).collect::<Result<Vec<_>, _>>()?;
    topics.sort_by(|a, b| {
        (b.kind, vietnamese::sort_key(&a.code)).cmp(&(a.kind, vietnamese::sort_key(&b.code)))
    });
    Ok(topics)
}

/// Every topic ever known, retired ones too, by id: old encounters keep their names.
pub async fn all_topics(db: &Db) -> Result<HashMap<TopicId, Topic>, DbError> {
    let rows = db.rows(&format!("SELECT {COLUMNS} FROM topic"), vec![]).await?;
    rows.iter().map(|row| topic_of(row).map(|topic| (topic.id, topic))).collect()
}

/// The service lists, newest version of each first.
pub async fn lists(db: &Db) -> Result<Vec<ServiceList>, DbError> {
    let rows = db
        .rows(
            "SELECT id, code, version, title, legal_basis, source, imported_at, superseded_at
             FROM service_list ORDER BY code, version DESC",
            vec![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ServiceList {
                id: row.get("id")?,
                code: row.get("code")?,
                version: row.get("version")?,
                title: row.get("title")?,
                legal_basis: row.get("legal_basis")?,
                source: row.get("source")?,
                imported_at: row.get("imported_at")?,
                superseded_at: row.get("superseded_at")?,
            })
        })
        .collect()
}

/// An entry of a list: position, topic code, name, agency.
pub type ListEntry = (i64, String, String, String);

/// What a list held: position, code, name, agency.
pub async fn entries(db: &Db, list: ServiceListId) -> Result<Vec<ListEntry>, DbError> {
    let rows = db
        .rows(
            "SELECT e.position, t.code, e.name_vi, e.agency FROM service_list_entry e
             JOIN topic t ON t.id = e.topic_id WHERE e.list_id = $1 ORDER BY e.position",
            args![list],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((row.get("position")?, row.get("code")?, row.get("name_vi")?, row.get("agency")?))
        })
        .collect()
}

/// A list to bring in.
#[derive(Debug, Clone, Default)]
pub struct NewList {
    pub code: String,
    pub title: String,
    pub legal_basis: String,
    pub source: String,
    pub entries: Vec<NewEntry>,
}

/// A service of a list to bring in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewEntry {
    pub position: i64,
    pub name_vi: String,
    pub agency: String,
    pub interlinked_group: String,
    pub source: String,
}

/// Brings in a list as the next version of its code. Services that the version before had under
/// the same name keep their code; those it no longer has are retired, not deleted. A list equal
/// to the version in force changes nothing; then there is no new version.
pub async fn import(tx: &mut Tx, list: &NewList, by: &Doer) -> Result<Option<i64>, DbError> {
    let before = tx
        .row(
            "SELECT id, version FROM service_list WHERE code = $1 ORDER BY version DESC LIMIT 1",
            args![&list.code],
        )
        .await?;
    let version = before.as_ref().map_or(Ok(0), |row| row.get::<i64>("version"))? + 1;
    let old = tx
        .rows(
            "SELECT t.id, t.code, t.position, t.name_vi, t.agency, t.interlinked_group
             FROM topic t JOIN service_list l ON l.id = t.list_id
             WHERE l.code = $1 AND t.retired_at IS NULL ORDER BY t.position",
            args![&list.code],
        )
        .await?;
    let mut known: HashMap<String, (TopicId, String)> = HashMap::new();
    let mut same = old.len() == list.entries.len();
    for (index, row) in old.iter().enumerate() {
        let name: String = row.get("name_vi")?;
        same = same
            && list.entries.get(index).is_some_and(|entry| {
                entry.name_vi == name
                    && row.get::<String>("agency").is_ok_and(|agency| agency == entry.agency)
                    && row.get::<i64>("position").is_ok_and(|p| p == entry.position)
            });
        known.insert(vietnamese::fold(&name), (row.get("id")?, row.get("code")?));
    }
    if same && before.is_some() {
        return Ok(None);
    }
    if let Some(before) = &before {
        tx.execute(
            "UPDATE service_list SET superseded_at = $1 WHERE id = $2",
            args![by.at, before.get::<ServiceListId>("id")?],
        )
        .await?;
    }
    let id = ServiceListId::new();
    tx.execute(
        "INSERT INTO service_list (id, code, version, title, legal_basis, source, imported_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![id, &list.code, version, &list.title, &list.legal_basis, &list.source, by.at],
    )
    .await?;
    let mut taken: HashSet<String> = HashSet::new();
    for row in tx.rows("SELECT code FROM topic", vec![]).await? {
        taken.insert(row.get("code")?);
    }
    for entry in &list.entries {
        let topic = match known.remove(&vietnamese::fold(&entry.name_vi)) {
            Some((topic, _)) => {
                tx.execute(
                    "UPDATE topic SET list_id = $1, position = $2, name_vi = $3, agency = $4,
                         interlinked_group = $5, source = $6 WHERE id = $7",
                    args![
                        id,
                        entry.position,
                        &entry.name_vi,
                        &entry.agency,
                        &entry.interlinked_group,
                        &entry.source,
                        topic
                    ],
                )
                .await?;
                topic
            }
            None => {
                let mut code = format!("{}-{:02}", list.code, entry.position);
                if taken.contains(&code) {
                    code = format!("{}-v{version}-{:02}", list.code, entry.position);
                }
                taken.insert(code.clone());
                add_topic(tx, &code, TopicKind::Service, Some(id), entry, "").await?
            }
        };
        tx.execute(
            "INSERT INTO service_list_entry (list_id, topic_id, position, name_vi, agency)
             VALUES ($1, $2, $3, $4, $5)",
            args![id, topic, entry.position, &entry.name_vi, &entry.agency],
        )
        .await?;
    }
    for (gone, _) in known.into_values() {
        tx.execute("UPDATE topic SET retired_at = $1 WHERE id = $2", args![by.at, gone]).await?;
    }
    Entry::new("imported", "service_list", id.0, format!("{} v{version}", list.title))
        .write(tx, by)
        .await?;
    Ok(Some(version))
}

async fn add_topic(
    tx: &mut Tx,
    code: &str,
    kind: TopicKind,
    list: Option<ServiceListId>,
    entry: &NewEntry,
    name_en: &str,
) -> Result<TopicId, DbError> {
    let id = TopicId::new();
    tx.execute(
        "INSERT INTO topic (id, code, kind, list_id, position, name_vi, name_en, folded, agency,
             interlinked_group, source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            id,
            code,
            kind.code(),
            list,
            entry.position,
            &entry.name_vi,
            name_en,
            vietnamese::fold(&format!("{} {code}", entry.name_vi)),
            &entry.agency,
            &entry.interlinked_group,
            &entry.source
        ],
    )
    .await?;
    Ok(id)
}

/// Digital skills that outreach teaches beside the services: code, Vietnamese, English.
const SKILLS: [(&str, &str, &str); 6] = [
    ("vneid-2", "Cài đặt, kích hoạt VNeID mức 2", "Installing and activating VNeID level 2"),
    ("online-services", "Nộp hồ sơ trên Cổng Dịch vụ công", "Filing on the public-service portal"),
    ("online-payment", "Thanh toán trực tuyến", "Paying online"),
    ("e-commerce", "Bán hàng trên sàn thương mại điện tử", "Selling on an e-commerce floor"),
    (
        "scam-alert",
        "Nhận diện, phòng tránh lừa đảo trên mạng",
        "Spotting and avoiding online scams",
    ),
    (
        "digital-health",
        "Dùng VssID và sổ sức khỏe điện tử",
        "Using VssID and the electronic health record",
    ),
];

/// Lays out the built-in topics: the skills, and the 25 services of Decision 06/QĐ-TTg with the
/// two interlinked groups among them, as the press lists of October 2025 give them.
pub async fn lay_out(tx: &mut Tx, by: &Doer) -> Result<(), DbError> {
    for (index, (code, vi, en)) in SKILLS.iter().enumerate() {
        let entry = NewEntry {
            position: index as i64 + 1,
            name_vi: (*vi).to_owned(),
            ..NewEntry::default()
        };
        add_topic(tx, code, TopicKind::Skill, None, &entry, en).await?;
    }
    let mut reader =
        csv::Reader::from_reader(include_bytes!("../../../../data/services.csv").as_slice());
    let entries = reader
        .deserialize::<HashMap<String, String>>()
        .filter_map(Result::ok)
        .map(|row| NewEntry {
            position: row["no"].parse().unwrap_or_default(),
            name_vi: row["name_vi"].clone(),
            agency: row["agency_2022"].clone(),
            interlinked_group: row["interlinked_group"].clone(),
            source: row["source"].clone(),
        })
        .collect();
    let list = NewList {
        code: "QD06".to_owned(),
        title: "25 dịch vụ công thiết yếu".to_owned(),
        legal_basis: "Quyết định số 06/QĐ-TTg ngày 06/01/2022 của Thủ tướng Chính phủ".to_owned(),
        source: "data/services.csv".to_owned(),
        entries,
    };
    import(tx, &list, by).await?;
    Ok(())
}
