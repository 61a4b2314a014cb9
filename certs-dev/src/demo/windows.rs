//! Windows of ciphertext: pieces of the envelopes that a sender's link wrote, to be looked for where nothing may be kept.
//!
//! Not here: the link's record itself, which the agent writes with `--dev --record-link FILE`: each envelope's bytes after
//! their length (u32, big endian).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use bytes::{Buf as _, Bytes};
use prost::Message as _;
use raccordo_proto::wire;

/// Bytes of one window.
pub const WINDOW_BYTES: usize = 24;
/// Windows drawn.
pub const WINDOWS: usize = 2_048;

/// The envelopes of a link's record.
pub fn envelopes(record: &Path) -> anyhow::Result<Vec<Bytes>> {
    let mut rest = Bytes::from(fs::read(record).with_context(|| format!("the link's record {}", record.display()))?);
    let mut envelopes = Vec::new();
    while rest.has_remaining() {
        ensure!(rest.len() >= 4, "the link's record ends inside a length");
        let len = rest.get_u32() as usize;
        ensure!(len <= rest.len(), "the link's record ends inside an envelope");
        envelopes.push(rest.split_to(len));
    }
    Ok(envelopes)
}

/// Draws [`WINDOWS`] different windows from the sealed bodies, every envelope in its turn.
pub fn draw(envelopes: &[Bytes]) -> anyhow::Result<Vec<Vec<u8>>> {
    let bodies = envelopes
        .iter()
        .map(|envelope| wire::Envelope::decode(envelope.clone()).map(|envelope| envelope.body))
        .collect::<Result<Vec<_>, _>>()
        .context("the link's record holds an envelope that is not readable")?;
    let places: usize = bodies.iter().map(|body| body.len().saturating_sub(WINDOW_BYTES - 1)).sum();
    if places < WINDOWS * 2 {
        bail!("the link has sent too little to draw windows from");
    }
    let mut windows = BTreeSet::new();
    for body in bodies.iter().filter(|body| body.len() >= WINDOW_BYTES).cycle() {
        let start = usize::try_from(getrandom::u64()?)? % (body.len() - WINDOW_BYTES + 1);
        windows.insert(body[start..start + WINDOW_BYTES].to_vec());
        if windows.len() == WINDOWS {
            break;
        }
    }
    Ok(windows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temp::TempFolder;

    fn envelope(bytes: usize) -> Vec<u8> {
        let mut body = vec![0; bytes];
        getrandom::fill(&mut body).expect("randomness");
        wire::Envelope { body: body.into(), ..wire::Envelope::default() }.encode_to_vec()
    }

    #[test]
    fn windows_come_from_what_the_link_wrote() {
        let folder = TempFolder::create("raccordo-test").expect("a folder");
        let record = folder.path().join("link");
        let written = [envelope(16_000), envelope(20_000)];
        let framed = written.iter().flat_map(|e| [&u32::try_from(e.len()).expect("small").to_be_bytes()[..], e].concat());
        fs::write(&record, framed.collect::<Vec<_>>()).expect("a file");
        let read = envelopes(&record).expect("a record");
        assert_eq!(read, written);
        let windows = draw(&read).expect("enough");
        assert_eq!(windows.len(), WINDOWS);
        let from_first = |window: &Vec<u8>| written[0].windows(WINDOW_BYTES).any(|piece| piece == window);
        assert!(windows.iter().take(20).any(from_first) || windows.iter().skip(20).any(from_first));
    }

    #[test]
    fn a_cut_record_and_an_empty_one_are_faults() {
        let folder = TempFolder::create("raccordo-test").expect("a folder");
        let record = folder.path().join("link");
        fs::write(&record, [0, 0, 0, 9, 1]).expect("a file");
        assert!(envelopes(&record).is_err());
        assert!(draw(&[]).is_err());
    }
}
