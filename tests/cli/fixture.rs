//! Running the binary, a town of sixteen corners, and a server that is stopped whatever happens.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use swerve_roads::pbf::write_osm;
use swerve_roads::{Coord, Node, OsmData, Tags, Way};
use tempfile::TempDir;

/// The binary, in an environment without our own settings.
pub(crate) fn swerve(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_swerve"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SWERVE_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// With the exit code expected.
    pub(crate) fn ended(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("it prints text"),
            stderr: String::from_utf8(output.stderr).expect("it tells text"),
        }
    }
}

pub(crate) fn run(folder: &Path, line: &[&str]) -> Ran {
    swerve(folder).args(line).output().expect("the binary runs").into()
}

/// Sixteen corners, 150 m apart, joined by four streets each way; addresses along none of them.
pub(crate) fn town() -> OsmData {
    const SIDE: i64 = 4;
    let mut data = OsmData::default();
    for row in 0..SIDE {
        for column in 0..SIDE {
            let latitude_e7 = 482_000_000 + (row * 13_500) as i32;
            let longitude_e7 = 163_700_000 + (column * 20_200) as i32;
            let at = Coord::from_e7(latitude_e7, longitude_e7).expect("it is in Vienna");
            data.nodes.push(Node { id: 1 + row * SIDE + column, at });
        }
    }
    for line in 0..SIDE {
        let along = (0..SIDE).map(|column| 1 + line * SIDE + column).collect();
        let across = (0..SIDE).map(|row| 1 + row * SIDE + line).collect();
        for (index, nodes) in [along, across].into_iter().enumerate() {
            let mut tags = Tags::new();
            tags.push("highway", if line == 0 { "tertiary" } else { "residential" });
            tags.push("name", &format!("{} Street {line}", ["Long", "Cross"][index]));
            data.ways.push(Way { id: 100 + line * 2 + index as i64, nodes, tags });
        }
    }
    data.sort().expect("no id comes twice");
    data
}

/// Writes the town as an extract.
pub(crate) fn write_town(folder: &Path) -> PathBuf {
    let path = folder.join("town.osm.pbf");
    let file = std::fs::File::create(&path).expect("the folder is writable");
    write_osm(&town(), file).expect("it is written");
    path
}

pub(crate) const TMS: &str = "tms-token-0123456789";
pub(crate) const DESK: &str = "desk-token-0123456789";
pub(crate) const OPERATOR: &str = "operator-token-0123456789";

/// A folder with a town, its road file, and a configuration that serves it on any port.
pub(crate) fn site() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    run(folder.path(), &["roads", "build", "town.osm.pbf", "-o", "town.roads"]).ended(0);
    let config = format!(
        r#"
listen = "127.0.0.1:0"
data_dir = "data"
search_threads = 1

[client]
territory = "town"

[[token]]
name = "tms"
role = "tms"
tenant = "acme"
token = "{TMS}"

[[token]]
name = "desk"
role = "dispatcher"
tenant = "acme"
token = "{DESK}"

[[token]]
name = "operator"
role = "operator"
tenant = "acme"
token = "{OPERATOR}"

[[territory]]
id = "town"
tenant = "acme"
currency = "EUR"
zone = "Europe/Vienna"
roads = "town.roads"
clock = "simulated"

[[territory.depots]]
id = "hub"
lat = 48.2000
lng = 16.3700
"#
    );
    std::fs::write(folder.path().join("swerve.toml"), config).expect("the folder is writable");
    folder
}

/// A server of a site. Killed when dropped, should a test fail before it is stopped.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) announced: Value,
}

impl Server {
    /// Starts it and waits until it says where it serves.
    pub(crate) fn start(folder: &Path) -> Server {
        let mut child = swerve(folder)
            .args(["serve", "--config", "swerve.toml", "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it is text");
        let Ok(announced) = serde_json::from_str::<Value>(&line) else {
            let mut told = String::new();
            let stderr = child.stderr.take().expect("it is piped");
            BufReader::new(stderr).read_to_string(&mut told).expect("it is text");
            panic!("it does not serve: {line}{told}");
        };
        let address = announced["address"].as_str().expect("an address");
        let address = address.parse().expect("an address and port");
        Server { child, folder: folder.to_owned(), address, announced }
    }

    /// Runs a command that calls it, as the bearer of `token`.
    pub(crate) fn run(&self, token: &str, line: &[&str]) -> Ran {
        let address = format!("http://{}", self.address);
        let command = swerve(&self.folder)
            .args(line)
            .env("SWERVE_ADDRESS", address)
            .env("SWERVE_TOKEN", token)
            .output();
        command.expect("the binary runs").into()
    }

    /// Calls a method that must succeed.
    pub(crate) fn call(&self, token: &str, method: &str, request: &Value) -> Value {
        self.run(token, &["call", method, &request.to_string()]).ended(0).json()
    }

    /// Sends a signal, and says how it ended and what it told.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a kill").success());
        let mut told = String::new();
        let stderr = self.child.stderr.take().expect("it is piped");
        BufReader::new(stderr).read_to_string(&mut told).expect("it is text");
        (self.child.wait().expect("it ends").code(), told)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, but in a test that failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The public sample city, made by this project.
pub(crate) fn sample_city() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/sample-city.osm.pbf")
}
