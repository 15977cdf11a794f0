//! Pictures over two axes, as SVG: what a report draws, without a program to draw it.

use std::fmt::{self, Display};

use super::markup::Markup;

const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;

/// Half a mark's width.
const MARK: f64 = 5.0;

/// How values become places.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scale {
    /// For values that are more than 0.
    Logarithmic,
    /// Even near 0 and logarithmic far from it, on both sides: percents of which some are tiny and some
    /// are not.
    EvenNearZero,
}

/// One side of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    scale: Scale,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    label: &'static str,
}

impl Axis {
    /// CPU seconds between the least and the largest of `values`, widened to ticks of 1, 2 and 5.
    pub(crate) fn seconds(values: impl IntoIterator<Item = f64>) -> Axis {
        let ticks =
            (-4..8).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
        let positive = values.into_iter().filter(|value| *value > 0.0);
        Axis::around(Scale::Logarithmic, positive, ticks.collect(), "CPU seconds")
    }

    /// Gaps from 0, or from below if one is, to the largest of `values`.
    pub(crate) fn gaps(values: impl IntoIterator<Item = f64>) -> Axis {
        let above = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
        let mut ticks: Vec<f64> = above.iter().rev().map(|tick| -tick).collect();
        ticks.push(0.0);
        ticks.extend(above);
        let values = values.into_iter().chain([0.0, 0.5]);
        Axis::around(Scale::EvenNearZero, values, ticks, "gap to best known, %")
    }

    fn around(
        scale: Scale,
        values: impl Iterator<Item = f64>,
        ticks: Vec<f64>,
        label: &'static str,
    ) -> Axis {
        let bounds = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold(bounds, |(low, high), value| (low.min(value), high.max(value)));
        // Of no values at all.
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };
        // Nearly a tick is one: a figure just past it would else add an empty band.
        let from = ticks.iter().rev().find(|tick| scale.at(**tick) <= scale.at(low) + 0.02);
        let to = ticks.iter().find(|tick| scale.at(**tick) >= scale.at(high) - 0.02);
        let from = *from.unwrap_or(&ticks[0]);
        let to = *to.unwrap_or(&ticks[ticks.len() - 1]);
        // Something to see, even if all is at one place.
        let to = if to > from { to } else { from * 10.0 + 1.0 };
        let ticks = ticks.into_iter().filter(|tick| (from..=to).contains(tick)).collect();
        Axis { scale, from, to, ticks, label }
    }

    /// Where a value stands, from 0 to 1; what is beyond stands at the end.
    fn place(&self, value: f64) -> f64 {
        let (from, to) = (self.scale.at(self.from), self.scale.at(self.to));
        ((self.scale.at(value) - from) / (to - from)).clamp(0.0, 1.0)
    }

    fn holds(&self, value: f64) -> bool {
        let at = self.scale.at(value);
        (self.scale.at(self.from) - 0.05..=self.scale.at(self.to) + 0.05).contains(&at)
    }
}

impl Scale {
    fn at(self, value: f64) -> f64 {
        match self {
            Scale::Logarithmic => value.max(1e-9).log10(),
            Scale::EvenNearZero => (value / 0.5).asinh(),
        }
    }
}

/// A run of points that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) class: &'static str,
    /// Written at its end.
    pub(crate) label: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// One point, told apart by shape as well as by colour.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// 0 is ours, others are peers in their order.
    pub(crate) series: usize,
    pub(crate) at: (f64, f64),
    /// What it may be off by, up and down.
    pub(crate) spread: Option<f64>,
    /// Of fewer instances than the rest of the picture.
    pub(crate) is_hollow: bool,
    /// Shown when it is pointed at, and read aloud.
    pub(crate) title: String,
}

/// Names of the picture for those who do not see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caption<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 340.0;

