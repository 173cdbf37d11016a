//! PDF/A-2b by Typst, with its fonts embedded: no font, file or network of the machine is used.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};

use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::{DocumentError, OfficialDocument};

struct House {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    official: Source,
    run_sheet: Source,
    data: FileId,
}

/// A form that is typeset.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Official,
    RunSheet,
}

impl House {
    fn template(&self, form: Form) -> &Source {
        match form {
            Form::Official => &self.official,
            Form::RunSheet => &self.run_sheet,
        }
    }
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("because the names are fixed and valid");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let files: [&'static [u8]; 4] = [
            include_bytes!("../fonts/Tinos-Regular.ttf"),
            include_bytes!("../fonts/Tinos-Bold.ttf"),
            include_bytes!("../fonts/Tinos-Italic.ttf"),
            include_bytes!("../fonts/Tinos-BoldItalic.ttf"),
        ];
        let fonts: Vec<Font> = files.into_iter().flat_map(|f| Font::iter(Bytes::new(f))).collect();
        House {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            official: Source::new(file("official.typ"), include_str!("official.typ").to_owned()),
            run_sheet: Source::new(file("run_sheet.typ"), include_str!("run_sheet.typ").to_owned()),
            data: file("document.json"),
        }
    })
}

struct Paper {
    house: &'static House,
    template: &'static Source,
    json: Bytes,
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        &self.house.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.house.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.house.data { Ok(self.json.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.house.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Sets a document in its form, page by page.
pub(crate) fn typeset(
    form: Form,
    document: &impl serde::Serialize,
) -> Result<PagedDocument, DocumentError> {
    let json =
        serde_json::to_vec(document).map_err(|e| DocumentError::Typesetting(e.to_string()))?;
    let template = house().template(form);
    let paper = Paper { house: house(), template, json: Bytes::new(json) };
    let paged = typst::compile::<PagedDocument>(&paper).output.map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(|e| e.message.to_string()).collect();
        DocumentError::Typesetting(errors.join("; "))
    });
    // What was remembered for this document is of no use to the next.
    typst::comemo::evict(0);
    paged
}

/// Set pages as PDF/A-2b.
pub(crate) fn archive(paged: &PagedDocument) -> Result<Vec<u8>, DocumentError> {
    let said = |errors: Vec<String>| DocumentError::Typesetting(errors.join("; "));
    let standards = PdfStandards::new(&[PdfStandard::A_2b])
        .map_err(|e| DocumentError::Typesetting(format!("{e:?}")))?;
    let options = PdfOptions { ident: Smart::Auto, standards, ..PdfOptions::default() };
    let bytes = typst_pdf::pdf(paged, &options)
        .map_err(|errors| said(errors.iter().map(|e| e.message.to_string()).collect()));
    typst::comemo::evict(0);
    bytes
}

/// The document as PDF/A-2b. About a tenth of a second for a report.
pub fn pdf(document: &OfficialDocument) -> Result<Vec<u8>, DocumentError> {
    archive(&typeset(Form::Official, document)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use typst::layout::{Frame, FrameItem, Point};

    use super::*;
    use crate::{Block, Column, Table, tests::sample};

    /// Millimetres of a point of print.
    const MM: f64 = 25.4 / 72.0;

    /// Where text stands on a page, in millimetres: left, baseline, right; and what it says.
    fn texts(frame: &Frame, at: Point, found: &mut Vec<(f64, f64, f64, String)>) {
        for (place, item) in frame.items() {
            let here = at + *place;
            match item {
                FrameItem::Group(group) => texts(&group.frame, here, found),
                FrameItem::Text(text) => {
                    let right = here.x + text.width();
                    let said = text.text.to_string();
                    found.push((
                        here.x.to_pt() * MM,
                        here.y.to_pt() * MM,
                        right.to_pt() * MM,
                        said,
                    ));
                }
                _ => {}
            }
        }
    }

    fn words() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-zàáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặ]{1,9}", 1..60)
            .prop_map(|words| words.join(" "))
    }

    fn block() -> impl Strategy<Value = Block> {
        let rows = proptest::collection::vec((words(), 0..9_999_999u32), 0..30);
        prop_oneof![
            words().prop_map(|text| Block::Paragraph { text }),
            words().prop_map(|text| Block::Heading { text }),
            (words(), rows).prop_map(|(caption, rows)| Block::Table(Table {
                caption,
                columns: vec![
                    Column { title: "Đơn vị".into(), weight: 3.0, numeric: false },
                    Column { title: "Lượt".into(), weight: 1.0, numeric: true },
                ],
                rows: rows.into_iter().map(|(name, n)| vec![name, n.to_string()]).collect(),
                total: vec![],
            })),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 12, failure_persistence: None, ..ProptestConfig::default()
        })]

        /// Annex I of Decree 30/2020/NĐ-CP: A4, margins of 20 mm above and below, 30 mm left and
        /// 15 mm right, pages numbered from the second on, whatever the report says.
        #[test]
        fn every_report_keeps_the_form_of_the_decree(
            body in proptest::collection::vec(block(), 1..8), subject in words(),
        ) {
            let paged = typeset(
                Form::Official, &crate::OfficialDocument { subject, body, ..sample() },
            ).unwrap();
            for (index, page) in paged.pages().iter().enumerate() {
                let size = page.frame.size();
                prop_assert!((size.x.to_pt() * MM - 210.0).abs() < 0.1);
                prop_assert!((size.y.to_pt() * MM - 297.0).abs() < 0.1);
                let mut found = vec![];
                texts(&page.frame, Point::zero(), &mut found);
                let (head, text): (Vec<_>, Vec<_>) = found.iter().partition(|of| of.1 < 20.0);
                let number = (index + 1).to_string();
                if index == 0 {
                    prop_assert!(head.is_empty(), "the first page bears no number: {:?}", head);
                } else {
                    prop_assert!(head.len() == 1 && head[0].3 == number, "{:?}", head);
                }
                for (left, baseline, right, said) in text {
                    let inside = *left >= 29.9 && *right <= 195.6 && *baseline <= 277.1;
                    prop_assert!(inside, "{left} {baseline} {right} {said}");
                }
            }
        }
    }
}
