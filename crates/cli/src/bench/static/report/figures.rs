//! The pictures of a family: mean gaps over CPU seconds, and the gap of every instance.

use std::collections::{BTreeMap, BTreeSet};

use super::{Peers, largest, largest_budget, least};
use crate::bench::chart::{self, Axis, Band, Caption, Line, Mark};
use crate::bench::markup::Markup;
use crate::bench::r#static::Measured;
use crate::bench::r#static::curve;
use crate::bench::r#static::row::{Budget, Row};
use crate::bench::r#static::summary::{self, ByInstance, PeerRuns};
use crate::bench::statistics::{mean, mean_of_groups};

/// How far a peer may stretch a picture of gaps beyond the largest of ours; what is worse stands at its
/// edge.
const STRETCH: f64 = 8.0;

/// A gap that is always shown in its place.
const GAP_SHOWN: f64 = 5.0;

/// Ours as a line for each budget, its end as a disc with its interval; peers where they ended.
pub(super) fn anytime(markup: &mut Markup, measured: &Measured, peers: &Peers, family: &str) {
    let rows = summary::of_family(&measured.rows, family);
    let runs = summary::peer_runs(&rows, &measured.peers, &measured.listed);
    let shown = shown(&rows, runs.iter().map(|(_, _, runs)| runs));
    let mut lines = Vec::new();
    let mut marks = Vec::new();
    let budgets = summary::budgets(&rows);
    for budget in &budgets {
        let is_largest = Some(budget) == budgets.last();
        if let Some((line, mark)) = ours(&rows, *budget, &shown, is_largest) {
            lines.push(line);
            marks.push(mark);
        }
    }
    if lines.is_empty() {
        return;
    }
    for (peer, budget, runs) in &runs {
        let name = format!("{peer}, {budget}");
        marks.extend(peers.get(peer).and_then(|series| theirs(*series, &name, runs, &shown)));
    }
    let values = || lines.iter().flat_map(|line: &Line| line.points.iter().copied());
    let marked = || marks.iter().map(|mark| mark.at);
    let x = Axis::seconds(values().chain(marked()).map(|point| point.0));
    let y = Axis::gaps(limited(values().map(|point| point.1), marked().map(|point| point.1)));
    let title = format!("{family}: mean gap over CPU seconds");
    let description = described(&marks);
    markup.element("figure", &[], |markup| {
        let caption = Caption { title: &title, description: &description };
        chart::curves(markup, caption, [&x, &y], &lines, &marks);
        let mut words = format!(
            "Mean gap of the best plan so far, over {}. Each line is of runs with that budget; discs \
             are where they end, with the 95 % interval over seeds.",
            told_count(shown.len())
        );
        if marks.iter().any(|mark| mark.series > 0) {
            words += " Other shapes are where peers ended; hollow ones have not solved all of these \
                      instances, or are beyond the edge.";
        }
        markup.leaf("figcaption", &[], words);
    });
    markup.line();
}

fn told_count(instances: usize) -> String {
    if instances == 1 { "1 instance".to_owned() } else { format!("{instances} instances") }
}

/// The instances a picture is of: those that any peer has solved too, else all; else lines and marks would
/// be of different ones.
fn shown<'a>(rows: &[&'a Row], runs: impl Iterator<Item = &'a PeerRuns<'a>>) -> BTreeSet<&'a str> {
    let with_gap = rows.iter().filter(|row| row.gap_percent.is_some());
    let all: BTreeSet<&str> = with_gap.map(|row| &*row.instance).collect();
    let solved: BTreeSet<&str> = runs.flat_map(|runs| runs.instances.keys().copied()).collect();
    let both: BTreeSet<&str> = all.intersection(&solved).copied().collect();
    if both.is_empty() { all } else { both }
}

fn ours(
    rows: &[&Row],
    budget: Budget,
    shown: &BTreeSet<&str>,
    is_largest: bool,
) -> Option<(Line, Mark)> {
    let instances: Vec<Vec<&Row>> = summary::by_instance(rows, budget)
        .into_iter()
        .filter(|(instance, _)| shown.contains(instance))
        .map(|(_, rows)| rows)
        .collect();
    let points = curve::mean_gaps(&instances);
    let gaps = |rows: &Vec<&Row>| rows.iter().filter_map(|row| row.gap_percent).collect();
    let gap = mean_of_groups(&instances.iter().map(gaps).collect::<Vec<Vec<f64>>>())?;
    let at = (points.last()?.0, gap.mean);
    let sure = gap.half_width.map(|half| format!(" ± {half:.2}")).unwrap_or_default();
    let title = format!("Swerve, {budget}: {:.2}{sure} % after {:.2} CPU seconds", gap.mean, at.0);
    let class = if is_largest { "curve" } else { "curve shorter" };
    let mark = Mark { series: 0, at, spread: gap.half_width, is_hollow: false, title };
    Some((Line { class, label: budget.to_string(), points }, mark))
}

