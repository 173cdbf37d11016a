//! Spreadsheets in and out: all or nothing, every error named, the same file twice changes nothing.

use axum::http::StatusCode;
use documents::Sheet;
use lantoa::exchange::{Book, Done, Flaw, Format, bring_in, export};
use lantoa::foundation::T;
use lantoa::foundation::audit::Doer;
use lantoa::people::Scope;
use proptest::prelude::*;

use crate::world::{Browser, World};

/// A workbook of one sheet.
fn workbook(titles: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let sheet = Sheet {
        name: "Thôn xóm".to_owned(),
        titles: titles.iter().map(|&title| title.to_owned()).collect(),
        numeric: vec![],
        rows: rows.to_vec(),
    };
    documents::workbook(&[sheet]).unwrap()
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// Uploads a file and gives the page of its trial, and its address.
async fn upload(browser: &Browser, book: &str, name: &str, bytes: &[u8]) -> (String, String) {
    let sent = browser.upload("/exchange", &[("book", book)], "file", name, bytes).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    (browser.get(&sent.location).await.text(), sent.location)
}

async fn count(world: &World, table: &str) -> i64 {
    world.app.db.count(&format!("SELECT COUNT(*) AS n FROM {table}"), vec![]).await.unwrap()
}

const HAMLETS: [&str; 7] =
    ["Xã, phường, thị trấn", "Mã thôn, xóm", "Loại", "Tên", "Số hộ", "Dân số", "Người từ 18 tuổi"];

/// The titles of a template, as it gives them.
fn titles(book: &str) -> Vec<String> {
    let t = T::default();
    Book::of(book).unwrap().columns(t).iter().map(|column| t.get(column.label)).collect()
}

#[tokio::test]
async fn ten_kinds_of_errors_get_ten_messages_and_nothing_is_written() {
    let world = World::new().await;
    let officer = world.browser("canbo.quangtrung").await;
    let before = count(&world, "unit").await;
    let mut head = titles("hamlets");
    head.push("Ghi thêm".to_owned());
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    assert_eq!(head[..7].len(), HAMLETS.len());
    let qt = "Xã Quang Trung";
    let many = "x".repeat(121);
    let rows = [
        row(&[qt, "10", "Xóm", "Xóm 10", "100", "400", "300", "20,35", "106,05"]),
        row(&[qt, "", "Xóm", "Xóm 11", "100", "400", "300"]),
        row(&[qt, "12", "Làng", "Xóm 12", "100", "400", "300"]),
        row(&[qt, "13", "Xóm", "Xóm 13", "một trăm", "400", "300"]),
        row(&[qt, "14", "Xóm", "Xóm 14", "100", "400", "500"]),
        row(&["Xã Hiển Khánh", "15", "Xóm", "Xóm 15", "100", "400", "300"]),
        row(&["Xã Không Có", "16", "Xóm", "Xóm 16", "100", "400", "300"]),
        row(&[qt, "17", "Xóm", &many, "100", "400", "300"]),
        row(&[qt, "18", "Xóm", "Xóm 18", "100", "400", "300", "120"]),
        row(&[qt, "10", "Xóm", "Xóm mười", "100", "400", "300"]),
        row(&[qt, "20", "Xóm", "Xóm 20", "-5", "400", "300"]),
    ];
    let (page, address) = upload(&officer, "hamlets", "thon.xlsx", &workbook(&head, &rows)).await;
    let expected = [
        (1, "Ghi thêm", "Mẫu không có cột này"),
        (3, "Mã", "Cần điền"),
        (4, "Loại", "Không hiểu “Làng”"),
        (5, "Số hộ", ""),
        (6, "18 tuổi", ""),
        (7, "Xã", "Không tìm thấy “Xã Hiển Khánh”"),
        (8, "Xã", "Không tìm thấy “Xã Không Có”"),
        (9, "Tên", ""),
        (10, "độ", ""),
        (11, "Tên", "Trùng với dòng 2"),
        (12, "Số hộ", ""),
    ];
    let lines: Vec<&str> = page.split("<tr").collect();
    for (number, column, reason) in expected {
        let found = lines.iter().any(|line| {
            line.contains(&format!(">{number}<")) && line.contains(column) && line.contains(reason)
        });
        assert!(found, "row {number}, {column}: {reason}\n{page}");
    }
    assert!(page.contains("11 lỗi") && page.contains("Thôn xóm"), "{page}");
    // Not even by pressing the button that is not there.
    officer.post(&format!("{address}/apply"), &[]).await;
    assert_eq!(count(&world, "unit").await, before);
}

#[tokio::test]
async fn a_sound_file_is_tried_then_written_once() {
    let world = World::new().await;
    let officer = world.browser("canbo.quangtrung").await;
    let before = count(&world, "unit").await;
    let head = titles("hamlets");
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows = [
        row(&["13768", "03", "Xóm", "Xóm 3", "100", "1.400", "300"]),
        row(&["xa quang trung", "1", "Xóm", "Xóm Đông", "120", "410", "310"]),
    ];
    let file = workbook(&head, &rows);
    let (page, address) = upload(&officer, "hamlets", "thon.xlsx", &file).await;
    assert!(page.contains("1 dòng sẽ thêm mới, 1 dòng sẽ sửa"), "{page}");
    assert_eq!(count(&world, "unit").await, before, "a trial writes nothing");
    let done = officer.post(&format!("{address}/apply"), &[]).await;
    assert!(done.text().contains("thêm mới 1 dòng, sửa 1 dòng"), "{}", done.text());
    assert_eq!(count(&world, "unit").await, before + 1);
    let (again, _) = upload(&officer, "hamlets", "thon.xlsx", &file).await;
    assert!(again.contains("2 dòng đã có sẵn"), "{again}");
    let list = officer.get("/hamlets").await.text();
    assert!(list.contains("Xóm Đông") && list.contains("1.400"), "{list}");
    // Somebody else's upload is not there for others.
    let other = world.browser("canbo.hienkhanh").await;
    assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn encounters_come_from_a_csv_and_count_once() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let officer = world.browser("canbo.quangtrung").await;
    let csv = "\u{feff}Số phiếu;Ngày;Giờ;Người dân ở;Cách tiếp cận;Số định danh hoặc số điện thoại;Nội dung;Kết quả;Đợt tuyên truyền\r\n\
        P1;14/09/2023;19:30;Xóm 1, Xã Quang Trung;Đến từng nhà;0912345678;9;Đã nghe giới thiệu;Đợt thử tháng chín\r\n\
        P2;14/09/2023;20h;Xóm 2, Xã Quang Trung;Đến từng nhà;+84912345678;9; Tự làm được;Đợt thử tháng chín\r\n\
        ;13/09/2023;;Xã Quang Trung;Trực tại quầy;;9;Tự làm được;\r\n";
    let csv = csv.replace("9; Tự", "9;Tự");
    let (page, address) = upload(&officer, "encounters", "phieu.csv", csv.as_bytes()).await;
    assert!(page.contains("3 dòng sẽ thêm mới"), "{page}");
    officer.post(&format!("{address}/apply"), &[]).await;
    let (page, address) = upload(&officer, "encounters", "phieu.csv", csv.as_bytes()).await;
    assert!(page.contains("3 dòng đã có sẵn"), "{page}");
    officer.post(&format!("{address}/apply"), &[]).await;
    assert_eq!(count(&world, "encounter").await, 3);
    let coverage = format!("/coverage?campaign={campaign}&unit={}", world.quang_trung);
    assert!(officer.get(&coverage).await.text().contains("1 / 600"), "one person, met twice");
    assert_eq!(lantoa::encounters::tally::check(&world.app.db).await.unwrap(), 0);

    let wrong = csv.replace("14/09/2023;20h", "31/09/2023;25h").replace("0912345678;9;", "09;99;");
    let (page, _) = upload(&officer, "encounters", "phieu.csv", wrong.as_bytes()).await;
    for reason in ["Không tìm thấy “99”", "phieu.csv"] {
        assert!(page.contains(reason), "{reason}: {page}");
    }
    assert_eq!(count(&world, "encounter").await, 3);
}

#[tokio::test]
async fn a_list_of_services_comes_in_as_the_next_version() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let head = titles("services");
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let common = ["THU", "Danh mục thử", "Quyết định thử", "bản thử"];
    let line = |rest: &[&str]| row(&[&common[..], rest].concat());
    let file = workbook(
        &head,
        &[line(&["1", "Dịch vụ thử một", "", ""]), line(&["2", "Dịch vụ thử hai", "", ""])],
    );
    let (_, address) = upload(&officer, "services", "dv.xlsx", &file).await;
    officer.post(&format!("{address}/apply"), &[]).await;
    let page = officer.get("/catalogue").await.text();
    assert!(page.contains("Danh mục thử") && page.contains("Dịch vụ thử hai"), "{page}");
    let twice = workbook(
        &head,
        &[line(&["1", "Dịch vụ thử một", "", ""]), line(&["1", "Dịch vụ thử ba", "", ""])],
    );
    let (page, _) = upload(&officer, "services", "dv.xlsx", &twice).await;
    assert!(page.contains("Trùng với dòng 2"), "{page}");
}

