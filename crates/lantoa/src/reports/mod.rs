//! Reports: a campaign's results in the official form of Decree 30/2020/NĐ-CP, as a page, PDF and
//! DOCX, and its tables as XLSX. An official document is written in Vietnamese whoever asks.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use documents::{Block, Column, OfficialDocument, Table as Grid};

use crate::campaigns::{Campaign, pages::period, store as campaigns};
use crate::catalogue;
use crate::encounters::tally;
use crate::foundation::form::Query;
use crate::foundation::ids::{CampaignId, UnitId};
use crate::foundation::page::download;
use crate::foundation::view::{Action, Cell, Page, Piece, Table, Tone};
use crate::foundation::{App, Fault, Lang, Outcome, Shared, T};
use crate::measures::figures::{self, Boundaries, UnitFigure};
use crate::people::{Act, Actor};
use crate::schedule::{ActivityKind, store::held_by_kind};
use crate::units::{self, Level, Unit};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/reports", get(list))
        .route("/reports/{id}", get(show))
        .route("/reports/{id}/{format}", get(file))
}

async fn list(State(app): State<Shared>, actor: Actor) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::MakeReports)?;
    let titles = [t.get("campaign-name"), t.get("period")];
    let mut table = Table::new(t.get("reports-choose"), &titles, t.get("campaigns-empty"));
    for campaign in campaigns::list(&app.db, &scope).await? {
        table.rows.push(vec![
            Cell::link(&campaign.name, format!("/reports/{}", campaign.id)),
            Cell::text(period(&campaign)),
        ]);
    }
    Page::new(actor.shell(&app, "nav-reports", t.get("nav-reports")))
        .with(Piece::Table(table))
        .show()
}

fn without_kind(name: &str) -> String {
    name.split_once(' ')
        .map_or(name, |(kind, rest)| match kind {
            "Thị" | "Thành" => rest.split_once(' ').map_or(rest, |(_, rest)| rest),
            _ => rest,
        })
        .to_owned()
}

fn column(title: String, weight: f64, numeric: bool) -> Column {
    Column { title, weight, numeric }
}

fn row_of(figure: &UnitFigure) -> Vec<String> {
    let number = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), vietnamese::number);
    vec![
        figure.unit.name.clone(),
        number(figure.people),
        vietnamese::number(figure.counts.people),
        vietnamese::percent(figure.counts.people, figure.people).unwrap_or_else(|| "–".to_owned()),
        vietnamese::number(figure.counts.households),
        vietnamese::number(figure.counts.encounters),
        vietnamese::number(figure.activities_held),
    ]
}

/// A report, and for every cell of its tables the records it counts.
pub struct Report {
    pub document: OfficialDocument,
    /// Table, row, cell: an address, or empty.
    links: Vec<Vec<Vec<String>>>,
}

/// The addresses behind a row whose records `query` finds: people and encounters, and households
/// between them where the row has them.
fn links_of(query: &str, before: usize, households: bool) -> Vec<String> {
    let records = format!("/encounters?{query}");
    let mut links = vec![String::new(); before];
    links.push(format!("{records}&people=yes"));
    if households {
        links.push(String::new());
        links.push(format!("{records}&households=yes"));
    }
    links.push(records);
    if households {
        links.push(format!("/activities?state=held&{query}"));
    }
    links
}

