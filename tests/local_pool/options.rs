//! The command line of the pool.

use local_pool::{HELP, Options, Pool};

#[test]
fn the_help_names_every_option() {
    assert!(Options::from_arguments(["--help"]).unwrap().is_none());
    assert!(Options::from_arguments(["--devices", "-h"]).unwrap().is_none());
    let source = include_str!("../../examples/local_pool/src/options.rs");
    let options = source.split("Long(\"").skip(1).map(|rest| rest.split_once('"').unwrap().0);
    let missing: Vec<_> = options.filter(|name| !HELP.contains(&format!("  --{name}"))).collect();
    assert_eq!(missing, [""; 0]);
    assert!(source.matches("Long(\"").count() >= 16);
}

#[test]
fn an_error_at_the_start_names_its_option() {
    let long = "n".repeat(129);
    let (user, alias) = (format!("{long}:Passw0rd!"), format!("a={long}"));
    for (option, values) in [
        ("--listen", vec!["", "nonsense", "127.0.0.1", "0.0.0.0:0"]),
        ("--timeout", vec!["", "-1", "soon"]),
        ("--connections", vec!["0", "many"]),
        ("--pool-id", vec!["", "nonsense"]),
        ("--client-id", vec!["", "a b"]),
        ("--client-secret", vec!["", "short"]),
        ("--user", vec!["", "alice", ":Passw0rd!", &user]),
        ("--alias", vec!["", "a", &alias]),
        ("--force-new-password", vec!["", "nobody"]),
        ("--max-age", vec!["-1", "old"]),
        ("--memory", vec!["", "-1", "0"]),
        ("--nonsense", vec!["1"]),
    ] {
        for value in values {
            let started = Options::from_arguments([option, value])
                .map_err(|error| error.to_string())
                .and_then(|options| Pool::new(&options.unwrap()).map(drop));
            let said = started.expect_err(&format!("{option} {value:?} is accepted"));
            assert!(said.contains(option), "{said}");
        }
        if option != "--nonsense" {
            let said = Options::from_arguments([option]).expect_err("the value is missing").to_string();
            assert!(said.contains(option), "{said}");
        }
    }
}
