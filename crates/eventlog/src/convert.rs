//! Between the model's types and the messages that are kept on disk.
//!
//! The model stays free to change because nothing of it is ever serialized: each type is written out
//! by hand as a message of `swerve.storage.v1`, and read back with every name, location and choice
//! checked. What a message cannot say without contradiction is refused with the path of the field
//! at fault, e.g. `events[2].plan_changed.delta.manifests[0].suffix[4].id: is empty`.
//!
//! Two rules:
//! - A record is understood in full or refused. Fields this build does not know are found by length
//!   (a message that was understood re-encodes to as many bytes) and refused: later records depend
//!   on what they say.
//! - Only what the types cannot hold is refused. Rules the engine keeps (a promise has a window, a
//!   task has parcels) are not judged here, so that whatever was acknowledged can be read back.

mod change;
mod event;
mod fleet;
mod names;
mod plan;
mod record;
mod shipment;
#[cfg(test)]
pub(crate) mod strategies;
#[cfg(test)]
mod tests;

pub(crate) use event::event_name;
pub use record::{decode, encode};

/// What a stored message says that this build cannot take, and where it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    path: String,
    problem: String,
}

impl std::error::Error for Fault {}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

impl Fault {
    fn new(problem: impl Into<String>) -> Fault {
        Fault { path: String::new(), problem: problem.into() }
    }

    fn missing() -> Fault {
        Fault::new("is missing")
    }

    /// The same fault, seen from the message whose `field` it is in.
    fn within(mut self, field: &str) -> Fault {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{field}{dot}{}", self.path);
        self
    }
}

/// A type of the model that has a form on disk.
trait Stored: Sized {
    type Message;

    fn to_message(&self) -> Self::Message;

    /// # Errors
    /// The first fault, by the path of its field.
    fn from_message(message: Self::Message) -> Result<Self, Fault>;
}

/// A field that always says something.
fn field<T: Stored>(message: T::Message, name: &str) -> Result<T, Fault> {
    T::from_message(message).map_err(|fault| fault.within(name))
}

/// A field that the wire format lets be absent, but the schema does not.
fn required<T: Stored>(message: Option<T::Message>, name: &str) -> Result<T, Fault> {
    message.ok_or_else(Fault::missing).and_then(T::from_message).map_err(|fault| fault.within(name))
}

/// A field that may be absent.
fn optional<T: Stored>(message: Option<T::Message>, name: &str) -> Result<Option<T>, Fault> {
    message.map(|message| field(message, name)).transpose()
}

fn list<T: Stored>(messages: Vec<T::Message>, name: &str) -> Result<Vec<T>, Fault> {
    let mut items = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        let item = T::from_message(message);
        items.push(item.map_err(|fault| fault.within(&format!("[{index}]")).within(name))?);
    }
    Ok(items)
}

fn messages<T: Stored>(items: &[T]) -> Vec<T::Message> {
    items.iter().map(Stored::to_message).collect()
}

/// A choice without content, kept as an enum's number. Both enums are matched in full, so neither
/// can grow without the other.
macro_rules! stored_enum {
    ($name:ident: $($variant:ident),+ $(,)?) => {
        impl crate::convert::Stored for swerve_model::$name {
            type Message = i32;

            fn to_message(&self) -> i32 {
                match self {
                    $(swerve_model::$name::$variant => v1::$name::$variant as i32,)+
                }
            }

            fn from_message(number: i32) -> Result<Self, crate::convert::Fault> {
                match v1::$name::try_from(number) {
                    Ok(v1::$name::Unspecified) => Err(crate::convert::Fault::missing()),
                    $(Ok(v1::$name::$variant) => Ok(swerve_model::$name::$variant),)+
                    Err(_) => Err(crate::convert::Fault::new(format!(
                        "{number} is no {} this build knows", stringify!($name)
                    ))),
                }
            }
        }
    };
}
use stored_enum;
