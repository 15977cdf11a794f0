//! Lists, a page at a time: by name, from just after the last one sent.
//!
//! A page ends early when it grows heavy, since every client can read four megabytes and no more.

use std::ops::Bound;

use prost::Message;
use swerve_model::{ParcelId, ShipmentId};

use crate::convert::name::Named;
use crate::fault::{Faults, Path, shown};
use crate::opaque;

/// Items on a page when the caller does not say.
const SIZE_DEFAULT: i32 = 100;
/// Most a caller may ask for.
const SIZE_MAX: i32 = 1000;
/// A page ends once it weighs this much: half of what a client reads, so that no single item can
/// carry it over.
const PAGE_BYTES_MAX: usize = 2 << 20;
/// Marks a token as one of ours.
const MARK: u8 = b'p';

/// What a list is sorted by: it goes into a token and comes back.
pub(crate) trait Key: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl<T: Named> Key for T {
    fn write(&self) -> String {
        self.text().to_owned()
    }

    fn read(text: &str) -> Option<T> {
        T::parse(text).ok()
    }
}

impl Key for (ShipmentId, ParcelId) {
    fn write(&self) -> String {
        format!("{}/{}", self.0, self.1)
    }

    fn read(text: &str) -> Option<(ShipmentId, ParcelId)> {
        let (shipment, parcel) = text.split_once('/')?;
        Some((ShipmentId::new(shipment).ok()?, ParcelId::new(parcel).ok()?))
    }
}

impl<K: Ord> Paging<K> {
    /// Whether a key is on this page or a later one, for lists that are no map.
    pub(crate) fn is_beyond(&self, key: &K) -> bool {
        self.after.as_ref().is_none_or(|after| key > after)
    }
}

/// What a caller asks of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paging<K> {
    size: usize,
    /// The last of the page before.
    after: Option<K>,
}

impl<K: Clone> Paging<K> {
    /// Where the page begins, in a map sorted by `K`.
    pub(crate) fn range(&self) -> (Bound<K>, Bound<K>) {
        let start = self.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        (start, Bound::Unbounded)
    }
}

/// One page, and how to ask for the next.
#[derive(Clone, Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Empty on the last.
    pub(crate) next: String,
}

/// Reads `page_size` and `page_token`.
pub(crate) fn paging<K: Key>(
    size: i32,
    token: &str,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Paging<K>> {
    let size = match size {
        0 => Some(SIZE_DEFAULT),
        1..=SIZE_MAX => Some(size),
        _ => faults.none(at.field("page_size"), format!("{size} is not in 0 to {SIZE_MAX}")),
    };
    let after = if token.is_empty() { Some(None) } else { last_key(token, at, faults).map(Some) };
    Some(Paging { size: usize::try_from(size?).ok()?, after: after? })
}

fn last_key<K: Key>(token: &str, at: Path<'_>, faults: &mut Faults) -> Option<K> {
    let key = opaque::decode(token).and_then(|bytes| match bytes.split_first() {
        Some((&MARK, key)) => K::read(std::str::from_utf8(key).ok()?),
        _ => None,
    });
    key.or_else(|| {
        faults.none(at.field("page_token"), format!("{} is not a token of a page", shown(token)))
    })
}

fn token_after<K: Key>(key: Option<&K>) -> String {
    let mut bytes = vec![MARK];
    bytes.extend_from_slice(key.map(Key::write).unwrap_or_default().as_bytes());
    opaque::encode(&bytes)
}

/// Takes a page's worth of `rest`, which is in [`Paging::range`].
///
/// `render` answers `None` for what the caller may not see. Stops at the first item beyond the page,
/// which it renders to no use: an empty next page would be worse.
pub(crate) fn fill<'a, K: Key + 'a, S, T: Message>(
    paging: &Paging<K>,
    rest: impl Iterator<Item = (&'a K, S)>,
    render: impl Fn(&K, S) -> Option<T>,
) -> Page<T> {
    let mut items: Vec<T> = Vec::new();
    let (mut bytes, mut last) = (0, None);
    for (key, source) in rest {
        let Some(item) = render(key, source) else { continue };
        if items.len() == paging.size || bytes >= PAGE_BYTES_MAX {
            return Page { items, next: token_after(last) };
        }
        bytes += item.encoded_len();
        items.push(item);
        last = Some(key);
    }
    Page { items, next: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use swerve_model::DepotId;
    use swerve_proto::v1::Depot;

    fn depots(count: usize, weight: usize) -> BTreeMap<DepotId, Depot> {
        let depot = |index| {
            let id = DepotId::new(&format!("d{index:03}")).expect("a name");
            (id, Depot { name: "x".repeat(weight), location: None })
        };
        (0..count).map(depot).collect()
    }

    fn walk(all: &BTreeMap<DepotId, Depot>, size: i32) -> Vec<usize> {
        let (mut pages, mut token) = (Vec::new(), String::new());
        loop {
            let mut faults = Faults::new();
            let paging =
                paging::<DepotId>(size, &token, Path::Root, &mut faults).expect("our own token");
            let rest = all.range(paging.range());
            let page = fill(&paging, rest, |_, depot| Some(depot.clone()));
            pages.push(page.items.len());
            token = page.next;
            if token.is_empty() {
                return pages;
            }
        }
    }

    #[test]
    fn pages_hold_every_item_once_and_the_last_one_says_so() {
        assert_eq!(walk(&depots(7, 1), 3), [3, 3, 1]);
        assert_eq!(walk(&depots(6, 1), 3), [3, 3]);
        assert_eq!(walk(&depots(0, 1), 3), [0]);
    }

    #[test]
    fn a_heavy_page_ends_early() {
        assert_eq!(walk(&depots(5, 1 << 20), 100), [2, 2, 1]);
    }

    #[test]
    fn what_may_not_be_seen_takes_no_room_on_a_page() {
        let all = depots(7, 1);
        let paging = Paging::<DepotId> { size: 3, after: None };
        let odd = |id: &DepotId| id.as_str().ends_with(['1', '3', '5']);
        let page = fill(&paging, all.iter(), |id, depot| odd(id).then(|| depot.clone()));
        assert_eq!((page.items.len(), page.next.as_str()), (3, ""));
    }

    #[test]
    fn a_foreign_token_and_a_wild_size_are_faults() {
        let mut faults = Faults::new();
        assert_eq!(paging::<DepotId>(-1, "zz", Path::Root, &mut faults), None);
        let fields: Vec<&str> = faults.kept.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["page_size", "page_token"]);
    }

    #[test]
    fn a_token_of_another_list_is_a_fault() {
        let key = (ShipmentId::new("s").expect("a name"), ParcelId::new("p").expect("a name"));
        let token = token_after(Some(&key));
        let mut faults = Faults::new();
        assert!(paging::<(ShipmentId, ParcelId)>(0, &token, Path::Root, &mut faults).is_some());
        assert!(paging::<DepotId>(0, &token, Path::Root, &mut faults).is_none());
    }
}
