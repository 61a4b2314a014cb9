//! A second reader of an envelope's header, by docs/PROTOCOL.md (E-03 to E-05) and the description of protobuf alone: what
//! `flips` foretells by. It shares no line with the first one. Not here: anything outside the header.

use raccordo_proto::Code;

/// A field: its number and what it holds.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// At most ten bytes, the last of which holds one bit.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for at in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at == 9 && *byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    Some(taken)
}

/// The next field. Groups, which no schema of ours has, are not read.
fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u32, Value<'a>)> {
    let key = u32::try_from(varint(bytes)?).ok()?;
    let number = key >> 3;
    let value = match key & 7 {
        0 => Value::Number(varint(bytes)?),
        1 => take(bytes, 8).map(|_| Value::Fixed)?,
        2 => {
            let len = varint(bytes)?;
            Value::Bytes(take(bytes, len)?)
        }
        5 => take(bytes, 4).map(|_| Value::Fixed)?,
        _ => return None,
    };
    (number > 0).then_some((number, value))
}

/// The header's fields by number; what is absent is zero or empty.
#[derive(Default)]
struct Fields<'a> {
    numbers: [u64; 12],
    bytes: [&'a [u8]; 12],
    attachments: usize,
}

fn fields(mut bytes: &[u8]) -> Option<Fields<'_>> {
    let mut fields = Fields::default();
    while !bytes.is_empty() {
        match field(&mut bytes)? {
            (number @ (1 | 2 | 9 | 10), Value::Number(value)) => fields.numbers[number as usize] = value,
            (number @ (3 | 8), Value::Bytes(value)) => fields.bytes[number as usize] = value,
            (number @ 4..=7, Value::Bytes(value)) => {
                core::str::from_utf8(value).ok()?;
                fields.bytes[number as usize] = value;
            }
            (11, Value::Number(_)) => fields.attachments += 1,
            (11, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    varint(&mut packed)?;
                    fields.attachments += 1;
                }
            }
            (1..=11, _) => return None, // a field of ours, written as another type
            _ => {}                     // a field that we do not know
        }
    }
    Some(fields)
}

fn is_slug(text: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (2..=40).contains(&text.len()) && text.iter().all(allowed)
}

/// Whether the header can be read, and else by which code it is refused.
pub fn judge(header: &[u8]) -> Result<(), Code> {
    let Fields { numbers, bytes, attachments } = fields(header).ok_or(Code::Malformed)?;
    let as_u32 = |number: usize| numbers[number] & u64::from(u32::MAX);
    if as_u32(1) != 1 || attachments > 0 {
        return Err(Code::Version);
    }
    if as_u32(2) != 1 {
        return Err(Code::Suite);
    }
    if bytes[4] != bytes[5] {
        return Err(Code::Version);
    }
    let network = bytes[4].strip_suffix(b".invalid").unwrap_or(bytes[4]);
    let ids_hold = bytes[3].len() == 16 && bytes[8].len() == 8 && [network, bytes[6], bytes[7]].into_iter().all(is_slug);
    if ids_hold { Ok(()) } else { Err(Code::Malformed) }
}
