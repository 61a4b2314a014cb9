//! The form of a vector file: a head in words, then bytes in hexadecimal (`tests/vectors/README.md`). Not here: what the
//! bytes mean (`judge`), how they came to be (`make`).

use std::fmt::Write as _;
use std::ops::Range;

/// Zeros at the end of the bytes are written as a number when there are more than this.
const ZEROS_WRITTEN_MAX: usize = 512;
const BYTES_PER_LINE: usize = 64;
/// Two wrong ranges closer than this are one.
const GAP_MAX: usize = 16;

/// One fault.
#[derive(Default)]
pub struct Vector {
    /// The file's name without its ending.
    pub name: String,
    /// Rules of docs/PROTOCOL.md that it breaks.
    pub rules: Vec<String>,
    /// The code that it must be refused with.
    pub code: String,
    /// What the bytes are.
    pub kind: String,
    /// What is wrong, in words.
    pub fault: String,
    /// What had to be made again around the fault: nothing, a signature, a seal.
    pub remade: String,
    /// Everything needed to judge, as (key, value).
    pub context: Vec<(String, String)>,
    /// The bytes that are wrong, and what mends them.
    pub mends: Vec<Mend>,
    /// The faulty bytes.
    pub bytes: Vec<u8>,
}

/// A range of the faulty bytes and what belongs there.
pub struct Mend {
    /// Where.
    pub wrong: Range<usize>,
    /// What belongs there.
    pub right: Vec<u8>,
}

impl Vector {
    /// The bytes with every wrong range mended.
    pub fn mended(&self) -> Vec<u8> {
        let mut mended = Vec::new();
        let mut from = 0;
        for mend in &self.mends {
            mended.extend_from_slice(&self.bytes[from..mend.wrong.start]);
            mended.extend_from_slice(&mend.right);
            from = mend.wrong.end;
        }
        mended.extend_from_slice(&self.bytes[from..]);
        mended
    }

    /// Every value under a key of the context.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.context.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value under a key of the context.
    pub fn one(&self, key: &str) -> &str {
        self.all(key).next().unwrap_or_else(|| panic!("{}: no {key}", self.name))
    }

    /// The same, as bytes.
    pub fn hex(&self, key: &str) -> Vec<u8> {
        unhex(self.one(key))
    }

    /// The file.
    pub fn write(&self) -> String {
        let mut text = String::from("raccordo vector 1\n");
        let mut line = |key: &str, value: &str| writeln!(text, "{key}: {value}").expect("a string takes all");
        line("name", &self.name);
        line("rules", &self.rules.join(" "));
        line("code", &self.code);
        line("kind", &self.kind);
        line("fault", &self.fault);
        line("remade", &self.remade);
        self.context.iter().for_each(|(key, value)| line(key, value));
        for mend in &self.mends {
            line("wrong", &format!("{}..{}", mend.wrong.start, mend.wrong.end));
            line("mended", &hex(&mend.right));
        }
        let zeros = self.bytes.iter().rev().take_while(|byte| **byte == 0).count();
        let zeros = if zeros > ZEROS_WRITTEN_MAX { zeros } else { 0 };
        line("zeros-at-the-end", &zeros.to_string());
        text.push('\n');
        for chunk in self.bytes[..self.bytes.len() - zeros].chunks(BYTES_PER_LINE) {
            text.push_str(&hex(chunk));
            text.push('\n');
        }
        text
    }

    /// Reads a file.
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").expect("a head, an empty line, bytes");
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("raccordo vector 1"));
        let mut vector = Self { bytes: unhex(&body.replace('\n', "")), ..Default::default() };
        for line in lines {
            let (key, value) = line.split_once(':').expect("key: value");
            let value = value.trim();
            match key {
                "name" => vector.name = value.to_owned(),
                "rules" => vector.rules = value.split(' ').map(str::to_owned).collect(),
                "code" => vector.code = value.to_owned(),
                "kind" => vector.kind = value.to_owned(),
                "fault" => vector.fault = value.to_owned(),
                "remade" => vector.remade = value.to_owned(),
                "wrong" => {
                    let (start, end) = value.split_once("..").expect("from..to");
                    let wrong = start.parse().expect("a number")..end.parse().expect("a number");
                    vector.mends.push(Mend { wrong, right: Vec::new() });
                }
                "mended" => vector.mends.last_mut().expect("after its range").right = unhex(value),
                "zeros-at-the-end" => {
                    let zeros: usize = value.parse().expect("a number");
                    vector.bytes.resize(vector.bytes.len() + zeros, 0);
                }
                _ => vector.context.push((key.to_owned(), value.to_owned())),
            }
        }
        vector
    }
}

/// Where `faulty` differs from `right`. `seams` are places, as (in faulty, in right), where both are known to be at the
/// same part of the message: a signature at the end does not make one range with a header at the beginning.
pub fn mends(faulty: &[u8], right: &[u8], seams: &[(usize, usize)]) -> Vec<Mend> {
    let mut mends = Vec::new();
    let (mut a, mut b) = (0, 0);
    for &(to_a, to_b) in seams.iter().chain([&(faulty.len(), right.len())]) {
        let (x, y) = (&faulty[a..to_a], &right[b..to_b]);
        if x.len() == y.len() {
            same_length(x, y, a, &mut mends);
        } else {
            let start = x.iter().zip(y).take_while(|(x, y)| x == y).count();
            let left = x.len().min(y.len()) - start;
            let end = x.iter().rev().zip(y.iter().rev()).take(left).take_while(|(x, y)| x == y).count();
            mends.push(Mend { wrong: a + start..to_a - end, right: y[start..y.len() - end].to_vec() });
        }
        (a, b) = (to_a, to_b);
    }
    mends
}

fn same_length(x: &[u8], y: &[u8], offset: usize, mends: &mut Vec<Mend>) {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for at in (0..x.len()).filter(|at| x[*at] != y[*at]) {
        match ranges.last_mut() {
            Some(last) if at - last.end <= GAP_MAX => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    let mend = |range: Range<usize>| Mend { right: y[range.clone()].to_vec(), wrong: offset + range.start..offset + range.end };
    mends.extend(ranges.into_iter().map(mend));
}

/// Bytes as text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

/// Text as bytes.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|c| u8::try_from(c.to_digit(16).expect("a digit")).expect("four bits")).collect();
    assert!(digits.len().is_multiple_of(2), "two digits per byte");
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
