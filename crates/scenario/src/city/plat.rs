//! The growing street map: a planar graph in which streets may only meet at nodes.
//!
//! Streets are drawn piece by piece. Each piece is tested against what lies nearby; where it meets
//! another street, that street is split and both share a node. Nothing is ever cleaned up
//! afterwards, because nothing crooked gets in.

use super::geometry::{V2, crossing, distance_to_segment, nearest_share};
use super::site::{HALF_HEIGHT, HALF_WIDTH};

const CELL: f64 = 60.0;
/// Drawing may leave the map a little; what lies further out shares the outermost cells.
const MARGIN: f64 = 300.0;
/// A main road is bent to meet a node this near, so that no two junctions stand side by side.
const SNAP: f64 = 16.0;

/// A piece of street between two nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) ends: [u32; 2],
    pub(super) street: u32,
}

impl Edge {
    pub(super) fn other(&self, node: u32) -> u32 {
        if self.ends[0] == node { self.ends[1] } else { self.ends[0] }
    }
}

/// Where a new street may be tied to the map.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Node(u32),
    /// On an edge, at this point.
    Along(u32, V2),
}

/// Where a drawn segment first meets the map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) anchor: Anchor,
    pub(super) point: V2,
    /// Of the segment's length.
    share: f64,
    pub(super) edge: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Plat {
    pub(super) points: Vec<V2>,
    /// Edges that were split are gone.
    edges: Vec<Option<Edge>>,
    /// Live edges of each node.
    incident: Vec<Vec<u32>>,
    cells: Vec<Vec<u32>>,
}

impl Plat {
    pub(super) fn new() -> Plat {
        let (columns, rows) = Plat::size();
        Plat { cells: vec![Vec::new(); columns * rows], ..Plat::default() }
    }

    fn size() -> (usize, usize) {
        let count = |half: f64| ((2.0 * (half + MARGIN)) / CELL) as usize + 1;
        (count(HALF_WIDTH), count(HALF_HEIGHT))
    }

    pub(super) fn edge(&self, edge: u32) -> Option<&Edge> {
        self.edges.get(edge as usize).and_then(Option::as_ref)
    }

    /// Live edges by number.
    pub(super) fn edges(&self) -> impl Iterator<Item = (u32, &Edge)> {
        self.edges.iter().enumerate().filter_map(|(id, edge)| Some((id as u32, edge.as_ref()?)))
    }

    pub(super) fn incident(&self, node: u32) -> impl Iterator<Item = (u32, &Edge)> {
        self.incident[node as usize].iter().filter_map(|id| Some((*id, self.edge(*id)?)))
    }

    pub(super) fn degree(&self, node: u32) -> usize {
        self.incident[node as usize].len()
    }

    pub(super) fn at(&self, node: u32) -> V2 {
        self.points[node as usize]
    }

    pub(super) fn ends(&self, edge: &Edge) -> (V2, V2) {
        (self.at(edge.ends[0]), self.at(edge.ends[1]))
    }

    pub(super) fn add_node(&mut self, point: V2) -> u32 {
        self.points.push(point);
        self.incident.push(Vec::new());
        self.points.len() as u32 - 1
    }

    /// Ties two nodes, unless they are one or tied already.
    pub(super) fn connect(&mut self, a: u32, b: u32, street: u32) {
        if a == b || self.incident(a).any(|(_, edge)| edge.other(a) == b) {
            return;
        }
        let id = self.edges.len() as u32;
        self.edges.push(Some(Edge { ends: [a, b], street }));
        self.incident[a as usize].push(id);
        self.incident[b as usize].push(id);
        for cell in cells_between(self.at(a), self.at(b), 0.0) {
            self.cells[cell].push(id);
        }
    }

    pub(super) fn remove(&mut self, edge: u32) {
        let Some(gone) = self.edges[edge as usize].take() else { return };
        for node in gone.ends {
            self.incident[node as usize].retain(|id| *id != edge);
        }
        for cell in cells_between(self.at(gone.ends[0]), self.at(gone.ends[1]), 0.0) {
            self.cells[cell].retain(|id| *id != edge);
        }
    }

