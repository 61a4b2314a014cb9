//! What invited machines have deposited, and what they were answered: one small file each, replaced whole, for 72 hours from
//! the last of the two. Losing them loses no letter: a machine deposits again.
//!
//! Not here: what may be deposited or answered (`raccordo_proto::enrolment::online`), who asks (`enrolling`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use prost::Message as _;
use raccordo_machine::files;
use raccordo_machine::tls_key::verify_request;
use raccordo_proto::enrolment::online::{self, CallFault};
use raccordo_proto::ids::Digest;
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, INVITATION_LIFE, INVITATIONS_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::{AgencyId, Code, Directory, Timestamp, wire};

use crate::failure::Failure;

/// Requests kept at once: those of the directory's invitations, and of some that it no longer names.
pub const DEPOSITS_MAX: usize = 4 * INVITATIONS_MAX;
/// Of them and their answers, on disk.
pub const DEPOSITS_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// One of them.
const DEPOSIT_BYTES_MAX: usize = REQUEST_BYTES_MAX + ACTIVATION_BYTES_MAX + 4096;
const KIND: &str = "deposit";

/// Why something was not kept or handed out.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It breaks a rule.
    #[error("{0}")]
    Fault(#[from] CallFault),
    /// There is no more place.
    #[error("there are too many deposits")]
    Full,
    /// This machine could not read or write it.
    #[error("{0}")]
    Failed(#[from] Failure),
}

impl NotKept {
    /// What whoever asked is told.
    pub fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Full | Self::Failed(_) => Code::Busy,
        }
    }
}

/// The deposits of this gateway.
pub struct Deposits {
    folder: PathBuf,
    turn: Mutex<()>,
}

impl Deposits {
    /// In a gateway's state folder; nothing is read or written yet.
    pub fn at(state: &Path) -> Self {
        Self { folder: state.join("deposits"), turn: Mutex::default() }
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().expect("nothing panics while this lock is held")
    }

