//! docs/PROTOCOL.md as the tests ask it: which rules it defines; and the codes, which the code enumerates.
//! Not here: who must cite or show them.

use std::collections::BTreeSet;

use raccordo_proto::Code;

/// The rules of a specification: in bold, `**E-07**` or `**E-07.**`.
pub fn rules(text: &str) -> BTreeSet<String> {
    let is_rule = |text: &&str| {
        let [letter, b'-', tens, ones] = text.as_bytes() else { return false };
        letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit()
    };
    let bold = text.split("**").skip(1).step_by(2).map(|text| text.trim_end_matches('.'));
    bold.filter(is_rule).map(str::to_owned).collect()
}

/// Every code, by number; [`Code::Unspecified`] first.
pub fn codes() -> impl Iterator<Item = Code> {
    (0..=i32::from(u8::MAX)).filter_map(|number| Code::try_from(number).ok())
}
