//! Who is calling, as far as rights go.

use swerve_model::{Actor, DriverId, Role, ShipmentId, TenantId};

/// What a token is narrowed to, inside its tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything of the tenant.
    Tenant,
    /// The manifests this driver drives.
    Driver(DriverId),
    /// A link to this shipment, and what was asked of it.
    Shipment(ShipmentId),
}

/// An authenticated caller: what the audit writes down, and how far the token reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub actor: Actor,
    pub scope: Scope,
}

impl Principal {
    pub const fn tenant(&self) -> &TenantId {
        &self.actor.tenant
    }

    pub const fn role(&self) -> Role {
        self.actor.role
    }

    /// The one driver it speaks for, if it is narrowed to one.
    pub const fn driver(&self) -> Option<&DriverId> {
        match &self.scope {
            Scope::Driver(driver) => Some(driver),
            Scope::Tenant | Scope::Shipment(_) => None,
        }
    }

    /// The one shipment it is a link to, if it is narrowed to one.
    pub const fn shipment(&self) -> Option<&ShipmentId> {
        match &self.scope {
            Scope::Shipment(shipment) => Some(shipment),
            Scope::Tenant | Scope::Driver(_) => None,
        }
    }
}

/// The role a settings file calls `name`. The engine's own role is no caller's, so it has no name
/// here.
pub fn role_from_name(name: &str) -> Option<Role> {
    [Role::Tms, Role::Dispatcher, Role::Driver, Role::Recipient, Role::Operator]
        .into_iter()
        .find(|role| role.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_can_be_given_the_engines_own_role() {
        assert_eq!(role_from_name("dispatcher"), Some(Role::Dispatcher));
        assert_eq!(role_from_name("engine"), None);
        assert_eq!(role_from_name("Tms"), None);
    }
}
