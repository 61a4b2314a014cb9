//! The code by which people name a case: `XXX-XXX-XXX`, eight Crockford symbols (40 random bits of the case id) and a Luhn
//! mod 32 symbol that catches a slip of the pen. Not here: the case.

use core::fmt;
use core::ops::RangeInclusive;

use raccordo_proto::ids::CaseId;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A case's code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Codice([u8; 9]);

/// No code of a case, or one with a slip in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCodice;

impl Codice {
    /// The code of a case.
    pub fn of(case: CaseId) -> Self {
        let mut bits = 0u64;
        for byte in &case.as_bytes()[..5] {
            bits = bits << 8 | u64::from(*byte);
        }
        let mut values = [0u8; 9];
        for (i, value) in values[..8].iter_mut().enumerate() {
            *value = u8::try_from(bits >> (35 - 5 * i) & 31).expect("five bits");
        }
        values[8] = check(&values[..8]);
        Self(values)
    }

    /// The ids of all cases that have this code: what is random after its 40 bits is not in it.
    pub fn cases(self) -> RangeInclusive<CaseId> {
        let bits = self.0[..8].iter().fold(0u64, |bits, value| bits << 5 | u64::from(*value));
        let from_to = [0, 0xff].map(|rest| {
            let mut id = [rest; 16];
            id[..5].copy_from_slice(&bits.to_be_bytes()[3..]);
            CaseId::new(id)
        });
        from_to[0]..=from_to[1]
    }

    /// As a person types it: any case, with or without dashes; O is 0, I and L are 1.
    pub fn parse(text: &str) -> Result<Self, BadCodice> {
        let mut values = [0u8; 9];
        let mut symbols = text.bytes().filter(|byte| *byte != b'-' && *byte != b' ');
        for value in &mut values {
            let symbol = match symbols.next().ok_or(BadCodice)?.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let place = SYMBOLS.iter().position(|known| *known == symbol).ok_or(BadCodice)?;
            *value = u8::try_from(place).expect("32 symbols");
        }
        if symbols.next().is_none() && values[8] == check(&values[..8]) { Ok(Self(values)) } else { Err(BadCodice) }
    }
}

/// Luhn mod 32, from the right, doubling every other symbol.
fn check(values: &[u8]) -> u8 {
    let mut sum = 0;
    for (i, value) in values.iter().rev().enumerate() {
        let addend = if i % 2 == 0 { value * 2 } else { *value };
        sum += addend / 32 + addend % 32;
    }
    (32 - sum % 32) % 32
}

impl fmt::Display for Codice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, value) in self.0.iter().enumerate() {
            if i == 3 || i == 6 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(SYMBOLS[usize::from(*value)]))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_reads_back_and_every_single_slip_is_caught(bytes: [u8; 16], place in 0usize..9, other in 0usize..32) {
            let code = Codice::of(CaseId::new(bytes));
            prop_assert_eq!(Codice::parse(&code.to_string()), Ok(code));
            prop_assert_eq!(Codice::parse(&code.to_string().to_lowercase().replace('-', "")), Ok(code));
            let mut slipped = code.0;
            slipped[place] = u8::try_from(other).expect("below 32");
            if slipped != code.0 {
                prop_assert_eq!(Codice::parse(&Codice(slipped).to_string()), Err(BadCodice));
            }
        }
    }

    impl fmt::Debug for Codice {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{self}")
        }
    }
}
