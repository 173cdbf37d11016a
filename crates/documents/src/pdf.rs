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
    template: Source,
    data: FileId,
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
            template: Source::new(file("official.typ"), include_str!("official.typ").to_owned()),
            data: file("document.json"),
        }
    })
}

struct Paper {
    house: &'static House,
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
        self.house.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.house.template.id() {
            Ok(self.house.template.clone())
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

/// The document as PDF/A-2b. About a tenth of a second for a report.
pub fn pdf(document: &OfficialDocument) -> Result<Vec<u8>, DocumentError> {
    let json =
        serde_json::to_vec(document).map_err(|e| DocumentError::Typesetting(e.to_string()))?;
    let paper = Paper { house: house(), json: Bytes::new(json) };
    let said = |errors: Vec<String>| DocumentError::Typesetting(errors.join("; "));
    let paged = typst::compile::<PagedDocument>(&paper)
        .output
        .map_err(|errors| said(errors.iter().map(|e| e.message.to_string()).collect()))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2b])
        .map_err(|e| DocumentError::Typesetting(format!("{e:?}")))?;
    let options = PdfOptions { ident: Smart::Auto, standards, ..PdfOptions::default() };
    let bytes = typst_pdf::pdf(&paged, &options)
        .map_err(|errors| said(errors.iter().map(|e| e.message.to_string()).collect()));
    // What was remembered for this document is of no use to the next.
    typst::comemo::evict(0);
    bytes
}
