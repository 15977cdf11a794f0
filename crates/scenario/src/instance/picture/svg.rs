//! A drawing of routes: one self-contained SVG, for light and dark screens.
//!
//! Colours are those of Okabe and Ito, darkened or lightened to be read on paper and on a dark screen;
//! colour-blind people tell them apart. What shares a colour differs by its dashes, as far as there are
//! any, and routes that lie in neighbouring directions get different colours. Ways from and to the depot
//! are faint, since all of them together would cover the rest.

use std::fmt::{self, Write as _};

use swerve_model::Planar;
use swerve_model::instance::{Positions, Role};

use super::super::{DrivenRoute, InstanceFile};
use super::{PictureError, can_be_drawn};
use crate::steady;

/// Light screens, dark screens.
const COLORS: [(&str, &str); 7] = [
    ("#0072b2", "#4aa8e0"),
    ("#d55e00", "#ff8a3d"),
    ("#009e73", "#2fd0a2"),
    ("#b0478b", "#e79bc9"),
    ("#b07800", "#f0b429"),
    ("#2b8cbe", "#8fd3f5"),
    ("#595959", "#bdbdbd"),
];

const DASHES: [&str; 3] = ["none", "7 3", "2 3"];

/// Width of the map, its least and greatest height, and the column beside it.
const WIDTH: f64 = 900.0;
const HEIGHT_MIN: f64 = 500.0;
const HEIGHT_MAX: f64 = 1200.0;
const LEGEND: f64 = 260.0;
const MARGIN: f64 = 24.0;

/// Routes listed at most: as many as look different.
const LISTED_MAX: usize = COLORS.len() * DASHES.len();

/// What stands beside the routes.
#[derive(Clone, Debug, Default)]
pub struct Caption {
    pub title: String,
    /// A name and a value a line: cost, gap, vehicles.
    pub lines: Vec<(String, String)>,
}

/// Draws the routes that have halts.
///
/// # Errors
/// The file does not say where its places lie.
///
/// # Panics
/// If the routes are not of that instance.
pub fn write(
    file: &InstanceFile,
    routes: &[DrivenRoute],
    caption: &Caption,
) -> Result<String, PictureError> {
    can_be_drawn(&file.instance)?;
    let sheet = Sheet::of(&file.instance.positions);
    let names = file.vehicle_names(routes);
    let used: Vec<usize> =
        (0..routes.len()).filter(|route| !routes[*route].halts.is_empty()).collect();
    let looks = looks(file, routes, &used, &sheet);
    let mut text = head(&sheet, caption);
    for (route, look) in used.iter().zip(&looks) {
        let title = format!("route {}, vehicle {}", route + 1, names[*route]);
        draw(&mut text, file, &routes[*route], *look, &title, &sheet);
    }
    depots(&mut text, file, &sheet);
    legend(&mut text, file, routes, &used, &looks, caption);
    text.push_str("</svg>\n");
    Ok(text)
}

/// Which colour and which dashes a route has.
#[derive(Clone, Copy)]
struct Look {
    color: usize,
    dash: usize,
}

/// From the file's places to the drawing's.
struct Sheet {
    points: Vec<(f64, f64)>,
    height: f64,
}

impl Sheet {
    fn of(positions: &Positions) -> Sheet {
        let points = positions.points();
        let low = |of: fn(&Planar) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&Planar) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (west, south) = (low(|point| point.x), low(|point| point.y));
        let (east, north) = (high(|point| point.x), high(|point| point.y));
        // Degrees of longitude shrink towards the poles.
        let shrink = match positions {
            Positions::Earth(_) => {
                steady::sin_cos(f64::midpoint(south, north).to_radians()).1.max(0.01)
            }
            Positions::Plane(_) | Positions::Unknown => 1.0,
        };
        let (wide, tall) = ((east - west) * shrink, north - south);
        let room = WIDTH - 2.0 * MARGIN;
        let height = (room * tall / wide.max(1e-9)).clamp(HEIGHT_MIN, HEIGHT_MAX) + 2.0 * MARGIN;
        let scale = (room / wide.max(1e-9)).min((height - 2.0 * MARGIN) / tall.max(1e-9));
        // All places may be one.
        let scale = if wide.max(tall) > 0.0 { scale } else { 0.0 };
        let (left, top) = ((WIDTH - wide * scale) / 2.0, (height - tall * scale) / 2.0);
        let place = |point: &Planar| {
            (left + (point.x - west) * shrink * scale, top + (north - point.y) * scale)
        };
        Sheet { points: points.iter().map(place).collect(), height }
    }
}

