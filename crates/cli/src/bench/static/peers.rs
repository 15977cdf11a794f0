//! Rows of other solvers, as their harness writes them: read, and refused where they cannot be meant.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use csv::StringRecord;
use serde::Serialize;

use crate::bench::set::Listed;
use crate::bench::words::quoted;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;

/// Faults told at once.
const FAULTS_TOLD: usize = 20;

/// Columns that must be there; others are passed over.
const COLUMNS: [&str; 10] =
    ["peer", "version", "family", "instance", "n", "budget", "seed", "cpu_s", "feasible", "cost"];

/// A solver as it was run: another version, or another option, is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Peer {
    pub(super) name: String,
    pub(super) version: String,
    /// What was passed to it beyond the budget, as `key=value key=value`.
    pub(super) options: String,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)?;
        if self.options.is_empty() { Ok(()) } else { write!(f, " ({})", self.options) }
    }
}

/// How far a peer was let go.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(super) enum PeerBudget {
    Seconds(f64),
    /// VROOM's level of exploration, by its name: it takes what time it takes.
    Level(String),
}

impl fmt::Display for PeerBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PeerBudget::Seconds(seconds) => write!(f, "{seconds} s"),
            PeerBudget::Level(name) => f.write_str(name),
        }
    }
}

/// One run of a peer, on one thread.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PeerRow {
    pub(super) peer: Peer,
    pub(super) family: String,
    pub(super) instance: String,
    pub(super) budget: PeerBudget,
    pub(super) seed: u64,
    pub(super) cpu_seconds: f64,
    /// None if the plan breaks a rule.
    pub(super) cost: Option<f64>,
    pub(super) vehicles: Option<usize>,
    /// Makes it again, in the harness that made it.
    pub(super) command: String,
}

/// The rows of a file that are of instances listed here.
///
/// # Errors
/// It cannot be read, has not the columns, or every line that cannot be meant, with the rule it breaks.
pub(super) fn read(path: &Path, listed: &[Listed]) -> anyhow::Result<Vec<PeerRow>> {
    let mut reader = csv::Reader::from_reader(files::open(path)?);
    let header = reader.headers().cloned();
    let columns = Columns::of(&header.or_exit(Exit::Invalid, || path.display().to_string())?);
    let columns = columns.map_err(|missing| {
        let what = format!("{}: line 1: there is no column {missing}", path.display());
        Failure::new(Exit::Invalid, what)
    })?;
    let mut faults: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    let mut first_lines = BTreeMap::new();
    for record in reader.records() {
        if faults.len() >= FAULTS_TOLD {
            break;
        }
        let mut tell = |line: u64, rule: &str| {
            faults.push(format!("{}: line {line}: {rule}", path.display()));
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                tell(error.position().map_or(0, csv::Position::line), &in_words(&error));
                // What follows cannot be read either.
                if error.is_io_error() {
                    break;
                }
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let mut fields = Fields { columns: &columns, record: &record, rules: Vec::new() };
        let row = fields.row(listed);
        fields.rules.iter().for_each(|rule| tell(line, rule));
        let Some(row) = row else { continue };
        let key = (row.peer.clone(), row.command.clone());
        match first_lines.entry(key) {
            Entry::Occupied(first) => tell(line, &format!("repeats line {}", first.get())),
            Entry::Vacant(place) => {
                place.insert(line);
                rows.push(row);
            }
        }
    }
    if faults.is_empty() {
        return Ok(rows);
    }
    Err(Failure::new(Exit::Invalid, faults.join("\n")).into())
}

fn in_words(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields; the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// Where each column stands.
struct Columns {
    required: [usize; COLUMNS.len()],
    routes: Option<usize>,
    note: Option<usize>,
}

impl Columns {
    /// Or those that are missing.
    fn of(header: &StringRecord) -> Result<Columns, String> {
        let find = |name: &str| header.iter().position(|column| column.trim() == name);
        let missing = COLUMNS.into_iter().filter(|name| find(name).is_none());
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            return Err(missing.join(", "));
        }
        Ok(Columns {
            required: COLUMNS.map(|name| find(name).unwrap_or_default()),
            routes: find("routes"),
            note: find("note"),
        })
    }
}

/// One line, and the rules it breaks.
struct Fields<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    rules: Vec<String>,
}

