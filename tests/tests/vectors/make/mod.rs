//! The generator: a small network with keys derived from names, honest messages, and one fault in each. Everything comes
//! from fixed seeds, so two runs write the same files. Not here: judging (`judge`).

mod back;
mod cards;
mod certificates;
mod confirms;
mod directories;
mod draft;
mod frames;
mod headers;
mod letters;
mod receipts;
mod signatures;
mod world;

use crate::format::{Vector, mends};

/// Every vector.
pub fn all() -> Vec<Vector> {
    let of_frames = [headers::all(), frames::all(), back::all()];
    let of_others = [
        letters::all(),
        directories::all(),
        cards::all(),
        receipts::all(),
        certificates::all(),
        signatures::all(),
        confirms::all(),
    ];
    of_frames.into_iter().chain(of_others).flatten().collect()
}

/// What a maker says of a fault.
struct Fault {
    name: &'static str,
    rules: &'static str,
    code: &'static str,
    says: &'static str,
    remade: &'static str,
}

impl Fault {
    fn vector(self, kind: &str, context: Vec<(&str, String)>, faulty: Vec<u8>, right: &[u8], seams: &[(usize, usize)]) -> Vector {
        Vector {
            name: self.name.to_owned(),
            rules: self.rules.split(' ').map(str::to_owned).collect(),
            code: self.code.to_owned(),
            kind: kind.to_owned(),
            fault: self.says.to_owned(),
            remade: self.remade.to_owned(),
            context: context.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            mends: mends(&faulty, right, seams),
            bytes: faulty,
        }
    }
}

const NOTHING: &str = "nothing";
const SIGNATURE: &str = "the signature, over the faulty bytes";
const SEAL: &str = "the seal and the signatures, over the faulty bytes";