/// By the direction in which a route lies from the middle, so that neighbours mostly differ.
fn looks(file: &InstanceFile, routes: &[DrivenRoute], used: &[usize], sheet: &Sheet) -> Vec<Look> {
    let (center_x, center_y) = (WIDTH / 2.0, sheet.height / 2.0);
    let direction = |route: usize| {
        let places: Vec<(f64, f64)> = halts(file, &routes[route], sheet);
        let count = places.len().max(1) as f64;
        let x = places.iter().map(|place| place.0).sum::<f64>() / count;
        let y = places.iter().map(|place| place.1).sum::<f64>() / count;
        turn(x - center_x, y - center_y)
    };
    let mut order: Vec<usize> = (0..used.len()).collect();
    order.sort_by(|a, b| direction(used[*a]).total_cmp(&direction(used[*b])).then(a.cmp(b)));
    let mut looks = vec![Look { color: 0, dash: 0 }; used.len()];
    for (rank, index) in order.into_iter().enumerate() {
        looks[index] =
            Look { color: rank % COLORS.len(), dash: rank / COLORS.len() % DASHES.len() };
    }
    looks
}

/// Grows with the angle of a direction, from 0 to 4 around the circle.
fn turn(x: f64, y: f64) -> f64 {
    let share = y / (x.abs() + y.abs()).max(1e-9);
    match (x < 0.0, y < 0.0) {
        (false, false) => share,
        (true, _) => 2.0 - share,
        (false, true) => 4.0 + share,
    }
}

/// Where a route's tasks are done.
fn halts(file: &InstanceFile, route: &DrivenRoute, sheet: &Sheet) -> Vec<(f64, f64)> {
    let tasks = route.halts.iter().map(|halt| &file.instance.tasks[halt.task as usize]);
    let tasks = tasks.filter(|task| task.role != Role::Break);
    tasks.map(|task| sheet.points[task.site as usize]).collect()
}