/// Lines and marks over two axes.
pub(crate) fn curves(
    markup: &mut Markup,
    caption: Caption,
    axes: [&Axis; 2],
    lines: &[Line],
    marks: &[Mark],
) {
    let [x, y] = axes;
    let across = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    let up = |value: f64| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    picture(markup, caption, HEIGHT, |markup| {
        for tick in &y.ticks {
            rule(markup, [LEFT, up(*tick), WIDTH - RIGHT, up(*tick)], *tick == 0.0);
            words(markup, [LEFT - 8.0, up(*tick) + 4.0], "end", Short(*tick));
        }
        for tick in &x.ticks {
            rule(markup, [across(*tick), TOP, across(*tick), HEIGHT - BOTTOM], false);
            words(markup, [across(*tick), HEIGHT - BOTTOM + 18.0], "middle", Short(*tick));
        }
        words(markup, [(LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6.0], "middle", x.label);
        let turned = format!("rotate(-90 12 {})", Px((TOP + HEIGHT - BOTTOM) / 2.0));
        let middle = Px((TOP + HEIGHT - BOTTOM) / 2.0);
        let place: [(&str, &dyn Display); 4] =
            [("x", &12), ("y", &middle), ("text-anchor", &"middle"), ("transform", &turned)];
        markup.leaf("text", &place, y.label);
        for line in lines {
            let points = line.points.iter().map(|(at, value)| [across(*at), up(*value)]);
            polyline(markup, line.class, points);
            if let Some((at, value)) = line.points.last() {
                let place = [across(*at).min(WIDTH - RIGHT - 4.0), up(*value) - 9.0];
                words(markup, place, "end", &line.label);
            }
        }
        for mark in marks {
            let (at, value) = mark.at;
            if let Some(spread) = mark.spread.filter(|spread| *spread > 0.0) {
                let ends = [across(at), up(value - spread), across(at), up(value + spread)];
                whisker(markup, mark.series, ends);
            }
            let is_beyond = !y.holds(value) || !x.holds(at);
            draw(markup, mark, [across(at), up(value)], is_beyond);
        }
    });
}

/// One row of a picture of gaps.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) label: String,
    /// From the least to the largest of ours.
    pub(crate) range: (f64, f64),
    /// Their values are gaps; where they stand across is the row.
    pub(crate) marks: Vec<Mark>,
}

const BAND: f64 = 19.0;
const BAND_LABEL: f64 = 300.0;

/// Names down the left, gaps to the right.
pub(crate) fn bands(markup: &mut Markup, caption: Caption, axis: &Axis, rows: &[Band]) {
    let letters = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let left = (letters as f64 * 7.0 + 16.0).clamp(60.0, BAND_LABEL);
    let bottom = TOP + rows.len() as f64 * BAND;
    let across = |value: f64| left + axis.place(value) * (WIDTH - left - RIGHT);
    picture(markup, caption, bottom + BOTTOM, |markup| {
        for tick in &axis.ticks {
            rule(markup, [across(*tick), TOP, across(*tick), bottom], *tick == 0.0);
            words(markup, [across(*tick), bottom + 18.0], "middle", Short(*tick));
        }
        words(markup, [(left + WIDTH - RIGHT) / 2.0, bottom + BOTTOM - 6.0], "middle", axis.label);
        for (index, row) in rows.iter().enumerate() {
            let middle = TOP + (index as f64 + 0.5) * BAND;
            words(markup, [left - 8.0, middle + 4.0], "end", &row.label);
            let (low, high) = row.range;
            whisker(markup, 0, [across(low), middle, across(high), middle]);
            for mark in &row.marks {
                draw(markup, mark, [across(mark.at.0), middle], !axis.holds(mark.at.0));
            }
        }
    });
}

/// A mark by itself, for a legend.
pub(crate) fn key(markup: &mut Markup, series: usize) {
    let attributes: [(&str, &dyn Display); 4] =
        [("class", &"key"), ("viewBox", &"0 0 16 16"), ("width", &16), ("height", &16)];
    markup.element("svg", &[&attributes[..], &[("aria-hidden", &"true")]].concat(), |markup| {
        let class = format!("mark {}", Series(series));
        markup.leaf("path", &[("class", &class), ("d", &shape(series, [8.0, 8.0]))], "");
    });
}

fn picture(markup: &mut Markup, caption: Caption, height: f64, inside: impl FnOnce(&mut Markup)) {
    let view = format!("0 0 {} {}", Px(WIDTH), Px(height));
    let attributes: [(&str, &dyn Display); 3] =
        [("class", &"chart"), ("viewBox", &view), ("role", &"img")];
    markup.element("svg", &attributes, |markup| {
        markup.leaf("title", &[], caption.title);
        markup.leaf("desc", &[], caption.description);
        inside(markup);
    });
    markup.line();
}

fn rule(markup: &mut Markup, ends: [f64; 4], is_zero: bool) {
    line(markup, if is_zero { "zero" } else { "grid" }, ends);
}

fn whisker(markup: &mut Markup, series: usize, ends: [f64; 4]) {
    line(markup, &format!("whisker {}", Series(series)), ends);
}

