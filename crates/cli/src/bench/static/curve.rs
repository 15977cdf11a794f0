//! How good the best plan was at any time of a run, in few points; and the mean of many runs.

use swerve_optimizer::offline::Standing;

use super::row::Row;
use crate::offline::gap_percent;

/// Points kept to a tenfold of time: a curve over a logarithmic axis shows no more. From a millisecond to
/// a day of 256 cores that is at most some 130.
const POINTS_PER_DECADE: f64 = 12.0;

/// What lies before it is one step: nothing is measured that finely.
const FIRST_SECONDS: f64 = 0.001;

/// Best costs by the time they were found, both strictly one way.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    points: Vec<(f64, i64)>,
    /// Of the best plan; 0 where their number does not count.
    vehicles: i64,
}

impl Curve {
    /// A plan was found then. Of several within one step the last is kept, at its own time: the curve
    /// never shows a plan before it was there. Plans that leave anything out are not shown, nor those of
    /// more vehicles than were needed later, where their number comes first.
    pub(super) fn note(&mut self, seconds: f64, standing: Standing) {
        let Standing { absent, vehicles, cost } = standing;
        if absent > 0 || (vehicles > self.vehicles && !self.points.is_empty()) {
            return;
        }
        if vehicles != self.vehicles {
            self.points.clear();
            self.vehicles = vehicles;
        }
        let Some((last, best)) = self.points.last_mut() else {
            self.points.push((seconds, cost));
            return;
        };
        // Other workers found as much; or they looked at the clock just before.
        if cost >= *best {
            return;
        }
        let seconds = seconds.max(*last);
        if step(seconds) == step(*last) {
            (*last, *best) = (seconds, cost);
        } else {
            self.points.push((seconds, cost));
        }
    }

    pub(super) fn points(&self) -> impl Iterator<Item = (f64, i64)> {
        self.points.iter().copied()
    }
}

fn step(seconds: f64) -> i64 {
    ((seconds.max(FIRST_SECONDS) / FIRST_SECONDS).log10() * POINTS_PER_DECADE) as i64
}

/// The mean gap of runs over CPU seconds, each instance counting alike: from when every run has a plan
/// until the mean run is over. Nothing if any run has no gap to tell.
///
/// `instances` are the runs of one budget, by instance, none of them empty.
pub(super) fn mean_gaps(instances: &[Vec<&Row>]) -> Vec<(f64, f64)> {
    let rows = || instances.iter().flatten();
    if rows().any(|row| row.gap_percent.is_none() || row.curve.is_empty()) {
        return Vec::new();
    }
    let begin = rows().map(|row| row.curve[0].0).fold(FIRST_SECONDS, f64::max);
    let end = mean_over(instances, |row| row.cpu_seconds);
    let first = step(begin) + 1;
    let grid = (first..=step(end).max(first))
        .map(|step| FIRST_SECONDS * 10f64.powf(step as f64 / POINTS_PER_DECADE));
    let between = grid.filter(|seconds| *seconds > begin && *seconds < end);
    let times = std::iter::once(begin).chain(between).chain([end.max(begin)]);
    times.map(|seconds| (seconds, mean_over(instances, |row| gap_at(row, seconds)))).collect()
}

/// A gap of a run that has begun; the run's own at its end.
fn gap_at(row: &Row, seconds: f64) -> f64 {
    let until = row.curve.partition_point(|(found, _)| *found <= seconds).max(1);
    let cost = row.curve[until - 1].1;
    row.best_known.map_or(0.0, |best| gap_percent(cost, best))
}

/// Of each instance's mean.
fn mean_over(instances: &[Vec<&Row>], value: impl Fn(&Row) -> f64) -> f64 {
    let means = instances.iter().map(|rows| {
        let sum: f64 = rows.iter().map(|row| value(row)).sum();
        sum / rows.len() as f64
    });
    means.sum::<f64>() / instances.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What a curve says of any time was true then, and its end is the end.
        #[test]
        fn a_curve_never_promises_what_was_not_there(
            found in prop::collection::vec((0.0..0.4, 1i64..1_000_000), 1..400)
        ) {
            let mut curve = Curve::default();
            let mut seconds = 0.0;
            let mut all = Vec::new();
            for (pause, cost) in found {
                seconds += pause;
                curve.note(seconds, Standing { cost, ..Standing::default() });
                all.push((seconds, cost));
            }
            for (time, shown) in curve.points() {
                let best = all.iter().filter(|(at, _)| *at <= time).map(|(_, cost)| *cost).min();
                prop_assert!(best.is_some_and(|best| best <= shown));
            }
            let best = all.iter().map(|(_, cost)| *cost).min();
            prop_assert_eq!(curve.points().last().map(|(_, cost)| cost), best);
            prop_assert!(curve.points.is_sorted_by(|a, b| a.0 <= b.0 && a.1 > b.1));
            prop_assert!(curve.points.len() <= 70);
        }
    }

    #[test]
    fn a_long_run_of_many_cores_has_few_points() {
        let mut curve = Curve::default();
        for second in 0..(86_400 * 256 / 64) {
            let cost = -i64::from(second);
            curve.note(f64::from(second) * 64.0, Standing { cost, ..Standing::default() });
        }
        assert!(curve.points.len() < 130);
    }

    #[test]
    fn where_fewer_vehicles_come_first_only_the_fewest_are_shown() {
        let mut curve = Curve::default();
        let standing = |absent: i64, vehicles: i64, cost: i64| Standing { absent, vehicles, cost };
        curve.note(0.1, standing(1, 1, 5));
        curve.note(0.2, standing(0, 4, 100));
        curve.note(0.4, standing(0, 3, 120));
        curve.note(0.8, standing(0, 4, 90));
        curve.note(1.6, standing(0, 3, 110));
        assert_eq!(curve.points, [(0.4, 120), (1.6, 110)]);
    }
}
