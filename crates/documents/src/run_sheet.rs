//! The run sheet of a loudspeaker vehicle: what its crew holds in the hand, on one page.

use serde::Serialize;
use typst_layout::PagedDocument;

use crate::DocumentError;
use crate::pdf::{Form, archive, typeset};

/// A run sheet. Every text is ready to be printed; the labels come with it.
#[derive(Debug, Clone, Serialize)]
pub struct RunSheet {
    /// Whose sheet it is, as "Huyện Vụ Bản".
    pub issuer: String,
    /// What it is.
    pub title: String,
    /// Which run.
    pub subject: String,
    /// When it was made, in words.
    pub made: String,
    /// The same day as year, month, day, for the file's own properties.
    pub dated: (i16, i8, i8),
    /// Label and value: time, vehicle, crew.
    pub facts: Vec<(String, String)>,
    /// Titles of number, time, place, task, contact, and a column to be filled in by hand.
    pub columns: [String; 6],
    pub stops: Vec<SheetStop>,
    pub script_title: String,
    /// How long it takes; may be empty.
    pub script_note: String,
    /// What is read out; paragraphs on lines of their own. May be empty.
    pub script: String,
    /// Said on the first page where the script has pages of its own.
    pub apart_note: String,
    /// Who signs: role, and name where it is known.
    pub signatures: Vec<(String, String)>,
    /// "(ký, ghi rõ họ tên)".
    pub sign_here: String,
    /// Said in small letters above everything, as for a demo; may be empty.
    pub notice: String,
}

/// A row of a run sheet.
#[derive(Debug, Clone, Serialize)]
pub struct SheetStop {
    pub number: usize,
    /// "16:30".
    pub time: String,
    /// How long it takes there.
    pub stay: String,
    pub place: String,
    /// How one comes there from the stop before; may be empty.
    pub way: String,
    pub task: String,
    /// Whom to ask for there, on lines of their own; may be empty.
    pub contact: String,
}

/// Sizes of print that are tried, in points, largest first. Below the last nobody reads at dusk
/// in a vehicle.
const SIZES: [f64; 8] = [13.0, 12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0];

#[derive(Serialize)]
struct Sized<'a> {
    #[serde(flatten)]
    sheet: &'a RunSheet,
    size: f64,
    /// The script stands on pages of its own.
    apart: bool,
}

/// The run sheet as PDF/A-2b on one A4 page, in the largest print that fits. A script that would
/// not fit even in the smallest follows in large print on pages of its own.
pub fn run_sheet(sheet: &RunSheet) -> Result<Vec<u8>, DocumentError> {
    archive(&lay_out(sheet)?)
}

fn lay_out(sheet: &RunSheet) -> Result<PagedDocument, DocumentError> {
    let set = |size, apart, sheet: &_| typeset(Form::RunSheet, &Sized { sheet, size, apart });
    for size in SIZES {
        let paged = set(size, false, sheet)?;
        if paged.pages().len() == 1 {
            return Ok(paged);
        }
    }
    let bare = RunSheet { script: String::new(), ..sheet.clone() };
    let mut fitting = SIZES[SIZES.len() - 1];
    for size in SIZES {
        if set(size, false, &bare)?.pages().len() == 1 {
            fitting = size;
            break;
        }
    }
    set(fitting, true, sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(stops: usize, words: usize) -> RunSheet {
        let stop = |number: usize| {
            SheetStop {
            number,
            time: "16:30".into(),
            stay: "20 phút".into(),
            place: format!("Nhà văn hóa Xóm {number}, Xóm {number}, Xã Quang Trung"),
            way: "2,4 km, 7 phút".into(),
            task: "Hướng dẫn nộp hồ sơ trực tuyến; cài đặt và kích hoạt tài khoản định danh điện tử mức 2".into(),
            contact: "Nguyễn Thị Thử, 0900 000 001".into(),
        }
        };
        RunSheet {
            issuer: "Huyện Vụ Bản".into(),
            title: "Phiếu chuyến xe loa".into(),
            subject: "Xe loa lưu động tại Xã Quang Trung".into(),
            made: "Lập lúc 15/09/2023 08:00".into(),
            dated: (2023, 9, 15),
            facts: vec![("Thời gian".into(), "Thứ Sáu 15/09/2023, 16:30–20:00".into())],
            columns: ["TT", "Giờ", "Nơi đến", "Việc", "Liên hệ", "Đến lúc"].map(Into::into),
            stops: (1..=stops).map(stop).collect(),
            script_title: "Bài đọc".into(),
            script_note: "Khoảng 2 phút một lượt.".into(),
            script: "kính thưa bà con ".repeat(words / 4),
            apart_note: "Bài đọc ở trang sau.".into(),
            signatures: vec![("Trưởng chuyến".into(), String::new())],
            sign_here: "(ký, ghi rõ họ tên)".into(),
            notice: String::new(),
        }
    }

    fn pages(sheet: &RunSheet) -> usize {
        lay_out(sheet).unwrap().pages().len()
    }

    #[test]
    fn twelve_stops_and_a_script_of_two_minutes_stand_on_one_page() {
        let bytes = run_sheet(&sheet(12, 400)).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains("pdfaid:part"), "PDF/A is declared");
        assert_eq!(pages(&sheet(12, 400)), 1);
        assert_eq!(pages(&sheet(3, 0)), 1);
    }

    #[test]
    fn a_script_that_is_too_long_gets_pages_of_its_own() {
        assert!(pages(&sheet(12, 1200)) > 1);
        let bare = pages(&sheet(12, 0));
        assert_eq!(bare, 1, "the stops themselves still stand on the first page");
    }
}