fn line(markup: &mut Markup, class: &str, [x1, y1, x2, y2]: [f64; 4]) {
    let attributes: [(&str, &dyn Display); 5] =
        [("class", &class), ("x1", &Px(x1)), ("y1", &Px(y1)), ("x2", &Px(x2)), ("y2", &Px(y2))];
    markup.leaf("line", &attributes, "");
}

fn words(markup: &mut Markup, [x, y]: [f64; 2], anchor: &str, text: impl Display) {
    let attributes: [(&str, &dyn Display); 3] =
        [("x", &Px(x)), ("y", &Px(y)), ("text-anchor", &anchor)];
    markup.leaf("text", &attributes, text);
}

fn polyline(markup: &mut Markup, class: &str, points: impl Iterator<Item = [f64; 2]>) {
    let points: Vec<String> = points.map(|[x, y]| format!("{},{}", Px(x), Px(y))).collect();
    markup.leaf("polyline", &[("class", &class), ("points", &points.join(" "))], "");
}

fn draw(markup: &mut Markup, mark: &Mark, place: [f64; 2], is_beyond: bool) {
    let kind = match (is_beyond, mark.is_hollow) {
        (true, _) => " beyond",
        (false, true) => " hollow",
        (false, false) => "",
    };
    let class = format!("mark {}{kind}", Series(mark.series));
    let attributes: [(&str, &dyn Display); 2] =
        [("class", &class), ("d", &shape(mark.series, place))];
    markup.element("path", &attributes, |markup| markup.leaf("title", &[], &mark.title));
}

/// A shape around a place: a disc for ours, corners for peers.
fn shape(series: usize, [x, y]: [f64; 2]) -> String {
    let corners: &[(f64, f64)] = match series {
        0 => {
            let (left, twice) = (Px(x - MARK), Px(MARK * 2.0));
            let arc = format!("a{r},{r} 0 1,0", r = Px(MARK));
            return format!("M{left},{}{arc} {twice},0{arc} -{twice},0z", Px(y));
        }
        _ => match (series - 1) % 6 {
            0 => &[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)],
            1 => &[(0.0, -1.2), (1.2, 1.0), (-1.2, 1.0)],
            2 => &[(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)],
            3 => &[(-1.2, -1.0), (1.2, -1.0), (0.0, 1.2)],
            4 => &[(-1.2, 0.0), (1.0, -1.2), (1.0, 1.2)],
            _ => &[(1.2, 0.0), (-1.0, -1.2), (-1.0, 1.2)],
        },
    };
    let corner = |(dx, dy): &(f64, f64)| format!("{},{}", Px(x + dx * MARK), Px(y + dy * MARK));
    format!("M{}z", corners.iter().map(corner).collect::<Vec<_>>().join(" "))
}

/// Colours there are for series; further ones begin again, with other shapes.
pub(crate) const COLORS: usize = 8;

/// The class that gives a series its colour.
pub(crate) struct Series(pub(crate) usize);

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("ours"),
            peer => write!(f, "peer{}", (peer - 1) % COLORS),
        }
    }
}

/// A length in the picture: tenths are finer than anyone sees.
struct Px(f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding 0 makes -0 one.
        write!(f, "{}", (self.0 * 10.0).round() / 10.0 + 0.0)
    }
}

/// A tick's number, without digits that say nothing.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", (self.0 * 1e6).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_axis_holds_what_it_was_made_for(values in prop::collection::vec(-900.0..900.0, 0..20)) {
            let axis = Axis::gaps(values.clone());
            prop_assert!(axis.from < axis.to && axis.ticks.len() >= 2);
            for value in &values {
                prop_assert!(axis.holds(*value));
            }
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!(sorted.is_sorted_by_key(|value| axis.place(*value)));
        }
    }

    #[test]
    fn an_axis_of_seconds_begins_and_ends_at_round_ones() {
        let axis = Axis::seconds([0.012, 9.97, 10.1]);
        assert_eq!((axis.from, axis.to), (0.01, 10.0));
        assert!(axis.holds(10.1) && !axis.holds(20.0));
        let axis = Axis::seconds([1.0]);
        assert!(axis.from < axis.to);
        assert!(Axis::seconds([]).ticks.len() >= 2);
    }

    #[test]
    fn numbers_are_written_short() {
        assert_eq!(Short(10f64.powi(-3) * 5.0).to_string(), "0.005");
        assert_eq!((Px(-0.01).to_string(), Px(12.34).to_string()), ("0".into(), "12.3".into()));
    }
}
