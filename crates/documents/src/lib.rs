//! Official Vietnamese documents in the form of Decree 30/2020/NĐ-CP, as PDF and DOCX, and the
//! tables of a report as XLSX; and the run sheet of a loudspeaker vehicle as PDF.

mod docx;
mod pdf;
mod run_sheet;
mod sheet;

pub use docx::docx;
pub use pdf::pdf;
pub use run_sheet::{RunSheet, SheetStop, run_sheet};
pub use sheet::{Sheet, workbook, xlsx};

use serde::Serialize;

/// What can go wrong while a document is made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The typesetter refused the document.
    #[error("typesetting: {0}")]
    Typesetting(String),
    /// The DOCX could not be packed.
    #[error("docx: {0}")]
    Docx(String),
    /// The workbook could not be written.
    #[error("xlsx: {0}")]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
}

/// An official document (annex I of Decree 30/2020/NĐ-CP): the parts of the form, in their order.
#[derive(Debug, Clone, Serialize)]
pub struct OfficialDocument {
    /// The governing body, as "UBND TỈNH NAM ĐỊNH"; may be empty.
    pub governing_body: String,
    /// The issuing body, as "UBND HUYỆN VỤ BẢN".
    pub issuing_body: String,
    /// "Số:       /BC-UBND".
    pub number_and_symbol: String,
    /// "Vụ Bản, ngày 15 tháng 9 năm 2023".
    pub place_and_date: String,
    /// The same day as year, month, day, for the file's own properties.
    pub dated: (i16, i8, i8),
    /// "BÁO CÁO".
    pub kind: String,
    pub subject: String,
    pub body: Vec<Block>,
    /// The list under "Nơi nhận:", without dashes.
    pub recipients: Vec<String>,
    /// "TM. ỦY BAN NHÂN DÂN"; may be empty.
    pub authority: String,
    /// "CHỦ TỊCH".
    pub position: String,
    /// Who signs; may be empty.
    pub signer: String,
    /// Said in small letters above everything, as for a demo; may be empty.
    pub notice: String,
}

/// A part of a document's body.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    Heading { text: String },
    Paragraph { text: String },
    Table(Table),
}

/// A table of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// The last row, set off; empty for none.
    pub total: Vec<String>,
}

/// A column: its title, relative width, and whether it holds numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    pub title: String,
    pub weight: f64,
    pub numeric: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn sample() -> OfficialDocument {
        OfficialDocument {
            governing_body: "UBND TỈNH NAM ĐỊNH".into(),
            issuing_body: "UBND HUYỆN VỤ BẢN".into(),
            number_and_symbol: "Số:       /BC-UBND".into(),
            place_and_date: "Vụ Bản, ngày 15 tháng 9 năm 2023".into(),
            dated: (2023, 9, 15),
            kind: "BÁO CÁO".into(),
            subject: "Kết quả đợt tuyên truyền".into(),
            body: vec![
                Block::Heading { text: "I. KẾT QUẢ".into() },
                Block::Paragraph {
                    text: "Từ ngày 08/8 đến ngày 15/9/2023 # $x \\ [a]".into()
                },
                Block::Table(Table {
                    caption: "Bảng 1".into(),
                    columns: vec![
                        Column { title: "Đơn vị".into(), weight: 3.0, numeric: false },
                        Column { title: "Lượt".into(), weight: 1.0, numeric: true },
                    ],
                    rows: (1..=60).map(|n| vec![format!("Xóm {n}"), n.to_string()]).collect(),
                    total: vec!["Cộng".into(), "1.830".into()],
                }),
            ],
            recipients: vec!["UBND tỉnh".into(), "Lưu: VT".into()],
            authority: "TM. ỦY BAN NHÂN DÂN".into(),
            position: "CHỦ TỊCH".into(),
            signer: String::new(),
            notice: String::new(),
        }
    }

    #[test]
    fn a_report_becomes_an_archivable_pdf_of_several_pages() {
        let bytes = pdf(&sample()).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("pdfaid:part"), "PDF/A is declared");
        assert!(text.contains("Tinos"), "the font is embedded");
    }

    #[test]
    fn a_docx_has_the_layout_of_the_decree() {
        let bytes = docx(&sample()).unwrap();
        assert!(bytes.starts_with(b"PK"));
        let margins = docx::page_margins();
        // Point 3 of annex I: top and bottom 20-25 mm, left 30-35 mm, right 15-20 mm.
        let mm = |twips: i32| f64::from(twips) * 25.4 / 1440.0;
        assert!(
            (20.0..=25.1).contains(&mm(margins.top)) && (20.0..=25.1).contains(&mm(margins.bottom))
        );
        assert!(
            (30.0..=35.1).contains(&mm(margins.left)) && (15.0..=20.1).contains(&mm(margins.right))
        );
    }

    #[test]
    fn tables_become_sheets() {
        let document = sample();
        let tables: Vec<&Table> = document
            .body
            .iter()
            .filter_map(|block| if let Block::Table(table) = block { Some(table) } else { None })
            .collect();
        assert!(xlsx(&tables).unwrap().starts_with(b"PK"));
    }
}
