//! When each van may start each stop that has promises.
//!
//! Most vans see a stop alike: what matters is the moment from which their future is uncertain. So
//! windows are kept by stop and by such a moment, and apart where one van sees its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use swerve_model::TimeWindow;

use super::{NONE, SearchVan};
use crate::instance::{Stop, Windows};
use crate::route::{Route, Rules};

pub(super) struct WindowTable {
    windows: Vec<TimeWindow>,
    /// Per row and van number of the column: where its windows lie; empty if it never may.
    spans: Vec<(u32, u32)>,
    columns: usize,
    /// By node, its row; [`NONE`] if any moment will do in every van.
    pub(super) rows: Vec<u32>,
    /// By node, whether some van sees windows of its own.
    pub(super) is_special: Vec<bool>,
    /// Where one van sees other windows than its column: published there, or late there already.
    special: BTreeMap<(u32, u32), Windows>,
}

impl WindowTable {
    /// `standing` are the nodes of each route, in order.
    pub(super) fn new(
        stops: &[Arc<Stop>],
        vans: &[SearchVan],
        routes: &[Arc<Route>],
        standing: &[Vec<u32>],
        rules: &Rules,
    ) -> WindowTable {
        let mut table = WindowTable {
            windows: Vec::new(),
            spans: Vec::new(),
            columns: vans.len(),
            rows: vec![NONE; stops.len()],
            is_special: vec![false; stops.len()],
            special: BTreeMap::new(),
        };
        let with_windows = stops.iter().enumerate().filter(|(_, stop)| !stop.windows.is_empty());
        for (row, (node, stop)) in with_windows.enumerate() {
            table.rows[node] = row as u32;
            table.add_row(stop, vans, rules);
            table.add_published(node, stop, vans, rules);
        }
        for (number, (route, nodes)) in routes.iter().zip(standing).enumerate() {
            table.add_standing(number as u32, route, nodes, vans);
        }
        table
    }

    /// What vans that published nothing of `stop` see, a column for each first to know.
    fn add_row(&mut self, stop: &Stop, vans: &[SearchVan], rules: &Rules) {
        let unpublished = Stop { baseline: None, ..stop.clone() };
        for (number, van) in vans.iter().enumerate() {
            let from = self.windows.len() as u32;
            if van.window_column == number as u32 {
                let seen = rules.assurance.windows(&unpublished, &van.van);
                self.windows.extend(seen.into_iter().flatten());
            }
            self.spans.push((from, self.windows.len() as u32));
        }
    }

    /// A stop published with too little margin is seen by every van in its own way.
    fn add_published(&mut self, node: usize, stop: &Stop, vans: &[SearchVan], rules: &Rules) {
        if !stop.baseline.is_some_and(|baseline| baseline.margin < rules.assurance.margin) {
            return;
        }
        self.is_special[node] = true;
        for (number, van) in vans.iter().enumerate() {
            let seen = rules.assurance.windows(stop, &van.van).unwrap_or_default();
            self.special.insert((node as u32, number as u32), seen);
        }
    }

    /// A stop that stands late in its route may stay so there.
    fn add_standing(&mut self, number: u32, route: &Route, nodes: &[u32], vans: &[SearchVan]) {
        for (index, node) in nodes.iter().enumerate() {
            let standing = route.windows_at(index + 1);
            let has_row = self.rows[*node as usize] != NONE;
            if has_row && self.of(*node, number, &vans[number as usize]) != standing {
                self.special.insert((*node, number), standing.into());
                self.is_special[*node as usize] = true;
            }
        }
    }

    /// What van `number` sees of a node that has a row; empty if it never may serve it.
    pub(super) fn of(&self, node: u32, number: u32, van: &SearchVan) -> &[TimeWindow] {
        if self.is_special[node as usize]
            && let Some(special) = self.special.get(&(node, number))
        {
            return special;
        }
        self.in_row(self.rows[node as usize], van)
    }

    /// What vans of one column see of a node that none of them sees in its own way.
    #[inline]
    pub(super) fn in_row(&self, row: u32, van: &SearchVan) -> &[TimeWindow] {
        let (from, to) = self.spans[row as usize * self.columns + van.window_column as usize];
        &self.windows[from as usize..to as usize]
    }
}