fn head(sheet: &Sheet, caption: &Caption) -> String {
    let (width, height) = (WIDTH + LEGEND, sheet.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
    );
    put(&mut text, format_args!("<title>{}</title>\n", escaped(&caption.title)));
    text.push_str("<style>\nsvg { --paper: #fff; --ink: #1a1a1a; --faint: #767676;");
    for (index, (light, _)) in COLORS.iter().enumerate() {
        put(&mut text, format_args!(" --c{index}: {light};"));
    }
    text.push_str(" }\n@media (prefers-color-scheme: dark) {\n  svg { --paper: #161616; --ink: #ededed; --faint: #9a9a9a;");
    for (index, (_, dark)) in COLORS.iter().enumerate() {
        put(&mut text, format_args!(" --c{index}: {dark};"));
    }
    text.push_str(
        " }\n}\n.paper { fill: var(--paper) }\ntext, .depot { fill: var(--ink) }\n\
         .faint { fill: var(--faint) }\npolyline { fill: none; stroke-linejoin: round }\n\
         .way { stroke-width: 1.6 }\n.out { stroke-width: 1; opacity: 0.3 }\n",
    );
    for index in 0..COLORS.len() {
        let rule = format_args!(
            ".l{index} {{ stroke: var(--c{index}) }}\n.s{index} {{ fill: var(--c{index}) }}\n"
        );
        put(&mut text, rule);
    }
    text.push_str("</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    text
}

fn draw(
    text: &mut String,
    file: &InstanceFile,
    route: &DrivenRoute,
    look: Look,
    title: &str,
    sheet: &Sheet,
) {
    let vehicle = &file.instance.fleet[route.kind as usize];
    let stops = halts(file, route, sheet);
    let Look { color, dash } = look;
    put(text, format_args!("<g><title>{}</title>\n", escaped(title)));
    let ends = [(vehicle.start, stops.first()), (vehicle.end, stops.last())];
    for (site, stop) in ends {
        if let (Some(site), Some(stop)) = (site, stop) {
            polyline(text, &format!("out l{color}"), "none", &[sheet.points[site as usize], *stop]);
        }
    }
    polyline(text, &format!("way l{color}"), DASHES[dash], &stops);
    // Many stops want small dots.
    let radius = if sheet.points.len() > 400 { 1.8 } else { 3.0 };
    for (x, y) in stops {
        let dot =
            format!("<circle class=\"s{color}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>\n");
        text.push_str(&dot);
    }
    text.push_str("</g>\n");
}

fn polyline(text: &mut String, class: &str, dash: &str, places: &[(f64, f64)]) {
    let places: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let dash = if dash == "none" { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
    let line = format!("<polyline class=\"{class}\"{dash} points=\"{}\"/>\n", places.join(" "));
    text.push_str(&line);
}

fn depots(text: &mut String, file: &InstanceFile, sheet: &Sheet) {
    let fleet = file.instance.fleet.iter();
    let mut sites: Vec<u32> =
        fleet.flat_map(|vehicle| [vehicle.start, vehicle.end]).flatten().collect();
    sites.sort_unstable();
    sites.dedup();
    for site in sites {
        let (x, y) = sheet.points[site as usize];
        let (x, y) = (x - 5.0, y - 5.0);
        let square = format!(
            "<rect class=\"depot\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"10\" height=\"10\"/>\n"
        );
        text.push_str(&square);
    }
}

fn legend(
    text: &mut String,
    file: &InstanceFile,
    routes: &[DrivenRoute],
    used: &[usize],
    looks: &[Look],
    caption: &Caption,
) {
    let (left, right) = (WIDTH, WIDTH + LEGEND - MARGIN);
    let mut y = MARGIN + 12.0;
    let title = escaped(&caption.title);
    put(text, format_args!("<text x=\"{left}\" y=\"{y}\" font-weight=\"600\">{title}</text>\n"));
    for (name, value) in &caption.lines {
        y += 20.0;
        let (name, value) = (escaped(name), escaped(value));
        let line = format!(
            "<text x=\"{left}\" y=\"{y}\" class=\"faint\">{name}</text>\
             <text x=\"{right}\" y=\"{y}\" text-anchor=\"end\">{value}</text>\n"
        );
        text.push_str(&line);
    }
    y += 12.0;
    for (route, look) in used.iter().zip(looks).take(LISTED_MAX) {
        y += 18.0;
        let (color, middle) = (look.color, y - 4.0);
        let swatch = [(left, middle), (left + 28.0, middle)];
        polyline(text, &format!("way l{color}"), DASHES[look.dash], &swatch);
        let (stops, distance) = (routes[*route].halts.len(), file.span(routes[*route].distance));
        let (number, x) = (route + 1, left + 38.0);
        let line = format!(
            "<text x=\"{x}\" y=\"{y}\">route {number}</text>\
             <text x=\"{right}\" y=\"{y}\" text-anchor=\"end\" class=\"faint\">{stops} stops, \
             {distance:.0}</text>\n"
        );
        text.push_str(&line);
    }
    if used.len() > LISTED_MAX {
        y += 18.0;
        let more = used.len() - LISTED_MAX;
        put(
            text,
            format_args!("<text x=\"{left}\" y=\"{y}\" class=\"faint\">and {more} more</text>\n"),
        );
    }
}

fn put(text: &mut String, part: fmt::Arguments) {
    text.write_fmt(part).expect("a string takes it");
}

/// What XML would read as its own.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // Not even escaped is one of these allowed.
            letter if letter.is_control() => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}
