use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("conf/swerve.toml"), text).map_err(|faults| faults.to_string())
}

/// The example with every setting that is commented out brought in.
fn whole_example() -> String {
    let uncommented = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => rest,
        _ => line,
    });
    uncommented.collect::<Vec<_>>().join("\n")
}

fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn the_example_is_a_configuration() {
    let config = parse(EXAMPLE).expect("the example parses");
    assert_eq!(config.territories.len(), 1);
    assert_eq!(config.tokens.len(), 3);
    assert_eq!(config.log_path(), Path::new("conf/data/swerve.db"));
}

#[test]
fn what_the_example_shows_as_a_default_is_one() {
    let bare = parse(EXAMPLE).expect("the example parses");
    let whole = parse(&whole_example()).expect("the whole example parses");
    assert_eq!(whole.listen, Config::default().listen);
    assert_eq!(whole.tick, bare.tick);
    assert_eq!(whole.background_threads, bare.background_threads);
    assert_eq!(whole.allow_plaintext_off_loopback, bare.allow_plaintext_off_loopback);
    assert_eq!((whole.log.json, &whole.log.filter), (bare.log.json, &bare.log.filter));
    let (one, other) = (&whole.territories[0], &bare.territories[0]);
    assert_eq!(one.budget, other.budget);
    assert_eq!(one.risk, other.risk);
    assert_eq!((one.clock, one.seed), (other.clock, other.seed));
}

#[test]
fn the_example_shows_every_setting_there_is() {
    // Of the fields that a section knows, each is in the example: an unknown one lists them all.
    let sections = ["", "[log]", "[client]", "[[token]]", "[[territory]]"];
    for section in sections {
        let told = parse(&format!("{section}\nunheard_of = 1\n")).expect_err("it is unknown");
        let (_, known) = told.split_once("the fields here are ").expect("they are listed");
        for field in known.lines().next().expect("a line").split(", ") {
            let shown = EXAMPLE.contains(&format!("{field} ="))
                || EXAMPLE.contains(&format!("[{field}]"))
                || EXAMPLE.contains(&format!(".{field}]"))
                // Explained in the words above the tokens.
                || EXAMPLE.contains(&format!("`{field} = "));
            assert!(shown, "{field} of {section:?} is not in the example");
        }
    }
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = parse(EXAMPLE).expect("the example parses");
    assert_eq!(config.territories[0].roads, Path::new("conf/city.roads"));
    let SecretSource::File(path) = &config.tokens[2].source else { panic!("it is in a file") };
    assert_eq!(path, Path::new("conf/van-1.token"));
}

#[test]
fn every_fault_of_a_configuration_is_told_at_once() {
    let text = r#"
listen = "localhost"
tick_millis = 5

[log]
filter = "info,=x=y"

[[token]]
name = "a"
role = "admin"
tenant = "ac me"
token = "short"
token_env = "X"

[[territory]]
id = "porto"
tenant = "acme"
currency = "eur"
zone = "Europe/Nowhere"
roads = ""
clock = "fast"

[[territory.depots]]
id = "north"
lat = 91
lng = -8.6

[[territory]]
id = "porto"
"#;
    let told = parse(text).expect_err("much is wrong");
    let expected = "\
conf/swerve.toml:2:10: listen is \"localhost\"; an address and port such as \"127.0.0.1:7071\" is required
conf/swerve.toml:3:15: tick_millis is 5; a whole number from 100 to 60000 is required
conf/swerve.toml:6:10: log.filter is \"info,=x=y\"; it is no log filter: invalid filter directive
conf/swerve.toml:10:8: token[0].role is \"admin\"; one of \"tms\", \"dispatcher\", \"driver\", \"recipient\", \"operator\" is required
conf/swerve.toml:11:10: token[0].tenant is \"ac me\"; it has ' ' at position 2; only letters, digits, '.', '_', '~' and '-' are allowed
conf/swerve.toml:13:13: token[0].token_env is one too many beside token; a token is kept in one place
conf/swerve.toml:18:12: territory[0].currency is \"eur\"; three capital letters are required (ISO 4217)
conf/swerve.toml:19:8: territory[0].zone is \"Europe/Nowhere\"; it is no time zone that the IANA database knows
conf/swerve.toml:20:9: territory[0].roads is \"\"; the path of a file is required
conf/swerve.toml:21:9: territory[0].clock is \"fast\"; one of \"real\", \"simulated\" is required
conf/swerve.toml:25:7: territory[0].depots[0].lat is 91; a number from -90 to 90 is required";
    assert!(told.starts_with(expected), "{told}");
    assert!(told.contains("territory[1].tenant is missing"), "{told}");
    assert!(told.contains("territory[1].id is \"porto\"; a territory of that name"), "{told}");
}

#[test]
fn two_territories_of_one_name_would_share_a_log() {
    let (before, territory) = EXAMPLE.split_once("\n[[territory]]\n").expect("it has one");
    let two = |second: &str| {
        let second = territory.replacen("\"porto\"", second, 1);
        parse(&format!("{before}\n[[territory]]\n{territory}\n[[territory]]\n{second}"))
    };
    let told = two("\"porto\"").expect_err("it is double");
    assert!(told.contains("territory[1].id is \"porto\"; a territory of that name"), "{told}");
    assert_eq!(two("\"lisboa\"").expect("they are two").territories.len(), 2);
}

#[test]
fn a_token_that_cannot_be_fetched_names_where_it_should_be() {
    let config = parse(EXAMPLE).expect("the example parses");
    let error = tokens(&config.tokens).expect_err("no such file").to_string();
    assert!(error.contains("\"van-1\": cannot read conf/van-1.token"), "{error}");
}

#[test]
fn no_debug_output_holds_a_token() {
    let text =
        EXAMPLE.replace("token_env = \"SWERVE_TMS_TOKEN\"", "token = \"hunter2hunter2hunter2\"");
    let config = parse(&text).expect("it parses");
    assert!(!format!("{config:?}").contains("hunter2"));
}
