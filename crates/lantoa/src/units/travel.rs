//! How far apart places are and how long a vehicle takes between them, where no routing server
//! is configured: the great circle, made longer as roads are. One rule for the planner and for
//! the runs that people write by hand.

/// How much longer the road is than the great circle. An assumption of ours for the delta's
/// dense rural roads; a routing server knows better.
pub const ROAD_FACTOR: f64 = 1.35;
/// Average speed of a loudspeaker vehicle between two stops, in km/h. An assumption of ours.
pub const SPEED_KMH: f64 = 28.0;
/// Minutes for setting off and parking again at each leg. An assumption of ours.
pub const PARKING_MINUTES: f64 = 2.0;

/// Mean radius of the earth in km (IUGG 1980).
const EARTH_KM: f64 = 6_371.008_8;

/// Kilometres along the great circle between two points, each degrees north and east.
pub fn km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (north, east) = ((b.0 - a.0).to_radians(), (b.1 - a.1).to_radians());
    let chord =
        (north / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (east / 2.0).sin().powi(2);
    2.0 * EARTH_KM * chord.sqrt().min(1.0).asin()
}

/// Whole minutes that a vehicle needs for so many kilometres of great circle; none for none.
#[allow(clippy::cast_possible_truncation)] // no two points of the country are a million minutes apart
pub fn minutes(km: f64) -> i32 {
    if km <= 0.0 {
        return 0;
    }
    (PARKING_MINUTES + ROAD_FACTOR * km / SPEED_KMH * 60.0).ceil() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_111_kilometres() {
        assert!((km((20.0, 106.0), (21.0, 106.0)) - 111.19).abs() < 0.01);
        // Hà Nội to TP. Hồ Chí Minh is about 1,140 km as the crow flies.
        assert!((km((21.028, 105.854), (10.776, 106.701)) - 1143.0).abs() < 5.0);
    }

    #[test]
    fn a_leg_takes_its_road_and_the_parking() {
        assert_eq!(minutes(0.0), 0);
        // 2 + 1.35 × 5 / 28 × 60 = 16.46
        assert_eq!(minutes(5.0), 17);
        assert_eq!(minutes(0.001), 3);
    }

    proptest::proptest! {
        #[test]
        fn a_detour_is_never_shorter(
            a in (8.0..23.5_f64, 102.0..110.0_f64), b in (8.0..23.5_f64, 102.0..110.0_f64),
            c in (8.0..23.5_f64, 102.0..110.0_f64),
        ) {
            proptest::prop_assert!(minutes(km(a, c)) <= minutes(km(a, b)) + minutes(km(b, c)));
            proptest::prop_assert!((km(a, b) - km(b, a)).abs() < 1e-9);
        }
    }
}