    /// Puts a node on an edge; an end of it within a metre serves as well.
    fn split(&mut self, edge: u32, point: V2) -> u32 {
        let Some(Edge { ends: [a, b], street }) = self.edge(edge).copied() else {
            return self.add_node(point);
        };
        if let Some(end) = [a, b].into_iter().find(|end| self.at(*end).distance(point) < 1.0) {
            return end;
        }
        let node = self.add_node(point);
        self.remove(edge);
        self.connect(a, node, street);
        self.connect(node, b, street);
        node
    }

    /// The node at an anchor, made by splitting if need be. An edge that has been split since is
    /// found again by where the anchor lies.
    pub(super) fn node_of(&mut self, anchor: Anchor) -> u32 {
        match anchor {
            Anchor::Node(node) => node,
            Anchor::Along(edge, point) => {
                let live = self.edge(edge).map(|_| edge);
                let found = live.or_else(|| self.nearest_edge(point, 5.0).map(|(id, _)| id));
                match found {
                    Some(id) => self.split(id, point),
                    None => self.add_node(point),
                }
            }
        }
    }

    /// Live edges that may come within `radius` of `point`, ascending, each once.
    pub(super) fn around(&self, point: V2, radius: f64) -> Vec<u32> {
        self.listed(point, point, radius)
    }

    fn listed(&self, a: V2, b: V2, radius: f64) -> Vec<u32> {
        let mut found: Vec<u32> =
            cells_between(a, b, radius).flat_map(|cell| self.cells[cell].iter().copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The nearest edge within `radius`, and how far it is; ties by number.
    pub(super) fn nearest_edge(&self, point: V2, radius: f64) -> Option<(u32, f64)> {
        let mut best: Option<(u32, f64)> = None;
        for id in self.around(point, radius) {
            let Some(edge) = self.edge(id) else { continue };
            let (a, b) = self.ends(edge);
            let distance = distance_to_segment(point, a, b);
            if distance <= radius && best.is_none_or(|(_, least)| distance < least) {
                best = Some((id, distance));
            }
        }
        best
    }

    /// Where the segment from `from` to `to` first meets an edge that does not end in `start`.
    pub(super) fn first_hit(&self, from: V2, to: V2, start: Option<u32>) -> Option<Hit> {
        let mut first: Option<Hit> = None;
        for id in self.listed(from, to, 0.0) {
            let Some(edge) = self.edge(id) else { continue };
            if start.is_some_and(|node| edge.ends.contains(&node)) {
                continue;
            }
            let (a, b) = self.ends(edge);
            let Some((share, along)) = crossing(from, to, a, b) else { continue };
            if first.is_none_or(|hit| share < hit.share) {
                let point = a.toward(b, along);
                first = Some(Hit { anchor: Anchor::Along(id, point), point, share, edge: id });
            }
        }
        first
    }

    /// The same anchor, moved to an end of its edge where that is within `snap`.
    pub(super) fn snapped(&self, hit: Hit, snap: f64) -> Anchor {
        let Some(edge) = self.edge(hit.edge) else { return hit.anchor };
        let near = edge.ends.into_iter().min_by(|a, b| {
            self.at(*a).distance(hit.point).total_cmp(&self.at(*b).distance(hit.point))
        });
        match near {
            Some(node) if self.at(node).distance(hit.point) <= snap => Anchor::Node(node),
            _ => hit.anchor,
        }
    }

    /// The nearest node within `radius` that ends an edge; ties by number.
    pub(super) fn nearest_node(&self, point: V2, radius: f64) -> Option<u32> {
        let ids = self.around(point, radius);
        let nodes = ids.into_iter().filter_map(|id| self.edge(id)).flat_map(|edge| edge.ends);
        nodes
            .map(|node| (self.at(node).distance(point), node))
            .filter(|(distance, _)| *distance <= radius)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, node)| node)
    }

