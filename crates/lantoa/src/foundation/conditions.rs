//! Conditions of a query, gathered one by one and numbered as they come, so that a filter that
//! is not set leaves no trace in the SQL.

use super::db::Value;

/// The `WHERE` of a query and the values it binds.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// No condition yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with values that the statement already uses as `$1, $2, …`.
    pub fn after(values: Vec<Value>) -> Self {
        Self { text: String::new(), values }
    }

    /// Adds a condition; each `?` in it takes the next value.
    #[must_use]
    pub fn and(mut self, condition: &str, values: Vec<Value>) -> Self {
        self.push(condition, values);
        self
    }

    /// Adds a condition only where there is a value for it.
    #[must_use]
    pub fn and_if<V: Into<Value>>(self, condition: &str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.and(condition, vec![value.into()]),
            None => self,
        }
    }

    /// Adds a condition in place.
    pub fn push(&mut self, condition: &str, values: Vec<Value>) {
        self.text.push_str(if self.text.is_empty() { " WHERE (" } else { " AND (" });
        let mut values = values.into_iter();
        for (index, part) in condition.split('?').enumerate() {
            if index > 0 {
                self.values.push(values.next().unwrap_or(Value::Null));
                self.text.push('$');
                self.text.push_str(&self.values.len().to_string());
            }
            self.text.push_str(part);
        }
        self.text.push(')');
    }

    /// `column IN (…)` over the values; no value means no row.
    pub fn one_of(&mut self, column: &str, values: Vec<Value>) {
        if values.is_empty() {
            self.push("1 = 0", vec![]);
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.push(&format!("{column} IN ({marks})"), values);
    }

    /// Binds one more value, as for `LIMIT`, and gives its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The text, beginning with ` WHERE`, or empty.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values in the order of their numbers.
    pub fn values(&self) -> Vec<Value> {
        self.values.clone()
    }
}

/// The pattern that finds `words` anywhere in a folded column, for `LIKE ? ESCAPE '\'`.
pub fn contains(words: &str) -> String {
    let folded = vietnamese::fold(words);
    let escaped = folded.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_numbered_as_they_come() {
        let mut conditions = Conditions::after(vec![Value::Int(1)])
            .and("a = ? OR b = ?", vec![Value::Int(2), Value::Int(3)])
            .and_if("c = ?", None::<i64>);
        conditions.one_of("d", vec![Value::Int(4)]);
        assert_eq!(conditions.text(), " WHERE (a = $2 OR b = $3) AND (d IN ($4))");
        assert_eq!(conditions.bind(9), "$5");
    }
}
