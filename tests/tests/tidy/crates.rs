//! Who may import whom, read from the resolved graph. "The gateway cannot read a case" is a line missing from its
//! Cargo.toml (invariant 1); here it is missing from everything that it links.

use std::collections::BTreeSet;
use std::process::Command;

use crate::root;

/// Everything that a crate links or builds with.
fn graph(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "-p", package, "-e", "normal,build", "--prefix", "none", "-f", "{lib}"])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let names: BTreeSet<String> = String::from_utf8_lossy(&tree.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| name.replace('-', "_"))
        .collect();
    assert!(names.len() > 10, "{package} links something: {names:?}");
    names
}

fn links(package: &str, allowed: &[&str], never: &[&str]) {
    let graph = graph(package);
    for name in allowed {
        assert!(graph.contains(*name), "{package} links {name}: the check can see");
    }
    for name in never {
        assert!(!graph.contains(*name), "{package} must not link {name}");
    }
}

const SHELLS: [&str; 6] = ["tokio", "tonic", "rustls", "sled", "rcgen", "axum"];
const LOGGERS: [&str; 2] = ["tracing", "log"];

#[test]
fn the_gateway_links_nothing_that_opens_an_envelope() {
    links(
        "raccordo-gateway",
        &["raccordo_proto", "raccordo_machine", "tonic", "sled"],
        &["raccordo_casework", "hpke", "x_wing", "rcgen"],
    );
    links("raccordo-agent", &["raccordo_proto", "raccordo_casework", "hpke", "sled"], &["rcgen"]);
}

/// Nobody types a passphrase at a gateway, and it keeps no secret that one would open.
#[test]
fn what_shells_share_brings_none_more_than_it_asks_for() {
    links("raccordo-gateway", &["raccordo_machine"], &["raccordo_terminal", "raccordo_atrest", "fluent_bundle", "rpassword"]);
    links("raccordo-machine", &["raccordo_proto", "rustls"], &["raccordo_casework", "tokio", "sled", "clap", "tracing"]);
    links("raccordo-terminal", &["raccordo_machine", "clap"], &["raccordo_casework", "tokio", "sled", "tracing"]);
    links(
        "raccordo-caller",
        &["raccordo_machine", "tonic"],
        &["raccordo_casework", "raccordo_terminal", "sled", "clap", "tracing_subscriber"],
    );
    links("raccordo-atrest", &["aes_gcm", "argon2"], &["raccordo_casework", "raccordo_proto", "tokio", "rustls", "sled"]);
}

#[test]
fn the_cores_link_no_shell_and_no_logger() {
    links("raccordo-proto", &["prost", "ed25519_dalek"], &SHELLS);
    links("raccordo-proto", &["prost"], &["hpke", "raccordo_casework", "getrandom", "tracing"]);
    links("raccordo-casework", &["raccordo_proto", "hpke"], &SHELLS);
    links("raccordo-casework", &["raccordo_proto"], &LOGGERS);
}

#[test]
fn the_authority_knows_no_case_and_no_store() {
    links("raccordo-admin", &["raccordo_proto", "rcgen", "tokio", "tonic"], &["raccordo_casework", "hpke", "sled"]);
}

#[test]
fn one_implementation_of_tls_and_it_is_not_those() {
    for package in ["raccordo-gateway", "raccordo-agent", "raccordo-admin", "raccordo-certs-dev"] {
        links(package, &["raccordo_proto"], &["ring", "openssl", "openssl_sys", "native_tls"]);
    }
}