    /// Draws a main road through everything in its way, sharing a node wherever it meets a street.
    /// Returns its nodes in order.
    pub(super) fn draw(&mut self, line: &[V2], street: u32) -> Vec<u32> {
        let Some((first, rest)) = line.split_first() else { return Vec::new() };
        let mut path = vec![self.tied(*first)];
        for target in rest {
            // A segment meets each edge nearby at most once; the bound only stops a bug from looping.
            for _ in 0..64 {
                let here = path[path.len() - 1];
                let hit = self.first_hit(self.at(here), *target, Some(here));
                let next = match hit {
                    Some(hit) => {
                        let anchor = self.snapped(hit, SNAP);
                        self.node_of(anchor)
                    }
                    None => self.tied(*target),
                };
                self.connect(here, next, street);
                path.push(next);
                if hit.is_none() || self.at(next).distance(*target) <= SNAP {
                    break;
                }
            }
        }
        path.dedup();
        path
    }

    /// The node at a point: one nearby, else a point of an edge nearby, else a new one.
    fn tied(&mut self, point: V2) -> u32 {
        if let Some(node) = self.nearest_node(point, SNAP) {
            return node;
        }
        match self.nearest_edge(point, SNAP / 2.0) {
            Some((id, _)) => {
                let edge = *self.edge(id).expect("just found");
                let (a, b) = self.ends(&edge);
                self.split(id, a.toward(b, nearest_share(point, a, b)))
            }
            None => self.add_node(point),
        }
    }
}

fn cells_between(a: V2, b: V2, radius: f64) -> impl Iterator<Item = usize> {
    let (columns, rows) = Plat::size();
    let clamp = |value: f64, half: f64, count: usize| {
        (((value + half + MARGIN) / CELL).max(0.0) as usize).min(count - 1)
    };
    let column = |x: f64| clamp(x, HALF_WIDTH, columns);
    let row = |y: f64| clamp(y, HALF_HEIGHT, rows);
    let across = column(a.x.min(b.x) - radius)..=column(a.x.max(b.x) + radius);
    let up = row(a.y.min(b.y) - radius)..=row(a.y.max(b.y) + radius);
    up.flat_map(move |row| across.clone().map(move |column| row * columns + column))
}

#[cfg(test)]
mod tests {
    use super::super::geometry::v;
    use super::*;

    #[test]
    fn a_road_drawn_through_others_shares_a_node_with_each() {
        let mut plat = Plat::new();
        plat.draw(&[v(-200.0, 0.0), v(200.0, 0.0)], 0);
        plat.draw(&[v(-200.0, 100.0), v(200.0, 100.0)], 1);
        let path = plat.draw(&[v(30.0, -100.0), v(30.0, 200.0)], 2);
        assert_eq!(path.len(), 4);
        assert_eq!(path[1..3].iter().map(|node| plat.degree(*node)).collect::<Vec<_>>(), [4, 4]);
        assert_eq!(plat.edges().count(), 7);
    }

    #[test]
    fn the_first_hit_is_the_nearest_and_never_the_street_one_stands_on() {
        let mut plat = Plat::new();
        let base = plat.draw(&[v(0.0, 0.0), v(100.0, 0.0)], 0);
        plat.draw(&[v(-50.0, 40.0), v(150.0, 40.0)], 1);
        plat.draw(&[v(-50.0, 80.0), v(150.0, 80.0)], 2);
        let hit =
            plat.first_hit(v(0.0, 0.0), v(0.0, 200.0), Some(base[0])).expect("two in the way");
        assert_eq!(hit.point, v(0.0, 40.0));
        assert!(plat.first_hit(v(0.0, 0.0), v(0.0, 39.0), Some(base[0])).is_none());
    }

    #[test]
    fn removed_edges_leave_no_trace() {
        let mut plat = Plat::new();
        let path = plat.draw(&[v(0.0, 0.0), v(100.0, 0.0)], 0);
        let edge = plat.edges().next().expect("one").0;
        plat.remove(edge);
        assert_eq!((plat.edges().count(), plat.degree(path[0])), (0, 0));
        assert!(plat.nearest_edge(v(50.0, 0.0), 20.0).is_none());
    }
}
