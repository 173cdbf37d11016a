//! Hours of a day as spans of minutes since midnight: `(450, 660)` is 07:30 to 11:00. Lists of
//! spans are kept in order, without overlap and without gaps of no length.

use crate::schedule::hours;

/// Minutes of a day, from and to.
pub type Span = (i32, i32);

/// A whole day.
pub const DAY: Span = (0, 24 * 60);

/// The same minutes, in order, touching spans made one and empty ones left out.
pub fn tidy(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.0 < span.1);
    spans.sort_unstable();
    let mut whole: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match whole.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => whole.push(span),
        }
    }
    whole
}

/// The minutes of `spans` without those of `cut`.
pub fn without(spans: &[Span], cut: Span) -> Vec<Span> {
    let pieces = spans
        .iter()
        .flat_map(|&(from, to)| [(from, to.min(cut.0.max(from))), (from.max(cut.1.min(to)), to)]);
    tidy(pieces.collect())
}

/// The minutes that lie in at least `needed` of the lists.
pub fn shared(lists: &[Vec<Span>], needed: usize) -> Vec<Span> {
    let mut turns: Vec<(i32, i32)> =
        lists.iter().flatten().flat_map(|&(from, to)| [(from, 1), (to, -1)]).collect();
    turns.sort_unstable();
    let (mut present, mut since, mut found) = (0, None, vec![]);
    for (minute, step) in turns {
        present += step;
        match since {
            None if present >= needed as i32 => since = Some(minute),
            Some(from) if present < needed as i32 => {
                found.push((from, minute));
                since = None;
            }
            _ => {}
        }
    }
    tidy(found)
}

/// "07:30–11:00".
pub fn shown(span: Span) -> String {
    hours::in_words(&[span])
}

/// Reads spans as people write them, in any order: "18h30-21h; 7:30–11". None where one cannot be
/// read.
pub fn read(text: &str) -> Option<Vec<Span>> {
    hours::read(text).map(tidy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        assert_eq!(read("18h30-21h; 7:30–11"), Some(vec![(450, 660), (1110, 1260)]));
        assert_eq!(read("18:30-24:00"), Some(vec![(1110, 1440)]));
        for wrong in ["21:00-18:30", "8", "8:75-9", "-3-4", "23:00-25:00", "tối"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(shown((450, 660)), "07:30–11:00");
    }

    #[test]
    fn two_of_three_are_there_from_when_the_second_comes_until_it_leaves() {
        let lists = [vec![(0, 100)], vec![(50, 150)], vec![(90, 95), (140, 200)]];
        assert_eq!(shared(&lists, 2), [(50, 100), (140, 150)]);
        assert_eq!(shared(&lists, 3), [(90, 95)]);
    }

    #[test]
    fn an_hour_away_splits_the_evening() {
        assert_eq!(without(&[(1110, 1260)], (1140, 1200)), [(1110, 1140), (1200, 1260)]);
        assert_eq!(without(&[(1110, 1260)], DAY), []);
        assert_eq!(without(&[(10, 20)], (30, 40)), [(10, 20)]);
        assert_eq!(without(&[(30, 40)], (10, 20)), [(30, 40)]);
    }

    fn spans() -> impl proptest::strategy::Strategy<Value = Vec<Span>> {
        proptest::collection::vec((0..60, 0..60), 0..6)
    }

    proptest::proptest! {
        #[test]
        fn every_minute_is_told_rightly(
            lists in proptest::collection::vec(spans(), 1..5), needed in 1usize..4, cut in (0..60, 0..60),
        ) {
            let lists: Vec<Vec<Span>> = lists.into_iter().map(tidy).collect();
            let at = |spans: &[Span], minute| spans.iter().any(|s| s.0 <= minute && minute < s.1);
            let together = shared(&lists, needed);
            let left = without(&lists[0], cut);
            for minute in 0..60 {
                let there = lists.iter().filter(|list| at(list, minute)).count();
                proptest::prop_assert_eq!(at(&together, minute), there >= needed);
                let away = cut.0 <= minute && minute < cut.1;
                proptest::prop_assert_eq!(at(&left, minute), at(&lists[0], minute) && !away);
            }
        }
    }
}
