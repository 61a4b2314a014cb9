//! Enrolment on line, by an invitation: this machine's request is deposited at the gateway that the invitation names, and the
//! answer is collected there, however often the connection breaks. Done once more after a crash, it goes on where it was.
//!
//! Not here: the request and what an activation writes (the module above), what is believed (`raccordo_proto::enrolment`),
//! sentences (`cli`).

use core::time::Duration;

use bytes::Bytes;
use raccordo_caller::{Fault, answered, reach, refused};
use raccordo_machine::clock;
use raccordo_proto::certificate::{PeerFault, spki_sha256};
use raccordo_proto::enrolment::Request;
use raccordo_proto::enrolment::invitation::Invitation;
use raccordo_proto::enrolment::online::{self, Answer, AnswerFault};
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, INVITATION_LIFE};
use raccordo_proto::wire;
use rustls::pki_types::{CertificateDer, UnixTime};
use tonic::transport::Channel;

use crate::failure::{Exit, Failure};
use crate::wire::enrolment_service_client::EnrolmentServiceClient;

/// Between two questions: the first time, and at most.
const ASK_FIRST: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_secs(30);

/// A request that is on its way to whoever invited.
pub struct Application<'a> {
    /// What this office was given.
    pub invitation: &'a Invitation,
    /// The request's file.
    pub file: Vec<u8>,
    /// The same, verified.
    pub request: Request,
    /// The network's words, where somebody has typed them.
    pub words: Option<&'a str>,
}

impl Application<'_> {
    /// Deposits the request: returns once the gateway has it. `waiting` is told when the gateway does not answer.
    pub async fn deposit(&self, mut waiting: impl FnMut(&str)) -> Result<(), Failure> {
        let code = &self.invitation.code;
        let deposit = wire::DepositRequest {
            token: Bytes::copy_from_slice(&code.token()),
            binding: Bytes::copy_from_slice(&code.bind(&self.file)),
            request: self.file.clone().into(),
        };
        let mut pause = Pause::default();
        loop {
            match self.once(async |gateway| answered(gateway.deposit(deposit.clone())).await.map(drop)).await {
                Ok(()) => return Ok(()),
                Err(fault) => waiting(&self.passing(fault)?),
            }
            pause.wait().await;
        }
    }

    /// Waits for the answer: the bytes of an activation. Errors: the administration does not let this machine in, or the
    /// invitation has ended.
    pub async fn collect(&self, mut waiting: impl FnMut(&str)) -> Result<Bytes, Failure> {
        let token = Bytes::copy_from_slice(&self.invitation.code.token());
        let mut pause = Pause::default();
        loop {
            let collect = wire::CollectRequest { token: token.clone() };
            match self.once(async |gateway| answered(gateway.collect(collect)).await).await {
                Ok(response) => {
                    let answer = online::answered(&response, self.invitation, &self.request, self.words);
                    match answer.map_err(|fault| not_believed(&fault))? {
                        Some(Answer::Activation(file)) => return Ok(file),
                        Some(Answer::Rejected { reason }) => {
                            return Err(Failure::new(Exit::Refused, "ENROLMENT_REJECTED").with("reason", reason));
                        }
                        None => {}
                    }
                }
                Err(fault) => waiting(&self.passing(fault)?),
            }
            pause.wait().await;
        }
    }

    /// One connection, one question: whoever waits holds no place at the gateway.
    async fn once<T>(&self, ask: impl AsyncFnOnce(&mut EnrolmentServiceClient<Channel>) -> Result<T, Fault>) -> Result<T, Fault> {
        let channel = reach(&self.invitation.gateway, judge(self.invitation.spki_sha256.clone())).await?;
        // What signs and dates ask of an answer is asked of it again when it is read.
        let mut gateway = EnrolmentServiceClient::new(channel).max_decoding_message_size(ACTIVATION_BYTES_MAX + 1024);
        ask(&mut gateway).await
    }

    /// Why there is no answer yet, where it may pass.
    fn passing(&self, fault: Fault) -> Result<String, Failure> {
        let (until, agency) = (self.invitation.until, &self.invitation.agency);
        if clock::now() > until.plus(INVITATION_LIFE) {
            return Err(Failure::new(Exit::Refused, "INVITATION_ENDED").with("agency", agency));
        }
        let (exit, code, detail) = match fault {
            Fault::Unreachable(detail) => return Ok(detail),
            Fault::Refused(code) if ["TOO_MANY", "BUSY"].contains(&&*code) => return Ok(code),
            Fault::NotBelieved(detail) => (Exit::Verification, "INVITATION_GATEWAY", detail),
            Fault::Refused(code) => match &*code {
                "NOT_ALLOWED" if clock::now() > until => (Exit::Refused, "INVITATION_ENDED", code),
                "NOT_ALLOWED" => (Exit::Refused, "INVITATION_UNKNOWN", code),
                "REPLAYED" => (Exit::Refused, "INVITATION_SPENT", code),
                _ => (Exit::Refused, "DEPOSIT_REFUSED", code),
            },
        };
        let failure = Failure::new(exit, code).with("agency", agency).with("gateway", &self.invitation.gateway);
        Err(failure.with("detail", detail))
    }
}

fn not_believed(fault: &AnswerFault) -> Failure {
    match fault {
        AnswerFault::OtherTrust { words } => Failure::new(Exit::Verification, "ANSWER_OTHER_TRUST").with("words", words),
        _ => Failure::new(Exit::Verification, "ANSWER_NOT_BELIEVED").with("fault", fault),
    }
}

/// Who is believed: whoever has one of the keys that the invitation names.
fn judge(
    pins: Vec<[u8; 32]>,
) -> impl Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static {
    move |leaf, _, _| {
        let is_named = spki_sha256(leaf).is_some_and(|spki| pins.contains(&spki));
        if is_named { Ok(()) } else { Err(refused(PeerFault::Key)) }
    }
}

/// How long to wait before asking again: longer each time, up to a limit.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(ASK_FIRST)
    }
}

impl Pause {
    async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = self.0.mul_f32(1.5).min(ASK_EVERY);
    }
}
