//! Means and how sure they are.

/// A mean, and half the width of its 95 % confidence interval where the data tell it.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    #[serde(rename = "interval_half_width")]
    pub(crate) half_width: Option<f64>,
}

/// The mean of several groups' means, each group counting alike, and how far chance within the groups
/// can move it: the groups are what they are, only their members are drawn.
///
/// A benchmark's instances are such groups, and the seeds their members. The variances of the groups'
/// means are added, with Satterthwaite's degrees of freedom. No interval if a group has one member only,
/// since nobody knows then how it scatters. `None` without groups, or with an empty one.
pub(crate) fn mean_of_groups(groups: &[Vec<f64>]) -> Option<Estimate> {
    if groups.is_empty() || groups.iter().any(Vec::is_empty) {
        return None;
    }
    let means: Vec<f64> = groups.iter().map(|group| mean(group)).collect();
    let half_width = groups.iter().all(|group| group.len() > 1).then(|| {
        let spreads = groups.iter().map(|group| (squared_error(group), group.len() as f64 - 1.0));
        let (sum, weighted) = spreads.fold((0.0, 0.0), |(sum, weighted), (spread, freedom)| {
            (sum + spread, weighted + spread * spread / freedom)
        });
        // Without any scatter there is nothing to be unsure of.
        if weighted == 0.0 {
            return 0.0;
        }
        student(sum * sum / weighted) * sum.sqrt() / groups.len() as f64
    });
    Some(Estimate { mean: mean(&means), half_width })
}

/// The mean of differences between pairs, and Student's interval over the pairs. `None` without pairs,
/// no interval of one.
pub(crate) fn mean_of_pairs(differences: &[f64]) -> Option<Estimate> {
    let error = || squared_error(differences).sqrt() * student(differences.len() as f64 - 1.0);
    let half_width = (differences.len() > 1).then(error);
    (!differences.is_empty()).then(|| Estimate { mean: mean(differences), half_width })
}

/// Of nothing it is no number.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The square of the standard error of a mean of two or more.
fn squared_error(values: &[f64]) -> f64 {
    let (mean, count) = (mean(values), values.len() as f64);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
}

/// Student's t of 97.5 % by degrees of freedom, as tabled everywhere.
const STUDENT: [(f64, f64); 34] = [
    (1.0, 12.706),
    (2.0, 4.303),
    (3.0, 3.182),
    (4.0, 2.776),
    (5.0, 2.571),
    (6.0, 2.447),
    (7.0, 2.365),
    (8.0, 2.306),
    (9.0, 2.262),
    (10.0, 2.228),
    (11.0, 2.201),
    (12.0, 2.179),
    (13.0, 2.160),
    (14.0, 2.145),
    (15.0, 2.131),
    (16.0, 2.120),
    (17.0, 2.110),
    (18.0, 2.101),
    (19.0, 2.093),
    (20.0, 2.086),
    (21.0, 2.080),
    (22.0, 2.074),
    (23.0, 2.069),
    (24.0, 2.064),
    (25.0, 2.060),
    (26.0, 2.056),
    (27.0, 2.052),
    (28.0, 2.048),
    (29.0, 2.045),
    (30.0, 2.042),
    (40.0, 2.021),
    (60.0, 2.000),
    (120.0, 1.980),
    (1000.0, 1.962),
];

/// That of the next fewer degrees in the table, so rather too wide than too narrow.
fn student(freedom: f64) -> f64 {
    let fewer = STUDENT.iter().take_while(|(tabled, _)| *tabled <= freedom + 1e-9).last();
    fewer.unwrap_or(&STUDENT[0]).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn one_group_is_students_interval() {
        // Mean 3, variance 2.5, so 2.776 * sqrt(2.5 / 5).
        let values = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        let found = mean_of_groups(std::slice::from_ref(&values)).expect("there is a group");
        let half_width = found.half_width.expect("there are five");
        assert!((found.mean - 3.0).abs() < 1e-12 && (half_width - 1.962_93).abs() < 1e-4);
        assert_eq!(mean_of_pairs(&values), Some(found));
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known() {
        assert_eq!(mean_of_groups(&[]), None);
        assert_eq!(mean_of_groups(&[vec![1.0], vec![]]), None);
        assert_eq!(mean_of_pairs(&[]), None);
        let one = Some(Estimate { mean: 1.0, half_width: None });
        assert_eq!(mean_of_pairs(&[1.0]), one);
        assert_eq!(mean_of_groups(&[vec![1.0, 2.0], vec![0.5]]), one);
        let same = mean_of_groups(&[vec![1.0, 1.0], vec![3.0, 3.0]]);
        assert_eq!(same, Some(Estimate { mean: 2.0, half_width: Some(0.0) }));
    }

    #[test]
    fn fewer_degrees_are_wider_and_what_is_between_takes_the_wider() {
        assert_eq!((student(0.5), student(1.0), student(4.0)), (12.706, 12.706, 2.776));
        assert_eq!((student(35.0), student(1e9)), (2.042, 1.962));
        assert!(STUDENT.is_sorted_by(|a, b| a.0 < b.0 && a.1 > b.1));
    }

    /// The definition of an interval: in 95 of 100 experiments it holds the truth.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        // A sum of twelve uniform draws is near enough to normal.
        let mut normal =
            |scale: f64| scale * ((0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0);
        let mut held = 0;
        for _ in 0..4000 {
            // Instances that scatter differently around 1, 2 and 6.
            let groups = [(1.0, 0.1), (2.0, 1.0), (6.0, 0.4)]
                .map(|(center, scale)| (0..5).map(|_| center + normal(scale)).collect());
            let found = mean_of_groups(&groups).expect("there are groups");
            held += u32::from((found.mean - 3.0).abs() <= found.half_width.expect("of five"));
        }
        assert!((3760..=3880).contains(&held), "{held} of 4000");
    }
}
