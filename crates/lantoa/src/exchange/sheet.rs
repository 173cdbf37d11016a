//! Reading what people hand in: XLSX and CSV as rows of text.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

/// A sheet as rows of text, with the line of each as the spreadsheet program numbers it.
#[derive(Debug, Default)]
pub struct Read {
    /// Name of the sheet; for CSV the name of the file.
    pub name: String,
    pub titles: Vec<String>,
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Marks a cell whose formula failed.
pub const BROKEN: &str = "\u{1}";

/// Why a file could not be read; the key of the message that says what to do.
pub type Unreadable = &'static str;

/// The most rows taken at once.
pub const MOST_ROWS: usize = 50_000;

/// Reads the first sheet of a workbook, or a CSV file, by what it is and not by its name.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Read, Unreadable> {
    let mut read = if bytes.starts_with(b"PK\x03\x04") {
        workbook(bytes)?
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err("import-old-excel");
    } else {
        csv(file_name, bytes)?
    };
    read.rows.retain(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
    if read.titles.iter().all(String::is_empty) {
        return Err("import-empty");
    }
    if read.rows.is_empty() {
        return Err("import-no-rows");
    }
    if read.rows.len() > MOST_ROWS {
        return Err("import-too-long");
    }
    Ok(read)
}

fn workbook(bytes: &[u8]) -> Result<Read, Unreadable> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| "import-unreadable")?;
    let name = book.sheet_names().first().cloned().ok_or("import-empty")?;
    let range = book.worksheet_range(&name).map_err(|_| "import-unreadable")?;
    let first = range.start().map_or(0, |(row, _)| row as usize);
    let left = range.start().map_or(0, |(_, column)| column as usize);
    let mut lines = range.rows().enumerate().map(|(index, row)| {
        let cells = std::iter::repeat_n(String::new(), left).chain(row.iter().map(text));
        (first + index + 1, cells.collect::<Vec<_>>())
    });
    let titles = lines.next().map(|(_, row)| row).unwrap_or_default();
    Ok(Read { name, titles, rows: lines.collect() })
}

fn text(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => plain(text),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(at) => moment(at.as_f64()),
        Data::Error(_) => BROKEN.to_owned(),
        Data::Empty => String::new(),
    }
}

/// A spreadsheet's day number: whole days since 30 December 1899, the fraction is the hour.
fn moment(serial: f64) -> String {
    let minutes = (serial.fract() * 1440.0).round() as i64;
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let days = jiff::Span::new().try_days(serial.trunc() as i64);
    let day = days.and_then(|days| jiff::civil::date(1899, 12, 30).checked_add(days));
    match day {
        _ if serial < 1.0 => time,
        Ok(day) if minutes == 0 => day.to_string(),
        Ok(day) => format!("{day} {time}"),
        Err(_) => serial.to_string(),
    }
}

/// Without spaces around it, and without the mark that keeps a program from calculating it.
fn plain(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn csv(file_name: &str, bytes: &[u8]) -> Result<Read, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| "import-encoding")?;
    if text.contains('\0') {
        return Err("import-unreadable");
    }
    // One kind of line end, so that lines are counted right.
    let text = text.replace("\r\n", "\n");
    let first = text.lines().next().unwrap_or_default();
    // Vietnamese Excel separates by semicolons.
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|mark| first.bytes().filter(|byte| byte == mark).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut lines = vec![];
    for record in reader.records() {
        let record = record.map_err(|_| "import-unreadable")?;
        let line = record.position().map_or(0, |at| at.line() as usize);
        lines.push((line, record.iter().map(plain).collect::<Vec<_>>()));
    }
    let mut lines = lines.into_iter();
    let titles = lines.next().map(|(_, row)| row).unwrap_or_default();
    Ok(Read { name: file_name.to_owned(), titles, rows: lines.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_come_as_people_write_them() {
        assert_eq!(moment(45_183.0), "2023-09-14");
        assert_eq!(moment(0.8125), "19:30");
        assert_eq!(moment(45_183.812_5), "2023-09-14 19:30");
    }

    #[test]
    fn a_csv_of_vietnamese_excel_is_read() {
        let read = read("a.csv", "\u{feff}Mã;Tên\r\n01;\"Xóm; 1\"\r\n;\r\n02;Xóm 2\r\n".as_bytes());
        let read = read.unwrap();
        assert_eq!(read.titles, ["Mã", "Tên"]);
        assert_eq!(read.rows[0], (2, vec!["01".to_owned(), "Xóm; 1".to_owned()]));
        assert_eq!(read.rows[1].0, 4, "empty rows do not count, and keep their number");
    }

    #[test]
    fn what_is_no_spreadsheet_is_refused_with_a_reason() {
        assert_eq!(read("a", b"").unwrap_err(), "import-empty");
        assert_eq!(read("a", b"T\xean\n1").unwrap_err(), "import-encoding");
        assert_eq!(read("a", b"PK\x03\x04rubbish").unwrap_err(), "import-unreadable");
        assert_eq!(read("a", "Tên,Mã\n".as_bytes()).unwrap_err(), "import-no-rows");
    }
}
