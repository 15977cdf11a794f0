//! What a method is for, and what its messages are made of, in the server's own words.

use std::collections::BTreeSet;
use std::fmt;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    MethodDescriptor,
};
use prost_types::source_code_info::Location;
use serde::Serialize;

use super::method;
use crate::output::{Align, Table};

/// One line of `call --list`.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    method: String,
    /// The answer is a stream.
    streaming: bool,
    /// The first sentence of its description.
    summary: String,
}

pub(super) fn list(pool: &DescriptorPool) -> Vec<Listed> {
    let mut listed: Vec<Listed> = method::all(pool)
        .map(|method| Listed {
            method: method.full_name().to_owned(),
            streaming: method.is_server_streaming(),
            summary: first_sentence(&comment(&method.parent_file(), method.path())),
        })
        .collect();
    listed.sort_by(|one, other| one.method.cmp(&other.method));
    listed
}

pub(super) fn list_table(listed: &[Listed]) -> Table {
    let mut table = Table::new(&[("method", Align::Left), ("what it does", Align::Left)]);
    for one in listed {
        table.row([one.method.clone(), one.summary.clone()]);
    }
    table
}

/// A method with every message and enum that its request or answer can hold.
#[derive(Debug, Serialize)]
pub(super) struct Description {
    method: String,
    comment: String,
    request: String,
    answer: String,
    streaming: bool,
    messages: Vec<MessageDescription>,
    enums: Vec<EnumDescription>,
}

#[derive(Debug, Serialize)]
struct MessageDescription {
    name: String,
    comment: String,
    fields: Vec<FieldDescription>,
}

#[derive(Debug, Serialize)]
struct FieldDescription {
    /// As JSON spells it; the proto's own spelling is taken as well.
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// At most one of the fields with the same value here is set.
    one_of: Option<String>,
    comment: String,
}

#[derive(Debug, Serialize)]
struct EnumDescription {
    name: String,
    comment: String,
    values: Vec<ValueDescription>,
}

#[derive(Debug, Serialize)]
struct ValueDescription {
    name: String,
    comment: String,
}

pub(super) fn describe(method: &MethodDescriptor) -> Description {
    let mut found = Reached::default();
    found.reach(method.input());
    found.reach(method.output());
    Description {
        method: method.full_name().to_owned(),
        comment: comment(&method.parent_file(), method.path()),
        request: method.input().full_name().to_owned(),
        answer: method.output().full_name().to_owned(),
        streaming: method.is_server_streaming(),
        messages: found.messages.iter().map(message).collect(),
        enums: found.enums.iter().map(enumeration).collect(),
    }
}

/// Messages and enums in the order they are met, each once. Those of protobuf itself are known.
#[derive(Default)]
struct Reached {
    names: BTreeSet<String>,
    messages: Vec<MessageDescriptor>,
    enums: Vec<EnumDescriptor>,
}

impl Reached {
    fn reach(&mut self, from: MessageDescriptor) {
        let mut waiting = vec![from];
        while let Some(next) = waiting.pop() {
            let known = next.package_name() == "google.protobuf";
            if known || !self.names.insert(next.full_name().to_owned()) {
                continue;
            }
            let mut parts = Vec::new();
            for field in next.fields() {
                match value_kind(&field) {
                    Kind::Message(part) => parts.push(part),
                    Kind::Enum(part) => self.reach_enum(part),
                    _ => {}
                }
            }
            waiting.extend(parts.into_iter().rev());
            self.messages.push(next);
        }
    }

    fn reach_enum(&mut self, reached: EnumDescriptor) {
        if self.names.insert(reached.full_name().to_owned()) {
            self.enums.push(reached);
        }
    }
}

/// Of a map, the kind of its values.
fn value_kind(field: &FieldDescriptor) -> Kind {
    match field.kind() {
        Kind::Message(entry) if entry.is_map_entry() => entry.map_entry_value_field().kind(),
        kind => kind,
    }
}

fn message(message: &MessageDescriptor) -> MessageDescription {
    MessageDescription {
        name: message.full_name().to_owned(),
        comment: comment(&message.parent_file(), message.path()),
        fields: message.fields().map(|field| field_of(&field)).collect(),
    }
}

fn field_of(field: &FieldDescriptor) -> FieldDescription {
    let one_of = field.containing_oneof().filter(|one_of| !one_of.is_synthetic());
    FieldDescription {
        name: field.json_name().to_owned(),
        kind: type_of(field),
        one_of: one_of.map(|one_of| one_of.name().to_owned()),
        comment: comment(&field.parent_file(), field.path()),
    }
}

fn enumeration(described: &EnumDescriptor) -> EnumDescription {
    let file = described.parent_file();
    let values = described.values().map(|value| ValueDescription {
        name: value.name().to_owned(),
        comment: comment(&file, value.path()),
    });
    EnumDescription {
        name: described.full_name().to_owned(),
        comment: comment(&file, described.path()),
        values: values.collect(),
    }
}

/// As JSON takes it: `Timestamp` is a text such as 2026-03-17T08:00:00Z.
fn type_of(field: &FieldDescriptor) -> String {
    let name = |kind: &Kind| match kind {
        Kind::Message(message) => short(message.full_name()),
        Kind::Enum(enumeration) => short(enumeration.full_name()),
        Kind::String => "text".to_owned(),
        Kind::Bytes => "base64".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::Double | Kind::Float => "number".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    match field.kind() {
        Kind::Message(entry) if entry.is_map_entry() => {
            let key = name(&entry.map_entry_key_field().kind());
            format!("map of {key} to {}", name(&entry.map_entry_value_field().kind()))
        }
        kind if field.is_list() => format!("list of {}", name(&kind)),
        kind => name(&kind),
    }
}

/// Without its package: `ManifestDiff`, `Stop.State`.
fn short(full_name: &str) -> String {
    let is_type = |part: &&str| part.starts_with(|first: char| first.is_ascii_uppercase());
    full_name.split('.').skip_while(|part| !is_type(part)).collect::<Vec<_>>().join(".")
}

/// What stands above it in the proto file, on one line for each paragraph.
fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let location = info.and_then(|info| info.location.iter().find(|place| place.path == path));
    let text = location.map(Location::leading_comments).unwrap_or_default();
    let paragraphs = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n")
}

fn first_sentence(comment: &str) -> String {
    let line = comment.lines().next().unwrap_or_default();
    line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.').to_owned()
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = if self.streaming { "stream of " } else { "" };
        writeln!(f, "{}", self.method)?;
        indented(f, &self.comment)?;
        writeln!(f, "  {} -> {answer}{}", short(&self.request), short(&self.answer))?;
        for message in &self.messages {
            writeln!(f, "\n{}", short(&message.name))?;
            indented(f, &message.comment)?;
            let mut table = Table::plain(3);
            for field in &message.fields {
                let one_of = field.one_of.as_ref().map(|name| format!(" (one of {name})"));
                let kind = format!("{}{}", field.kind, one_of.unwrap_or_default());
                table.row([format!("  {}", field.name), kind, field.comment.replace('\n', " ")]);
            }
            write!(f, "{table}")?;
        }
        for enumeration in &self.enums {
            writeln!(f, "\n{}", short(&enumeration.name))?;
            indented(f, &enumeration.comment)?;
            let mut table = Table::pairs();
            for value in &enumeration.values {
                table.pair(&format!("  {}", value.name), value.comment.replace('\n', " "));
            }
            write!(f, "{table}")?;
        }
        Ok(())
    }
}

fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "  {line}"))
}
