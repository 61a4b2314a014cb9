//! The catalogues agree with each other and with the code that speaks.

use std::path::Path;

use raccordo_casework::wire::{Area, StatoInCarico, TipoRichiesta, Urgenza};
use raccordo_proto::Code;
use raccordo_terminal::text::is_id;

use super::*;
use crate::api::OfficeState;

#[test]
fn both_languages_say_the_same_things() {
    assert_eq!(CATALOGUES.faults(), [""; 0]);
}

#[test]
fn every_name_in_the_code_has_a_sentence() {
    let it = texts(Lang::It);
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
            assert!(it.has(&id), "{id}");
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
    "passphrase-unreadable",
    "passphrase-file-permissions",
    "passphrase-file-lines",
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
    let it = texts(Lang::It);
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
        assert!(it.has(&id), "{id}");
    }
}

#[test]
fn arguments_come_without_marks_and_plurals_follow_the_number() {
    let it = texts(Lang::It);
    assert_eq!(it.say("fault-too-long", &[("max", "2000")]), "è troppo lunga: al massimo 2000 caratteri");
    assert_eq!(it.count("status-queued", 1), "Una lettera in coda");
    assert_eq!(it.count("status-queued", 3), "3 lettere in coda");
    assert_eq!(texts(Lang::En).count("status-queued", 0), "No letter is waiting");
    assert_eq!(it.say("there-is-none", &[]), "there-is-none");
}
