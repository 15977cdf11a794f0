//! Resource names: `vehicles/{vehicle}`, `shipments/{shipment}/parcels/{parcel}`, and the ids in them.

use std::fmt::Write as _;

use swerve_model::{
    ChangeId, DepotId, DriverId, IdError, ManifestId, ParcelId, PointId, ProposalId, QuoteId,
    RecipientId, RequestId, ShipmentId, StopId, TerritoryId, VehicleId,
};
use uuid::Uuid;

use crate::fault::{Faults, Path, shown};

/// An id that is the last part of a resource's name.
pub(crate) trait Named: Sized {
    /// The part before it, as in `vehicles`.
    const COLLECTION: &'static str;
    /// What it is called when it is missing, as in `vehicle`.
    const KIND: &'static str;

    fn parse(id: &str) -> Result<Self, IdError>;
    fn text(&self) -> &str;
}

macro_rules! named {
    ($($id:ident, $collection:literal, $kind:literal;)*) => {$(
        impl Named for $id {
            const COLLECTION: &'static str = $collection;
            const KIND: &'static str = $kind;

            fn parse(id: &str) -> Result<$id, IdError> {
                $id::new(id)
            }

            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )*};
}

named! {
    TerritoryId, "territories", "territory";
    DepotId, "depots", "depot";
    VehicleId, "vehicles", "vehicle";
    DriverId, "drivers", "driver";
    PointId, "deliveryPoints", "point";
    ShipmentId, "shipments", "shipment";
    ParcelId, "parcels", "parcel";
    ManifestId, "manifests", "manifest";
    StopId, "stops", "stop";
    QuoteId, "quotes", "quote";
    ChangeId, "changes", "change";
    ProposalId, "replanProposals", "proposal";
}

/// `vehicles/van-1`.
pub(crate) fn name_of<T: Named>(id: &T) -> String {
    let mut name = String::with_capacity(T::COLLECTION.len() + 1 + id.text().len());
    push(&mut name, id);
    name
}

/// `shipments/s/parcels/p`.
pub(crate) fn name_under<P: Named, T: Named>(parent: &P, id: &T) -> String {
    let mut name = name_of(parent);
    name.push('/');
    push(&mut name, id);
    name
}

fn push<T: Named>(name: &mut String, id: &T) {
    name.push_str(T::COLLECTION);
    name.push('/');
    name.push_str(id.text());
}

/// Between a territory and what it issued. No issued id has one, so the last one is it.
const ISSUED_BY: char = '~';

/// `changes/porto~c-17`: the name of what a territory issued says which territory, since each counts
/// for itself.
pub(crate) fn issued_name<T: Named>(territory: &TerritoryId, id: &T) -> String {
    format!("{}/{territory}{ISSUED_BY}{}", T::COLLECTION, id.text())
}

/// `quotes/porto~q-17/offers/3`.
pub(crate) fn offer_name(territory: &TerritoryId, quote: &QuoteId, offer: u32) -> String {
    let mut name = issued_name(territory, quote);
    // Writing to a string cannot fail.
    let _ = write!(name, "/offers/{offer}");
    name
}

/// Reads `collection/id`.
pub(crate) fn named<T: Named>(name: &str, at: Path<'_>, faults: &mut Faults) -> Option<T> {
    let form = || format!("`{}/{{{}}}`", T::COLLECTION, T::KIND);
    if name.is_empty() {
        return faults.none(at, format!("is required, as {}", form()));
    }
    match after_collection::<T>(name) {
        Some(id) if !id.contains('/') => id_of(id, at, faults),
        _ => faults.none(at, format!("{} is not of the form {}", shown(name), form())),
    }
}

/// Reads `collection/id`, or nothing for an empty text.
pub(crate) fn named_if_set<T: Named>(
    name: &str,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Option<T>> {
    if name.is_empty() { Some(None) } else { named(name, at, faults).map(Some) }
}

/// Reads `parents/parent/collection/id`.
pub(crate) fn named_under<P: Named, T: Named>(
    name: &str,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<(P, T)> {
    let form = || format!("`{}/{{{}}}/{}/{{{}}}`", P::COLLECTION, P::KIND, T::COLLECTION, T::KIND);
    if name.is_empty() {
        return faults.none(at, format!("is required, as {}", form()));
    }
    let parts = after_collection::<P>(name).and_then(|rest| rest.split_once('/'));
    let ids = parts.and_then(|(parent, rest)| Some((parent, after_collection::<T>(rest)?)));
    match ids {
        Some((parent, id)) if !id.contains('/') => {
            let (parent, id) = (id_of(parent, at, faults), id_of(id, at, faults));
            Some((parent?, id?))
        }
        _ => faults.none(at, format!("{} is not of the form {}", shown(name), form())),
    }
}

/// What some territory issued, under the name that the caller gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued<T> {
    /// What kind of thing it is.
    pub(crate) kind: &'static str,
    /// Its name without the collection, as the caller wrote it.
    pub(crate) name: String,
    /// Who issued it, and what. Nobody, if the name is well formed but none that a territory gives.
    pub(crate) parts: Option<(TerritoryId, T)>,
}

/// Reads the name of what a territory issued.
///
/// Callers need not know how territories name things: any id has the right form, and one that was
/// never issued is for the caller to look for in vain.
pub(crate) fn issued<T: Named>(name: &str, at: Path<'_>, faults: &mut Faults) -> Option<Issued<T>> {
    let form = || format!("`{}/{{{}}}`", T::COLLECTION, T::KIND);
    if name.is_empty() {
        return faults.none(at, format!("is required, as {}", form()));
    }
    match after_collection::<T>(name) {
        Some(id) if !id.contains('/') => {
            let parts = issued_parts(id, at, faults)?;
            Some(Issued { kind: T::KIND, name: id.to_owned(), parts })
        }
        _ => faults.none(at, format!("{} is not of the form {}", shown(name), form())),
    }
}

/// Nobody inside where the id says no territory.
fn issued_parts<T: Named>(
    id: &str,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Option<(TerritoryId, T)>> {
    let parts = id.rsplit_once(ISSUED_BY).and_then(|(territory, rest)| {
        Some((TerritoryId::new(territory).ok()?, T::parse(rest).ok()?))
    });
    match parts {
        Some(parts) => Some(Some(parts)),
        None => id_of::<T>(id, at, faults).map(|_| None),
    }
}

/// Reads `quotes/{quote}/offers/{offer}`, the offer being a number.
pub(crate) fn offer(
    name: &str,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Issued<(QuoteId, u32)>> {
    const FORM: &str = "`quotes/{quote}/offers/{offer}`";
    if name.is_empty() {
        return faults.none(at, format!("is required, as {FORM}"));
    }
    let rest = after_collection::<QuoteId>(name);
    let parts = rest.and_then(|rest| Some((rest, rest.split_once("/offers/")?)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match parts {
        Some((name, (quote, offer))) if !quote.contains('/') && is_number(offer) => {
            let issued = issued_parts::<QuoteId>(quote, at, faults)?;
            // A number beyond all that are given out is no fault, only nobody's.
            let parts = issued.zip(offer.parse().ok());
            let parts = parts.map(|((territory, quote), offer)| (territory, (quote, offer)));
            Some(Issued { kind: "offer", name: name.to_owned(), parts })
        }
        _ => faults.none(at, format!("{} is not of the form {FORM}", shown(name))),
    }
}

fn after_collection<T: Named>(name: &str) -> Option<&str> {
    name.strip_prefix(T::COLLECTION)?.strip_prefix('/')
}

fn id_of<T: Named>(id: &str, at: Path<'_>, faults: &mut Faults) -> Option<T> {
    match T::parse(id) {
        Ok(id) => Some(id),
        Err(fault) => faults.none(at, format!("{} {} {fault}", T::KIND, shown(id))),
    }
}

/// Reads an opaque recipient id, which is no resource's name.
pub(crate) fn recipient(id: &str, at: Path<'_>, faults: &mut Faults) -> Option<RecipientId> {
    match RecipientId::new(id) {
        Ok(id) => Some(id),
        Err(fault) => faults.none(at, format!("{} {fault}", shown(id))),
    }
}

/// Reads the UUID that makes a mutation happen once. Any spelling of a UUID is the same id.
pub(crate) fn request_id(id: &str, at: Path<'_>, faults: &mut Faults) -> Option<RequestId> {
    let at = at.field("request_id");
    if id.is_empty() {
        return faults.none(at, "is required: a UUID chosen by the caller");
    }
    match Uuid::try_parse(id) {
        Ok(uuid) if !uuid.is_nil() => {
            let canonical = uuid.hyphenated().to_string();
            Some(RequestId::new(&canonical).expect("a hyphenated UUID is a name"))
        }
        Ok(_) => faults.none(at, "is the nil UUID, which every careless caller shares"),
        Err(_) => faults.none(at, format!("{} is not a UUID", shown(id))),
    }
}

/// Reads names that are all different, at most `max`.
pub(crate) fn distinct_names<T: Named + Ord + Clone>(
    names: &[String],
    max: usize,
    of: Path<'_>,
    field: &'static str,
    faults: &mut Faults,
) -> Option<Vec<T>> {
    if names.len() > max {
        return faults.none(of.field(field), format!("has {} names; at most {max}", names.len()));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut ids = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let at = of.item(field, index);
        let Some(id) = named::<T>(name, at, faults) else { continue };
        if seen.insert(id.clone()) {
            ids.push(id);
        } else {
            faults.add(at, format!("{} is named twice", shown(name)));
        }
    }
    (ids.len() == names.len()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of<T>(read: impl FnOnce(&mut Faults) -> Option<T>) -> String {
        let mut faults = Faults::new();
        assert!(read(&mut faults).is_none());
        assert_eq!(faults.kept.len(), 1, "{faults:?}");
        faults.kept.remove(0).description
    }

    #[test]
    fn names_are_written_as_they_are_read() {
        let mut faults = Faults::new();
        let stop =
            named_under::<ManifestId, StopId>("manifests/m1/stops/s.2", Path::Root, &mut faults);
        let (manifest, stop) = stop.expect("well formed");
        assert_eq!(name_under(&manifest, &stop), "manifests/m1/stops/s.2");
        let name = "quotes/north~west~q-1/offers/12";
        let read = offer(name, Path::Root, &mut faults).expect("well formed");
        let (territory, (quote, index)) = read.parts.expect("it says who issued it");
        assert_eq!(territory.as_str(), "north~west");
        assert_eq!(offer_name(&territory, &quote, index), name);
        let name = "changes/porto~c-7";
        let read = issued::<ChangeId>(name, Path::Root, &mut faults).expect("well formed");
        let (territory, change) = read.parts.expect("it says who issued it");
        assert_eq!(issued_name(&territory, &change), name);
        let vehicle: VehicleId = named("vehicles/v", Path::Root, &mut faults).expect("well formed");
        assert_eq!(name_of(&vehicle), "vehicles/v");
        assert_eq!(faults, Faults::new());
    }

    #[test]
    fn a_name_of_another_kind_or_shape_is_refused_with_the_form_it_needs() {
        for wrong in ["v1", "vehicles", "vehicle/v1", "vehicles/v1/stops/s", "depots/d"] {
            let fault = fault_of(|faults| named::<VehicleId>(wrong, Path::Root, faults));
            assert!(fault.contains("`vehicles/{vehicle}`"), "{wrong}: {fault}");
        }
        for wrong in ["shipments/s", "shipments/s/parcels", "shipments/s/parcels/p/q", "parcels/p"]
        {
            let read = |faults: &mut Faults| {
                named_under::<ShipmentId, ParcelId>(wrong, Path::Root, faults)
            };
            assert!(fault_of(read).contains("`shipments/{shipment}/parcels/{parcel}`"), "{wrong}");
        }
        for wrong in
            ["q", "quotes/t~q", "quotes/t~q/offers/", "quotes/t~q/offers/-1", "quotes/a/b/offers/1"]
        {
            let fault = fault_of(|faults| offer(wrong, Path::Root, faults));
            assert!(fault.contains("`quotes/{quote}/offers/{offer}`"), "{wrong}: {fault}");
        }
    }

    #[test]
    fn what_nobody_issued_has_the_right_form_and_no_issuer() {
        let mut faults = Faults::new();
        for name in ["changes/none", "changes/~c-1", "changes/porto~", "changes/~"] {
            let read = issued::<ChangeId>(name, Path::Root, &mut faults).expect("well formed");
            assert_eq!(read.parts, None, "{name}");
            assert_eq!(format!("changes/{}", read.name), name);
        }
        for name in ["quotes/none/offers/0", "quotes/t~q/offers/99999999999"] {
            let read = offer(name, Path::Root, &mut faults).expect("well formed");
            assert_eq!(read.parts, None, "{name}");
            assert_eq!(format!("quotes/{}", read.name), name);
        }
        assert_eq!(faults, Faults::new());
    }

    #[test]
    fn what_no_territory_could_issue_is_refused_with_the_rule_it_breaks() {
        let long = format!("changes/{}", "x".repeat(65));
        for (wrong, rule) in [
            ("changes/a b", "' ' at position 1"),
            ("changes/", "is empty"),
            (long.as_str(), "at most 64"),
            ("changes/t~c/d", "`changes/{change}`"),
        ] {
            let fault = fault_of(|faults| issued::<ChangeId>(wrong, Path::Root, faults));
            assert!(fault.contains(rule), "{wrong}: {fault}");
        }
    }

    #[test]
    fn an_id_of_ten_thousand_characters_is_refused_without_being_repeated() {
        let name = format!("vehicles/{}", "x".repeat(10_000));
        let fault = fault_of(|faults| named::<VehicleId>(&name, Path::Root, faults));
        assert!(fault.contains("10000 characters") && fault.len() < 200, "{fault}");
    }

    #[test]
    fn every_spelling_of_a_uuid_is_the_same_request() {
        let mut faults = Faults::new();
        let one = request_id("67E55044-10B1-426F-9247-BB680E5FE0C8", Path::Root, &mut faults);
        let other = request_id("67e5504410b1426f9247bb680e5fe0c8", Path::Root, &mut faults);
        assert!(one.is_some() && one == other);
        for wrong in ["", "7", "00000000-0000-0000-0000-000000000000"] {
            fault_of(|faults| request_id(wrong, Path::Root, faults));
        }
    }

    #[test]
    fn a_name_given_twice_is_a_fault_at_its_second_place() {
        let mut faults = Faults::new();
        let names = ["shipments/a", "shipments/b", "shipments/a"].map(String::from);
        let read = distinct_names::<ShipmentId>(&names, 5, Path::Root, "shipments", &mut faults);
        assert_eq!(read, None);
        assert_eq!(faults.kept[0].field, "shipments[2]");
    }
}
