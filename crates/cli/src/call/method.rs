//! Which method is meant.

use prost_reflect::{DescriptorPool, MethodDescriptor};

use crate::exit::{Exit, Failure};

/// Names suggested at most.
const SUGGESTIONS: usize = 5;

/// The method of that name: full, or as much of its end as is unique.
///
/// # Errors
/// There is none, or several; the likely ones are named.
pub(super) fn find(pool: &DescriptorPool, name: &str) -> Result<MethodDescriptor, Failure> {
    let wanted = name.trim_start_matches('/').replace('/', ".");
    let is_wanted = |method: &MethodDescriptor| {
        let full = method.full_name();
        full == wanted || full.strip_suffix(wanted.as_str()).is_some_and(|rest| rest.ends_with('.'))
    };
    let mut found: Vec<MethodDescriptor> = all(pool).filter(is_wanted).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::new(Exit::Usage, unknown(pool, name))),
        _ => {
            let names: Vec<&str> = found.iter().map(MethodDescriptor::full_name).collect();
            let what = format!("{name:?} is several methods: {}", names.join(", "));
            Err(Failure::new(Exit::Usage, what))
        }
    }
}

pub(super) fn all(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> + '_ {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>())
}

fn unknown(pool: &DescriptorPool, name: &str) -> String {
    let last = name.rsplit(['/', '.']).next().unwrap_or_default().to_lowercase();
    let is_near = |method: &MethodDescriptor| {
        let known = method.name().to_lowercase();
        !last.is_empty() && (known.contains(&last) || last.contains(&known))
    };
    let near: Vec<String> = all(pool)
        .filter(is_near)
        .map(|method| method.full_name().to_owned())
        .take(SUGGESTIONS)
        .collect();
    if near.is_empty() {
        format!("the server has no method {name:?}; `swerve call --list` lists those it has")
    } else {
        format!("the server has no method {name:?}; did you mean {}?", near.join(", "))
    }
}
