//! Vietnamese as offices write it: letters without their marks for search, the order of names,
//! numbers, dates, phone and identity numbers.

mod holidays;
mod lunar;

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime, Time, Weekday};

pub use holidays::{Holiday, holidays};
pub use lunar::{Lunar, new_year, solar};

/// Letters with a mark, each after its plain letter, small only, in the order
/// level, falling (huyền), hook (hỏi), tilde (ngã), rising (sắc), heavy (nặng).
const LETTERS: [(char, char, &str); 12] = [
    ('a', 'a', "aàảãáạ"),
    ('a', 'ă', "ăằẳẵắặ"),
    ('a', 'â', "âầẩẫấậ"),
    ('e', 'e', "eèẻẽéẹ"),
    ('e', 'ê', "êềểễếệ"),
    ('i', 'i', "iìỉĩíị"),
    ('o', 'o', "oòỏõóọ"),
    ('o', 'ô', "ôồổỗốộ"),
    ('o', 'ơ', "ơờởỡớợ"),
    ('u', 'u', "uùủũúụ"),
    ('u', 'ư', "ưừửữứự"),
    ('y', 'y', "yỳỷỹýỵ"),
];

/// The alphabet's order of letters; other letters of Latin stand where they do there.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// A small letter without its tone: plain letter for search, letter of the alphabet, tone 0 to 5.
fn parts(letter: char) -> (char, char, u8) {
    // Most letters of any text, and every list is sorted through here.
    if letter.is_ascii() {
        return (letter, letter, 0);
    }
    if letter == 'đ' {
        return ('d', 'đ', 0);
    }
    for (plain, base, toned) in LETTERS {
        if let Some(tone) = toned.chars().position(|c| c == letter) {
            return (plain, base, tone as u8);
        }
    }
    (letter, letter, 0)
}

/// The combining mark's meaning: a tone, or a new shape of the letter before it.
fn combine(base: char, mark: char) -> Option<(char, u8)> {
    Some(match (mark, base) {
        ('\u{300}', _) => (base, 1),
        ('\u{309}', _) => (base, 2),
        ('\u{303}', _) => (base, 3),
        ('\u{301}', _) => (base, 4),
        ('\u{323}', _) => (base, 5),
        ('\u{306}', 'a') => ('ă', 0),
        ('\u{302}', 'a') => ('â', 0),
        ('\u{302}', 'e') => ('ê', 0),
        ('\u{302}', 'o') => ('ô', 0),
        ('\u{31b}', 'o') => ('ơ', 0),
        ('\u{31b}', 'u') => ('ư', 0),
        _ => return None,
    })
}

/// Small letters of a text with their tones apart, composed or decomposed alike.
fn letters(text: &str) -> Vec<(char, u8)> {
    let mut out: Vec<(char, u8)> = Vec::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        if let Some(last) = out.last_mut()
            && let Some((base, tone)) = combine(last.0, letter)
        {
            *last = (base, if tone == 0 { last.1 } else { tone });
            continue;
        }
        let (_, base, tone) = parts(letter);
        out.push((base, tone));
    }
    out
}

/// The text in small letters without marks, as people type it into a search box:
/// "Đại Thắng" becomes "dai thang".
pub fn fold(text: &str) -> String {
    letters(text).into_iter().map(|(base, _)| parts(base).0).collect()
}

/// A key that sorts as a Vietnamese list does: by the alphabet (a ă â b c d đ e ê …), then by tone
/// (level, falling, hook, tilde, rising, heavy); runs of digits as numbers, so that "Xóm 2" comes
/// before "Xóm 10".
pub fn sort_key(text: &str) -> (Vec<u64>, Vec<u8>) {
    let (mut letters_key, mut tones) = (vec![], vec![]);
    let mut number: Option<u64> = None;
    for (base, tone) in letters(text) {
        if let Some(digit) = base.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit.into()));
            continue;
        }
        if let Some(number) = number.take() {
            letters_key.extend([1, number]);
        }
        let place = ALPHABET.chars().position(|c| c == base);
        letters_key.push(match place {
            Some(place) => 100 + place as u64,
            None if base.is_alphanumeric() => 1000 + u64::from(u32::from(base)),
            None => 0,
        });
        tones.push(tone);
    }
    if let Some(number) = number {
        letters_key.extend([1, number]);
    }
    (letters_key, tones)
}

/// Compares as [`sort_key`] does.
pub fn compare(a: &str, b: &str) -> Ordering {
    sort_key(a).cmp(&sort_key(b))
}

/// 1234567 as "1.234.567".
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// 1234.56 with one place as "1.234,6".
pub fn decimal(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) { "-" } else { "" };
    let whole = number(whole.parse().unwrap_or(i64::MAX));
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole},{part}") }
}

