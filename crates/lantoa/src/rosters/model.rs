//! Who takes part in an activity, what they answered, and whether they came.

use crate::foundation::T;
use crate::foundation::ids::{ActivityId, MemberId, TeamId, UnitId};
use crate::schedule::{ActivityKind, Counts, State};

/// A word of a small vocabulary: its code in the database and in translation keys.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident => $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$of])* $value,)* }

        impl $name {
            /// The name in the database and the translation keys.
            pub const fn code(self) -> &'static str {
                match self { $($name::$value => $code,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(code: &str) -> Result<Self, ()> {
                match code { $($code => Ok($name::$value),)* _ => Err(()) }
            }
        }
    };
}

words! {
    /// How someone came onto a roster.
    Origin {
        /// A lead put them there.
        Invited => "invited",
        /// They signed up by themselves.
        SignedUp => "signed_up",
    }
}

words! {
    /// What someone says to it.
    Answer {
        /// Nothing yet.
        None => "none",
        /// They come.
        Confirmed => "confirmed",
        /// They do not come, and say why.
        Declined => "declined",
    }
}

words! {
    /// Whether someone was there.
    Attendance {
        /// Nobody has said yet.
        Unknown => "unknown",
        /// They came.
        Attended => "attended",
        /// They did not come.
        NoShow => "no_show",
    }
}

/// Why people do not come, offered as one tap each; anything else is typed.
pub const REASONS: [&str; 4] = ["work", "family", "ill", "away"];

/// The reason kept for a member who was put into the trash: nobody declined, they have left.
pub const LEFT: &str = "left_the_team";

/// A reason as people read it; that of who has left is said by their standing.
pub fn reason_text(t: T, reason: &str) -> String {
    if reason == LEFT {
        return String::new();
    }
    if REASONS.contains(&reason) { t.word("reason", reason) } else { reason.to_owned() }
}

/// Someone on a roster.
#[derive(Debug, Clone)]
pub struct Assigned {
    pub member_id: MemberId,
    pub name: String,
    pub team_name: String,
    pub origin: Origin,
    pub answer: Answer,
    pub reason: String,
    pub clash_reason: String,
    pub attendance: Attendance,
    /// When and by whom it was last changed.
    pub changed_at: i64,
    pub changed_by: String,
    pub reminded_at: Option<i64>,
    /// Whether they sign in, and so read notices by themselves.
    pub signs_in: bool,
    /// Whether they are in the trash now: they cannot be asked any more.
    pub is_gone: bool,
}

impl Assigned {
    /// Whether they are expected to come.
    pub fn is_coming(&self) -> bool {
        self.answer != Answer::Declined
    }

    /// The word for how far it is with them, of the family `assigned`.
    pub fn standing(&self) -> &'static str {
        match (self.attendance, self.answer, self.origin) {
            (Attendance::Attended, ..) => "attended",
            (Attendance::NoShow, ..) => "no_show",
            (_, Answer::Declined, _) if self.reason == LEFT => "left",
            (_, Answer::Declined, _) => "declined",
            (_, Answer::Confirmed, _) => "confirmed",
            (_, Answer::None, Origin::SignedUp) => "signed_up",
            (_, Answer::None, Origin::Invited) => "invited",
        }
    }
}

/// An activity as rosters see it.
#[derive(Debug, Clone)]
pub struct Outing {
    pub id: ActivityId,
    pub title: String,
    pub kind: ActivityKind,
    pub state: State,
    pub is_trashed: bool,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// The commune of a hamlet; empty for larger units.
    pub commune_name: String,
    /// Venue, else the place in words; may be empty.
    pub place: String,
    pub team_id: Option<TeamId>,
    pub starts_at: i64,
    pub ends_at: i64,
    /// People wanted; none where nobody said.
    pub needed: Option<i64>,
    /// Whether members of its units sign up by themselves.
    pub is_open: bool,
    pub counts: Counts,
}

impl Outing {
    /// Whether it is still to begin and stands.
    pub fn is_ahead(&self, now: i64) -> bool {
        self.stands() && self.starts_at > now
    }

    /// Whether it takes or took place, as far as is known.
    pub fn stands(&self) -> bool {
        self.state != State::Cancelled && !self.is_trashed
    }

    /// How many people are missing.
    pub fn missing(&self) -> i64 {
        self.needed.map_or(0, |needed| (needed - self.counts.coming).max(0))
    }

    /// Where, in words: the place, its unit and commune, each said once.
    pub fn whereabouts(&self) -> String {
        let mut said = self.place.clone();
        for name in [&self.unit_name, &self.commune_name] {
            if said.to_lowercase().contains(&name.to_lowercase()) {
                continue;
            }
            if !said.is_empty() {
                said.push_str(", ");
            }
            said.push_str(name);
        }
        said
    }
}
