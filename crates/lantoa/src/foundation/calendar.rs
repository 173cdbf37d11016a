//! A calendar as a piece of a page: days with what happens on them, drawn by the server as lists,
//! so that it reads without JavaScript, on paper and to a screen reader.

use askama::Template;

use super::text::T;
use super::view::Link;

/// A span of days in one of four views.
#[derive(Template)]
#[template(path = "calendar.html")]
pub struct Calendar {
    /// month, week, day or agenda.
    pub view: &'static str,
    pub tabs: Vec<Tab>,
    pub before: Link,
    pub today: Link,
    pub after: Link,
    /// Names of the columns.
    pub weekdays: Vec<String>,
    pub days: Vec<Day>,
    /// Only in the view of one day.
    pub hours: Vec<Hour>,
    pub legend: Vec<Legend>,
    /// Keys and what they do.
    pub keys: Vec<(String, String)>,
    pub t: T,
}

/// A way to look at the calendar.
pub struct Tab {
    pub text: String,
    pub href: String,
    /// The key that opens it.
    pub key: &'static str,
    pub here: bool,
}

/// A kind of thing with its mark and colour.
pub struct Legend {
    /// The class that colours it.
    pub code: String,
    pub mark: String,
    pub name: String,
    pub count: String,
}

/// A day.
pub struct Day {
    /// yyyy-mm-dd.
    pub iso: String,
    pub number: String,
    /// Its weekday, and day and month.
    pub weekday: String,
    pub short: String,
    /// Weekday and date.
    pub title: String,
    pub href: String,
    /// The lunar day, short and in words.
    pub lunar: String,
    pub lunar_title: String,
    /// Names of holidays and other closed days.
    pub closed: Vec<String>,
    pub today: bool,
    /// Of the month before or after.
    pub outside: bool,
    pub count: i64,
    pub count_text: String,
    pub items: Vec<Item>,
    pub more: Option<Link>,
    /// Where something is added on this day, for those who may.
    pub add: Option<String>,
    pub add_text: String,
}

/// An hour of the view of one day.
pub struct Hour {
    pub text: String,
    pub items: Vec<Item>,
    pub add: Option<String>,
    pub add_text: String,
}

/// Something on a day.
#[derive(Clone)]
pub struct Item {
    /// The class that colours it.
    pub code: String,
    pub mark: String,
    /// The kind in words.
    pub kind: String,
    pub time: String,
    pub title: String,
    pub place: String,
    /// Only the unit, where there is little room.
    pub unit: String,
    pub href: String,
    /// The word for "cancelled", where it is.
    pub cancelled: String,
}