/// The report of a campaign for a unit, as of the installation's clock.
pub async fn compose(app: &App, campaign: &Campaign, top: &Unit) -> Result<Report, Fault> {
    let t = T(Lang::Vi);
    let today = app.clock.today();
    let until = today.min(campaign.ends_on);
    let parts = figures::of_parts(app, campaign, top, Boundaries::Then).await?;
    let whole = figures::of_units(app, campaign, vec![top.clone()]).await?;
    let whole = whole.into_iter().next().ok_or(Fault::NotFound)?;
    let (missed, hamlets) = figures::not_reached(app, campaign, top).await?;
    let path = units::path(&app.db, top.id).await?;
    let above = path.iter().rev().nth(1);
    let names = catalogue::store::all_topics(&app.db).await?;

    let mut by_topic = vec![];
    for ((_, id), counts) in tally::cells(&app.db, Some(campaign.id), &[top.id], "topic:").await? {
        if let Some(topic) = id.parse().ok().and_then(|id| names.get(&id)) {
            by_topic.push((counts.encounters, topic.name(&t).to_owned(), counts, id));
        }
    }
    by_topic.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    let within = |unit: UnitId| format!("campaign={}&unit={unit}", campaign.id);
    let here = within(top.id);
    let units_of_rows = parts.iter().map(|part| part.unit.id).chain([top.id]);
    let mut links: Vec<Vec<Vec<String>>> =
        vec![units_of_rows.map(|unit| links_of(&within(unit), 2, true)).collect()];
    if !by_topic.is_empty() {
        let row = |id: &String| links_of(&format!("{here}&topic={id}"), 1, false);
        links.push(by_topic.iter().map(|(.., id)| row(id)).collect());
    }
    let channels = tally::cells(&app.db, Some(campaign.id), &[top.id], "channel:").await?;
    let used = ActivityKind::ALL
        .into_iter()
        .filter(|kind| channels.contains_key(&(top.id, kind.to_string())));
    links.push(used.map(|kind| links_of(&format!("{here}&channel={kind}"), 1, false)).collect());
    let by_channel: Vec<Vec<String>> = ActivityKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let counts = channels.get(&(top.id, kind.to_string()))?;
            Some(vec![
                t.name("kind", kind),
                vietnamese::number(counts.people),
                vietnamese::number(counts.encounters),
            ])
        })
        .collect();

    let number = vietnamese::number;
    let percent = vietnamese::percent(whole.counts.people, whole.people);
    let forces: Vec<&str> = campaign.forces.iter().map(|force| force.name.as_str()).collect();
    let topics_count = campaign.topics.len();
    let part_word =
        t.get(if top.level == Level::Commune { "report-hamlets" } else { "report-communes" });
    let mut body = vec![
        Block::Heading { text: t.get("report-heading-done") },
        Block::Paragraph {
            text: t.with_all(
                "report-done",
                &[
                    ("from", &vietnamese::date(campaign.starts_on)),
                    ("to", &vietnamese::date(until)),
                    ("unit", &top.name),
                    ("campaign", &campaign.name),
                    ("parts", &parts.len()),
                    ("what", &part_word),
                    ("topics", &topics_count),
                ],
            ),
        },
    ];
    if !forces.is_empty() {
        body.push(Block::Paragraph { text: t.with("report-forces", "forces", forces.join(", ")) });
    }
    let kinds = held_by_kind(&app.db, campaign.id, top.id).await?;
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| format!("{} {}", number(count), lower_first(&t.name("kind", kind))))
        .collect();
    body.push(Block::Paragraph {
        text: if kinds.is_empty() {
            t.get("report-no-activities")
        } else {
            t.with2(
                "report-activities",
                "count",
                number(whole.activities_held),
                "kinds",
                kinds.join(", "),
            )
        },
    });
    body.push(Block::Heading { text: t.get("report-heading-results") });
    let people = whole.people.map_or_else(|| t.get("unknown"), number);
    body.push(Block::Paragraph {
        text: t.with_all(
            "report-results",
            &[
                ("encounters", &number(whole.counts.encounters)),
                ("people", &number(whole.counts.people)),
                ("expected", &people),
                ("percent", &percent.unwrap_or_else(|| t.get("unknown"))),
                ("households", &number(whole.counts.households)),
            ],
        ),
    });
    let titles = [
        "unit",
        "report-expected",
        "report-reached",
        "column-percent",
        "report-households",
        "column-encounters",
        "column-activities",
    ];
    let weights = [3.2, 1.5, 1.5, 1.2, 1.2, 1.2, 1.3];
    let mut total = row_of(&whole);
    total[0] = t.get("report-total");
    body.push(Block::Table(Grid {
        caption: t.get("report-table-units"),
        columns: titles
            .iter()
            .zip(weights)
            .enumerate()
            .map(|(index, (key, weight))| column(t.get(key), weight, index > 0))
            .collect(),
        rows: parts.iter().map(row_of).collect(),
        total,
    }));
    if !by_topic.is_empty() {
        body.push(Block::Table(Grid {
            caption: t.get("report-table-topics"),
            columns: vec![
                column(t.get("slice-topic"), 5.0, false),
                column(t.get("report-reached"), 1.3, true),
                column(t.get("column-encounters"), 1.2, true),
            ],
            rows: by_topic
                .iter()
                .map(|(_, name, counts, _)| {
                    vec![name.clone(), number(counts.people), number(counts.encounters)]
                })
                .collect(),
            total: vec![],
        }));
    }
    if !by_channel.is_empty() {
        body.push(Block::Table(Grid {
            caption: t.get("report-table-channels"),
            columns: vec![
                column(t.get("slice-channel"), 5.0, false),
                column(t.get("report-reached"), 1.3, true),
                column(t.get("column-encounters"), 1.2, true),
            ],
            rows: by_channel,
            total: vec![],
        }));
    }
    body.push(Block::Heading { text: t.get("report-heading-open") });
    let listed: Vec<String> = missed
        .iter()
        .take(30)
        .map(|(hamlet, commune)| {
            if commune.is_empty() {
                hamlet.name.clone()
            } else {
                format!("{} ({commune})", hamlet.name)
            }
        })
        .collect();
    body.push(Block::Paragraph {
        text: if missed.is_empty() {
            t.with("report-none-missed", "all", hamlets)
        } else {
            t.with_all(
                "report-missed",
                &[("missed", &missed.len()), ("all", &hamlets), ("names", &listed.join(", "))],
            )
        },
    });
    body.push(Block::Paragraph { text: t.get("report-counting") });
    body.push(Block::Heading { text: t.get("report-heading-next") });
    body.push(Block::Paragraph {
        text: t.with("report-next", "to", vietnamese::date(campaign.ends_on)),
    });
    let document = OfficialDocument {
        governing_body: above.map_or_else(String::new, |unit| format!("UBND {}", unit.name)),
        issuing_body: format!("UBND {}", top.name),
        number_and_symbol: "Số:        /BC-UBND".to_owned(),
        place_and_date: vietnamese::date_line(&without_kind(&top.name), today),
        dated: (today.year(), today.month(), today.day()),
        kind: "BÁO CÁO".to_owned(),
        subject: t.with("report-subject", "campaign", lower_first(&campaign.name)),
        body,
        recipients: vec![
            above.map_or_else(
                || t.get("report-above"),
                |unit| format!("UBND {}", lower_first(&unit.name)),
            ),
            t.get("report-leaders"),
            "Lưu: VT, VHXH".to_owned(),
        ],
        authority: "TM. ỦY BAN NHÂN DÂN".to_owned(),
        position: "CHỦ TỊCH".to_owned(),
        signer: String::new(),
        notice: if app.demo { t.get("demo-notice") } else { String::new() },
    };
    Ok(Report { document, links })
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

