//! Enrolment on line: what a gateway asks of a deposit and of an admin's call, and what a machine believes of the answer that a
//! gateway hands it.
//!
//! Not here: what the gateway keeps and for how long, connections, the code (`invitation`).

use bytes::Bytes;
use prost::Message as _;

use super::invitation::Invitation;
use super::{Applicant, Request, RequestFault};
use crate::code::Code;
use crate::directory::Directory;
use crate::directory::update::{Trust, signed_by_one};
use crate::ids::{AgencyId, Digest, KeyId, NetworkId};
use crate::limits::{ACTIVATION_BYTES_MAX, REASON_CHARS_MAX, SKEW_MAX};
use crate::sign::{self, CallPurpose, Signer};
use crate::time::Timestamp;
use crate::wire::{self, admin_call, enrolment_answer};
use crate::words;

const SPEC: u32 = 1;

/// Why a gateway refuses a deposit, a call or an answer. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    ///
    #[error("A-20: no invitation of the directory has this code today")]
    NotInvited,
    ///
    #[error("A-21: what was deposited is no request of an office, or is not bound")]
    Request,
    ///
    #[error("A-22: another request was deposited with this code")]
    Spent,
    ///
    #[error("A-23: the call is not signed by an admin key of the directory, or not as this network's")]
    Signature,
    ///
    #[error("A-23: the call was not signed now")]
    OutOfTime,
    ///
    #[error("A-24: nothing that was deposited has this answer")]
    NotDeposited,
    ///
    #[error("A-24: the directory does not give the keys of the request their place yet")]
    NotListed,
    ///
    #[error("A-24: it was answered otherwise")]
    Answered,
}

impl CallFault {
    /// The code that whoever asks is told.
    pub fn code(self) -> Code {
        match self {
            Self::NotInvited | Self::NotDeposited => Code::NotAllowed,
            Self::Request => Code::Malformed,
            Self::Spent | Self::Answered => Code::Replayed,
            Self::Signature => Code::Signature,
            Self::OutOfTime => Code::OutOfTime,
            Self::NotListed => Code::DirectoryStale,
        }
    }
}

/// The office that this token's holder is invited as.
pub fn invited(directory: &Directory, code_hash: Digest, now: Timestamp) -> Result<AgencyId, CallFault> {
    let invitation = directory.invitation(code_hash).filter(|invitation| now <= invitation.until);
    invitation.map(|one| one.agency.clone()).ok_or(CallFault::NotInvited)
}

/// A deposit; `verify` is that of a request.
pub fn deposited(
    request: &[u8],
    binding: &[u8],
    verify: impl FnOnce(&[u8]) -> Result<Request, RequestFault>,
) -> Result<Request, CallFault> {
    let request = verify(request).map_err(|_| CallFault::Request)?;
    let is_office = matches!(request.applicant, Applicant::Agent(_));
    if is_office && binding.len() == 32 { Ok(request) } else { Err(CallFault::Request) }
}

/// What an admin asks.
#[derive(Debug, Clone)]
pub enum Act {
    /// What was deposited.
    Pending,
    /// To hand this to whoever asked.
    Answer(wire::EnrolmentAnswer),
}

/// Signs a call.
pub fn call(network: &NetworkId, act: Act, now: Timestamp, signer: &(impl Signer + ?Sized)) -> (Bytes, wire::Signature) {
    let act = match act {
        Act::Pending => admin_call::Act::Pending(wire::PendingCall {}),
        Act::Answer(answer) => admin_call::Act::Answer(answer),
    };
    let call = wire::AdminCall { spec: SPEC, network: network.to_string(), at: now.as_millis(), act: Some(act) };
    let signed = sign::sign::<CallPurpose>(call.encode_to_vec(), signer);
    let key_id = Bytes::copy_from_slice(KeyId::of(signer.public_key().as_bytes()).as_bytes());
    let sig = Bytes::copy_from_slice(signed.signature());
    (signed.bytes().clone(), wire::Signature { key_id, alg: 1, sig })
}

fn read(
    bytes: &Bytes,
    signature: Option<&wire::Signature>,
    root: &wire::Root,
    network: &NetworkId,
) -> Result<(Act, Timestamp), CallFault> {
    let signed = signature.and_then(|signature| signed_by_one::<CallPurpose>(bytes, signature, &root.admin_keys));
    let (signed, _) = signed.ok_or(CallFault::Signature)?;
    let call = wire::AdminCall::decode(signed.bytes().clone()).map_err(|_| CallFault::Signature)?;
    if call.spec != SPEC || call.network != network.as_str() {
        return Err(CallFault::Signature);
    }
    let act = match call.act.ok_or(CallFault::Signature)? {
        admin_call::Act::Pending(_) => Act::Pending,
        admin_call::Act::Answer(answer) => Act::Answer(answer),
    };
    Ok((act, Timestamp::from_millis(call.at)))
}

