//! What the house is built of (T27): licences, crates that may not be linked, a reason beside every dependency, and no
//! silenced lint or test without one. Not here: advisories, which need a database from outside.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use raccordo_tests::results;

use crate::root;
use crate::sources::{ROOMS, sources};

/// Licences under which a crate may be linked; of several, one is enough where the crate lets one choose.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Why a crate may not be linked: a second TLS, or an engine whose format is not finished.
const BANNED: [(&str, &str); 4] = [("openssl", ""), ("native-tls", ""), ("ring", ""), ("sled", "1.")];

/// A package of the whole graph: every room, platform and kind of dependency.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    licence: String,
}

fn packages() -> BTreeSet<Package> {
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--workspace", "-e", "all", "--target", "all", "--prefix", "none", "-f", "{p}|{l}"])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8_lossy(&tree.stdout).lines().filter_map(package).collect()
}

/// `name vX.Y.Z (where)|licence (*)`.
fn package(line: &str) -> Option<Package> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    Some(Package {
        name: name.to_owned(),
        version: version.trim_start_matches('v').to_owned(),
        licence: licence.trim_end_matches(" (*)").to_owned(),
    })
}

/// Whether an SPDX expression lets us take an allowed licence: AND binds more than OR, as SPDX says; `/` is an old OR.
fn allowed(licence: &str) -> bool {
    let spaced = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let holds = either(&words, &mut at);
    holds && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut holds = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        holds |= both(words, at);
    }
    holds
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut holds = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        holds &= one(words, at);
    }
    holds
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let holds = either(words, at);
        *at += 1;
        return holds && words.get(*at - 1) == Some(&")");
    }
    let exception = (words.get(*at) == Some(&"WITH")).then(|| words.get(*at + 1).copied().unwrap_or_default());
    *at += if exception.is_some() { 2 } else { 0 };
    let name = exception.map_or_else(|| (*word).to_owned(), |exception| format!("{word} WITH {exception}"));
    LICENCES.contains(&name.as_str())
}

fn banned(package: &Package) -> bool {
    let is = |(name, version): &(&str, &str)| {
        let family = *name == "openssl" && package.name.starts_with("openssl");
        (package.name == *name || family) && package.version.starts_with(version)
    };
    BANNED.iter().any(is)
}

#[test]
fn every_package_has_an_allowed_licence_and_none_is_banned() {
    let packages = packages();
    let wrong: Vec<&Package> = packages.iter().filter(|package| !allowed(&package.licence) || banned(package)).collect();
    results::write("T27", "packages of allowed licences", packages.len() - wrong.len(), packages.len(), file!());
    results::write_at_most("T27", "packages that are banned or of another licence", wrong.len(), 0, file!());
    assert!(wrong.is_empty(), "{wrong:?}");
    let has = |name: &str, version: &str| packages.iter().any(|p| p.name == name && p.version == version);
    assert!(has("sled", "0.34.7") && packages.len() > 200, "the check sees the graph: {}", packages.len());
}

#[test]
fn the_check_of_packages_sees_what_is_wrong() {
    for licence in ["MIT", "GPL-2.0-only OR MIT", "(MIT OR GPL-3.0) AND ISC", "MIT/GPL-2.0", "MIT OR GPL-2.0 AND GPL-3.0"] {
        assert!(allowed(licence), "{licence}");
    }
    let licences =
        ["", "GPL-3.0-only", "MIT AND GPL-2.0-only", "(MIT OR ISC) AND AGPL-3.0", "Apache-2.0 WITH Other", "MIT (", "MIT ISC"];
    for licence in licences {
        assert!(!allowed(licence), "{licence}");
    }
    let line = |line: &str| banned(&package(line).expect("a line of cargo tree"));
    let packages = [
        "openssl v0.10.0|MIT",
        "openssl-sys v0.9.1|MIT (*)",
        "native-tls v0.2.0|MIT",
        "ring v0.17.14|ISC",
        "sled v1.0.0-alpha.124|MIT",
    ];
    for wrong in packages {
        assert!(line(wrong), "{wrong}");
    }
    for fine in ["sled v0.34.7|MIT", "spring v1.0.0|MIT", "tracing v0.1.0 (/x/y)|MIT"] {
        assert!(!line(fine), "{fine}");
    }
    let refused = licences.iter().filter(|licence| !allowed(licence)).count() + packages.iter().filter(|text| line(text)).count();
    let planted = licences.len() + packages.len();
    results::write("T27", "control: planted packages and licences that were refused", refused, planted, file!());
}