#[tokio::test]
async fn only_those_who_may_exchange_do_and_only_their_own_units() {
    let world = World::new().await;
    let theirs = world.browser("canbo.hienkhanh").await;
    let id =
        world.encounter(&theirs, world.hien_khanh_1, &[("note", "riêng của Hiển Khánh")]).await;
    for name in ["thanhvien.quangtrung", "quay.quangtrung", "lanhdao", "totruong.quangtrung"] {
        let browser = world.browser(name).await;
        for path in ["/exchange", "/exchange/encounters/export/csv"] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{name} {path}");
        }
    }
    let ours = world.browser("canbo.quangtrung").await;
    for query in [String::new(), format!("?unit={}", world.hien_khanh)] {
        let file = ours.get(&format!("/exchange/encounters/export/csv{query}")).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(!file.text().contains(&id) && !file.text().contains("riêng của"), "{query}");
    }
    assert!(theirs.get("/exchange/encounters/export/csv").await.text().contains(&id));
}

async fn bring(world: &World, book: &str, bytes: &[u8]) -> Result<Done, Vec<Flaw>> {
    let scope = Scope::of_the_program(world.district);
    let by = Doer { account_id: None, name: "thử".to_owned(), at: world.app.clock.now() };
    let book = Book::of(book).unwrap();
    bring_in(&world.app, &scope, &by, T::default(), book, ("thử", bytes), true).await.unwrap()
}