/// A call, believed: one admin key of the directory that is served has signed it, now.
pub fn called(
    bytes: &Bytes,
    signature: Option<&wire::Signature>,
    directory: &Directory,
    now: Timestamp,
) -> Result<Act, CallFault> {
    let (act, at) = read(bytes, signature, &directory.root(), directory.network())?;
    if at > now.plus(SKEW_MAX) || now > at.plus(SKEW_MAX) {
        return Err(CallFault::OutOfTime);
    }
    Ok(act)
}

/// Whether an answer may be kept for the request that was deposited. False when it is there already.
pub fn may_answer(
    answer: &wire::EnrolmentAnswer,
    held: &wire::Deposited,
    request: &Request,
    directory: &Directory,
    now: Timestamp,
) -> Result<bool, CallFault> {
    if answer.request_hash[..] != request.hash.as_bytes()[..] {
        return Err(CallFault::NotDeposited);
    }
    if !held.answer.is_empty() {
        let before = wire::AdminCall::decode(held.answer.clone()).ok().and_then(|call| call.act);
        let is_same = matches!(before, Some(admin_call::Act::Answer(before)) if before == *answer);
        return if is_same { Ok(false) } else { Err(CallFault::Answered) };
    }
    match answer.outcome.as_ref().ok_or(CallFault::NotDeposited)? {
        enrolment_answer::Outcome::Rejection(rejection) if rejection.reason.chars().count() <= REASON_CHARS_MAX => Ok(true),
        enrolment_answer::Outcome::Rejection(_) => Err(CallFault::NotDeposited),
        enrolment_answer::Outcome::Activation(file) if file.len() > ACTIVATION_BYTES_MAX => Err(CallFault::NotDeposited),
        enrolment_answer::Outcome::Activation(_) => {
            let agent = AgencyId::parse(&held.agency).ok().and_then(|id| directory.active_agent(&id, now).ok());
            let is_listed = agent.is_some_and(|agent| {
                request.applicant == Applicant::Agent(agent.ik) && agent.spki_sha256.contains(&request.spki_sha256())
            });
            if is_listed { Ok(true) } else { Err(CallFault::NotListed) }
        }
    }
}

/// Why an answer that a gateway has handed over is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    ///
    #[error("A-25: the answer is not signed by the administration of the invitation")]
    Signature,
    ///
    #[error("A-25: the administration's keys have changed since the invitation was made")]
    OtherTrust {
        /// The words of the network as the answer has it.
        words: String,
    },
    ///
    #[error("A-25: the answer is to another request")]
    OtherRequest,
}

/// What the administration has answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The bytes of an activation, to be read as one that came by hand.
    Activation(Bytes),
    /// It does not let this machine in.
    Rejected {
        /// In its own words.
        reason: String,
    },
}