    /// Keeps a request; durable when this returns. The office that it is for; none when it lies there already.
    pub fn deposit(
        &self,
        call: &wire::DepositRequest,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Option<AgencyId>, NotKept> {
        let code_hash = Digest::of(&call.token);
        online::deposited(&call.request, &call.binding, verify_request)?;
        let _turn = self.turn();
        if let Some(held) = self.read(code_hash, now)? {
            let is_same = held.request == call.request && held.binding == call.binding;
            return if is_same { Ok(None) } else { Err(CallFault::Spent.into()) };
        }
        let agency = online::invited(directory, code_hash, now)?;
        let deposited = wire::Deposited {
            code_hash: Bytes::copy_from_slice(code_hash.as_bytes()),
            agency: agency.to_string(),
            request: call.request.clone(),
            binding: call.binding.clone(),
            until: now.plus(INVITATION_LIFE).as_millis(),
            ..wire::Deposited::default()
        };
        self.write(code_hash, &deposited, now)?;
        Ok(Some(agency))
    }

    /// What was answered to the holder of this token; empty while nothing was.
    pub fn collect(&self, token: &[u8], now: Timestamp) -> Result<wire::CollectResponse, NotKept> {
        let _turn = self.turn();
        let held = self.read(Digest::of(token), now)?.ok_or(CallFault::NotInvited)?;
        Ok(wire::CollectResponse { call: held.answer, signature: held.signature })
    }

    /// What waits for an answer.
    pub fn pending(&self, now: Timestamp) -> Result<Vec<wire::Deposited>, NotKept> {
        let _turn = self.turn();
        let mut pending = Vec::new();
        let all = self.list()?;
        for (code_hash, _) in self.without_ended(all, now)? {
            pending.extend(self.read(code_hash, now)?.filter(|held| held.answer.is_empty()));
        }
        Ok(pending)
    }

    /// Keeps an answer, for as long as an invitation lasts; durable when this returns. The office that it is for; none
    /// when it lies there already.
    pub fn answer(
        &self,
        call: &wire::AnswerRequest,
        answer: &wire::EnrolmentAnswer,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Option<AgencyId>, NotKept> {
        let code_hash = Digest::parse(&answer.code_hash).map_err(|_| CallFault::NotDeposited)?;
        let _turn = self.turn();
        let held = self.read(code_hash, now)?.ok_or(CallFault::NotDeposited)?;
        // It was verified before it was written.
        let request = verify_request(&held.request).map_err(|_| CallFault::NotDeposited)?;
        if !online::may_answer(answer, &held, &request, directory, now)? {
            return Ok(None);
        }
        let agency = AgencyId::parse(&held.agency).map_err(|_| CallFault::NotDeposited)?;
        let until = Timestamp::from_millis(held.until).max(now.plus(INVITATION_LIFE)).as_millis();
        let (answer, signature) = (call.call.clone(), call.signature.clone());
        self.write(code_hash, &wire::Deposited { answer, signature, until, ..held }, now)?;
        Ok(Some(agency))
    }

    fn path(&self, code_hash: Digest) -> PathBuf {
        self.folder.join(format!("{code_hash:?}.{KIND}"))
    }

    /// One that is kept and has not ended. One that has, or is damaged, is as if it were not there.
    fn read(&self, code_hash: Digest, now: Timestamp) -> Result<Option<wire::Deposited>, Failure> {
        let path = self.path(code_hash);
        let bytes = match files::read_at_most(&path, DEPOSIT_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Failure::file("read", &path, cause)),
        };
        let held = wire::Deposited::decode(Bytes::from(bytes)).ok();
        Ok(held.filter(|held| now.as_millis() <= held.until && held.code_hash[..] == code_hash.as_bytes()[..]))
    }

    fn write(&self, code_hash: Digest, deposited: &wire::Deposited, now: Timestamp) -> Result<(), NotKept> {
        let bytes = deposited.encode_to_vec();
        let others = self.list()?.into_iter().filter(|(other, _)| *other != code_hash).collect();
        let others = self.without_ended(others, now)?;
        if others.len() >= DEPOSITS_MAX || held_bytes(&others) + bytes.len() as u64 > DEPOSITS_BYTES_MAX {
            return Err(NotKept::Full);
        }
        files::make_folder(&self.folder).map_err(|cause| Failure::file("make the folder", &self.folder, cause))?;
        let path = self.path(code_hash);
        files::replace(&path, &bytes).map_err(|cause| Failure::file("write", &path, cause))?;
        Ok(())
    }

    /// Removes what has ended.
    fn without_ended(&self, all: Vec<(Digest, u64)>, now: Timestamp) -> Result<Vec<(Digest, u64)>, Failure> {
        let mut kept = Vec::new();
        for (code_hash, bytes) in all {
            if self.read(code_hash, now)?.is_some() {
                kept.push((code_hash, bytes));
            } else {
                let path = self.path(code_hash);
                files::remove(&path).map_err(|cause| Failure::file("remove", &path, cause))?;
            }
        }
        Ok(kept)
    }

    /// What lies there, with its size; other names are nobody's here.
    fn list(&self) -> Result<Vec<(Digest, u64)>, Failure> {
        let failed = |cause| Failure::file("read", &self.folder, cause);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(failed(cause)),
        };
        let mut all = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if let Some(code_hash) = name.to_str().and_then(|name| name.strip_suffix(KIND)?.strip_suffix('.')).and_then(unhex) {
                all.push((code_hash, entry.metadata().map_err(failed)?.len()));
            }
        }
        Ok(all)
    }
}

fn held_bytes(all: &[(Digest, u64)]) -> u64 {
    all.iter().map(|(_, bytes)| bytes).sum()
}