/// Names such as people type: letters of Vietnamese, spaces, marks that spreadsheets trip over.
fn name() -> impl Strategy<Value = String> {
    "[A-ZĐÂÊÔƠƯa-zđăâêôơưàáảãạ0-9,;'\"=+@() -]{1,24}".prop_map(|text| format!("T{}", text.trim()))
}

#[test]
fn what_goes_out_comes_in_as_the_same() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = proptest::test_runner::TestRunner::new(proptest::test_runner::Config {
        cases: 16,
        failure_persistence: None,
        ..Default::default()
    });
    let venue =
        (name(), name(), proptest::option::of(0..5000u32), proptest::option::of(8.0..23.0f64));
    let round = std::sync::atomic::AtomicUsize::new(0);
    let rows = proptest::collection::vec(venue, 1..6);
    runner
        .run(&rows, |venues| {
            runtime.block_on(async {
                let t = T::default();
                let head = titles("venues");
                let head: Vec<&str> = head.iter().map(String::as_str).collect();
                let kind = t.word("venue-kind", "hall");
                let kind = if kind.contains('⟦') { String::new() } else { kind };
                let known = Book::of("venues").unwrap().columns(t);
                let kind = if kind.is_empty() {
                    let accepts = &known.iter().find(|c| c.name == "kind").unwrap().accepts;
                    accepts.split_once(": ").unwrap().1.split("; ").next().unwrap().to_owned()
                } else {
                    kind
                };
                let lines: Vec<Vec<String>> = venues
                    .iter()
                    .map(|(name, address, capacity, lat)| {
                        let number = round.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        vec![
                            "Xã Quang Trung".to_owned(),
                            kind.clone(),
                            format!("{name} {number}"),
                            address.clone(),
                            capacity.map_or_else(String::new, |n| n.to_string()),
                            lat.map_or_else(String::new, |n| n.to_string()),
                            String::new(),
                        ]
                    })
                    .collect();
                let done = bring(&world, "venues", &workbook(&head, &lines)).await.unwrap();
                assert_eq!(done.added, lines.len(), "{lines:?}");
                let scope = Scope::of_the_program(world.district);
                for format in [Format::Xlsx, Format::Csv] {
                    let book = Book::of("venues").unwrap();
                    let filter = lantoa::exchange::Asked::default();
                    let out = export(&world.app, t, book, &scope, None, &filter, format).await;
                    let again = bring(&world, "venues", &out.unwrap()).await.unwrap();
                    assert_eq!((again.added, again.changed), (0, 0), "{format:?} {lines:?}");
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn filters_of_lists_carry_into_exports() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let list = officer.get(&format!("/hamlets?unit={}", world.quang_trung)).await.text();
    let link = list.split("href=\"").find(|rest| rest.contains("/hamlets/export/xlsx")).unwrap();
    let link = link.split('"').next().unwrap().replace("xlsx", "csv").replace("&#38;", "&");
    let file = officer.get(&link).await.text();
    assert!(file.contains("Xã Quang Trung") && !file.contains("Xã Hiển Khánh"), "{file}");
    for book in Book::all() {
        for format in ["xlsx", "csv"] {
            let path = format!("/exchange/{}/export/{format}", book.name());
            assert_eq!(officer.get(&path).await.status, StatusCode::OK, "{path}");
        }
    }
}