/// Reads what a gateway has handed over; `None` while there is nothing. `heard` are the network's words, where somebody
/// has typed them.
pub fn answered(
    response: &wire::CollectResponse,
    invitation: &Invitation,
    request: &Request,
    heard: Option<&str>,
) -> Result<Option<Answer>, AnswerFault> {
    if response.call.is_empty() {
        return Ok(None);
    }
    // Which trust file verifies it stands in the answer; whether that one is believed, the invitation says.
    let said = wire::AdminCall::decode(response.call.clone()).map_err(|_| AnswerFault::Signature)?;
    let Some(admin_call::Act::Answer(wire::EnrolmentAnswer { outcome: Some(outcome), .. })) = said.act else {
        return Err(AnswerFault::Signature);
    };
    let trust = match outcome {
        enrolment_answer::Outcome::Rejection(rejection) => rejection.trust,
        enrolment_answer::Outcome::Activation(file) => wire::Activation::decode(file).map_err(|_| AnswerFault::Signature)?.trust,
    };
    if Digest::of(&trust) != invitation.trust_hash {
        let words = words::network_words(&trust);
        if !heard.is_some_and(|heard| words::same(heard, &words)) {
            return Err(AnswerFault::OtherTrust { words });
        }
    }
    let trust = Trust::read(&trust).map_err(|_| AnswerFault::Signature)?;
    let root = &trust.signers.root;
    let read = read(&response.call, response.signature.as_ref(), root, &invitation.network);
    let Ok((Act::Answer(answer), _)) = read else { return Err(AnswerFault::Signature) };
    let is_ours =
        answer.request_hash[..] == request.hash.as_bytes()[..] && answer.code_hash[..] == invitation.code.hash().as_bytes()[..];
    if !is_ours {
        return Err(AnswerFault::OtherRequest);
    }
    Ok(answer.outcome.map(|outcome| match outcome {
        enrolment_answer::Outcome::Activation(file) => Answer::Activation(file),
        enrolment_answer::Outcome::Rejection(rejection) => Answer::Rejected { reason: rejection.reason },
    }))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use prost::Message as _;

    use super::*;
    use crate::endpoint::Endpoint;
    use crate::enrolment::invitation::OneTimeCode;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn trust(key: &SigningKey) -> Bytes {
        let key = Bytes::copy_from_slice(key.public_key().as_bytes());
        let key_id = Bytes::copy_from_slice(KeyId::of(&key).as_bytes());
        let root = wire::Root { admin_keys: vec![wire::AdminKey { key_id, alg: 1, key }], threshold: 1, ..Default::default() };
        wire::Trust { network: "rete-prova".into(), root_version: 1, root: Some(root) }.encode_to_vec().into()
    }

    struct Case {
        admin: SigningKey,
        invitation: Invitation,
        request: Request,
    }

    impl Case {
        fn new() -> Self {
            let admin = SigningKey::from_bytes(&[1; 32]);
            let invitation = Invitation {
                network: NetworkId::parse("rete-prova").expect("a name"),
                trust_hash: Digest::of(&trust(&admin)),
                gateway: Endpoint::parse("localhost:444").expect("an endpoint"),
                spki_sha256: vec![[7; 32]],
                agency: AgencyId::parse("cpi-rivabella").expect("a slug"),
                code: OneTimeCode::new([3; 10]),
                until: NOW,
            };
            let applicant = Applicant::Agent(SigningKey::from_bytes(&[2; 32]).public_key());
            let request = Request { applicant, tls_key: Bytes::new(), made_at: NOW, hash: Digest::of(b"request") };
            Self { admin, invitation, request }
        }

        fn rejection(&self) -> wire::EnrolmentAnswer {
            let rejection = wire::Rejection { reason: "altre parole".into(), trust: trust(&self.admin) };
            wire::EnrolmentAnswer {
                code_hash: Bytes::copy_from_slice(self.invitation.code.hash().as_bytes()),
                request_hash: Bytes::copy_from_slice(self.request.hash.as_bytes()),
                outcome: Some(enrolment_answer::Outcome::Rejection(rejection)),
            }
        }

        fn response(&self, answer: wire::EnrolmentAnswer, signer: &SigningKey) -> wire::CollectResponse {
            let (call, signature) = call(&self.invitation.network, Act::Answer(answer), NOW, signer);
            wire::CollectResponse { call, signature: Some(signature) }
        }

        fn read(&self, response: &wire::CollectResponse, heard: Option<&str>) -> Result<Option<Answer>, AnswerFault> {
            answered(response, &self.invitation, &self.request, heard)
        }
    }

    #[test]
    fn a_25_an_answer_is_believed_of_the_administration_that_invited_alone() {
        let case = Case::new();
        let good = case.response(case.rejection(), &case.admin);
        let reason = "altre parole".to_owned();
        assert_eq!(case.read(&good, None), Ok(Some(Answer::Rejected { reason })));
        assert_eq!(case.read(&wire::CollectResponse::default(), None), Ok(None), "nothing yet");

        let other = SigningKey::from_bytes(&[9; 32]);
        assert_eq!(case.read(&case.response(case.rejection(), &other), None), Err(AnswerFault::Signature));
        let unsigned = wire::CollectResponse { signature: None, ..good.clone() };
        assert_eq!(case.read(&unsigned, None), Err(AnswerFault::Signature));
        for at in 0..good.call.len() {
            let mut call = good.call.to_vec();
            call[at] ^= 1;
            let changed = wire::CollectResponse { call: call.into(), ..good.clone() };
            assert!(case.read(&changed, None).is_err(), "byte {at}");
        }
        let mut another = case.rejection();
        another.request_hash = Bytes::from_static(&[5; 32]);
        assert_eq!(case.read(&case.response(another, &case.admin), None), Err(AnswerFault::OtherRequest));
        let mut another = case.rejection();
        another.code_hash = Bytes::from_static(&[5; 32]);
        assert_eq!(case.read(&case.response(another, &case.admin), None), Err(AnswerFault::OtherRequest));

        // A gateway that signs with a trust file of its own making; and an administration whose keys have changed.
        let own = wire::EnrolmentAnswer {
            outcome: Some(enrolment_answer::Outcome::Rejection(wire::Rejection { reason: String::new(), trust: trust(&other) })),
            ..case.rejection()
        };
        let own = case.response(own, &other);
        let words = words::network_words(&trust(&other));
        assert_eq!(case.read(&own, None), Err(AnswerFault::OtherTrust { words: words.clone() }));
        assert!(case.read(&own, Some("abaco")).is_err() && case.read(&own, Some(&words)).is_ok());
        let pending = call(&case.invitation.network, Act::Pending, NOW, &case.admin);
        let pending = wire::CollectResponse { call: pending.0, signature: Some(pending.1) };
        assert_eq!(case.read(&pending, None), Err(AnswerFault::Signature), "a call that answers nothing");
    }
}
