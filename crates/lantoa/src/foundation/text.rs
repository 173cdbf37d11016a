//! What the screens say. All of it comes from `locales/`: Vietnamese first, English alongside,
//! one file per room, in Project Fluent's format. A key that is missing in either language, or
//! that no page uses, fails the tests.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The code in `lang=` and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }

    /// The language of a code; anything unknown is Vietnamese.
    pub fn of(code: &str) -> Self {
        if code == "en" { Lang::En } else { Lang::Vi }
    }
}

macro_rules! locale_files {
    ($($room:literal),* $(,)?) => {
        /// Every file of the catalogue: language, name, text.
        const FILES: &[(Lang, &str, &str)] = &[$(
            (Lang::Vi, $room, include_str!(concat!("../../../../locales/vi/", $room, ".ftl"))),
            (Lang::En, $room, include_str!(concat!("../../../../locales/en/", $room, ".ftl"))),
        )*];
    };
}
locale_files!(
    "common",
    "units",
    "people",
    "catalogue",
    "campaigns",
    "planning",
    "schedule",
    "calendar",
    "rosters",
    "runs",
    "encounters",
    "measures",
    "reports",
    "exchange",
    "start",
);

type Bundle = FluentBundle<FluentResource>;

fn bundles() -> &'static HashMap<Lang, Bundle> {
    static BUNDLES: OnceLock<HashMap<Lang, Bundle>> = OnceLock::new();
    BUNDLES.get_or_init(|| {
        [Lang::Vi, Lang::En]
            .into_iter()
            .map(|lang| {
                let id = lang.code().parse().expect("because vi and en are language codes");
                let mut bundle = Bundle::new_concurrent(vec![id]);
                // Marks around inserted values would end up in official documents.
                bundle.set_use_isolating(false);
                for (_, name, text) in FILES.iter().filter(|(of, _, _)| *of == lang) {
                    let resource =
                        FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(_, e)| {
                            panic!("locales/{}/{name}.ftl: {e:?}", lang.code())
                        });
                    bundle.add_resource(resource).unwrap_or_else(|e| {
                        panic!("locales/{}/{name}.ftl repeats a key: {e:?}", lang.code())
                    });
                }
                (lang, bundle)
            })
            .collect()
    })
}

/// The texts in one language, as handlers and templates use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct T(pub Lang);

impl T {
    /// Which language this is.
    pub fn lang(&self) -> Lang {
        self.0
    }

    /// The code of the language, for `lang=`.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The text of a key without values.
    pub fn get(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a key with one value in it.
    pub fn with(&self, key: &str, name: &str, value: impl Display) -> String {
        self.with_all(key, &[(name, &value)])
    }

    /// The text of a key with two values in it.
    pub fn with2(
        &self,
        key: &str,
        name: &str,
        value: impl Display,
        other_name: &str,
        other_value: impl Display,
    ) -> String {
        self.with_all(key, &[(name, &value), (other_name, &other_value)])
    }

    /// The text of a key with any number of values in it.
    pub fn with_all(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), FluentValue::from(value.to_string()));
        }
        self.format(key, Some(&args))
    }

    /// The name of a value of the vocabulary: `name("outcome", "told")` reads key `outcome-told`.
    pub fn name(&self, family: &str, value: impl Display) -> String {
        self.word(family, value)
    }

    /// As [`T::name`], where the family comes from a variable.
    pub fn word(&self, family: &str, value: impl Display) -> String {
        self.get(&format!("{family}-{}", value.to_string().replace('_', "-")))
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = &bundles()[&self.0];
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.0.code(), "missing translation");
            return format!("⟦{key}⟧");
        };
        let mut errors = vec![];
        let text = bundle.format_pattern(pattern, args, &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, ?errors, "translation lacks a value");
        }
        text.into_owned()
    }
}

/// All keys of a language with the file each is in, for the tests of the catalogue.
pub fn keys(lang: Lang) -> Vec<(String, &'static str)> {
    FILES
        .iter()
        .filter(|(of, _, _)| *of == lang)
        .flat_map(|(_, name, text)| {
            text.lines().filter_map(move |line| {
                let (key, _) = line.split_once(" =")?;
                let first = key.chars().next()?;
                (first.is_ascii_lowercase() && !key.contains(' ')).then(|| (key.to_owned(), *name))
            })
        })
        .collect()
}
