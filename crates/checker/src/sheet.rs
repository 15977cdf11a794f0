//! One side with every name looked up once.
//!
//! Every rule asks what the plan's names stand for. A [`Sheet`] asks the world once per stop and task,
//! and lists the parcels by name, so that both sides can be walked together.

use std::ops::Range;

use swerve_model::{DeliveryPoint, Parcel, Place, Shipment, Stop, Task, TimeWindow, World};

use crate::scene::{ParcelRef, Side};

/// One undone stop and what its names stand for; `None` is a name that stands for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// Index into the side's routes.
    pub(crate) route: usize,
    pub(crate) stop: &'a Stop,
    pub(crate) point: Option<&'a DeliveryPoint>,
    pub(crate) place: Option<Place>,
    /// One for each of the stop's tasks.
    shipments: Vec<Option<&'a Shipment>>,
}

/// One parcel on one undone stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) parcel: ParcelRef<'a>,
    /// Index into the sheet's lines.
    pub(crate) line: usize,
    pub(crate) shipment: Option<&'a Shipment>,
    pub(crate) found: Option<&'a Parcel>,
}

/// One side, looked up.
#[derive(Clone, Debug)]
pub(crate) struct Sheet<'s, 'a, W> {
    pub(crate) side: &'s Side<'a, W>,
    /// Every undone stop, route by route.
    pub(crate) lines: Vec<Line<'a>>,
    of_route: Vec<Range<usize>>,
    /// Every parcel of the lines, by name.
    pub(crate) entries: Vec<Entry<'a>>,
}

impl<'a> Line<'a> {
    pub(crate) fn of<W: World>(world: &'a W, route: usize, stop: &'a Stop) -> Line<'a> {
        Line {
            route,
            stop,
            point: world.point(&stop.point),
            place: world.place(&stop.point),
            shipments: stop.tasks.iter().map(|task| world.shipment(&task.shipment)).collect(),
        }
    }

    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&'a Task, Option<&'a Shipment>)> {
        self.stop.tasks.iter().zip(self.shipments.iter().copied())
    }

    /// The windows of every rule that binds the start of service: opening hours and promises.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'a [TimeWindow]> + Clone {
        let opening = self.point.map(|point| &point.opening[..]).filter(|open| !open.is_empty());
        let promises = self.shipments.iter().flatten().map(|one| &one.promise.windows[..]);
        opening.into_iter().chain(promises)
    }
}

impl Entry<'_> {
    /// Whether the parcel exists and is still to be delivered.
    pub(crate) fn is_open(&self) -> bool {
        self.found.is_some_and(|parcel| !parcel.custody.is_terminal())
    }
}

impl<'s, 'a, W: World> Sheet<'s, 'a, W> {
    /// O(stops + parcels log parcels), and a look-up for each stop and task.
    pub(crate) fn of(side: &'s Side<'a, W>) -> Sheet<'s, 'a, W> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let mut of_route = Vec::with_capacity(side.routes.len());
        for (index, route) in side.routes.iter().enumerate() {
            let first = lines.len();
            lines.extend(route.undone().iter().map(|stop| Line::of(side.world, index, stop)));
            of_route.push(first..lines.len());
        }
        let mut entries = Vec::with_capacity(lines.len());
        for (line, row) in lines.iter().enumerate() {
            for (task, shipment) in row.tasks() {
                entries.extend(task.parcels.iter().map(|parcel| Entry {
                    parcel: (&task.shipment, parcel),
                    line,
                    shipment,
                    found: shipment.and_then(|shipment| shipment.parcel(parcel)),
                }));
            }
        }
        entries.sort_unstable_by(|a, b| a.parcel.cmp(&b.parcel).then(a.line.cmp(&b.line)));
        Sheet { side, lines, of_route, entries }
    }

    /// The lines of one route.
    pub(crate) fn lines_of(&self, route: usize) -> &[Line<'a>] {
        &self.lines[self.of_route[route].clone()]
    }

    /// The position of a line on its route, counted from the first undone stop.
    pub(crate) fn position(&self, line: usize) -> usize {
        line - self.of_route[self.lines[line].route].start
    }

    /// Whether the parcel is on an undone stop of this route.
    pub(crate) fn is_planned_on(&self, route: usize, parcel: ParcelRef<'_>) -> bool {
        let first = self.entries.partition_point(|entry| entry.parcel < parcel);
        let mut places = self.entries[first..].iter().take_while(|entry| entry.parcel == parcel);
        places.any(|entry| self.lines[entry.line].route == route)
    }
}
