//! The catalogues agree with each other and with the code that speaks.

use std::collections::BTreeSet;
use std::path::Path;

use raccordo_casework::wire::{Area, StatoInCarico, TipoRichiesta, Urgenza};
use raccordo_proto::Code;

use super::*;
use crate::api::OfficeState;

fn ids(lang: Lang) -> BTreeSet<&'static str> {
    lang.catalogue().lines().filter_map(|line| line.split_once(" =")).map(|(id, _)| id).filter(|id| is_id(id)).collect()
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Names of arguments of each message, by its whole text.
fn arguments(lang: Lang) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut id = "";
    for line in lang.catalogue().lines() {
        if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| is_id(name)) {
            id = name;
        }
        let names = line.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap_or_default());
        found.extend(names.map(|name| (id.to_owned(), name.to_owned())));
    }
    found
}

#[test]
fn both_languages_say_the_same_things() {
    assert_eq!(ids(Lang::It), ids(Lang::En));
    assert_eq!(arguments(Lang::It), arguments(Lang::En));
    for lang in [Lang::It, Lang::En] {
        assert!(FluentResource::try_new(lang.catalogue().to_owned()).is_ok(), "{lang:?} has a syntax error");
        let lines = lang.catalogue().lines().filter(|line| line.split_once(" =").is_some_and(|(id, _)| is_id(id))).count();
        assert_eq!(lines, ids(lang).len(), "{lang:?} says something twice");
    }
}

#[test]
fn every_name_in_the_code_has_a_sentence() {
    let texts = Texts::new(Lang::It);
    let mut sources = Vec::new();
    read_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let mut found = 0;
    for source in &sources {
        let failures = literals_after(
            source,
            &[
                "Failure::new(Exit::Machine, ",
                "Failure::new(Exit::Usage, ",
                "Failure::new(Exit::Refused, ",
                "Failure::new(Exit::Unreachable, ",
                "Failure::new(Exit::Verification, ",
            ],
        );
        let failures = failures.map(|code| format!("failure-{}", code.to_ascii_lowercase().replace('_', "-")));
        let plain = literals_after(source, &["say(", "count(", "done(", "=> ", "{ ", "else { ", "(", "["])
            .filter(|id| has_family(id))
            .map(str::to_owned);
        for id in failures.chain(plain) {
            assert!(texts.has(&id), "{id}");
            found += 1;
        }
    }
    assert!(found > 60, "only {found} names found: has the way to say them changed?");
}

/// Literals that are names of sentences wherever they stand.
fn has_family(id: &str) -> bool {
    let families = [
        "label-",
        "contact-",
        "done-",
        "status-",
        "show-",
        "outbox-",
        "inbox-",
        "turn-",
        "keys-",
        "banner-",
        "danger-",
        "help-root",
        "help-usage",
    ];
    is_id(id) && families.iter().any(|family| id.starts_with(family))
}

fn literals_after<'a>(source: &'a str, openings: &'a [&str]) -> impl Iterator<Item = &'a str> {
    openings.iter().flat_map(move |opening| {
        source
            .split(&format!("{opening}\""))
            .skip(1)
            .filter_map(|rest| rest.split_once('"'))
            .map(|(id, _)| id)
            .collect::<Vec<_>>()
    })
}

