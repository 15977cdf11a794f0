//! Who is calling, and what may they do: bearer token to [`Principal`], one table to verdict.
//!
//! Everything here is a pure function over two tables: the digests of the tokens in force
//! ([`Tokens`]) and [`RULES`], which says per method which role may call it and on what. What no row
//! allows is denied. The table is asked twice: at the edge ([`authorize`], before anything is looked
//! up) and by the territory ([`permits`], once it is known whose the resource is).
//!
//! ```
//! use swerve_auth::{Action, Resource, Secret, TokenSetting, Tokens, authorize, permits};
//! use swerve_model::{DriverId, Role, TenantId};
//!
//! let tenant = TenantId::new("acme")?;
//! let driver = DriverId::new("ada")?;
//! let tokens = Tokens::new(vec![TokenSetting {
//!     name: "van-7".to_owned(),
//!     token: Secret::new("not-a-real-token-0001"),
//!     tenant: tenant.clone(),
//!     role: Role::Driver,
//!     driver: Some(driver.clone()),
//!     shipment: None,
//! }])?;
//!
//! let ada = tokens.authenticate(Some("Bearer not-a-real-token-0001"))?;
//! assert!(authorize("/swerve.v1.ExecutionService/ArriveStop", ada).is_ok());
//! assert!(authorize("/swerve.v1.PlanService/GetPlan", ada).is_err());
//!
//! let hers = Resource::of(&tenant).driven_by(&driver);
//! assert!(permits(ada, Action::ArriveStop, &hers).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod access;
mod principal;
mod rules;
mod tokens;

pub use access::{Denied, Grant, Resource, authorize, is_public, permits};
pub use principal::{Principal, Scope, role_from_name};
pub use rules::{Action, Allow, PUBLIC, RULES, Relation, Rule};
pub use tokens::{
    Secret, TOKEN_LEN_MAX, TOKEN_LEN_MIN, TokenFault, TokenFaults, TokenSetting, Tokens,
    Unauthenticated,
};