async fn asked(
    app: &Shared,
    actor: &Actor,
    id: CampaignId,
    unit: &str,
) -> Result<(Campaign, Unit), Fault> {
    let scope = actor.scope(Act::MakeReports)?;
    let campaign = campaigns::find(&app.db, &scope, id).await?;
    let owns = scope.covers(&app.db, campaign.unit_id).await?;
    let own = if owns { campaign.unit_id } else { scope.roots()[0] };
    let unit: UnitId = unit.parse().unwrap_or(own);
    scope.require(&app.db, unit).await?;
    let unit = units::find(&app.db, unit).await?.ok_or(Fault::NotFound)?;
    Ok((campaign, unit))
}

async fn show(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<CampaignId>,
    Query(form): Query,
) -> Outcome {
    let t = actor.t;
    let (campaign, unit) = asked(&app, &actor, id, form.text("unit")).await?;
    let Report { document, links } = compose(&app, &campaign, &unit).await?;
    let mut links = links.into_iter();
    let own = format!("/reports/{id}");
    let query = format!("?unit={}", unit.id);
    let actions = vec![
        Action::main(t.get("report-pdf"), format!("{own}/pdf{query}")),
        Action::quiet(t.get("report-docx"), format!("{own}/docx{query}")),
        Action::quiet(t.get("report-xlsx"), format!("{own}/xlsx{query}")),
        Action::quiet(t.get("nav-coverage"), format!("/coverage?campaign={id}&unit={}", unit.id)),
    ];
    let title = format!("{}: {}", t.get("report-one"), campaign.name);
    let mut page = Page::new(actor.shell(&app, "nav-reports", title))
        .crumb(t.get("nav-reports"), "/reports")
        .about("period", period(&campaign))
        .about("unit", unit.name.clone())
        .with(Piece::Actions(actions))
        .with(Piece::Remark(Tone::Plain, t.get("report-check")))
        .with(Piece::Facts(vec![
            (t.get("report-issuer"), Cell::text(&document.issuing_body)),
            (t.get("report-number"), Cell::text(&document.number_and_symbol)),
            (t.get("report-date"), Cell::text(&document.place_and_date)),
            (t.get("report-subject-label"), Cell::text(&document.subject)),
        ]));
    for block in document.body {
        page = page.with(match block {
            Block::Heading { text } => Piece::Heading(text),
            Block::Paragraph { text } => Piece::Text(text),
            Block::Table(grid) => {
                let titles: Vec<String> = grid
                    .columns
                    .iter()
                    .map(|c| if c.numeric { format!("{}#", c.title) } else { c.title.clone() })
                    .collect();
                let mut table = Table::new(grid.caption, &titles, String::new());
                let mut links = links.next().unwrap_or_default().into_iter();
                let mut cells = |row: Vec<String>| -> Vec<Cell> {
                    let links = links.next().unwrap_or_default().into_iter();
                    let links = links.chain(std::iter::repeat(String::new()));
                    row.into_iter().zip(links).map(|(text, href)| Cell::link(text, href)).collect()
                };
                table.rows = grid.rows.into_iter().map(&mut cells).collect();
                if !grid.total.is_empty() {
                    table.total = cells(grid.total);
                }
                Piece::Table(table)
            }
        });
    }
    page.show()
}

