//! The tables of a report as a workbook, one sheet each, numbers as numbers.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};

use crate::{DocumentError, Table};

/// "1.234" or "1.234,5" as a number, where the whole text is one.
fn number(text: &str) -> Option<f64> {
    let plain = text.replace('.', "").replace(',', ".");
    if plain.chars().all(|c| c.is_ascii_digit() || c == '.') { plain.parse().ok() } else { None }
}

/// A workbook with a sheet for each table.
pub fn xlsx(tables: &[&Table]) -> Result<Vec<u8>, DocumentError> {
    let mut workbook = Workbook::new();
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center);
    let cell = Format::new().set_border(FormatBorder::Thin);
    let bold = Format::new().set_border(FormatBorder::Thin).set_bold();
    for (index, table) in tables.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(format!("Bảng {}", index + 1))?;
        sheet.write_with_format(0, 0, &table.caption, &Format::new().set_bold())?;
        for (column, of) in (0u16..).zip(&table.columns) {
            sheet.write_with_format(2, column, &of.title, &head)?;
            sheet.set_column_width(column, of.weight * 9.0)?;
        }
        let total = Some(&table.total).filter(|total| !total.is_empty());
        let rows = table.rows.iter().map(|row| (row, &cell)).chain(total.map(|row| (row, &bold)));
        for (line, (row, format)) in (3u32..).zip(rows) {
            for (column, text) in (0u16..).zip(row) {
                let numeric = table.columns.get(usize::from(column)).is_some_and(|c| c.numeric);
                match number(text).filter(|_| numeric) {
                    Some(value) => sheet.write_with_format(line, column, value, format)?,
                    None => sheet.write_with_format(line, column, text, format)?,
                };
            }
        }
        sheet.set_freeze_panes(3, 1)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A sheet of rows under one line of titles, as spreadsheets are exchanged.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub name: String,
    pub titles: Vec<String>,
    /// Which columns hold numbers; all others are written as text, so that "01" stays "01".
    pub numeric: Vec<bool>,
    pub rows: Vec<Vec<String>>,
}

/// A workbook of sheets whose first line holds the titles.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, DocumentError> {
    let mut workbook = Workbook::new();
    let head = Format::new().set_bold().set_background_color("E3EEF9").set_text_wrap();
    for of in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&of.name)?;
        for (column, title) in (0u16..).zip(&of.titles) {
            sheet.write_with_format(0, column, title, &head)?;
            let widest = of.rows.iter().take(200).filter_map(|row| row.get(usize::from(column)));
            let letters = widest.chain([title]).map(|text| text.chars().count()).max();
            sheet.set_column_width(column, letters.unwrap_or(8).clamp(8, 60) as f64 + 2.0)?;
        }
        for (line, row) in (1u32..).zip(&of.rows) {
            for (column, text) in (0u16..).zip(row) {
                let numeric = of.numeric.get(usize::from(column)).copied().unwrap_or_default();
                match text.parse::<f64>() {
                    _ if text.is_empty() => continue,
                    Ok(value) if numeric => sheet.write(line, column, value)?,
                    _ => sheet.write(line, column, text)?,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    Ok(workbook.save_to_buffer()?)
}
