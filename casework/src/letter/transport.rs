//! What letters of transport hold, on the wire and off it. Nothing of a case is in them but ids, places and digests.
//! Not here: when they are written (`desk`).

use prost::Message as _;
use raccordo_proto::Code;
use raccordo_proto::ids::{AgencyId, Digest, ThreadId};
use raccordo_proto::limits::HEADS_MAX;

use super::Resync;
use crate::threads::{ChainId, Head, Missing};
use crate::wire;

pub(super) fn encode_resync(resync: &Resync) -> Vec<u8> {
    let asked = match resync {
        Resync::Restored(restored) => wire::resync::Asked::Restored(*restored),
        Resync::Missing(missing) => wire::resync::Asked::Gap(wire::Gap {
            thread: missing.chain.thread.as_bytes().to_vec(),
            sender: missing.chain.sender.to_string(),
            store_epoch: missing.chain.store_epoch,
            from_seq: missing.from_seq,
        }),
    };
    wire::Resync { asked: Some(asked) }.encode_to_vec()
}

pub(super) fn read_resync(bytes: &[u8]) -> Result<Resync, Code> {
    let resync = wire::Resync::decode(bytes).map_err(|_| Code::Malformed)?;
    match resync.asked.ok_or(Code::Malformed)? {
        wire::resync::Asked::Restored(restored) => Ok(Resync::Restored(restored)),
        wire::resync::Asked::Gap(gap) => {
            let chain = read_chain(&gap.thread, &gap.sender, gap.store_epoch)?;
            Ok(Resync::Missing(Missing { chain, from_seq: gap.from_seq }))
        }
    }
}

pub(super) fn encode_heads(heads: &[Head]) -> Vec<u8> {
    let entry = |head: &Head| wire::ThreadHead {
        thread: head.chain.thread.as_bytes().to_vec(),
        sender: head.chain.sender.to_string(),
        store_epoch: head.chain.store_epoch,
        seq: head.seq,
        digest: head.digest.as_bytes().to_vec(),
    };
    wire::Heads { heads: heads.iter().map(entry).collect() }.encode_to_vec()
}

pub(super) fn read_heads(bytes: &[u8]) -> Result<Vec<Head>, Code> {
    let heads = wire::Heads::decode(bytes).map_err(|_| Code::Malformed)?.heads;
    if heads.len() > HEADS_MAX {
        return Err(Code::Malformed);
    }
    let read = |entry: wire::ThreadHead| {
        Ok(Head {
            chain: read_chain(&entry.thread, &entry.sender, entry.store_epoch)?,
            seq: entry.seq,
            digest: Digest::parse(&entry.digest).map_err(|_| Code::Malformed)?,
        })
    };
    heads.into_iter().map(read).collect()
}

fn read_chain(thread: &[u8], sender: &str, store_epoch: u64) -> Result<ChainId, Code> {
    Ok(ChainId {
        thread: ThreadId::parse(thread).map_err(|_| Code::Malformed)?,
        sender: AgencyId::parse(sender).map_err(|_| Code::Malformed)?,
        store_epoch,
    })
}
