//! The program's sentences in Italian and English: `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: codes and exit codes (`failure`), names of offices, which are arguments.

use raccordo_terminal::text::{Catalogues, Lang, Texts};

/// Both catalogues.
pub const CATALOGUES: Catalogues = Catalogues { it: include_str!("../text/it.ftl"), en: include_str!("../text/en.ftl") };

/// The sentences of one language.
pub fn texts(lang: Lang) -> Texts {
    Texts::new(lang, CATALOGUES)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::{Path, PathBuf};

    use raccordo_terminal::passphrase::PassphraseFault;
    use raccordo_terminal::text::is_id;

    use super::*;
    use crate::failure::Failure;

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(CATALOGUES.faults(), [""; 0]);
    }

    #[test]
    fn every_name_in_the_code_has_a_sentence() {
        let texts = texts(Lang::It);
        let mut found = 0;
        for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for exit in ["Machine", "Usage", "Unreachable", "Refused", "Verification"] {
                for rest in source.split(&format!("Failure::new(Exit::{exit}, \"")).skip(1) {
                    let code = rest.split('"').next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
                    assert!(texts.has(&format!("failure-{code}")), "{code}");
                    found += 1;
                }
            }
            let families = ["fault-", "warning-", "done-", "plan-", "show-", "note-", "field-", "thing-"];
            for id in source.split('"').skip(1).step_by(2).filter(|id| is_id(id)) {
                if !id.ends_with('-') && families.iter().any(|family| id.starts_with(family)) {
                    assert!(texts.has(id), "{id}");
                    found += 1;
                }
            }
        }
        assert!(found > 60, "only {found} names found");
    }

    #[test]
    fn what_the_terminal_asks_and_refuses_has_a_sentence() {
        let texts = texts(Lang::It);
        for id in ["ask-passphrase", "ask-passphrase-new", "ask-passphrase-again"] {
            assert!(texts.has(id), "{id}");
        }
        let path = PathBuf::from("frase");
        for fault in [
            PassphraseFault::Short,
            PassphraseFault::Long,
            PassphraseFault::Differ,
            PassphraseFault::FileOpen(path.clone()),
            PassphraseFault::FileLines(path.clone()),
            PassphraseFault::Unreadable(path, io::ErrorKind::NotFound.into()),
        ] {
            let id = Failure::from(fault).message_id();
            assert!(texts.has(&id), "{id}");
        }
    }

    fn sources(folder: &Path) -> Vec<String> {
        let paths = std::fs::read_dir(folder).expect("our own sources").map(|entry| entry.expect("an entry").path());
        let mut texts = Vec::new();
        for path in paths {
            if path.is_dir() {
                texts.extend(sources(&path));
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
                texts.push(std::fs::read_to_string(path).expect("our own source"));
            }
        }
        texts
    }
}