/// Dependencies without a comment that says why, beside them or at the head of their group.
fn without_reason(manifest: &str) -> Vec<String> {
    let dependencies = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();
    let ours = |line: &&str| line.contains(" = ") && !line.starts_with('#') && !line.starts_with("raccordo-");
    let silent = dependencies.lines().filter(ours).filter(|line| line.split_once(" # ").is_none_or(|(_, why)| why.len() < 6));
    silent.map(str::to_owned).collect()
}

#[test]
fn every_dependency_says_why() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    assert_eq!(without_reason(&manifest), [""; 0]);
    let planted = manifest.replace("\nprost = ", "\nplanted = \"1\"\nprost = ");
    assert_eq!(without_reason(&planted), ["planted = \"1\""]);
    for room in ROOMS {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).expect("a room");
        let own = manifest
            .lines()
            .filter(|line| line.contains("version = \"") || line.contains("path = \"../") && !line.contains("main.rs"));
        assert_eq!(own.collect::<Vec<_>>(), [""; 0], "{room}: versions stand in the workspace, with their reason");
    }
}

/// Lints and tests silenced without a reason, as the lines that do it.
fn silenced(text: &str) -> Vec<&str> {
    let (allow, expect, ignore) = (concat!("al", "low("), concat!("ex", "pect("), concat!("ig", "nore"));
    let mut silenced = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(attribute) = code.strip_prefix("#[").or_else(|| code.strip_prefix("#![")) else { continue };
        if attribute.starts_with(ignore) {
            silenced.push(*line); // no test is ever skipped
        }
        let quiets = attribute.starts_with(allow) || attribute.starts_with(expect);
        let above =
            lines[..at].iter().rfind(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_start().starts_with("//"));
        if quiets && !attribute.contains("reason = \"") && !attribute.contains("//") && !above {
            silenced.push(*line);
        }
    }
    silenced
}

#[test]
fn nothing_is_silenced_without_a_reason_and_no_test_is_skipped() {
    for (path, text) in sources() {
        assert_eq!(silenced(&text), [""; 0], "{path}");
    }
    let (allow, ignore) = (concat!("#[al", "low(dead_code)]"), concat!("#[ig", "nore = \"slow\"]"));
    assert_eq!(silenced(&format!("fn a() {{}}\n{allow}\nfn b() {{}}\n    {ignore}\nfn c() {{}}\n")).len(), 2);
    let reasoned = allow.replace(")]", ", reason = \"why\")]");
    assert_eq!(silenced(&reasoned), [""; 0]);
}

/// Packages of the lock file that come from elsewhere than the one registry, or whose contents are not fixed.
fn foreign(lock: &str) -> Vec<&str> {
    let packages = lock.split("[[package]]").skip(1).filter(|package| !package.contains("name = \"raccordo-"));
    let line = |package: &str, name: &str| package.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
    let registry = packages.clone().find_map(|package| line(package, "source = \"registry+"));
    let fixed = |package: &&str| {
        registry.is_some() && line(package, "source = \"registry+") == registry && package.contains("checksum = ")
    };
    packages.filter(|package| !fixed(package)).collect()
}

#[test]
fn everything_comes_from_one_place_with_its_checksum() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    assert_eq!(foreign(&lock), [""; 0]);
    let planted = |package: &str| foreign(&format!("{lock}\n[[package]]\n{package}\n")).len();
    assert_eq!(planted("name = \"x\"\nsource = \"git+ssh://somewhere\"\nchecksum = \"0\""), 1);
    assert_eq!(planted("name = \"x\"\nversion = \"1\""), 1);
}
