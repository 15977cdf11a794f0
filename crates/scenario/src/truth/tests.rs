use proptest::prelude::*;

use super::*;

const NOON: Moment = Moment::from_unix_seconds(1_773_745_200);

fn truth(seed: u64) -> Truth {
    Truth::new(seed, TruthParams::default()).expect("the defaults are in range")
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// Travel time by the definition: every tick of the way is driven at its own quarter hour's speed.
fn travel_tick_by_tick(truth: &Truth, nominal: Ticks, keys: [Key; 3], depart: Moment) -> Ticks {
    let [from, to, driver] = keys;
    let lasting = truth.lasting_factor(from, to, driver);
    let (mut progress, mut taken) = (0, 0);
    while progress < nominal.0 * SPEED_ONE {
        let bucket = (depart.0 + taken).div_euclid(BUCKET.0);
        progress += speed(lasting * truth.passing_factor(from, to, bucket));
        taken += 1;
    }
    Ticks(taken)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn travel_is_what_driving_tick_by_tick_takes(
        seed: u64, from: u32, to: u32, nominal in 0_i64..40_000, start in 0_i64..400_000
    ) {
        let truth = truth(seed);
        let keys = [Key::place(Place(from)), Key::place(Place(to)), Key::named("driver-1")];
        let depart = NOON + Ticks(start);
        let [from, to, driver] = keys;
        let travel = truth.travel(Ticks(nominal), from, to, driver, depart);
        prop_assert_eq!(travel, travel_tick_by_tick(&truth, Ticks(nominal), keys, depart));
    }

    #[test]
    fn a_later_departure_never_arrives_earlier(
        seed: u64, nominal in 0_i64..200_000, start in 0_i64..400_000, later in 0_i64..20_000
    ) {
        let truth = truth(seed);
        let arrival = |depart: Moment| {
            depart + truth.travel(Ticks(nominal), "a".into(), "b".into(), "d".into(), depart)
        };
        let depart = NOON + Ticks(start);
        prop_assert!(arrival(depart) <= arrival(depart + Ticks(later)));
    }
}

#[test]
fn travel_has_the_nominal_mean_over_days_and_a_realistic_spread() {
    let nominal = Ticks::from_minutes(6);
    let ratios: Vec<f64> = (0..8_000)
        .map(|seed| {
            let depart = NOON + Ticks(seed as i64 * 977);
            let took = truth(seed).travel(nominal, "a".into(), "b".into(), "d".into(), depart);
            took.0 as f64 / nominal.0 as f64
        })
        .collect();
    let (mean, deviation) = mean_and_deviation(&ratios);
    assert!((mean - 1.0).abs() < 0.01, "{mean}");
    assert!((0.10..0.15).contains(&deviation), "{deviation}");
}

#[test]
fn one_day_s_legs_spread_around_that_day_s_factor() {
    let truth = truth(11);
    let nominal = Ticks::from_minutes(5);
    let ratios: Vec<f64> = (0..6_000)
        .map(|leg| {
            let (from, to) = (Key::place(Place(leg)), Key::place(Place(leg + 1)));
            let driver = Key::named(&format!("driver-{}", leg % 400));
            let depart = NOON + Ticks(i64::from(leg) * 53);
            truth.travel(nominal, from, to, driver, depart).0 as f64 / nominal.0 as f64
        })
        .collect();
    let (mean, _) = mean_and_deviation(&ratios);
    assert!((mean / truth.day_factor() - 1.0).abs() < 0.02, "{mean} {}", truth.day_factor());
}

#[test]
fn days_and_drivers_differ_by_about_four_percent() {
    let days: Vec<f64> = (0..4_000).map(|seed| truth(seed).day_factor()).collect();
    let paces: Vec<f64> =
        (0..4_000).map(|n| truth(5).pace(Key::named(&format!("driver-{n}")))).collect();
    for values in [days, paces] {
        let (mean, deviation) = mean_and_deviation(&values);
        assert!((mean - 1.0).abs() < 0.004, "{mean}");
        assert!((deviation - 0.04).abs() < 0.003, "{deviation}");
    }
}

#[test]
fn service_keeps_its_mean_and_has_a_heavy_tail_heavier_at_apartments() {
    let truth = truth(7);
    let nominal = Ticks::from_seconds(150);
    let sample = |kind| {
        let ratios: Vec<f64> = (0..40_000)
            .map(|n| {
                let stop = Key::named(&format!("stop-{n}"));
                let driver = Key::named(&format!("driver-{}", n % 1_000));
                truth.service(stop, driver, nominal, kind).0 as f64 / nominal.0 as f64
            })
            .collect();
        let (mean, deviation) = mean_and_deviation(&ratios);
        let long = ratios.iter().filter(|ratio| **ratio > 2.5).count();
        (mean, deviation, long)
    };
    let (house_mean, house_deviation, house_long) = sample(PointKind::House);
    let (flat_mean, flat_deviation, flat_long) = sample(PointKind::Apartments);
    assert!((house_mean - 1.0).abs() < 0.02, "{house_mean}");
    assert!((flat_mean - 1.0).abs() < 0.02, "{flat_mean}");
    assert!((0.55..0.72).contains(&house_deviation), "{house_deviation}");
    assert!((house_deviation..0.9).contains(&flat_deviation), "{flat_deviation}");
    assert!((600..1400).contains(&house_long), "{house_long}");
    assert!(flat_long > house_long + 300, "{flat_long} against {house_long}");
}

#[test]
fn absence_depends_on_what_was_expected_and_one_draw_decides() {
    let truth = truth(9);
    let count = |expectation| {
        let stops = (0..20_000).map(|n| Key::named(&format!("s-{n}")));
        stops.filter(|stop| truth.absent(*stop, 0, expectation)).count()
    };
    let promised = count(Expectation::AsPromised);
    assert!((500..700).contains(&promised), "{promised}");
    assert!((150..250).contains(&count(Expectation::AsChosen)));
    assert!((6_700..7_300).contains(&count(Expectation::AsRefused)));
    for n in 0..5_000 {
        let stop = Key::named(&format!("s-{n}"));
        let chosen = truth.absent(stop, 0, Expectation::AsChosen);
        assert!(!chosen || truth.absent(stop, 0, Expectation::AsPromised));
    }
}

#[test]
fn vans_leave_three_minutes_late_on_average_and_never_early() {
    let delays: Vec<f64> = (0..10_000)
        .map(|n| truth(2).departure_delay(Key::named(&format!("m-{n}"))).0 as f64 / 600.0)
        .collect();
    let (mean, _) = mean_and_deviation(&delays);
    assert!((2.85..3.15).contains(&mean), "{mean}");
    assert!(delays.iter().all(|minutes| (0.0..=25.0).contains(minutes)));
}

#[test]
fn a_fate_does_not_depend_on_what_was_asked_before() {
    let ask = |truth: &Truth, n: u32| {
        let key = Key::named(&format!("s-{n}"));
        let travel =
            truth.travel(Ticks(3_000), key, "b".into(), "d".into(), NOON + Ticks(i64::from(n)));
        let service = truth.service(key, "d".into(), Ticks(1_500), PointKind::House);
        let absent = truth.absent(key, 0, Expectation::AsPromised);
        (travel, service, absent, truth.departure_delay(key), truth.takes_alternative(key, 500))
    };
    let (one, other) = (truth(4), truth(4));
    let forwards: Vec<_> = (0..200).map(|n| ask(&one, n)).collect();
    let mut backwards: Vec<_> = (0..200).rev().map(|n| ask(&other, n)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    let elsewhere: Vec<_> = (0..200).map(|n| ask(&truth(5), n)).collect();
    assert_ne!(forwards, elsewhere);
}

#[test]
fn keys_of_different_things_differ() {
    let at = |latitude, longitude| Key::at(LatLng::new(latitude, longitude).expect("on Earth"));
    let mut keys: Vec<Key> = (0..2_000).map(|n| Key::named(&format!("stop-{n}"))).collect();
    keys.extend((0..2_000).map(|n| Key::place(Place(n))));
    keys.extend((0..2_000).map(|n| at(48.0 + f64::from(n) * 1e-7, 16.0)));
    keys.extend([at(16.0, 48.0), at(-16.0, 48.0), at(16.0, -48.0)]);
    keys.push(Key::named("a").and(Key::named("b")));
    keys.push(Key::named("b").and(Key::named("a")));
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[test]
fn in_a_calm_world_everything_takes_its_nominal_time() {
    let truth = Truth::new(1, TruthParams::calm()).expect("in range");
    for n in 0..200_i64 {
        let nominal = Ticks(n * 97);
        let depart = NOON + Ticks(n * 7_919);
        assert_eq!(truth.travel(nominal, "a".into(), "b".into(), "d".into(), depart), nominal);
        assert_eq!(truth.service("s".into(), "d".into(), nominal, PointKind::House), nominal);
    }
    assert_eq!(truth.departure_delay("m".into()), Ticks::ZERO);
    assert!(!truth.absent("s".into(), 0, Expectation::AsRefused));
}

#[test]
fn absurd_questions_are_answered_within_bounds() {
    let truth = truth(1);
    let travel = |nominal| truth.travel(nominal, "a".into(), "b".into(), "d".into(), Moment(-5));
    assert_eq!(travel(Ticks(-10)), Ticks::ZERO);
    assert!(travel(Ticks(i64::MAX)) <= Ticks(NOMINAL_MAX.0 * 10));
    let service = truth.service("s".into(), "d".into(), Ticks(i64::MAX), PointKind::House);
    assert_eq!(service, SERVICE_MAX);
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let wild = TruthParams { road_deviation: f64::NAN, ..TruthParams::default() };
    let refused = Truth::new(1, wild).expect_err("not a number").to_string();
    assert_eq!(refused, "road_deviation is NaN; 0 to 1 is allowed");
    let sure = TruthParams { absent_permille: 1001, ..TruthParams::default() };
    assert!(Truth::new(1, sure).is_err());
}