/// The part of a whole as "45,2%"; none where the whole is unknown or zero.
pub fn percent(part: i64, whole: Option<i64>) -> Option<String> {
    let whole = whole.filter(|whole| *whole > 0)?;
    Some(format!("{}%", decimal(part as f64 * 100.0 / whole as f64, 1)))
}

/// "15/09/2023".
pub fn date(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

/// "08:00 15/09/2023".
pub fn date_time(at: DateTime) -> String {
    format!("{} {}", time(at.time()), date(at.date()))
}

/// "19:30".
pub fn time(at: Time) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// "Vụ Bản, ngày 15 tháng 9 năm 2023": days below 10 and the months 1 and 2 take a leading zero
/// (Decree 30/2020/NĐ-CP, annex I, part I, section II, point 4).
pub fn date_line(place: &str, day: Date) -> String {
    let month = match day.month() {
        month @ (1 | 2) => format!("0{month}"),
        month => month.to_string(),
    };
    format!("{place}, ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

/// "thứ Sáu", "Chủ nhật".
pub fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    }
}

/// A Vietnamese phone number as 0xxxxxxxxx, however it was typed ("+84 912.345.678"); none where
/// it cannot be one (Circular 22/2014/TT-BTTTT's numbering plan: mobile 03, 05, 07, 08, 09 with ten
/// digits; fixed lines 02 with eleven).
pub fn phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => {}
            ' ' | '.' | '-' | '(' | ')' | '\u{a0}' => {}
            _ => return None,
        }
    }
    if let Some(rest) = digits.strip_prefix("84").filter(|rest| rest.len() >= 9) {
        digits = format!("0{rest}");
    }
    let mobile =
        digits.len() == 10 && ["03", "05", "07", "08", "09"].iter().any(|p| digits.starts_with(p));
    let fixed = digits.len() == 11 && digits.starts_with("02");
    (mobile || fixed).then_some(digits)
}

/// Whether a text is an identity number: 12 digits beginning with a province of birth 001 to 096
/// (Decree 137/2015/NĐ-CP), or the nine digits of the old identity card.
pub fn is_identity_number(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let province = text.get(..3).and_then(|p| p.parse::<u32>().ok());
    digits
        && (text.len() == 9
            || (text.len() == 12 && province.is_some_and(|p| (1..=96).contains(&p))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn search_forgets_marks() {
        assert_eq!(fold("Đại Thắng"), "dai thang");
        assert_eq!(fold("Hiê\u{309}n Kha\u{301}nh"), "hien khanh");
        assert_eq!(fold("TỔ DÂN PHỐ"), "to dan pho");
    }

    #[test]
    fn names_stand_in_the_order_of_the_alphabet() {
        let mut names =
            ["Đông", "Dương", "Xóm 10", "Xóm 2", "Ân", "An", "Ăn", "Ấn", "má", "mà", "mạ", "ma"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["An", "Ăn", "Ân", "Ấn", "Dương", "Đông", "ma", "mà", "má", "mạ", "Xóm 2", "Xóm 10"]
        );
    }

    #[test]
    fn numbers_and_dates_are_written_as_offices_do() {
        assert_eq!(number(-1_234_567), "-1.234.567");
        assert_eq!(decimal(1234.56, 1), "1.234,6");
        assert_eq!(decimal(-0.01, 1), "0,0");
        assert_eq!(percent(1, Some(3)).unwrap(), "33,3%");
        assert_eq!(percent(1, Some(0)), None);
        assert_eq!(date_line("Vụ Bản", day(2023, 9, 5)), "Vụ Bản, ngày 05 tháng 9 năm 2023");
        assert_eq!(date_line("Vụ Bản", day(2024, 2, 15)), "Vụ Bản, ngày 15 tháng 02 năm 2024");
        assert_eq!(date_time(day(2023, 9, 15).at(8, 0, 0, 0)), "08:00 15/09/2023");
        assert_eq!(weekday(day(2023, 9, 15)), "thứ Sáu");
    }

    #[test]
    fn phone_numbers_are_taken_however_they_are_typed() {
        assert_eq!(phone("+84 912.345.678").as_deref(), Some("0912345678"));
        assert_eq!(phone("0228 3820 123").as_deref(), Some("02283820123"));
        assert_eq!(phone("12345"), None);
        assert_eq!(phone("0912345678x"), None);
    }

    #[test]
    fn identity_numbers_begin_with_a_province() {
        assert!(is_identity_number("036099001234"));
        assert!(is_identity_number("162345678"));
        assert!(!is_identity_number("999099001234"));
        assert!(!is_identity_number("0360990012"));
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn numbers_keep_their_digits(value: i64) {
            proptest::prop_assert_eq!(number(value).replace('.', "").parse::<i64>().unwrap(), value);
        }
    }
}
