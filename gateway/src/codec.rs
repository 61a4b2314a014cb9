//! How calls are decoded: as prost does it, after a look at large messages. A few bytes of an empty entry become a hundred in
//! memory, so a stranger's document of 12 MiB could ask for a gigabyte before a signature of it is looked at; here its entries
//! are counted first, without making any.
//!
//! Not here: what the messages mean. Messages of the agents' port are smaller than what is looked at.

use prost::Message;
use prost::bytes::Buf as _;
use raccordo_proto::limits::MESSAGE_BYTES_MAX;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// Entries of one large message, in it and one level below: 1,024 heads with 32 signatures each are about half.
const ENTRIES_MAX: usize = 65_536;

/// prost's codec, and the look before.
pub struct Measured<T, U>(ProstCodec<T, U>);

impl<T, U> Default for Measured<T, U> {
    fn default() -> Self {
        Self(ProstCodec::default())
    }
}

impl<T: Message + Send + 'static, U: Message + Default + Send + 'static> Codec for Measured<T, U> {
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = MeasuredDecoder<U>;

    fn encoder(&mut self) -> ProstEncoder<T> {
        self.0.encoder()
    }

    fn decoder(&mut self) -> MeasuredDecoder<U> {
        MeasuredDecoder(self.0.decoder())
    }
}

/// The half that decodes.
pub struct MeasuredDecoder<U>(ProstDecoder<U>);

impl<U: Message + Default> Decoder for MeasuredDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        if bytes.remaining() > MESSAGE_BYTES_MAX {
            // The buffer is one piece; were it not, what cannot be looked at whole would not be taken.
            let is_whole = bytes.chunk().len() == bytes.remaining();
            if !is_whole || entries(bytes.chunk(), 1).is_none_or(|entries| entries > ENTRIES_MAX) {
                return Err(Status::internal("too many entries, or no message"));
            }
        }
        self.0.decode(bytes)
    }
}

/// Entries of a message and of what is in it, `below` levels down, where all of it must be messages: what breaks off half-way
/// would be decoded as far as it goes. None when it is not so.
fn entries(mut bytes: &[u8], below: usize) -> Option<usize> {
    let mut count = 0;
    while !bytes.is_empty() {
        count += 1;
        let kind = varint(&mut bytes)? & 7;
        let length = match kind {
            0 => {
                varint(&mut bytes)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (entry, rest) = bytes.split_at_checked(length)?;
        count += if kind == 2 && below > 0 { entries(entry, below - 1)? } else { 0 };
        bytes = rest;
    }
    Some(count)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use raccordo_proto::wire::{PublishRequest, Signature, SignedDirectory};

    fn counted(document: &SignedDirectory, links: usize) -> Option<usize> {
        let request = PublishRequest { document: Some(document.clone()), links: vec![document.clone(); links] };
        entries(&request.encode_to_vec(), 1)
    }

    fn prost_length(length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(length as u64, &mut bytes);
        bytes
    }

    #[test]
    fn what_would_grow_in_memory_is_counted_before_it_does() {
        let signature = |len: usize| Signature { key_id: vec![1; len].into(), alg: 1, sig: vec![2; 64].into() };
        let signed = |signatures| SignedDirectory { head: vec![8; 4096].into(), signatures, body: vec![0xff; 1 << 20].into() };
        assert_eq!(counted(&signed(vec![signature(8); 3]), 0), Some(1 + 5), "the document; head, body and three signatures");
        let largest = SignedDirectory { body: Default::default(), ..signed(vec![signature(8); 32]) };
        assert!(counted(&largest, 1024).is_some_and(|entries| entries <= ENTRIES_MAX), "all that is allowed");
        let hollow = signed(vec![Signature::default(); ENTRIES_MAX]);
        assert!(counted(&hollow, 0).is_some_and(|entries| entries > ENTRIES_MAX), "signatures of two bytes");
        assert!(counted(&SignedDirectory::default(), ENTRIES_MAX).is_some_and(|entries| entries > ENTRIES_MAX), "links of two");
        let broken = [&hollow.encode_to_vec()[..], &[0x0b]].concat();
        assert_eq!(entries(&[&[0x0a][..], &prost_length(broken.len()), &broken].concat(), 1), None, "many, and then no message");
        for no_message in [&[0x0a][..], &[0x0a, 5, 1], &[0x0b], &[0xff; 11], &[0x09, 1], &[0x0d, 1, 2, 3]] {
            assert_eq!(entries(no_message, 1), None, "{no_message:?}");
        }
        assert_eq!(entries(&[0x08, 1, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4], 1), Some(3));
    }
}