fn unhex(text: &str) -> Option<Digest> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..64).step_by(2).filter(|_| is_hex).map(byte).collect::<Option<_>>()?;
    Digest::parse(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use raccordo_machine::clock;
    use raccordo_machine::tls_key::{self, TlsKey};
    use raccordo_proto::enrolment::Applicant;
    use raccordo_proto::enrolment::invitation::OneTimeCode;
    use raccordo_proto::enrolment::online::{Act, call};
    use raccordo_proto::ids::NetworkId;
    use raccordo_proto::limits::{REASON_CHARS_MAX, SKEW_MAX};
    use raccordo_proto::wire::State;
    use raccordo_proto::wire::enrolment_answer::Outcome;

    use super::*;
    use crate::fixture::{self, Folder, NOW};

    const OFFICE: &str = "cpi-rivabella";

    fn code(seed: u8) -> OneTimeCode {
        OneTimeCode::new([seed; 10])
    }

    fn later(millis: u64) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() + millis)
    }

    /// A directory that has invited the office with these codes, for a day.
    fn inviting(codes: &[u8], body: wire::Body) -> Directory {
        let invitation = |seed: &u8| wire::Invitation {
            agency: OFFICE.into(),
            code_hash: Bytes::copy_from_slice(code(*seed).hash().as_bytes()),
            until: later(86_400_000).as_millis(),
        };
        let body = wire::Body { invitations: codes.iter().map(invitation).collect(), ..body };
        Directory::trusted_before(&fixture::document(1, &[], &body)).expect("a consistent document")
    }

    fn not_connected() -> wire::Body {
        fixture::body(vec![wire::Agency { agents: Vec::new(), ..fixture::entry(OFFICE, State::NotConnected) }])
    }

    fn request(seed: u8) -> Vec<u8> {
        let key = TlsKey::generate().expect("a key");
        tls_key::request(Some(&fixture::key(seed)), &key, clock::now()).expect("a request")
    }

    fn deposit(seed: u8, request: &[u8]) -> wire::DepositRequest {
        wire::DepositRequest {
            token: Bytes::copy_from_slice(&code(seed).token()),
            binding: Bytes::copy_from_slice(&code(seed).bind(request)),
            request: Bytes::copy_from_slice(request),
        }
    }

    fn said<T: core::fmt::Debug>(done: Result<T, NotKept>) -> Result<T, Code> {
        done.map_err(|fault| fault.code())
    }

    fn answer(seed: u8, request: &[u8], outcome: Outcome) -> (wire::AnswerRequest, wire::EnrolmentAnswer) {
        let answer = wire::EnrolmentAnswer {
            code_hash: Bytes::copy_from_slice(code(seed).hash().as_bytes()),
            request_hash: Bytes::copy_from_slice(verify_request(request).expect("good").hash.as_bytes()),
            outcome: Some(outcome),
        };
        let network = NetworkId::parse("rete-prova.invalid").expect("a name");
        let (call, signature) = call(&network, Act::Answer(answer.clone()), NOW, &fixture::key(1));
        (wire::AnswerRequest { call, signature: Some(signature) }, answer)
    }

    fn refusal(reason: &str) -> Outcome {
        Outcome::Rejection(wire::Rejection { reason: reason.into(), trust: Bytes::new() })
    }

    #[test]
    fn a_20_to_a_22_a_code_lets_one_request_in_while_it_lasts() {
        let (folder, directory, mine) = (Folder::new("deposits"), inviting(&[3], not_connected()), request(2));
        let deposits = Deposits::at(folder.path());
        let kept =
            |call: &wire::DepositRequest, now| said(deposits.deposit(call, &directory, now)).map(|agency| agency.is_some());
        assert_eq!(kept(&deposit(4, &mine), NOW), Err(Code::NotAllowed), "nobody has this code");
        assert_eq!(kept(&deposit(3, &mine), later(86_400_001)), Err(Code::NotAllowed), "it has ended");
        let hash = wire::DepositRequest { token: Bytes::copy_from_slice(code(3).hash().as_bytes()), ..deposit(3, &mine) };
        assert_eq!(kept(&hash, NOW), Err(Code::NotAllowed), "what everybody reads in the directory opens nothing");
        let gateway = tls_key::request(None, &TlsKey::generate().expect("a key"), NOW).expect("a request");
        //
        for bad in [&mine[1..], &gateway, b""] {
            assert_eq!(kept(&deposit(3, bad), NOW), Err(Code::Malformed));
        }
        assert_eq!(kept(&wire::DepositRequest { binding: Bytes::new(), ..deposit(3, &mine) }, NOW), Err(Code::Malformed));
        assert!(!folder.path().join("deposits").exists(), "what is refused leaves nothing");

        //
        assert_eq!(kept(&deposit(3, &mine), NOW), Ok(true));
        assert_eq!(kept(&deposit(3, &mine), NOW), Ok(false), "once more after a broken connection");
        assert_eq!(kept(&deposit(3, &request(2)), NOW), Err(Code::Replayed));
        let again = Deposits::at(folder.path());
        let empty = Directory::trusted_before(&fixture::document(1, &[], &not_connected())).expect("consistent");
        assert_eq!(said(again.deposit(&deposit(3, &mine), &empty, NOW)), Ok(None), "after a restart, without the invitation");
        assert_eq!(again.pending(NOW).expect("readable")[0].binding, deposit(3, &mine).binding);
        let last = NOW.plus(INVITATION_LIFE);
        assert_eq!(again.pending(last).expect("readable").len(), 1, "whoever deposits late is answered too");
        assert_eq!(again.pending(Timestamp::from_millis(last.as_millis() + 1)).expect("readable"), [], "it has ended");
        assert_eq!(fs::read_dir(folder.path().join("deposits")).expect("a folder").count(), 0, "and is gone");
    }

    #[test]
    fn a_24_an_answer_is_kept_for_its_request_and_once() {
        let (folder, mine) = (Folder::new("answers"), request(2));
        let (deposits, directory) = (Deposits::at(folder.path()), inviting(&[3], not_connected()));
        deposits.deposit(&deposit(3, &mine), &directory, NOW).expect("kept");
        let keeps = |seed, request: &[u8], outcome, directory: &Directory| {
            let (call, answer) = answer(seed, request, outcome);
            said(deposits.answer(&call, &answer, directory, later(80_000_000))).map(|agency| agency.is_some())
        };
        let token = code(3).token();
        assert_eq!(keeps(4, &mine, refusal("no"), &directory), Err(Code::NotAllowed), "nothing was deposited");
        assert_eq!(keeps(3, &request(2), refusal("no"), &directory), Err(Code::NotAllowed), "another request");
        assert_eq!(keeps(3, &mine, refusal(&"x".repeat(REASON_CHARS_MAX + 1)), &directory), Err(Code::NotAllowed));
        let activation = || Outcome::Activation(Bytes::from_static(b"an activation"));
        assert_eq!(keeps(3, &mine, activation(), &directory), Err(Code::DirectoryStale), "its keys have no place yet");
        assert_eq!(deposits.collect(&token, NOW).expect("deposited"), wire::CollectResponse::default());

        let verified = verify_request(&mine).expect("good");
        let mut office = fixture::entry(OFFICE, State::Active);
        office.agents[0].spki_sha256 = vec![Bytes::copy_from_slice(&verified.spki_sha256())];
        let Applicant::Agent(ik) = verified.applicant else { panic!("an office's") };
        office.agents[0].ik = Bytes::copy_from_slice(ik.as_bytes());
        let listed = inviting(&[], fixture::body(vec![office]));
        assert_eq!(keeps(3, &mine, activation(), &listed), Ok(true));
        assert_eq!(keeps(3, &mine, activation(), &listed), Ok(false), "once more after a broken connection");
        assert_eq!(keeps(3, &mine, refusal("no"), &listed), Err(Code::Replayed));
        assert_eq!(deposits.pending(NOW).expect("readable"), [], "it waits for nothing more");
        let ended = later(80_000_000).plus(INVITATION_LIFE);
        assert!(!Deposits::at(folder.path()).collect(&token, ended).expect("kept").call.is_empty(), "whoever asked has 72 hours");
        let after = Timestamp::from_millis(ended.as_millis() + 1);
        assert_eq!(said(deposits.collect(&token, after)), Err(Code::NotAllowed));
        assert_eq!(said(deposits.collect(&code(4).token(), NOW)), Err(Code::NotAllowed));
    }

    #[test]
    fn a_23_a_call_is_an_admins_and_of_now() {
        let directory = inviting(&[3], not_connected());
        let signed = |network: &str, at: Timestamp, key: u8| {
            let (bytes, signature) = call(&NetworkId::parse(network).expect("a name"), Act::Pending, at, &fixture::key(key));
            online::called(&bytes, Some(&signature), &directory, NOW).map(drop)
        };
        let skew = SKEW_MAX.as_millis() as u64;
        for ahead in [0, skew] {
            assert_eq!(signed("rete-prova.invalid", later(ahead), 1), Ok(()));
        }
        assert_eq!(signed("rete-prova.invalid", NOW.minus(SKEW_MAX), 1), Ok(()));
        let old = NOW.minus(SKEW_MAX).minus(core::time::Duration::from_millis(1));
        for at in [old, later(skew + 1)] {
            assert_eq!(signed("rete-prova.invalid", at, 1), Err(CallFault::OutOfTime));
        }
        assert_eq!(signed("rete-prova.invalid", NOW, 2), Err(CallFault::Signature), "no admin's key");
        assert_eq!(signed("altra-rete", NOW, 1), Err(CallFault::Signature), "of another network");
        let (bytes, signature) = call(directory.network(), Act::Pending, NOW, &fixture::key(1));
        assert!(online::called(&bytes, None, &directory, NOW).is_err());
        let changed = Bytes::from([&bytes[..], b"\x18\x01"].concat());
        assert!(online::called(&changed, Some(&signature), &directory, NOW).is_err());
    }

    #[test]
    fn deposits_have_an_end_and_what_has_ended_makes_place() {
        let folder = Folder::new("full");
        let (deposits, directory) = (Deposits::at(folder.path()), inviting(&[3], not_connected()));
        for number in 0..DEPOSITS_MAX {
            let held = wire::Deposited {
                code_hash: Bytes::copy_from_slice(Digest::of(&number.to_be_bytes()).as_bytes()),
                until: NOW.as_millis(),
                ..Default::default()
            };
            let path = deposits.path(Digest::parse(&held.code_hash).expect("a digest"));
            files::make_folder(&deposits.folder).expect("made");
            fs::write(path, held.encode_to_vec()).expect("written");
        }
        let mine = deposit(3, &request(2));
        assert_eq!(said(deposits.deposit(&mine, &directory, NOW)), Err(Code::Busy));
        assert!(said(deposits.deposit(&mine, &directory, later(1))).is_ok_and(|agency| agency.is_some()));
    }
}
