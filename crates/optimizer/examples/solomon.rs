//! Plans one instance in Solomon's text format and prints its cost and what it took.
//!
//! `cargo run --release -p swerve-optimizer --example solomon -- FILE ITERATIONS WORKERS SEED`
//!
//! Distances and times are as the DIMACS challenge has them: Euclidean, cut after one decimal; cost is
//! distance alone. One unit of the file is ten ticks and ten metres here.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use swerve_model::{
    Cost, Leg, Load, Moment, Pace, Place, Planar, Skills, Ticks, TimeWindow, TravelTimes,
};
use swerve_optimizer::{
    Assurance, Custody, Prices, Rules, Search, Stop, Tariff, Van, Windows, construct,
};

#[path = "shared/cpu.rs"]
mod cpu;

/// Straight lines, in tenths of the file's unit.
struct Plane(Vec<Planar>);

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let tenths = self.0[from.0 as usize].distance(self.0[to.0 as usize]) * 10.0;
        // The square root may fall just short of a whole number of tenths.
        let tenths = (tenths + 1e-9) as i32;
        Leg { ticks: tenths, meters: tenths }
    }

    fn position(&self, place: Place) -> Planar {
        self.0[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 10.0, meters: 10.0 }
    }
}

struct Instance {
    travel: Plane,
    vans: Vec<Arc<Van>>,
    stops: Vec<Arc<Stop>>,
}

fn parse(text: &str) -> Result<Instance, Box<dyn Error>> {
    let rows: Vec<Vec<i64>> = text
        .lines()
        .map(|line| line.split_whitespace().map_while(|field| field.parse().ok()).collect())
        .collect();
    let fleet = rows.iter().find(|row| row.len() == 2).ok_or("no line with fleet and capacity")?;
    let sites: Vec<&Vec<i64>> = rows.iter().filter(|row| row.len() == 7).collect();
    let depot = sites.first().ok_or("no depot")?;
    let travel =
        Plane(sites.iter().map(|site| Planar { x: site[1] as f64, y: site[2] as f64 }).collect());
    let close = Moment(depot[5] * 10);
    let van = |key: u32| Van {
        key,
        start: Place(0),
        depart: Moment(depot[4] * 10),
        known: Moment(0),
        end: Some(Place(0)),
        shift_end: close,
        hard_end: close,
        capacity: Load::new(fleet[1], 0, 0),
        carried: Load::ZERO,
        skills: Skills::NONE,
        loads_from: Some(0),
        leaves: Moment(0),
        use_cost: Some(Cost::ZERO),
    };
    let stop = |(key, site): (usize, &&Vec<i64>)| -> Result<Arc<Stop>, Box<dyn Error>> {
        let window = TimeWindow::new(Moment(site[4] * 10), Moment(site[5] * 10))?;
        Ok(Arc::new(Stop {
            key: key as u32,
            place: Place(key as u32),
            windows: Windows::from_elem(window, 1),
            service: Ticks(site[6] * 10),
            load: Load::new(site[3], 0, 0),
            skills: Skills::NONE,
            custody: Custody::AtDepot(0),
            ready: None,
            pinned: false,
            baseline: None,
            told: None,
            drop_cost: Cost::from_units(1_000),
        }))
    };
    let stops = sites.iter().enumerate().skip(1).map(stop).collect::<Result<_, _>>()?;
    Ok(Instance { travel, vans: (0..fleet[0] as u32).map(|k| Arc::new(van(k))).collect(), stops })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, iterations, workers, seed] = &arguments[..] else {
        return Err("usage: solomon FILE ITERATIONS WORKERS SEED".into());
    };
    let instance = parse(&fs::read_to_string(file)?)?;
    let nothing = Cost::ZERO;
    let rules = Rules {
        // A metre, a tenth of the file's unit, costs one micro-unit.
        prices: Prices::new(&Tariff {
            driving_hour: nothing,
            waiting_hour: nothing,
            km: Cost(1000),
            overtime_hour: nothing,
            late_minute: nothing,
            told_minute: nothing,
            moved_van: nothing,
        }),
        assurance: Assurance::AS_PLANNED,
        travel_varies: false,
    };
    let never = AtomicBool::new(false);
    let search = Search {
        seed: seed.parse()?,
        workers: workers.parse()?,
        iterations: iterations.parse()?,
        stop: &never,
    };
    let (plan, seconds) = cpu::timed(|| {
        construct(&instance.vans, &instance.stops, &instance.travel, &rules, &search)
    });
    let routes = plan.routes.iter().filter(|route| !route.stops().is_empty()).count();
    let done: u64 = plan.iterations.iter().sum();
    let cost = plan.after.money.0 as f64 / 10.0;
    let dropped = plan.unassigned.len();
    let best = fs::read_to_string(file.replace(".txt", ".sol")).unwrap_or_default();
    let best = best.lines().find_map(|line| line.strip_prefix("Cost ")?.parse::<f64>().ok());
    let gap =
        best.map_or(String::new(), |best| format!(" gap {:.2} %", (cost / best - 1.0) * 100.0));
    cpu::say(&format!(
        "{file}: cost {cost:.1}{gap}, {routes} routes, {dropped} dropped, {done} iterations in \
         {seconds:.2} s CPU: {:.0}/s",
        done as f64 / seconds
    ));
    Ok(())
}
