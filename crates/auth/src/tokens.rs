//! Bearer tokens from the settings: digests in memory, never the tokens.
//!
//! A presented token is hashed once and compared with every entry in constant time, so neither the
//! time of a comparison nor which entry matched tells anything about the others. No error, no log line
//! and no `Debug` output can hold a token: what is kept cannot be turned back into one.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use swerve_model::{Actor, DriverId, Role, ShipmentId, TenantId};

use crate::principal::{Principal, Scope};

/// Shorter could be guessed: 16 random letters and digits are 82 bits.
pub const TOKEN_LEN_MIN: usize = 16;
/// Longer is nobody's token, and is refused before it is hashed.
pub const TOKEN_LEN_MAX: usize = 512;

/// A token on its way from the settings to its digest. Prints as nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(token: impl Into<String>) -> Secret {
        Secret(token.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// One token as the settings state it.
#[derive(Clone, Debug)]
pub struct TokenSetting {
    /// What the audit calls its bearer.
    pub name: String,
    pub token: Secret,
    pub tenant: TenantId,
    pub role: Role,
    /// Required for a driver's token, refused for any other.
    pub driver: Option<DriverId>,
    /// Required for a recipient's link, refused for any other.
    pub shipment: Option<ShipmentId>,
}

/// What is wrong with one token of the settings. Names the entry, never the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("tokens[{index}] has no name; the audit needs one")]
    Unnamed { index: usize },
    #[error("token {name:?} is named twice")]
    NamedTwice { name: String },
    #[error("token {name:?} has {len} characters; {TOKEN_LEN_MIN} to {TOKEN_LEN_MAX} are required")]
    Length { name: String, len: usize },
    #[error("token {name:?} has a character other than visible ASCII")]
    Characters { name: String },
    #[error("token {name:?} is the same as token {other:?}; a caller must be one of them")]
    SameToken { name: String, other: String },
    #[error("token {name:?} has role {}, which no caller can have", role.name())]
    RoleOfNobody { name: String, role: Role },
    #[error("token {name:?} has role {} and so needs {needed}", role.name())]
    ScopeMissing { name: String, role: Role, needed: &'static str },
    #[error("token {name:?} has role {} and so cannot be narrowed to {given}", role.name())]
    ScopeUnfit { name: String, role: Role, given: &'static str },
}

/// Every fault of the settings' tokens at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFaults(pub Vec<TokenFault>);

impl fmt::Display for TokenFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for TokenFaults {}

/// Why a call has no principal. Says nothing about which tokens there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    #[error("no authorization header; send `authorization: Bearer <token>`")]
    Missing,
    #[error("the authorization header is not `Bearer <token>`")]
    Malformed,
    #[error("the token is not known")]
    Unknown,
}

struct Entry {
    digest: [u8; 32],
    principal: Principal,
}

/// The tokens in force.
pub struct Tokens {
    entries: Vec<Entry>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("count", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Checks the settings and keeps only digests.
    ///
    /// # Errors
    /// All faults there are: names, lengths, characters, doubles, roles and what they are narrowed to.
    pub fn new(settings: Vec<TokenSetting>) -> Result<Tokens, TokenFaults> {
        let mut faults = Vec::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(settings.len());
        let mut names: Vec<String> = Vec::with_capacity(settings.len());
        for (index, setting) in settings.into_iter().enumerate() {
            faults.extend(name_fault(index, &setting.name, &names));
            faults.extend(token_fault(&setting));
            let digest = digest_of(&setting.token.0);
            if let Some(twin) = entries.iter().position(|entry| entry.digest == digest) {
                let (name, other) = (setting.name.clone(), names[twin].clone());
                faults.push(TokenFault::SameToken { name, other });
            }
            let scope = scope_of(&setting).unwrap_or_else(|fault| {
                faults.push(fault);
                Scope::Tenant
            });
            names.push(setting.name.clone());
            entries.push(Entry { digest, principal: principal_of(setting, scope) });
        }
        if faults.is_empty() { Ok(Tokens { entries }) } else { Err(TokenFaults(faults)) }
    }

    /// Who sent `authorization`, the header's value.
    ///
    /// One hash, then every entry is compared, in constant time: O(tokens).
    ///
    /// # Errors
    /// No header, not a bearer token, or one that is not in force.
    pub fn authenticate(&self, authorization: Option<&str>) -> Result<&Principal, Unauthenticated> {
        let token = bearer(authorization.ok_or(Unauthenticated::Missing)?)?;
        let presented = digest_of(token);
        let nobody = self.entries.len() as u64;
        let mut found = nobody;
        for (index, entry) in (0u64..).zip(&self.entries) {
            found.conditional_assign(&index, entry.digest[..].ct_eq(&presented[..]));
        }
        let entry = self.entries.get(found as usize).ok_or(Unauthenticated::Unknown)?;
        Ok(&entry.principal)
    }
}

fn digest_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(header: &str) -> Result<&str, Unauthenticated> {
    let (scheme, token) = header.trim().split_once(' ').ok_or(Unauthenticated::Malformed)?;
    let token = token.trim_start();
    let fits = (1..=TOKEN_LEN_MAX).contains(&token.len());
    if scheme.eq_ignore_ascii_case("bearer") && fits {
        Ok(token)
    } else {
        Err(Unauthenticated::Malformed)
    }
}

fn name_fault(index: usize, name: &str, names: &[String]) -> Option<TokenFault> {
    if name.trim().is_empty() {
        Some(TokenFault::Unnamed { index })
    } else if names.iter().any(|other| other == name) {
        Some(TokenFault::NamedTwice { name: name.to_owned() })
    } else {
        None
    }
}

fn token_fault(setting: &TokenSetting) -> Option<TokenFault> {
    let (name, token) = (setting.name.clone(), &setting.token.0);
    let len = token.chars().count();
    if !(TOKEN_LEN_MIN..=TOKEN_LEN_MAX).contains(&len) {
        Some(TokenFault::Length { name, len })
    } else if token.chars().any(|character| !character.is_ascii_graphic()) {
        Some(TokenFault::Characters { name })
    } else {
        None
    }
}

/// Drivers are narrowed to a driver, recipients to a shipment, the others to nothing.
fn scope_of(setting: &TokenSetting) -> Result<Scope, TokenFault> {
    let (name, role) = (setting.name.clone(), setting.role);
    let unfit = |given| TokenFault::ScopeUnfit { name: name.clone(), role, given };
    let missing = |needed| TokenFault::ScopeMissing { name: name.clone(), role, needed };
    if setting.driver.is_some() && role != Role::Driver {
        return Err(unfit("a driver"));
    }
    if setting.shipment.is_some() && role != Role::Recipient {
        return Err(unfit("a shipment"));
    }
    match role {
        Role::Driver => {
            setting.driver.clone().map(Scope::Driver).ok_or_else(|| missing("a driver"))
        }
        Role::Recipient => {
            setting.shipment.clone().map(Scope::Shipment).ok_or_else(|| missing("a shipment"))
        }
        Role::Tms | Role::Dispatcher | Role::Operator => Ok(Scope::Tenant),
        Role::Engine => Err(TokenFault::RoleOfNobody { name, role }),
    }
}

/// A driver is called by their id; every other bearer by the token's name.
fn principal_of(setting: TokenSetting, scope: Scope) -> Principal {
    let subject = match &scope {
        Scope::Driver(driver) => driver.as_str().to_owned(),
        Scope::Tenant | Scope::Shipment(_) => setting.name,
    };
    Principal { actor: Actor { tenant: setting.tenant, role: setting.role, subject }, scope }
}

#[cfg(test)]
mod tests;
