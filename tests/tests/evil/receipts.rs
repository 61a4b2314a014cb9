//! What it does with receipts on their way from the CPI to the CAV, and refusals that it makes up itself. Not here: envelopes.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_proto::AgencyId;
use raccordo_proto::Code;
use raccordo_proto::sign::{ReceiptPurpose, sign};
use raccordo_proto::wire::{self, ReceiptResult};

use crate::gateway::{Frame, Memory, Out};
use crate::row::After::{HandsOn, Releases, StartsAnew};
use crate::row::Expected::{Counts, Harmless};
use crate::row::Row;
use crate::row::Trick::{Forward, Says};

/// Codes that are final in a receipt, and in a gateway's mouth are not.
const FINAL: &[&str] = &[
    "NOT_ALLOWED",
    "AGENCY_REVOKED",
    "AGENCY_SUSPENDED",
    "AGENCY_EVICTED",
    "AGENCY_BANNED",
    "MEMBERSHIP_CHANGED",
    "UNKNOWN_RECIPIENT",
    "TOO_LARGE",
    "MALFORMED",
    "VERSION",
    "SUITE",
    "SIGNATURE",
    "KIND_NOT_ALLOWED",
    "KEY_CHANGED",
    "EQUIVOCATION",
    "NOT_ACCEPTED",
];

fn from(receipt: &wire::SignedReceipt) -> &str {
    receipt.route.as_ref().map_or("", |route| &route.peer)
}

/// A receipt of the CPI that is due to the CAV.
fn receipt<'a>(to: &AgencyId, frame: &'a Frame) -> Option<&'a wire::SignedReceipt> {
    match frame {
        Frame::Receipt(receipt) if *to == cav() && from(receipt) == cpi().as_str() => Some(receipt),
        _ => None,
    }
}

fn changed(to: &AgencyId, frame: &Frame, change: impl FnOnce(&mut wire::SignedReceipt)) -> Option<Out> {
    let mut receipt = receipt(to, frame)?.clone();
    change(&mut receipt);
    Some(vec![(cav(), Frame::Receipt(receipt))])
}

/// Its facts with a change; signed by nobody, or by whoever has this key.
fn inside(to: &AgencyId, frame: &Frame, by: Option<[u8; 32]>, change: impl FnOnce(&mut wire::Receipt)) -> Option<Out> {
    let mut facts = wire::Receipt::decode(receipt(to, frame)?.receipt.clone()).ok()?;
    change(&mut facts);
    changed(to, frame, |receipt| {
        receipt.receipt = facts.encode_to_vec().into();
        if let Some(seed) = by {
            let signed = sign::<ReceiptPurpose>(receipt.receipt.clone(), &SigningKey::from_bytes(&seed));
            receipt.signature = Bytes::copy_from_slice(signed.signature());
        }
    })
}

/// The first receipt that an office gave the CAV.
fn old(memory: &Memory, by: &AgencyId) -> Option<wire::SignedReceipt> {
    memory.past.iter().find_map(|(to, frame)| match frame {
        Frame::Receipt(receipt) if *to == cav() && from(receipt) == by.as_str() => Some(receipt.clone()),
        _ => None,
    })
}

/// Instead of an envelope to the CPI: what the gateway says of it to the CAV.
fn instead(to: &AgencyId, frame: &Frame, codes: &[&str], retry_after: u32) -> Option<Out> {
    let Frame::Envelope(letter) = frame else { return None };
    let id = letter.route.as_ref().filter(|_| *to == cpi())?.envelope_id.clone();
    let refusal = |code: &&str| {
        let code = Code::from_str_name(&format!("CODE_{code}")).unwrap_or_default().into();
        (cav(), Frame::Refusal(wire::Refusal { envelope_id: id.clone(), code, retry_after }))
    };
    Some(codes.iter().map(refusal).collect())
}

