//! Streets as lines: the edges of each street, put in order.

use super::plat::Plat;

/// The lines of every street, by street number: usually one each, more where a roundabout has cut
/// it. Each runs in the direction the street was drawn. O(edges).
pub(super) fn lines(plat: &Plat, street_count: usize) -> Vec<Vec<Vec<u32>>> {
    let mut edges = vec![Vec::new(); street_count];
    for (_, edge) in plat.edges() {
        edges[edge.street as usize].push(edge.ends);
    }
    edges.into_iter().map(chained).collect()
}

fn chained(mut edges: Vec<[u32; 2]>) -> Vec<Vec<u32>> {
    edges.sort_unstable();
    let mut lines = Vec::new();
    while !edges.is_empty() {
        let leads_in = |node: u32| edges.iter().any(|[_, to]| *to == node);
        let first = edges.iter().position(|[from, _]| !leads_in(*from)).unwrap_or(0);
        let [from, to] = edges.remove(first);
        let mut line = vec![from, to];
        let mut end = to;
        while let Some(next) = edges.iter().position(|[from, _]| *from == end) {
            end = edges.remove(next)[1];
            line.push(end);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_in_any_order_become_one_line_each_way_round() {
        assert_eq!(chained(vec![[3, 4], [1, 2], [2, 3]]), vec![vec![1, 2, 3, 4]]);
        assert_eq!(chained(vec![[5, 6], [1, 2]]), vec![vec![1, 2], vec![5, 6]]);
        assert_eq!(chained(vec![[1, 2], [2, 3], [3, 1]]), vec![vec![1, 2, 3, 1]]);
    }
}
