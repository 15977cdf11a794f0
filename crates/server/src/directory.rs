//! Which territories are served here, and which of them holds a thing.
//!
//! Shipments live under the tenant, so calls about one name no territory; the directory looks into
//! the newest snapshots. A handful of territories and a few map look-ups: no index to keep true.

use std::fmt;
use std::sync::Arc;

use swerve_engine::{State, Territory};
use swerve_model::{ShipmentId, TenantId, TerritoryId};

use crate::error::EdgeError;

/// A running territory, with what the edge tells callers about it.
#[derive(Clone)]
pub struct Hosted {
    pub territory: Territory,
    /// Skills by bit: the first name is bit 0. At most 64.
    pub skills: Vec<String>,
    /// SHA-256 of the road file in use.
    pub road_fingerprint: [u8; 32],
}

impl fmt::Debug for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hosted({})", self.territory.id())
    }
}

/// Every territory served, by tenant and name.
#[derive(Debug)]
pub(crate) struct Directory {
    hosted: Vec<Arc<Hosted>>,
}

impl Directory {
    pub(crate) fn new(territories: Vec<Hosted>) -> Directory {
        let mut hosted: Vec<Arc<Hosted>> = territories.into_iter().map(Arc::new).collect();
        hosted.sort_by(|one, other| key(one).cmp(&key(other)));
        Directory { hosted }
    }

    pub(crate) fn all(&self) -> &[Arc<Hosted>] {
        &self.hosted
    }

    /// By name.
    pub(crate) fn of_tenant<'a, 't>(
        &'a self,
        tenant: &'t TenantId,
    ) -> impl Iterator<Item = &'a Arc<Hosted>> + use<'a, 't> {
        self.hosted.iter().filter(move |hosted| hosted.territory.tenant() == tenant)
    }

    /// # Errors
    /// Not there, or another tenant's.
    pub(crate) fn named(
        &self,
        tenant: &TenantId,
        id: &TerritoryId,
    ) -> Result<&Arc<Hosted>, EdgeError> {
        let found = self.of_tenant(tenant).find(|hosted| hosted.territory.id() == id);
        found.ok_or_else(|| EdgeError::not_found("territory", id))
    }

    /// The tenant's territory that plans a shipment; the first by name, should there be several.
    pub(crate) fn planning(
        &self,
        tenant: &TenantId,
        shipment: &ShipmentId,
    ) -> Option<&Arc<Hosted>> {
        let plans = |state: &State| state.shipments.contains_key(shipment);
        self.of_tenant(tenant).find(|hosted| plans(&hosted.territory.snapshot().state))
    }
}

fn key(hosted: &Hosted) -> (&TenantId, &TerritoryId) {
    (hosted.territory.tenant(), hosted.territory.id())
}
