//! Which van may serve which stop: a bit for each pair.

use std::sync::Arc;

use super::windows::WindowTable;
use super::{NONE, SearchVan};
use crate::instance::Stop;

pub(super) struct Permissions {
    words: usize,
    bits: Vec<u64>,
    /// Per node the permitted vans, if at most [`FEW_VANS`].
    few: Vec<Option<Box<[u32]>>>,
}

/// With so few vans each is looked at, wherever it is; a stop aboard has one.
const FEW_VANS: usize = 6;

impl Permissions {
    /// `standing` are the nodes of each route.
    pub(super) fn new(
        stops: &[Arc<Stop>],
        vans: &[SearchVan],
        standing: &[Vec<u32>],
        windows: &WindowTable,
    ) -> Permissions {
        let words = vans.len().div_ceil(64);
        let mut permitted =
            Permissions { words, bits: vec![0; stops.len() * words], few: Vec::new() };
        for (node, stop) in stops.iter().enumerate() {
            for (number, van) in vans.iter().enumerate() {
                let has_time = windows.rows[node] == NONE
                    || !windows.of(node as u32, number as u32, van).is_empty();
                if has_time && van.van.admits(stop).is_ok() {
                    permitted.grant(number as u32, node as u32);
                }
            }
        }
        for (number, nodes) in standing.iter().enumerate() {
            for node in nodes {
                // Where it stands it may stay, whatever custody and skills say.
                permitted.grant(number as u32, *node);
            }
        }
        permitted.few = (0..stops.len() as u32).map(|node| permitted.if_few(node)).collect();
        permitted
    }

    fn if_few(&self, node: u32) -> Option<Box<[u32]>> {
        let bits: u32 = self.row(node).iter().map(|word| word.count_ones()).sum();
        let vans = (0..self.words as u32 * 64).filter(|van| self.has(*van, node));
        (bits as usize <= FEW_VANS).then(|| vans.collect())
    }

    fn row(&self, node: u32) -> &[u64] {
        &self.bits[node as usize * self.words..(node as usize + 1) * self.words]
    }

    fn grant(&mut self, van: u32, node: u32) {
        self.bits[node as usize * self.words + van as usize / 64] |= 1 << (van % 64);
    }

    #[inline]
    pub(super) fn has(&self, van: u32, node: u32) -> bool {
        self.bits[node as usize * self.words + van as usize / 64] & 1 << (van % 64) != 0
    }

    /// The only vans that may serve `node`, if they are few.
    pub(super) fn few(&self, node: u32) -> Option<&[u32]> {
        self.few[node as usize].as_deref()
    }

    pub(super) fn share_a_van(&self, one: u32, other: u32) -> bool {
        self.row(one).iter().zip(self.row(other)).any(|(a, b)| a & b != 0)
    }
}