pub const ROWS: &[Row] = &[
    Row {
        name: "receipt withheld",
        what: "hands no receipt on",
        trick: Forward(|_, to, frame| receipt(to, frame).map(|_| Vec::new())),
        expected: Harmless("the letter is sent again and known by its id"),
        after: StartsAnew,
    },
    Row {
        name: "receipt delayed",
        what: "holds a receipt back",
        trick: Forward(|memory, to, frame| {
            receipt(to, frame)?;
            memory.held.push((to.clone(), frame.clone()));
            Some(Vec::new())
        }),
        expected: Harmless("a receipt counts whenever it comes"),
        after: Releases,
    },
    Row {
        name: "receipt doubled",
        what: "hands a receipt on twice, the second late",
        trick: Forward(|memory, to, frame| {
            receipt(to, frame)?;
            memory.held.push((to.clone(), frame.clone()));
            let earlier = old(memory, &cpi()).map(|receipt| (cav(), Frame::Receipt(receipt)));
            Some([(to.clone(), frame.clone())].into_iter().chain(earlier).collect())
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: Releases,
    },
    Row {
        name: "receipt forged",
        what: "signs a receipt with a key of its own",
        trick: Forward(|_, to, frame| inside(to, frame, Some([9; 32]), |_| {})),
        expected: Counts(cav, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt of another outcome",
        what: "makes a refusal of a receipt",
        trick: Forward(|_, to, frame| {
            inside(to, frame, None, |facts| {
                facts.result = ReceiptResult::Refused.into();
                facts.code = Code::NotAllowed.into();
            })
        }),
        expected: Counts(cav, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt of another letter",
        what: "says an earlier letter's receipt of this one",
        trick: Forward(|memory, to, frame| {
            let old = old(memory, &cpi())?;
            changed(to, frame, |receipt| (receipt.receipt, receipt.signature) = (old.receipt, old.signature))
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt of another office",
        what: "says another office's receipt as the CPI's",
        trick: Forward(|memory, to, frame| {
            let old = old(memory, &sil())?;
            changed(to, frame, |receipt| (receipt.receipt, receipt.signature) = (old.receipt, old.signature))
        }),
        expected: Counts(cav, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt from another peer",
        what: "says that a receipt came from another office",
        trick: Forward(|_, to, frame| {
            changed(to, frame, |receipt| receipt.route.get_or_insert_default().peer = sociale().to_string())
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt to another office",
        what: "gives a receipt to an office that sent nothing",
        trick: Forward(|_, to, frame| receipt(to, frame).map(|_| vec![(cav(), frame.clone()), (sil(), frame.clone())])),
        expected: Counts(sil, &["INCONSISTENT"]),
        after: HandsOn,
    },
    Row {
        name: "receipt truncated",
        what: "cuts the last byte off a receipt",
        trick: Forward(|_, to, frame| changed(to, frame, |receipt| receipt.receipt.truncate(receipt.receipt.len() - 1))),
        expected: Counts(cav, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt unsigned",
        what: "leaves the signature out",
        trick: Forward(|_, to, frame| changed(to, frame, |receipt| receipt.signature = Bytes::new())),
        expected: Counts(cav, &["MALFORMED"]),
        after: StartsAnew,
    },
    Row {
        name: "receipt for nothing",
        what: "makes a receipt for what was never sent",
        trick: Says(|memory| {
            let route = wire::Route { peer: cpi().to_string(), envelope_id: vec![5; 16].into() };
            let receipt = old(memory, &cpi()).map(|old| wire::SignedReceipt { route: Some(route), ..old });
            receipt.map(|receipt| (cav(), Frame::Receipt(receipt))).into_iter().collect()
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: HandsOn,
    },
    Row {
        name: "receipt before the letter",
        what: "keeps an envelope and says an old receipt of it",
        trick: Forward(|memory, to, frame| {
            let Frame::Envelope(letter) = frame else { return None };
            let route = letter.route.clone().filter(|_| *to == cpi())?;
            let route = Some(wire::Route { peer: cpi().to_string(), ..route });
            Some(vec![(cav(), Frame::Receipt(wire::SignedReceipt { route, ..old(memory, &cpi())? }))])
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "refusals of every final code",
        what: "refuses an envelope with every code that would be final",
        trick: Forward(|_, to, frame| instead(to, frame, FINAL, 0)),
        expected: Counts(cav, FINAL),
        after: StartsAnew,
    },
    Row {
        name: "refusal for ever",
        what: "asks for a wait of 49 days",
        trick: Forward(|_, to, frame| instead(to, frame, &["BUSY"], u32::MAX)),
        expected: Counts(cav, &["BUSY"]),
        after: StartsAnew,
    },
    Row {
        name: "refusal of an unknown code",
        what: "refuses with a code that is none",
        trick: Forward(|_, to, frame| {
            let mut out = instead(to, frame, &["BUSY"], 0)?;
            for (_, frame) in &mut out {
                if let Frame::Refusal(refusal) = frame {
                    refusal.code = 9_999;
                }
            }
            Some(out)
        }),
        expected: Counts(cav, &["UNSPECIFIED"]),
        after: StartsAnew,
    },
    Row {
        name: "refusal and delivery",
        what: "hands an envelope on and refuses it",
        trick: Forward(|_, to, frame| {
            let mut out = instead(to, frame, &["NOT_ALLOWED"], 0)?;
            out.push((to.clone(), frame.clone()));
            Some(out)
        }),
        expected: Counts(cav, &["NOT_ALLOWED"]),
        after: HandsOn,
    },
    Row {
        name: "refusal for nothing",
        what: "refuses what was never sent",
        trick: Says(|_| {
            let refusal = wire::Refusal { envelope_id: vec![5; 16].into(), code: Code::AgencyBanned.into(), retry_after: 0 };
            vec![(cav(), Frame::Refusal(refusal))]
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: HandsOn,
    },
];
