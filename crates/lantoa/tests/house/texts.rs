//! The translation catalogue is whole: what a page asks for is there in both languages.

use std::collections::BTreeSet;
use std::path::Path;

use lantoa::foundation::Lang;
use lantoa::foundation::text::keys;

fn all(lang: Lang) -> BTreeSet<String> {
    keys(lang).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn both_languages_say_the_same_things() {
    let (vi, en) = (all(Lang::Vi), all(Lang::En));
    assert_eq!(vi.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in English");
    assert_eq!(
        en.difference(&vi).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "missing in Vietnamese"
    );
}

fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn everything() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = String::new();
    sources(&root.join("src"), &mut found);
    sources(&root.join("templates"), &mut found);
    found
}

/// The literals given to `t.get("…")`, `t.with("…"` and their like.
fn asked(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for call in ["t.get(\"", "t.with(\"", "t.with2(\"", "t.with_all(\""] {
        for rest in text.split(call).skip(1) {
            if let Some((key, _)) = rest.split_once('"') {
                keys.insert(key.to_owned());
            }
        }
    }
    keys
}

#[test]
fn every_text_a_page_asks_for_is_in_the_catalogue() {
    let known = all(Lang::Vi);
    let missing: Vec<_> = asked(&everything()).into_iter().filter(|k| !known.contains(k)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_text_of_the_catalogue_is_used() {
    let text = everything();
    // Families of names are asked for by their first word; faults by their name.
    let calls = ["t.name(\"", "t.word(\"", "vocabulary(t, \"", "SpecKind::Word(\""];
    let families: BTreeSet<&str> = calls
        .into_iter()
        .flat_map(|call| text.split(call).skip(1))
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .chain(["template-name"])
        .collect();
    let unused: Vec<_> = all(Lang::Vi)
        .into_iter()
        .filter(|key| !text.contains(&format!("\"{key}\"")))
        .filter(|key| !key.starts_with("fault-"))
        .filter(|key| !families.iter().any(|family| key.starts_with(&format!("{family}-"))))
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}
