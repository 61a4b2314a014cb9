//! Randomness that can be told again: SHA-256 over a seed and a counter. For tests only.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

/// The same seed gives the same bytes.
pub struct Seeded {
    seed: u64,
    counter: u64,
}

impl Seeded {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new_with_prefix(self.seed.to_be_bytes()).chain_update(self.counter.to_be_bytes()).finalize().into()
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.block();
        Ok(u32::from_be_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let block = self.block();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// Randomness that gives one key.
pub struct Exactly(pub [u8; 32]);

impl rand_core::TryRng for Exactly {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.copy_from_slice(&self.0[..out.len()]);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Exactly {}
