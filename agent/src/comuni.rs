//! Municipalities by the names that people type. Case, accents and apostrophes make no difference; a part of a name is never a
//! match: what it may mean is listed. What is typed is compared here and goes no further.
//!
//! Not here: which ambito a municipality belongs to (the directory says), municipalities of other regions.

use raccordo_casework::fold;
use raccordo_proto::ids::ComuneId;

/// `agent/data/README.md` says where it is from.
const COMUNI: &str = include_str!("../data/comuni-lombardia.csv");

/// Names that are listed at most; beyond, how many there are.
pub const CANDIDATES_MAX: usize = 10;

/// A municipality of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comune {
    /// Its ISTAT code.
    pub id: ComuneId,
    /// Its name.
    pub name: &'static str,
}

/// No municipality has that name or code.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    /// At most [`CANDIDATES_MAX`] names that begin so, or have a word that does; the near ones first.
    pub candidates: Vec<&'static str>,
    /// How many more there are.
    pub more: usize,
}

/// The municipality of this name, or of this ISTAT code. Of the candidates those that are near (the network serves them) come
/// first.
pub fn find(typed: &str, is_near: impl Fn(ComuneId) -> bool) -> Result<Comune, Unknown> {
    if let Ok(id) = ComuneId::parse(typed.trim()) {
        return comuni().find(|comune| comune.id == id).ok_or(Unknown { candidates: Vec::new(), more: 0 });
    }
    let asked = fold::words(typed);
    let whole = asked.replace(' ', "");
    comuni().find(|comune| fold::words(comune.name).replace(' ', "") == whole).ok_or_else(|| candidates(&asked, is_near))
}

/// Every name of the list.
pub fn names() -> impl Iterator<Item = &'static str> {
    comuni().map(|comune| comune.name)
}

fn comuni() -> impl Iterator<Item = Comune> {
    COMUNI.lines().skip(1).filter_map(|line| {
        let (code, rest) = line.split_once(',')?;
        Some(Comune { id: ComuneId::parse(code).ok()?, name: rest.split(',').next()? })
    })
}

fn candidates(asked: &str, is_near: impl Fn(ComuneId) -> bool) -> Unknown {
    let begins = |name: &str| name.starts_with(asked) || name.contains(&format!(" {asked}"));
    let mut found: Vec<Comune> = comuni().filter(|comune| !asked.is_empty() && begins(&fold::words(comune.name))).collect();
    found.sort_by_key(|comune| !is_near(comune.id));
    let more = found.len().saturating_sub(CANDIDATES_MAX);
    Unknown { more, candidates: found.into_iter().take(CANDIDATES_MAX).map(|comune| comune.name).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn find(typed: &str) -> Result<Comune, Unknown> {
        super::find(typed, |_| false)
    }

    fn name(typed: &str) -> Option<&'static str> {
        find(typed).ok().map(|comune| comune.name)
    }

    #[test]
    fn every_name_and_every_code_of_the_list_finds_its_own() {
        let all: Vec<Comune> = comuni().collect();
        assert_eq!(all.len(), COMUNI.lines().count() - 1);
        assert_eq!(all.len(), 1502);
        let plain_names: BTreeSet<String> = all.iter().map(|comune| fold::words(comune.name).replace(' ', "")).collect();
        assert_eq!(plain_names.len(), all.len(), "no two are written alike without accents");
        for comune in &all {
            assert_eq!(find(comune.name), Ok(*comune));
            assert_eq!(find(&comune.id.to_string()), Ok(*comune));
            assert_eq!(find(&comune.name.to_uppercase()), Ok(*comune));
        }
    }

    #[test]
    fn case_accents_and_apostrophes_make_no_difference() {
        for typed in ["Soresina", " soresina ", "SORESINA"] {
            assert_eq!(name(typed), Some("Soresina"));
        }
        for typed in ["Rivolta d'Adda", "rivolta d’adda", "RIVOLTA D ADDA", "rivolta dadda"] {
            assert_eq!(name(typed), Some("Rivolta d'Adda"), "{typed}");
        }
        for typed in ["Viggiù", "viggiu", "VIGGIU'", "viggiu\u{300}"] {
            assert_eq!(name(typed), Some("Viggiù"), "{typed}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_no_match_and_what_it_may_mean_is_listed() {
        let unknown = find("Cast").expect_err("no municipality");
        assert_eq!(unknown.candidates.len(), CANDIDATES_MAX);
        assert!(unknown.more >= 31 && unknown.candidates.iter().any(|name| name.starts_with("Cast")));
        let unknown = find("casalmaggior").expect_err("no municipality");
        assert_eq!((unknown.candidates, unknown.more), (vec!["Casalmaggiore"], 0));
        assert!(find("picenardi").expect_err("a word of two").candidates.contains(&"Torre de' Picenardi"));
        for nothing in ["", "  ", "'", "999999", "Palermo", "19098", "via Roma 3", "x".repeat(10_000).as_str()] {
            assert_eq!(find(nothing), Err(Unknown { candidates: Vec::new(), more: 0 }), "{nothing:.20}");
        }
    }

    #[test]
    fn candidates_that_the_network_serves_come_first() {
        let castelverde = find("Castelverde").expect("there is one").id;
        let near = super::find("castel", |id| id == castelverde).expect_err("a part");
        assert_eq!((near.candidates[0], near.candidates.len()), ("Castelverde", CANDIDATES_MAX));
        assert_ne!(find("castel").expect_err("a part").candidates[0], "Castelverde");
    }
}
