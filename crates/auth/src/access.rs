//! The verdict: may this caller do this, to this?
//!
//! [`authorize`] is asked at the edge, where only the method and the token are known, and answers how
//! far the caller reaches, so that lists and watches can be narrowed. [`permits`] is asked by the
//! territory, where it is known whose the resource is. Both read [`RULES`] and nothing else.

use swerve_model::{DriverId, Role, ShipmentId, TenantId};

use crate::principal::Principal;
use crate::rules::{Action, PUBLIC, RULES, Relation, Rule};

/// What the table allows a caller: the action, on what stands in this relation to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub action: Action,
    pub relation: Relation,
}

/// Why not. The edge answers all but [`Denied::Role`] and [`Denied::UnknownMethod`] as if the thing
/// did not exist, so that names cannot be probed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No row: denied to everyone.
    #[error("no rule allows anyone to call {method:?}")]
    UnknownMethod { method: String },
    #[error("role {} may not {action:?}", role.name())]
    Role { role: Role, action: Action },
    #[error("it belongs to another tenant")]
    OtherTenant,
    #[error("this token may {action:?} only its driver's own manifests")]
    NotOwnManifest { action: Action },
    #[error("this token may {action:?} only its own shipment")]
    NotOwnShipment { action: Action },
}

/// Whose a resource is: what the relations of the table are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    tenant: &'a TenantId,
    driver: Option<&'a DriverId>,
    shipment: Option<&'a ShipmentId>,
}

impl<'a> Resource<'a> {
    /// Something of this tenant's: a territory, a vehicle, a plan.
    pub const fn of(tenant: &'a TenantId) -> Resource<'a> {
        Resource { tenant, driver: None, shipment: None }
    }

    /// A manifest of this driver's, or a stop on one.
    #[must_use]
    pub const fn driven_by(mut self, driver: &'a DriverId) -> Resource<'a> {
        self.driver = Some(driver);
        self
    }

    /// This shipment, or a quote, an offer or a change of it.
    #[must_use]
    pub const fn about(mut self, shipment: &'a ShipmentId) -> Resource<'a> {
        self.shipment = Some(shipment);
        self
    }
}

/// Whether anyone may call `method`, token or not.
pub fn is_public(method: &str) -> bool {
    PUBLIC.contains(&method)
}

/// Whether `principal` may call `method` at all, and how far it reaches. O(rows).
///
/// # Errors
/// No row for the method, or none for the caller's role.
pub fn authorize(method: &str, principal: &Principal) -> Result<Grant, Denied> {
    let rule = RULES
        .iter()
        .find(|rule| rule.method == method)
        .ok_or_else(|| Denied::UnknownMethod { method: method.to_owned() })?;
    grant(rule, principal)
}

/// Whether `principal` may do `action` to `resource`. O(rows).
///
/// # Errors
/// Not in its role, not in its tenant, or not its own.
pub fn permits(
    principal: &Principal,
    action: Action,
    resource: &Resource<'_>,
) -> Result<(), Denied> {
    let rule = RULES
        .iter()
        .find(|rule| rule.action == action)
        .ok_or(Denied::Role { role: principal.role(), action })?;
    grant(rule, principal)?.covers(principal, resource)
}

fn grant(rule: &Rule, principal: &Principal) -> Result<Grant, Denied> {
    rule.allowed
        .iter()
        .find(|allow| allow.role == principal.role())
        .map(|allow| Grant { action: rule.action, relation: allow.relation })
        .ok_or(Denied::Role { role: principal.role(), action: rule.action })
}

impl Grant {
    /// Whether `resource` stands in the granted relation to `principal`.
    ///
    /// A token narrowed to less than the relation allows stays narrow: the scope counts as well.
    ///
    /// # Errors
    /// [`Denied::OtherTenant`], [`Denied::NotOwnManifest`], [`Denied::NotOwnShipment`].
    pub fn covers(&self, principal: &Principal, resource: &Resource<'_>) -> Result<(), Denied> {
        if resource.tenant != principal.tenant() {
            return Err(Denied::OtherTenant);
        }
        let (driver, shipment) = (principal.driver(), principal.shipment());
        let needs_driver = driver.is_some() || self.relation == Relation::OwnManifest;
        if needs_driver && (driver.is_none() || driver != resource.driver) {
            return Err(Denied::NotOwnManifest { action: self.action });
        }
        let needs_shipment = shipment.is_some() || self.relation == Relation::OwnShipment;
        if needs_shipment && (shipment.is_none() || shipment != resource.shipment) {
            return Err(Denied::NotOwnShipment { action: self.action });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
