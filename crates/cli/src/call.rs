//! `swerve call`: any method of any server, by its own description of itself.
//!
//! What the server offers is asked of it by reflection; nothing compiled into this binary is used.
//! So it calls what a newer server has, and shows what other clients would see.

mod describe;
mod method;
mod reflection;
mod transport;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use prost_reflect::ReflectMessage as _;
use prost_reflect::{
    DeserializeOptions, DynamicMessage, Kind, MessageDescriptor, SerializeOptions, Value,
};
use swerve_client::ClientError;

use crate::args::{Format, whole};
use crate::config::Config;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::output::Output;
use crate::remote::{self, Remote};
use transport::Caller;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
    swerve call --list
    swerve call --describe QuoteChange
    swerve call GetTerritory '{\"name\": \"territories/porto\"}'
    swerve call QuoteChange '{\"shipment\": \"shipments/s-17\", \"wish\": {\"suggestWindows\": true}}'
    swerve call BatchCreateShipments @shipments.json
    swerve call WatchManifests '{\"territory\": \"territories/porto\"}'")]
pub(crate) struct Args {
    #[arg(
        value_name = "METHOD",
        required_unless_present = "list",
        help = "QuoteChange, ChangeService/QuoteChange or swerve.v1.ChangeService/QuoteChange"
    )]
    method: Option<String>,
    /// The request as JSON (protobuf's mapping): as it is, @FILE, or - for stdin
    ///
    /// Where the method has a `request_id` and the JSON has none, a fresh one is made.
    #[arg(value_name = "JSON", default_value = "{}")]
    request: String,
    /// List the server's methods
    #[arg(long, conflicts_with_all = ["method", "describe"])]
    list: bool,
    /// Describe METHOD with its messages instead of calling it
    #[arg(long)]
    describe: bool,
    /// Print fields that are not set, too
    #[arg(long)]
    all_fields: bool,
    /// End a stream after so many messages
    #[arg(long, value_parser = whole::<u64>, value_name = "COUNT")]
    messages: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    remote::block_on(call(args, &config, output))?;
    Ok(ExitCode::SUCCESS)
}

async fn call(args: &Args, config: &Config, output: &Output) -> anyhow::Result<()> {
    let address = args.remote.address(config);
    let caller = Caller::connect(&address, args.remote.token(config)?.as_deref()).await?;
    let pool = reflection::pool(caller.channel()).await?;
    let Some(name) = &args.method else {
        let methods = describe::list(&pool);
        return Ok(output.emit_all(&methods, || describe::list_table(&methods))?);
    };
    let method = method::find(&pool, name)?;
    if args.describe {
        let description = describe::describe(&method);
        return match output.format() {
            Format::Table => Ok(Output::text(&description.to_string())?),
            Format::Json | Format::Ndjson => Ok(output.emit(&description, Default::default)?),
        };
    }
    if method.is_client_streaming() {
        let what =
            format!("{} takes a stream of requests, which cannot be typed", method.full_name());
        return Err(Failure::new(Exit::Usage, what).into());
    }
    let request = request(&args.request, method.input(), output)?;
    let told = |error: ClientError| remote::failure(error, method.name());
    if method.is_server_streaming() {
        let timeout = args.remote.timeout();
        let mut stream = caller.stream(&method, &request, timeout).await.map_err(told)?;
        let mut left = args.messages.unwrap_or(u64::MAX);
        while left > 0 {
            let Some(message) = stream.next().await.map_err(told)? else { break };
            Output::line_of(&Shown { message: &message, all_fields: args.all_fields })?;
            left -= 1;
        }
        return Ok(());
    }
    let answer = caller.unary(&method, &request, args.remote.timeout()).await.map_err(told)?;
    let shown = Shown { message: &answer, all_fields: args.all_fields };
    match output.format() {
        Format::Ndjson => Output::line_of(&shown)?,
        // A message within messages is no table.
        Format::Json | Format::Table => Output::document(&shown)?,
    }
    Ok(())
}

/// A message on its way to JSON.
struct Shown<'m> {
    message: &'m DynamicMessage,
    all_fields: bool,
}

impl serde::Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let options = SerializeOptions::new().skip_default_fields(!self.all_fields);
        self.message.serialize_with_options(serializer, &options)
    }
}

/// The request as typed, with a request id if it lacks one.
fn request(
    text: &str,
    descriptor: MessageDescriptor,
    output: &Output,
) -> anyhow::Result<DynamicMessage> {
    let (origin, json) = read(text)?;
    let mut message = parse(&json, descriptor)
        .or_exit(Exit::Invalid, || format!("{origin} is not the request's JSON"))?;
    let field = message.descriptor().get_field_by_name("request_id");
    if let Some(field) = field.filter(|field| field.kind() == Kind::String && !field.is_list())
        && !message.has_field(&field)
    {
        let id = uuid::Uuid::new_v4().hyphenated().to_string();
        output.explain(&format!("request_id {id}"));
        message.set_field(&field, Value::String(id));
    }
    Ok(message)
}

/// What was typed, or what is in the file or pipe it names; and what to call it.
fn read(text: &str) -> anyhow::Result<(String, String)> {
    if text == "-" {
        let mut json = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut json);
        read.or_exit(Exit::Invalid, || "cannot read stdin".to_owned())?;
        return Ok(("stdin".to_owned(), json));
    }
    match text.strip_prefix('@') {
        Some(path) => Ok((path.to_owned(), files::read_text(Path::new(path))?)),
        None => Ok(("the JSON given".to_owned(), text.to_owned())),
    }
}

fn parse(json: &str, descriptor: MessageDescriptor) -> Result<DynamicMessage, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let options = DeserializeOptions::new();
    let message =
        DynamicMessage::deserialize_with_options(descriptor, &mut deserializer, &options)?;
    deserializer.end()?;
    Ok(message)
}

#[cfg(test)]
mod tests;
