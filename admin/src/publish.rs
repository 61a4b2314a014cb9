//! A gateway's authority port, seen from the administration: a gateway that the last version names, and what is handed in and
//! asked there.
//!
//! Not here: the connection (`raccordo_caller`), how an answer is said (`cli/publish`, `cli/invite`), what the gateway checks.

use std::sync::Arc;

use bytes::Bytes;
use raccordo_caller::{Fault, answered, reach, refused};
use raccordo_machine::tls::{Usage, verify_chain};
use raccordo_proto::certificate::{admit_gateway, spki_sha256};
use raccordo_proto::limits::{FETCH_BYTES_MAX, INVITATIONS_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::{Directory, Endpoint, Timestamp, wire};
use rustls::pki_types::{CertificateDer, UnixTime};
use tonic::transport::Channel;

use crate::stubs::directory_service_client::DirectoryServiceClient;
use crate::stubs::enrolment_service_client::EnrolmentServiceClient;

/// Every request that may wait there.
const PENDING_BYTES_MAX: usize = INVITATIONS_MAX * REQUEST_BYTES_MAX + 64 * 1024;

/// A gateway that was believed.
pub struct Gateway {
    directory: DirectoryServiceClient<Channel>,
    enrolment: EnrolmentServiceClient<Channel>,
}

impl Gateway {
    /// Connects to one of the gateways of this directory. `own` are the authority's certificates: its roots are believed where
    /// the directory names them.
    pub async fn reach(at: &Endpoint, directory: Arc<Directory>, own: Vec<CertificateDer<'static>>) -> Result<Self, Fault> {
        let channel = reach(at, judge(directory, own)).await?;
        Ok(Self {
            directory: DirectoryServiceClient::new(channel.clone()).max_decoding_message_size(FETCH_BYTES_MAX),
            enrolment: EnrolmentServiceClient::new(channel).max_decoding_message_size(PENDING_BYTES_MAX),
        })
    }

    /// The version that it serves.
    pub async fn newest(&mut self) -> Result<wire::SignedDirectory, Fault> {
        let asked = self.directory.fetch(wire::FetchRequest { since_version: 0 });
        answered(asked).await?.newest.ok_or_else(|| Fault::Refused("INCONSISTENT".to_owned()))
    }

    /// Hands in a version, with the heads that lead to it.
    pub async fn publish(&mut self, document: wire::SignedDirectory, links: Vec<wire::SignedDirectory>) -> Result<(), Fault> {
        answered(self.directory.publish(wire::PublishRequest { document: Some(document), links })).await.map(drop)
    }

    /// Hands in a Confirm.
    pub async fn confirm(&mut self, confirm: wire::SignedConfirm) -> Result<(), Fault> {
        answered(self.directory.confirm(wire::ConfirmRequest { confirm: Some(confirm) })).await.map(drop)
    }

    /// Requests that were deposited there and not answered.
    pub async fn pending(&mut self, (call, signature): (Bytes, wire::Signature)) -> Result<Vec<wire::Deposited>, Fault> {
        let asked = self.enrolment.pending(wire::PendingRequest { call, signature: Some(signature) });
        Ok(answered(asked).await?.deposited)
    }

    /// Leaves an answer for whoever has deposited.
    pub async fn answer(&mut self, (call, signature): (Bytes, wire::Signature)) -> Result<(), Fault> {
        let asked = self.enrolment.answer(wire::AnswerRequest { call, signature: Some(signature) });
        answered(asked).await.map(drop)
    }
}

/// Who is believed: a gateway whose key the directory names, under one of its roots. Its name adds nothing.
fn judge(
    directory: Arc<Directory>,
    own: Vec<CertificateDer<'static>>,
) -> impl Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static {
    move |leaf, above, now| {
        let instant = Timestamp::from_millis(now.as_secs().saturating_mul(1000));
        admit_gateway(leaf, &directory, instant).map_err(refused)?;
        let is_root =
            |cert: &&CertificateDer<'_>| spki_sha256(cert).is_some_and(|h| directory.x509_roots().any(|root| root == h));
        let roots: Vec<_> = own.iter().chain(above).filter(is_root).cloned().collect();
        verify_chain(leaf, above, &roots, Usage::Server, now).map_err(refused)
    }
}
