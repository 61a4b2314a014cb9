//! The agent's sentences for people: `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: codes and exit codes ([`crate::failure`]), names of offices and content of cases, which are arguments.

use raccordo_terminal::text::{Catalogues, Lang, Texts};

/// Both catalogues.
pub const CATALOGUES: Catalogues = Catalogues { it: include_str!("../text/it.ftl"), en: include_str!("../text/en.ftl") };

/// The sentences of one language.
pub fn texts(lang: Lang) -> Texts {
    Texts::new(lang, CATALOGUES)
}

#[cfg(test)]
mod tests;