impl<'a> Fields<'a> {
    /// None if the line is of an instance that is not listed, or breaks a rule.
    fn row(&mut self, listed: &[Listed]) -> Option<PeerRow> {
        let [name, version, family, instance, n, budget, seed, cpu, feasible, cost] =
            self.columns.required.map(|column| self.record.get(column).unwrap_or_default().trim());
        let note = self.optional(self.columns.note).unwrap_or_default();
        for (what, text) in [("peer", name), ("version", version), ("instance", instance)] {
            let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
            self.rule(is_plain, || format!("{what} is {text:?}; a name is required"));
        }
        let options = options(note);
        self.rule(!options.chars().any(char::is_control), || {
            format!("note begins with {options:?}; options are required to be printable")
        });
        let n: Option<usize> = self.whole("n", n);
        let seed: Option<u64> = self.whole("seed", seed);
        let peer_budget = PeerBudget::of(budget);
        self.rule(peer_budget.is_some(), || {
            format!("budget is {budget:?}; seconds, more than 0, or x0 to x5 are required")
        });
        let cpu_seconds = self.number("cpu_s", cpu, "0 or more is required", |cpu| cpu >= 0.0);
        let is_known = matches!(feasible, "0" | "1");
        self.rule(is_known, || format!("feasible is {feasible:?}; 0 or 1 is required"));
        let (mut cost_told, mut vehicles) = (None, None);
        if feasible == "1" {
            cost_told = self.number("cost", cost, "more than 0 is required", |cost| cost > 0.0);
            let routes = self.optional(self.columns.routes).filter(|text| !text.is_empty());
            vehicles = routes.and_then(|text| self.whole("routes", text));
        }
        let is_listed = |entry: &&Listed| entry.name == instance && entry.family == family;
        let entry = listed.iter().find(is_listed)?;
        self.rule(n.is_none_or(|n| n == entry.tasks), || {
            format!("n is {}; {instance} has {} customers", n.unwrap_or_default(), entry.tasks)
        });
        if !self.rules.is_empty() {
            return None;
        }
        let file = entry.path.file_name().unwrap_or_default().to_string_lossy();
        let mut command = format!(
            "run.py --peer {} --instances {} --time {} --seed {}",
            quoted(name),
            quoted(&format!("{family}/{file}")),
            quoted(budget),
            seed?
        );
        if !options.is_empty() {
            let options: Vec<String> = options.split(' ').map(quoted).collect();
            command = format!("{command} --opt {}", options.join(" "));
        }
        Some(PeerRow {
            peer: Peer { name: name.to_owned(), version: version.to_owned(), options },
            family: family.to_owned(),
            instance: instance.to_owned(),
            budget: peer_budget?,
            seed: seed?,
            cpu_seconds: cpu_seconds?,
            cost: cost_told,
            vehicles,
            command,
        })
    }

    fn optional(&self, column: Option<usize>) -> Option<&'a str> {
        Some(self.record.get(column?)?.trim())
    }

    fn rule(&mut self, is_kept: bool, told: impl FnOnce() -> String) {
        if !is_kept {
            self.rules.push(told());
        }
    }

    fn whole<N: FromStr>(&mut self, what: &str, text: &str) -> Option<N> {
        let number = text.parse().ok();
        self.rule(number.is_some(), || format!("{what} is {text:?}; a whole number is required"));
        number
    }

    fn number(
        &mut self,
        what: &str,
        text: &str,
        rule: &str,
        is_kept: impl Fn(f64) -> bool,
    ) -> Option<f64> {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        let number = number.filter(|number| is_kept(*number));
        self.rule(number.is_some(), || format!("{what} is {text:?}; {rule}"));
        number
    }
}

impl PeerBudget {
    fn of(text: &str) -> Option<PeerBudget> {
        if ["x0", "x1", "x2", "x3", "x4", "x5"].contains(&text) {
            return Some(PeerBudget::Level(text.to_owned()));
        }
        let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite());
        seconds.filter(|seconds| *seconds > 0.0).map(PeerBudget::Seconds)
    }
}

