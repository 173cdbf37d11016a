//! Stretches of a day, in minutes since midnight: what is allowed, less what is taken.

/// From and to; the end is not part of it.
pub type Span = (i32, i32);

/// What lies in both.
pub fn both(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut common = vec![];
    for a in one {
        for b in other {
            let span = (a.0.max(b.0), a.1.min(b.1));
            if span.0 < span.1 {
                common.push(span);
            }
        }
    }
    common.sort_unstable();
    common
}

/// What is left of some spans when others are taken.
pub fn without(spans: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = spans.to_vec();
    for gone in taken {
        left = left
            .into_iter()
            .flat_map(|span| [(span.0, span.1.min(gone.0)), (span.0.max(gone.1), span.1)])
            .filter(|span| span.0 < span.1)
            .collect();
    }
    left.sort_unstable();
    left
}

/// First and last start of something so long, in each span that can hold it.
pub fn starts(spans: &[Span], minutes: i32) -> Vec<Span> {
    let mut merged: Vec<Span> = vec![];
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(*span),
        }
    }
    let holds = merged.into_iter().filter(|span| span.1 - span.0 >= minutes);
    holds.map(|span| (span.0, span.1 - minutes)).collect()
}

/// The starts within windows that are multiples of a step, each a window of its own; the first
/// instant of a window that holds none.
pub fn at_steps(windows: &[(i32, i32)], step: i32, keep: Option<i32>) -> Vec<(i32, i32)> {
    let mut points = vec![];
    for window in windows {
        let first = (window.0 + step - 1).div_euclid(step) * step;
        let mut inside: Vec<i32> =
            (first..=window.1).step_by(usize::try_from(step).unwrap_or(1).max(1)).collect();
        if inside.is_empty() {
            inside.push(window.0);
        }
        inside.extend(keep.filter(|at| window.0 <= *at && *at <= window.1));
        points.extend(inside);
    }
    points.sort_unstable();
    points.dedup();
    points.into_iter().map(|at| (at, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_cuts_a_span_in_two() {
        assert_eq!(
            without(&[(420, 660), (840, 1020)], &[(480, 500)]),
            [(420, 480), (500, 660), (840, 1020)]
        );
        assert_eq!(without(&[(420, 660)], &[(400, 700)]), []);
        assert_eq!(both(&[(420, 660)], &[(600, 720)]), [(600, 660)]);
    }

    #[test]
    fn a_session_starts_where_all_of_it_fits() {
        assert_eq!(starts(&[(1110, 1260), (0, 60)], 90), [(1110, 1170)]);
        // Spans that touch are one.
        assert_eq!(starts(&[(0, 60), (60, 120)], 90), [(0, 30)]);
    }

    #[test]
    fn starts_are_round_but_no_possible_start_is_lost() {
        assert_eq!(at_steps(&[(1110, 1170)], 30, None), [(1110, 1110), (1140, 1140), (1170, 1170)]);
        assert_eq!(at_steps(&[(1111, 1115)], 30, None), [(1111, 1111)]);
        assert_eq!(at_steps(&[(1110, 1135)], 30, Some(1125)), [(1110, 1110), (1125, 1125)]);
    }
}
