//! Whoever can be asked for the passphrase of the store.
//!
//! Not here: how she is asked (`raccordo_terminal::passphrase`), what a passphrase opens (`store`).

use raccordo_terminal::passphrase::{self, Passphrase, PassphraseFault};
use raccordo_terminal::text::Texts;

/// Whoever can be asked for a passphrase.
pub trait Ask {
    /// The one that there is.
    fn known(&mut self) -> Result<Passphrase, PassphraseFault>;

    /// A new one.
    fn new_one(&mut self) -> Result<Passphrase, PassphraseFault>;
}

/// The person at the terminal, or whoever writes to standard input.
pub struct Console<'a>(pub &'a Texts);

impl Ask for Console<'_> {
    fn known(&mut self) -> Result<Passphrase, PassphraseFault> {
        passphrase::known(self.0, None)
    }

    fn new_one(&mut self) -> Result<Passphrase, PassphraseFault> {
        passphrase::new_one(self.0, None)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::VecDeque;

    use zeroize::Zeroizing;

    use super::*;

    /// Answers these, in order, and fails a test that asks once too often.
    pub(crate) struct Scripted(pub(crate) VecDeque<&'static str>);

    impl Scripted {
        pub(crate) fn new(answers: &[&'static str]) -> Self {
            Self(answers.iter().copied().collect())
        }

        fn next(&mut self) -> Result<Passphrase, PassphraseFault> {
            let answer = self.0.pop_front().expect("asked once too often");
            Passphrase::new(Zeroizing::new(answer.to_owned()))
        }
    }

    impl Ask for Scripted {
        fn known(&mut self) -> Result<Passphrase, PassphraseFault> {
            self.next()
        }

        fn new_one(&mut self) -> Result<Passphrase, PassphraseFault> {
            self.next()
        }
    }
}