async fn file(
    State(app): State<Shared>,
    actor: Actor,
    Path((id, format)): Path<(CampaignId, String)>,
    Query(form): Query,
) -> Outcome {
    let (campaign, unit) = asked(&app, &actor, id, form.text("unit")).await?;
    let document = compose(&app, &campaign, &unit).await?.document;
    let media_type = match format.as_str() {
        "pdf" => "application/pdf",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => return Err(Fault::NotFound),
    };
    let name = format!("Báo cáo {} {}.{format}", unit.name, app.clock.today());
    let bytes = write(document, format).await?;
    let mut tx = app.db.begin().await?;
    crate::foundation::audit::Entry::new("exported", "report", campaign.id.0, &name)
        .in_unit(unit.id)
        .write(&mut tx, &actor.doer())
        .await?;
    tx.commit().await?;
    Ok(download(&name, media_type, bytes))
}

/// The document in a format, made off the async threads.
pub async fn write(document: OfficialDocument, format: String) -> Result<Vec<u8>, Fault> {
    tokio::task::spawn_blocking(move || match format.as_str() {
        "pdf" => documents::pdf(&document),
        "docx" => documents::docx(&document),
        _ => {
            let tables: Vec<&Grid> = document
                .body
                .iter()
                .filter_map(
                    |block| if let Block::Table(table) = block { Some(table) } else { None },
                )
                .collect();
            documents::xlsx(&tables)
        }
    })
    .await
    .map_err(Fault::internal)?
    .map_err(Fault::internal)
}