fn read_sources(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("our own sources") {
        let path = entry.expect("an entry").path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() && !path.ends_with("gen") => read_sources(&path, sources),
            Some("rs") if !path.ends_with("tests.rs") => {
                let source = std::fs::read_to_string(path).expect("our own source");
                sources.push(source.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
}

const REFUSALS: &[&str] = &[
    "unknown-operator",
    "not-referente",
    "role",
    "codice-inesistente",
    "no-authorisation",
    "no-parte-riservata",
    "already-sent",
    "directory-expired",
    "no-directory",
    "operator-exists",
    "no-such-operator",
    "dev-only",
    "store-failed",
    "text-too-long",
    "letter-too-large",
    "bad-date",
    "unknown-office",
    "key-differs",
    "nothing-to-accept",
    "words-differ",
    "no-backup",
    "read-only",
    "busy",
    "unknown",
];

const FAULTS: &[&str] = &[
    "not-toml",
    "unknown-key",
    "wrong-type",
    "required",
    "not-allowed",
    "too-long",
    "too-many",
    "emergency",
    "bad-date",
    "date-needed",
    "only-with-programme",
    "programme-needed",
    "unknown-programme",
    "unknown-office",
    "unknown-equipe",
    "office-cannot-receive",
    "missing-authorisation",
    "no-recipients",
    "authorisation-expired",
    "duplicate-authorisation",
    "past-date",
    "sender-among-recipients",
    "way-to-equipe",
    "way-to-cpi",
    "way-to-office",
    "unknown-comune",
    "part-of-comune",
    "part-of-many-comuni",
    "no-ambito",
    "no-equipe",
    "two-equipes",
    "kept-out",
    "office-no-cpi-services",
    "office-out",
    "office-not-reachable",
    "seat-to-avoid",
    "seat-unknown",
    "reader-not-addressed",
    "reader-not-authorised",
    "future-date",
    "no-number",
    "bad-codice-fiscale",
    "recognisable",
    "holds-name",
    "holds-phone",
    "holds-contact",
    "holds-address",
    "holds-codice-fiscale",
    "holds-document",
    "holds-birth",
    "phone-needed",
    "bad-name",
    "bad-endpoint",
    "out-of-range",
    "bad-recipient",
    "keyring-not-planned",
    "only-with-credential",
    "unknown",
];

const STORE: &[&str] = &[
    "locked-by-another",
    "wrong-key",
    "damaged",
    "rolled-back",
    "anchor",
    "version",
    "io",
    "no-randomness",
    "too-large",
    "read-only",
    "no-credentials",
    "key-permissions",
    "key-unusable",
    "unlock-missing",
    "no-memory",
    "no-space",
    "passphrase-short",
    "passphrase-long",
    "passphrases-differ",
    "no-passphrase",
    "no-identity",
    "identity-differs",
    "journal-there",
    "backup-no-folder",
    "backup-not-written",
    "backup-file-exists",
    "backup-stopping",
    "backup-unreadable",
    "backup-key-unusable",
    "backup-wrong-key",
    "backup-damaged",
    "backup-other-office",
    "backup-version",
    "tombstones-missing",
];

#[test]
fn every_code_that_may_come_has_a_sentence() {
    let texts = Texts::new(Lang::It);
    let kebab = |code: &str| code.to_ascii_lowercase().replace('_', "-");
    let reasons = (0..).map_while(|n| Code::try_from(n).ok()).map(|code| format!("reason-{}", kebab(code.name())));
    let extra = ["reason-gateway-unreachable", "reason-in-transmission", "reason-none", "link-unreachable", "link-tls", "word"];
    let extra = extra.map(str::to_owned);
    let enums = (0..)
        .map_while(|n| Area::try_from(n).ok().map(|v| v.as_str_name()))
        .chain((0..).map_while(|n| Urgenza::try_from(n).ok().map(|v| v.as_str_name())))
        .chain((0..).map_while(|n| TipoRichiesta::try_from(n).ok().map(|v| v.as_str_name())))
        .chain((0..).map_while(|n| StatoInCarico::try_from(n).ok().map(|v| v.as_str_name())))
        .chain((0..).map_while(|n| OfficeState::try_from(n).ok().map(|v| v.as_str_name())))
        .map(kebab);
    let families = [("refusal", REFUSALS), ("fault", FAULTS), ("failure", STORE)];
    let families = families.iter().flat_map(|(family, codes)| codes.iter().map(move |code| format!("{family}-{code}")));
    for id in reasons.chain(extra).chain(enums).chain(families) {
        assert!(texts.has(&id), "{id}");
    }
}

#[test]
fn arguments_come_without_marks_and_plurals_follow_the_number() {
    let texts = Texts::new(Lang::It);
    assert_eq!(texts.say("fault-too-long", &[("max", "2000")]), "è troppo lunga: al massimo 2000 caratteri");
    assert_eq!(texts.count("status-queued", 1), "Una lettera in coda");
    assert_eq!(texts.count("status-queued", 3), "3 lettere in coda");
    assert_eq!(Texts::new(Lang::En).count("status-queued", 0), "No letter is waiting");
    assert_eq!(texts.say("there-is-none", &[]), "there-is-none");
}
