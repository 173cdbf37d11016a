//! The same form as an editable DOCX in Times New Roman.

use docx_rs::{
    AlignmentType, BreakType, Docx, Header, LineSpacing, PageMargin, PageNum, Paragraph, Run,
    RunFonts, SpecialIndentType, Table as Grid, TableBorders, TableCell, TableCellBorders,
    TableRow, VAlignType, WidthType,
};

use crate::{Block, DocumentError, OfficialDocument, Table};

/// Twips of a millimetre.
const fn mm(millimetres: i32) -> i32 {
    millimetres * 1440 * 10 / 254
}

/// The margins: 20 mm above and below, 30 mm left, 15 mm right.
pub(crate) fn page_margins() -> PageMargin {
    PageMargin {
        top: mm(20) + 1,
        bottom: mm(20) + 1,
        left: mm(30) + 1,
        right: mm(15) + 1,
        header: 567,
        footer: 567,
        gutter: 0,
    }
}

fn run(text: &str, points: usize) -> Run {
    let face = "Times New Roman";
    Run::new()
        .add_text(text)
        .size(points * 2)
        .fonts(RunFonts::new().ascii(face).hi_ansi(face).cs(face).east_asia(face))
}

fn centred(run: Run) -> Paragraph {
    Paragraph::new()
        .add_run(run)
        .align(AlignmentType::Center)
        .line_spacing(LineSpacing::new().after(0))
}

fn bare(cells: Vec<Vec<Paragraph>>, widths: &[usize]) -> Grid {
    let cells = cells.into_iter().zip(widths).map(|(paragraphs, width)| {
        let cell = TableCell::new()
            .width(*width, WidthType::Dxa)
            .set_borders(TableCellBorders::with_empty());
        paragraphs.into_iter().fold(cell, TableCell::add_paragraph)
    });
    Grid::new(vec![TableRow::new(cells.collect()).cant_split()])
        .set_borders(TableBorders::with_empty())
        .set_grid(widths.to_vec())
        .width(widths.iter().sum(), WidthType::Dxa)
}

/// A short rule under a line of the head.
fn rule(length: usize) -> Paragraph {
    centred(run(&"_".repeat(length), 5))
}

fn table(table: &Table) -> Grid {
    const WHOLE: f64 = 9355.0;
    let sum: f64 = table.columns.iter().map(|column| column.weight).sum();
    let widths: Vec<usize> =
        table.columns.iter().map(|column| (WHOLE * column.weight / sum) as usize).collect();
    let row = |texts: &[String], bold: bool, head: bool| {
        let cells = texts.iter().enumerate().map(|(index, text)| {
            let mut words = run(text, 12);
            if bold {
                words = words.bold();
            }
            let align = match (head, table.columns.get(index)) {
                (true, _) => AlignmentType::Center,
                (false, Some(column)) if column.numeric => AlignmentType::Right,
                _ => AlignmentType::Left,
            };
            TableCell::new()
                .width(widths.get(index).copied().unwrap_or(1000), WidthType::Dxa)
                .vertical_align(VAlignType::Center)
                .add_paragraph(Paragraph::new().add_run(words).align(align))
        });
        TableRow::new(cells.collect()).cant_split()
    };
    let titles: Vec<String> = table.columns.iter().map(|column| column.title.clone()).collect();
    let mut rows = vec![row(&titles, true, true)];
    rows.extend(table.rows.iter().map(|texts| row(texts, false, false)));
    if !table.total.is_empty() {
        rows.push(row(&table.total, true, false));
    }
    let borders = TableBorders::new();
    Grid::new(rows).set_borders(borders).set_grid(widths).width(WHOLE as usize, WidthType::Dxa)
}

/// The document as DOCX.
pub fn docx(document: &OfficialDocument) -> Result<Vec<u8>, DocumentError> {
    let d = document;
    let mut left = vec![];
    if !d.governing_body.is_empty() {
        left.push(centred(run(&d.governing_body.to_uppercase(), 13)));
    }
    left.push(centred(run(&d.issuing_body.to_uppercase(), 13).bold()));
    left.push(rule(22));
    let right = vec![
        centred(run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13).bold()),
        centred(run("Độc lập - Tự do - Hạnh phúc", 14).bold()),
        rule(58),
    ];
    let widths = [3700, 5655];
    let header = Header::new()
        .add_paragraph(Paragraph::new().add_page_num(PageNum::new()).align(AlignmentType::Center));
    let mut docx = Docx::new()
        .page_size(11906, 16838)
        .page_margin(page_margins())
        .header(header)
        .first_header(Header::new());
    if !d.notice.is_empty() {
        docx = docx.add_paragraph(centred(run(&d.notice, 10).italic()));
    }
    docx = docx
        .add_table(bare(vec![left, right], &widths))
        .add_table(bare(
            vec![
                vec![centred(run(&d.number_and_symbol, 13))],
                vec![centred(run(&d.place_and_date, 13).italic())],
            ],
            &widths,
        ))
        .add_paragraph(centred(Run::new()))
        .add_paragraph(centred(run(&d.kind.to_uppercase(), 14).bold()))
        .add_paragraph(centred(run(&d.subject, 14).bold()))
        .add_paragraph(rule(36))
        .add_paragraph(Paragraph::new());
    for block in &d.body {
        docx = match block {
            Block::Heading { text } => docx.add_paragraph(
                Paragraph::new()
                    .add_run(run(text, 14).bold())
                    .keep_next(true)
                    .line_spacing(LineSpacing::new().before(120)),
            ),
            Block::Paragraph { text } => docx.add_paragraph(
                Paragraph::new()
                    .add_run(run(text, 14))
                    .align(AlignmentType::Both)
                    .indent(None, Some(SpecialIndentType::FirstLine(720)), None, None)
                    .line_spacing(LineSpacing::new().before(120)),
            ),
            Block::Table(of) => docx
                .add_paragraph(centred(run(&of.caption, 13).bold()).keep_next(true))
                .add_table(table(of)),
        };
    }
    let mut to = vec![Paragraph::new().add_run(run("Nơi nhận:", 12).bold().italic())];
    for (index, recipient) in d.recipients.iter().enumerate() {
        let end = if index + 1 == d.recipients.len() { "." } else { ";" };
        to.push(Paragraph::new().add_run(run(&format!("- {recipient}{end}"), 11)));
    }
    let mut signature = vec![];
    if !d.authority.is_empty() {
        signature.push(centred(run(&d.authority.to_uppercase(), 14).bold()));
    }
    signature.push(centred(run(&d.position.to_uppercase(), 14).bold()));
    let space = (0..4).fold(Run::new(), |run, _| run.add_break(BreakType::TextWrapping));
    signature.push(centred(space));
    signature.push(centred(run(&d.signer, 14).bold()));
    docx = docx.add_paragraph(Paragraph::new()).add_table(bare(vec![to, signature], &[4300, 5055]));
    let mut bytes = std::io::Cursor::new(vec![]);
    docx.build().pack(&mut bytes).map_err(|e| DocumentError::Docx(e.to_string()))?;
    Ok(bytes.into_inner())
}
