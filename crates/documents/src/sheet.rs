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
