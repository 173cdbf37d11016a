//! Forms as people fill them in: the typed text of every field, kept so that a refused form
//! comes back exactly as it was, with the reason beside each field.

use std::collections::HashMap;

use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use axum::http::request::Parts;

use super::error::{Fault, FieldError};

/// The fields of a submitted form, in their order; a name may come more than once.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    /// What was found wrong so far: field to message key.
    pub errors: HashMap<String, &'static str>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let RawForm(bytes) = RawForm::from_request(request, state)
            .await
            .map_err(|_| Fault::BadRequest("fault-form"))?;
        Self::parse(&bytes).ok_or(Fault::BadRequest("fault-form"))
    }
}

/// The query string of an address, read as a form.
#[derive(Debug, Clone, Default)]
pub struct Query(pub Form);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let text = parts.uri.query().unwrap_or_default();
        Form::parse(text.as_bytes()).map(Self).ok_or(Fault::BadRequest("fault-form"))
    }
}

impl Form {
    /// A form of the properties of a JSON object; lists become repeated fields.
    pub fn of_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let mut fields = vec![];
        let mut push = |name: &str, value: &Json| match value {
            Json::String(text) => fields.push((name.to_owned(), text.clone())),
            Json::Number(number) => fields.push((name.to_owned(), number.to_string())),
            Json::Bool(true) => fields.push((name.to_owned(), "yes".to_owned())),
            _ => {}
        };
        for (name, value) in json.as_object().into_iter().flatten() {
            match value {
                Json::Array(items) => items.iter().for_each(|item| push(name, item)),
                value => push(name, value),
            }
        }
        Self { fields, errors: HashMap::new() }
    }

    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut fields = vec![];
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.push((decode(name)?, decode(value)?));
        }
        Some(Self { fields, errors: HashMap::new() })
    }

    /// A form filled in beforehand, as for editing.
    pub fn filled<N: Into<String>, V: Into<String>>(
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            fields: fields.into_iter().map(|(n, v)| (n.into(), v.into())).collect(),
            errors: HashMap::new(),
        }
    }

    /// The trimmed text of a field, empty where it was not filled in.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// All texts of a field that may be chosen more than once.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let of_name = self.fields.iter().filter(|(n, _)| n == name);
        of_name.map(|(_, v)| v.trim()).filter(|v| !v.is_empty()).collect()
    }

    /// Whether a field has this value among its chosen ones.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(n, v)| n == name && v == value)
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// Every field as typed.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Adds or replaces a field.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Notes that a field cannot be taken.
    pub fn refuse(&mut self, field: &str, key: &'static str) {
        self.errors.entry(field.to_owned()).or_insert(key);
    }

    /// The message key of a field, or empty.
    pub fn error(&self, field: &str) -> &'static str {
        self.errors.get(field).copied().unwrap_or("")
    }

    /// Only what was refused, as for passwords, which are never sent back.
    #[must_use]
    pub fn without_values(self) -> Self {
        Self { fields: vec![], errors: self.errors }
    }

    /// Whether nothing was refused.
    pub fn is_sound(&self) -> bool {
        self.errors.is_empty()
    }

    /// The text of a field that must be filled in, at most `most` characters.
    pub fn required(&mut self, name: &str, most: usize) -> String {
        let text = self.optional(name, most);
        if text.is_empty() {
            self.refuse(name, "error-required");
        }
        text
    }

    /// The text of a field that may be empty, at most `most` characters.
    pub fn optional(&mut self, name: &str, most: usize) -> String {
        let text = self.text(name).to_owned();
        if text.chars().count() > most {
            self.refuse(name, "error-too-long");
        }
        text
    }

    /// A whole number within bounds, or none where the field is empty. Accepts "1.234".
    pub fn number(&mut self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name).replace(['.', ' '], "");
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(number) if bounds.contains(&number) => Some(number),
            _ => {
                self.refuse(name, "error-number");
                None
            }
        }
    }

    /// A value that its own type can read (ids, kinds, dates as yyyy-mm-dd); none where empty.
    pub fn parsed<V: std::str::FromStr>(&mut self, name: &str) -> Option<V> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.refuse(name, "error-choice");
                None
            }
        }
    }

    /// A value that must be there and that its own type can read.
    pub fn chosen<V: std::str::FromStr>(&mut self, name: &str) -> Option<V> {
        let value = self.parsed(name);
        if value.is_none() {
            self.refuse(name, "error-required");
        }
        value
    }

    /// A date, typed as dd/mm/yyyy or sent by a date field as yyyy-mm-dd.
    pub fn date(&mut self, name: &str) -> Option<jiff::civil::Date> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return None;
        }
        let date = read_date(&text);
        if date.is_none() {
            self.refuse(name, "error-date");
        }
        date
    }

    /// A time of day such as 19:30.
    pub fn time(&mut self, name: &str) -> Option<jiff::civil::Time> {
        let text = self.text(name).replace('h', ":");
        if text.is_empty() {
            return None;
        }
        let parts = text.split_once(':').and_then(|(hour, minute)| {
            let minute = if minute.is_empty() { "0" } else { minute.get(..2).unwrap_or(minute) };
            jiff::civil::Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        });
        if parts.is_none() {
            self.refuse(name, "error-time");
        }
        parts
    }

    /// The fields as a query string, without those named.
    pub fn query_without(&self, left_out: &[&str]) -> String {
        let kept =
            self.fields.iter().filter(|(n, v)| !v.is_empty() && !left_out.contains(&n.as_str()));
        kept.map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
    }

    /// What was refused, for a program.
    pub fn faults(&self) -> Fault {
        let mut fields: Vec<_> =
            self.errors.iter().map(|(field, key)| FieldError::new(field, key)).collect();
        fields.sort_by(|a, b| a.field.cmp(&b.field));
        Fault::Invalid(fields)
    }
}

/// A date as dd/mm/yyyy or yyyy-mm-dd.
pub fn read_date(text: &str) -> Option<jiff::civil::Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split(['/', '-', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = [rest.next()?, rest.next()?];
                let mut decoded = [0u8];
                hex::decode_to_slice(pair, &mut decoded).ok()?;
                bytes.push(decoded[0]);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok().map(|text| text.replace('\0', ""))
}

/// Percent-encodes a value for a query string.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_form_keeps_what_was_typed() {
        let form = Form::parse("ten=Xóm+1%2C+Qu%C3%A1n&topic=a&topic=b".as_bytes()).unwrap();
        assert_eq!(form.text("ten"), "Xóm 1, Quán");
        assert_eq!(form.all("topic"), ["a", "b"]);
        assert!(Form::parse(b"a=%ZZ").is_none());
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        assert_eq!(read_date("15/09/2023"), Some(date(2023, 9, 15)));
        assert_eq!(read_date("5-9-2023"), Some(date(2023, 9, 5)));
        assert_eq!(read_date("2023-09-15"), Some(date(2023, 9, 15)));
        assert_eq!(read_date("31/02/2023"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in "[^\0]*") {
            proptest::prop_assert_eq!(decode(&encode(&text)), Some(text));
        }
    }
}