/// The words `key=value` that a note begins with: what follows is for people.
fn options(note: &str) -> String {
    let is_option = |word: &&str| {
        let key = word.split_once('=').map_or("", |(key, _)| key);
        !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    note.split(' ').take_while(is_option).collect::<Vec<&str>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use swerve_model::instance::Objective;

    const HEADER: &str = "peer,version,family,instance,n,budget,seed,build_s,wall_s,cpu_s,feasible,cost,routes,bks,gap_pct,note\n";

    fn listed() -> Vec<Listed> {
        let listed = |name: &str| Listed {
            set: "solomon".to_owned(),
            path: PathBuf::from(format!("sets/solomon/{name}.txt")),
            name: name.to_owned(),
            family: "solomon".to_owned(),
            tasks: 100,
            objective: Objective::Distance,
            best_known: None,
        };
        vec![listed("R101"), listed("R102")]
    }

    fn read_text(text: &str) -> anyhow::Result<Vec<PeerRow>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("peers.csv");
        std::fs::write(&path, format!("{HEADER}{text}")).expect("it is writable");
        read(&path, &listed())
    }

    #[test]
    fn rows_of_listed_instances_are_read_and_others_only_looked_at() {
        let rows = read_text(
            "sisr,857c8ee,solomon,R101,100,10,1,2.2,1.9,9.9,1,1642.5,20,1637.7,0.293,variant=open 7 iterations\n\
             vroom,1.15,solomon,R102,100,x5,1,2.2,1.9,0.7,0,nan,0,1466.6,nan,customer 3 visited 0 times\n\
             vroom,1.15,solomon,C101,100,x5,1,2.2,1.9,0.7,1,827.3,10,827.3,0,\n",
        );
        let rows = rows.expect("they are rows");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].peer.to_string(), "sisr 857c8ee (variant=open)");
        assert_eq!((rows[0].cost, rows[0].vehicles), (Some(1642.5), Some(20)));
        assert_eq!(
            rows[0].command,
            "run.py --peer sisr --instances solomon/R101.txt --time 10 --seed 1 --opt variant=open"
        );
        assert_eq!(rows[1].budget, PeerBudget::Level("x5".to_owned()));
        assert_eq!(rows[1].cost, None);
    }

    #[test]
    fn every_line_that_cannot_be_meant_is_told_with_its_rule() {
        let told = read_text(
            "a,1,solomon,R101,100,10,1,,,9.9,1,1642.5,20,,,\n\
             a,1,solomon,R101,100,10,1,,,9.9,1,1640.5,20,,,\n\
             \u{1b}[31m,1,solomon,R101,100,10,1,,,9.9,1,1642.5,20,,,\n\
             b,,solomon,R101,99,0,x,,,-1,2,,,,,\n\
             c,1,solomon,C109,100,inf,1,,,nan,1,-5,20.5,,,\n\
             d,1\n",
        );
        let told = told.expect_err("nothing of it can be meant").to_string();
        for part in [
            "line 3: repeats line 2",
            "line 4: peer is \"\\u{1b}[31m\"; a name is required",
            "line 5: version is \"\"; a name is required",
            "line 5: seed is \"x\"; a whole number is required",
            "line 5: budget is \"0\"; seconds, more than 0, or x0 to x5 are required",
            "line 5: cpu_s is \"-1\"; 0 or more is required",
            "line 5: feasible is \"2\"; 0 or 1 is required",
            "line 5: n is 99; R101 has 100 customers",
            "line 6: budget is \"inf\"",
            "line 6: cpu_s is \"nan\"",
            "line 6: cost is \"-5\"; more than 0 is required",
            "line 6: routes is \"20.5\"; a whole number is required",
            "line 7: 2 fields; the header has 16",
        ] {
            assert!(told.contains(part), "{part} is missing in\n{told}");
        }
        assert_eq!(told.lines().count(), 13, "{told}");
    }

    #[test]
    fn a_file_of_faults_is_not_told_to_its_end() {
        let told = read_text(&"x\n".repeat(100_000)).expect_err("no row is one").to_string();
        assert_eq!(told.lines().count(), FAULTS_TOLD);
    }
}
