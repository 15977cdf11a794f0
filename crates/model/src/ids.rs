//! One type per kind of name, so that a stop is never looked up by a shipment's name.
//!
//! Names are chosen by the caller (TMS keys), 1 to 64 characters of `[A-Za-z0-9._~-]`: safe in a
//! resource path, a log line and a file name. They order as text, which is what breaks ties.

use std::fmt;
use std::sync::Arc;

/// The longest name a caller may choose. Long enough for a UUID with a prefix; short enough that a
/// million of them are nothing to keep.
pub const ID_LEN_MAX: usize = 64;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("is empty; 1 to {ID_LEN_MAX} characters are required")]
    Empty,
    #[error("has {len} characters; at most {ID_LEN_MAX} are allowed")]
    TooLong { len: usize },
    #[error(
        "has {character:?} at position {position}; only letters, digits, '.', '_', '~' and '-' are allowed"
    )]
    Character { character: char, position: usize },
}

fn validated(text: &str) -> Result<Arc<str>, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_LEN_MAX {
        return Err(IdError::TooLong { len: text.chars().count() });
    }
    let forbidden = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'));
    match text.chars().enumerate().find(|(_, c)| forbidden(*c)) {
        Some((position, character)) => Err(IdError::Character { character, position }),
        None => Ok(Arc::from(text)),
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// # Errors
            /// Empty, longer than [`ID_LEN_MAX`], or with a character outside the allowed set.
            pub fn new(text: &str) -> Result<$name, IdError> {
                validated(text).map($name)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

ids! {
    /// Whose parcels they are; the first field of every key.
    TenantId;
    /// The unit of planning and ownership.
    TerritoryId;
    DepotId;
    VehicleId;
    DriverId;
    /// One driver and vehicle for one shift.
    ManifestId;
    StopId;
    ShipmentId;
    ParcelId;
    /// A door, locker, shop or depot.
    PointId;
    /// Opaque: who that is stays with the TMS.
    RecipientId;
    QuoteId;
    ChangeId;
    /// A re-plan proposed to a dispatcher.
    ProposalId;
    /// Chosen by the caller of a mutation: the same id has its effect once.
    RequestId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_with_the_rule_it_breaks() {
        assert_eq!(StopId::new(""), Err(IdError::Empty));
        assert_eq!(StopId::new(&"x".repeat(65)), Err(IdError::TooLong { len: 65 }));
        assert_eq!(StopId::new("a/b"), Err(IdError::Character { character: '/', position: 1 }));
        assert_eq!(StopId::new("stop-1.a").map(|id| id.to_string()), Ok("stop-1.a".to_owned()));
    }
}