fn theirs(series: usize, name: &str, runs: &PeerRuns, shown: &BTreeSet<&str>) -> Option<Mark> {
    let solved = runs.instances.iter().filter(|(instance, _)| shown.contains(*instance));
    let solved: Vec<(f64, f64)> = solved.map(|(_, runs)| means(runs)).collect();
    if solved.is_empty() {
        return None;
    }
    let gap = mean(&solved.iter().map(|run| run.0).collect::<Vec<_>>());
    let seconds = mean(&solved.iter().map(|run| run.1).collect::<Vec<_>>());
    let (found, all) = (solved.len(), shown.len());
    let title = format!(
        "{name}: {gap:.2} % after {seconds:.2} CPU seconds, {found} of {} solved",
        told_count(all)
    );
    Some(Mark { series, at: (seconds, gap), spread: None, is_hollow: found < all, title })
}

/// Of gaps and CPU seconds.
fn means(runs: &[(f64, f64)]) -> (f64, f64) {
    let (gaps, seconds): (Vec<f64>, Vec<f64>) = runs.iter().copied().unzip();
    (mean(&gaps), mean(&seconds))
}

/// Ours all, and of others what does not press ours together.
fn limited(ours: impl Iterator<Item = f64>, marked: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = ours.collect();
    let limit = (largest(&values) * STRETCH).max(GAP_SHOWN);
    values.extend(marked.filter(|value| *value <= limit));
    values
}

fn described(marks: &[Mark]) -> String {
    marks.iter().map(|mark| &*mark.title).collect::<Vec<_>>().join("; ")
}

/// The gap of every instance at the largest budget: ours from the least to the largest over seeds, and
/// peers held against that budget.
pub(super) fn by_instance(markup: &mut Markup, measured: &Measured, peers: &Peers, family: &str) {
    let rows = summary::of_family(&measured.rows, family);
    let Some(budget) = largest_budget(&rows) else { return };
    let ours = summary::by_instance(&rows, budget);
    if ours.is_empty() {
        return;
    }
    let beside = beside(measured, peers, family, budget, &rows);
    let bands = bands(&ours, &beside);
    let reach = bands.iter().flat_map(|band| [band.range.0, band.range.1]);
    let marked = bands.iter().flat_map(|band| band.marks.iter().map(|mark| mark.at.0));
    let axis = Axis::gaps(limited(reach, marked));
    let title = format!("{family}: gap of every instance, {budget}");
    let gaps = ours.values().flatten().filter_map(|row| row.gap_percent);
    let gaps: Vec<f64> = gaps.collect();
    let description = format!(
        "{} from {:.2} to {:.2} %; the table of every instance has the figures",
        told_count(ours.len()),
        least(&gaps),
        largest(&gaps)
    );
    markup.element("figure", &[], |markup| {
        chart::bands(markup, Caption { title: &title, description: &description }, &axis, &bands);
        let words = format!(
            "Gap of every instance with {budget}: discs are means over seeds, bars reach from the \
             least to the largest. Peers are drawn where their budget is held against this one; hollow \
             ones are beyond the edge."
        );
        markup.leaf("figcaption", &[], words);
    });
    markup.line();
}

/// Peers' marks by instance.
fn beside<'a>(
    measured: &'a Measured,
    peers: &Peers,
    family: &str,
    budget: Budget,
    rows: &[&Row],
) -> BTreeMap<&'a str, Vec<Mark>> {
    let mut marks: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for (peer, its_budget, runs) in summary::peer_runs(rows, &measured.peers, &measured.listed) {
        let mut comparisons = measured.summary.comparisons.iter();
        let is_held = comparisons.any(|other| {
            let is_its = other.family == family && other.peer == *peer;
            is_its
                && other.peer_budget == its_budget.to_string()
                && other.ours.as_ref().is_some_and(|ours| ours.budget == budget)
        });
        let Some(series) = peers.get(peer).filter(|_| is_held) else { continue };
        for (instance, runs) in runs.instances {
            let (gap, seconds) = means(&runs);
            let title = format!("{peer}, {its_budget}: {gap:.2} % after {seconds:.2} CPU seconds");
            let at = (gap, 0.0);
            let mark = Mark { series: *series, at, spread: None, is_hollow: false, title };
            marks.entry(instance).or_default().push(mark);
        }
    }
    marks
}

fn bands(ours: &ByInstance, beside: &BTreeMap<&str, Vec<Mark>>) -> Vec<Band> {
    let band = |(instance, rows): (&&str, &Vec<&Row>)| {
        let gaps: Vec<f64> = rows.iter().filter_map(|row| row.gap_percent).collect();
        let (low, high, middle) = (least(&gaps), largest(&gaps), mean(&gaps));
        let title = format!("Swerve on {instance}: {middle:.3} %, from {low:.3} to {high:.3}");
        let at = (middle, 0.0);
        let mut marks = beside.get(*instance).cloned().unwrap_or_default();
        // On top of the others.
        marks.push(Mark { series: 0, at, spread: None, is_hollow: false, title });
        Band { label: (*instance).to_owned(), range: (low, high), marks }
    };
    ours.iter().map(band).collect()
}
