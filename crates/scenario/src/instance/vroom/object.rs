//! Fields of a JSON object, taken one by one; every fault has the field's path.

use serde_json::{Map, Value};
use swerve_model::Planar;
use swerve_model::instance::Span;

use super::super::fault::Faults;

/// What one array inside an object may hold: skills, windows, breaks, steps.
const LIST_MAX: usize = 100_000;

/// An object, and where it stands.
pub(super) struct Object<'a> {
    pub(super) path: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The value as an object with no fields but `known`.
    pub(super) fn of(
        value: &'a Value,
        path: String,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Object<'a>> {
        let Value::Object(fields) = value else {
            faults.add(path, "an object is required");
            return None;
        };
        for key in fields.keys().filter(|key| !known.contains(&key.as_str())) {
            faults.add(format!("{path}.{key}"), "is not supported");
        }
        Some(Object { path, fields })
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// A field that must be there.
    pub(super) fn required(&self, key: &str, faults: &mut Faults) -> Option<&'a Value> {
        let value = self.fields.get(key);
        if value.is_none() {
            faults.add(self.path_of(key), "is missing");
        }
        value
    }

    pub(super) fn object(
        &self,
        key: &str,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Object<'a>> {
        Object::of(self.fields.get(key)?, self.path_of(key), known, faults)
    }

    /// An object whose fields are names that the file chose.
    pub(super) fn any_object(&self, key: &str, faults: &mut Faults) -> Option<Object<'a>> {
        let value = self.fields.get(key)?;
        let Value::Object(fields) = value else {
            faults.add(self.path_of(key), format!("is {}; an object is required", told(value)));
            return None;
        };
        Some(Object { path: self.path_of(key), fields })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a String> {
        self.fields.keys()
    }

    pub(super) fn id(&self, faults: &mut Faults) -> Option<u64> {
        let id = self.required("id", faults)?.as_u64();
        if id.is_none() {
            faults.add(self.path_of("id"), "a whole number, 0 or more, is required");
        }
        id
    }

    /// A whole number from 0 to `max`, if the field is there and right.
    pub(super) fn whole(&self, key: &str, max: i64, faults: &mut Faults) -> Option<i64> {
        Object::whole_in(self.fields.get(key)?, self.path_of(key), max, faults)
    }

    fn whole_in(value: &Value, path: String, max: i64, faults: &mut Faults) -> Option<i64> {
        let number = whole(value).filter(|number| (0..=max).contains(number));
        if number.is_none() {
            faults.add(
                path,
                format!("is {}; a whole number from 0 to {max} is required", told(value)),
            );
        }
        number
    }

    /// A number more than 0 and at most `max`.
    pub(super) fn positive(&self, key: &str, max: f64, faults: &mut Faults) -> Option<f64> {
        let value = self.fields.get(key)?;
        let number = value.as_f64().filter(|number| *number > 0.0 && *number <= max);
        if number.is_none() {
            let rule = format!("more than 0 and at most {max} is required");
            faults.add(self.path_of(key), format!("is {}; {rule}", told(value)));
        }
        number
    }

    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> Option<String> {
        let value = self.fields.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            faults.add(self.path_of(key), format!("is {}; a text is required", told(value)));
        }
        text.map(str::to_owned)
    }

    /// The elements of an array with their paths; none if the field is not there.
    pub(super) fn list(&self, key: &str, faults: &mut Faults) -> Vec<(String, &'a Value)> {
        match self.fields.get(key) {
            None => Vec::new(),
            Some(Value::Array(values)) if values.len() <= LIST_MAX => {
                let path = |index| format!("{}.{key}[{index}]", self.path);
                values.iter().enumerate().map(|(index, value)| (path(index), value)).collect()
            }
            Some(Value::Array(values)) => {
                let found = values.len();
                faults.add(self.path_of(key), format!("{found} elements; at most {LIST_MAX}"));
                Vec::new()
            }
            Some(value) => {
                let found = told(value);
                faults.add(self.path_of(key), format!("is {found}; an array is required"));
                Vec::new()
            }
        }
    }

    pub(super) fn wholes(&self, key: &str, max: i64, faults: &mut Faults) -> Vec<i64> {
        let list = self.list(key, faults);
        list.into_iter()
            .filter_map(|(path, value)| Object::whole_in(value, path, max, faults))
            .collect()
    }

    /// Longitude and latitude in degrees.
    pub(super) fn coordinates(&self, key: &str, faults: &mut Faults) -> Option<Planar> {
        let value = self.fields.get(key)?;
        let point = match value.as_array().map(Vec::as_slice) {
            Some([x, y]) => x.as_f64().zip(y.as_f64()),
            _ => None,
        };
        let on_earth = |(x, y): &(f64, f64)| x.abs() <= 180.0 && y.abs() <= 90.0;
        let point = point.filter(on_earth).map(|(x, y)| Planar { x, y });
        if point.is_none() {
            let rule = "[longitude, latitude] in degrees is required";
            faults.add(self.path_of(key), format!("is {}; {rule}", told(value)));
        }
        point
    }

    /// Spans in seconds, in order and apart from each other.
    pub(super) fn windows(&self, key: &str, faults: &mut Faults) -> Vec<Span> {
        let list = self.list(key, faults);
        if list.is_empty() && self.has(key) {
            faults.add(self.path_of(key), "at least one window is required");
        }
        let mut windows: Vec<Span> = Vec::new();
        for (path, value) in list {
            let Some(window) = span(value, &path, faults) else { continue };
            if let Some(before) = windows.last().filter(|before| window.open <= before.close) {
                let (open, close) = (window.open, before.close);
                let fault = format!("opens at {open}, not after the one before closes at {close}");
                faults.add(path, fault);
            }
            windows.push(window);
        }
        windows
    }

    pub(super) fn window(&self, key: &str, faults: &mut Faults) -> Option<Span> {
        span(self.fields.get(key)?, &self.path_of(key), faults)
    }
}

/// `[open, close]` in seconds; what is later than any clock ends with it.
fn span(value: &Value, path: &str, faults: &mut Faults) -> Option<Span> {
    let moments = match value.as_array().map(Vec::as_slice) {
        Some([open, close]) => moment(open).zip(moment(close)),
        _ => None,
    };
    let Some((open, close)) = moments else {
        let rule = "[open, close], whole seconds of 0 or more, is required";
        faults.add(path.to_owned(), format!("is {}; {rule}", told(value)));
        return None;
    };
    if close < open {
        faults.add(path.to_owned(), format!("closes at {close}, before it opens at {open}"));
        return None;
    }
    Some(Span { open, close })
}

fn moment(value: &Value) -> Option<i64> {
    let clipped = value.as_u64().map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    clipped.or_else(|| whole(value)).filter(|seconds| *seconds >= 0)
}

/// A whole number, also where it is written with a zero fraction.
fn whole(value: &Value) -> Option<i64> {
    // Beyond 2^53 not every whole number is a fraction's neighbour.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let fraction =
        || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT);
    value.as_i64().or_else(|| fraction().map(|number| number as i64))
}

/// The value as it stands there, cut short.
fn told(value: &Value) -> String {
    const TOLD_MAX: usize = 40;
    let text = match value {
        Value::Array(_) => "an array that is none".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        value => value.to_string(),
    };
    if text.chars().count() <= TOLD_MAX {
        return text;
    }
    text.chars().take(TOLD_MAX).chain("...".chars()).collect()
}
