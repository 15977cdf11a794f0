//! Lines with their intervals, as inline SVG that follows the page's colours.

use crate::bench::markup::Markup;
use crate::bench::statistics::Estimate;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;
/// Lines across the picture, about.
const TICKS: f64 = 5.0;

/// What is drawn.
pub(super) struct Picture<'a> {
    pub(super) title: &'a str,
    /// For who cannot see it.
    pub(super) words: &'a str,
    pub(super) across: &'a str,
    pub(super) up: &'a str,
    /// Means along the way, in order.
    pub(super) points: &'a [(f64, Estimate)],
    /// Single days behind them.
    pub(super) days: &'a [Vec<(f64, f64)>],
}

/// From values to places on the paper.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low).max(1e-12);
        ((self.from + (self.to - self.from) * share) * 10.0).round() / 10.0
    }
}

impl Picture<'_> {
    pub(super) fn draw(&self, markup: &mut Markup) {
        let view = format!("0 0 {WIDTH} {HEIGHT}");
        let label = self.title;
        markup.element(
            "svg",
            &[
                ("class", &"chart ours"),
                ("viewBox", &view),
                ("role", &"img"),
                ("aria-label", &label),
            ],
            |svg| {
                svg.leaf("title", &[], self.title);
                svg.leaf("desc", &[], self.words);
                let (x, y) = self.scales();
                self.axes(svg, &x, &y);
                for day in self.days {
                    line(svg, "day", day.iter().map(|(across, up)| (x.at(*across), y.at(*up))));
                }
                line(svg, "curve", self.points.iter().map(|(at, up)| (x.at(*at), y.at(up.mean))));
                for (at, estimate) in self.points {
                    point(svg, x.at(*at), *estimate, &y);
                }
            },
        );
    }

    /// Every value in sight, and the ends on round numbers.
    fn scales(&self) -> (Scale, Scale) {
        let across = self.points.iter().map(|(at, _)| *at);
        let means = self.points.iter().flat_map(|(_, up)| {
            let half = up.half_width.unwrap_or(0.0);
            [up.mean - half, up.mean + half]
        });
        let up = means.chain(self.days.iter().flatten().map(|(_, up)| *up));
        let (left, right) = ends(across);
        let (low, high) = ends(up);
        let step = step(high - low);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        (
            Scale { low: left, high: right, from: LEFT, to: WIDTH - RIGHT },
            Scale { low, high, from: HEIGHT - BOTTOM, to: TOP },
        )
    }

    fn axes(&self, svg: &mut Markup, x: &Scale, y: &Scale) {
        let step = step(y.high - y.low);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let count = ((y.high - y.low) / step).round() as usize;
        for tick in 0..=count {
            let value = y.low + tick as f64 * step;
            let (at, left) = (y.at(value), LEFT - 8.0);
            let (from, to) = (LEFT, WIDTH - RIGHT);
            svg.void(
                "line",
                &[("class", &"grid"), ("x1", &from), ("x2", &to), ("y1", &at), ("y2", &at)],
            );
            let text = format!("{value:.decimals$}");
            svg.leaf("text", &[("x", &left), ("y", &(at + 4.0)), ("text-anchor", &"end")], text);
        }
        let below = HEIGHT - BOTTOM + 18.0;
        for (value, _) in self.points {
            let at = x.at(*value);
            svg.leaf("text", &[("x", &at), ("y", &below), ("text-anchor", &"middle")], value);
        }
        let (middle, foot) = (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 8.0);
        svg.leaf("text", &[("x", &middle), ("y", &foot), ("text-anchor", &"middle")], self.across);
        svg.leaf("text", &[("x", &4.0), ("y", &(TOP - 4.0))], self.up);
    }
}

fn line(svg: &mut Markup, class: &str, points: impl Iterator<Item = (f64, f64)>) {
    let places: Vec<String> = points.map(|(x, y)| format!("{x},{y}")).collect();
    svg.void("polyline", &[("class", &class), ("points", &places.join(" "))]);
}

fn point(svg: &mut Markup, at: f64, estimate: Estimate, y: &Scale) {
    if let Some(half) = estimate.half_width {
        let (low, high) = (y.at(estimate.mean - half), y.at(estimate.mean + half));
        svg.void(
            "line",
            &[("class", &"whisker"), ("x1", &at), ("x2", &at), ("y1", &low), ("y2", &high)],
        );
    }
    svg.void(
        "circle",
        &[("class", &"mark"), ("cx", &at), ("cy", &y.at(estimate.mean)), ("r", &3.5)],
    );
}

/// The least and the most; a unit apart where they are one or there are none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    match (low < high, low.is_finite()) {
        (true, _) => (low, high),
        (false, true) => (low - 0.5, low + 0.5),
        (false, false) => (0.0, 1.0),
    }
}

/// A round step, so that there are about [`TICKS`] of them.
fn step(span: f64) -> f64 {
    let rough = span.max(1e-9) / TICKS;
    let power = 10.0_f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0].into_iter().find(|times| times * power >= rough);
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_about_five_of_them() {
        for span in [0.003, 0.7, 1.0, 4.9, 12.0, 999.0] {
            let step = step(span);
            assert!((1.0..=6.0).contains(&(span / step)), "{span}: {step}");
        }
    }

    #[test]
    fn a_picture_of_nothing_and_of_one_point_can_be_drawn() {
        let one = [(0.0, Estimate { mean: 1.0, half_width: None })];
        for points in [&[][..], &one[..]] {
            let picture =
                Picture { title: "t", words: "w", across: "x", up: "y", points, days: &[] };
            let mut markup = Markup::default();
            picture.draw(&mut markup);
            let document = markup.into_document();
            assert!(document.contains("</svg>") && !document.contains("NaN"), "{document}");
        }
    }
}
