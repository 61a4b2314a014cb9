//! The local API from the command line's side: connects to the agent's unix socket and turns what comes back into a
//! [`Failure`] with a sentence.
//!
//! Not here: the network. Whoever may open the socket is asked who she is by its peer credentials, not by us.

use std::path::Path;

use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt as _;

use crate::api::agent_service_client::AgentServiceClient;
use crate::failure::{Exit, Failure};

/// A case as evidence is the largest answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The domain of our reasons in google.rpc.ErrorInfo.
pub const ERROR_DOMAIN: &str = "raccordo";

/// A connected client.
pub type LocalClient = AgentServiceClient<Channel>;

/// Connects to the agent of this office.
pub async fn connect(socket: &Path) -> Result<LocalClient, Failure> {
    let probe = UnixStream::connect(socket).await.map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "SOCKET_FORBIDDEN",
            _ => "AGENT_NOT_RUNNING",
        };
        Failure::new(Exit::Machine, code).with("socket", socket.display())
    })?;
    let probe = std::sync::Arc::new(std::sync::Mutex::new(Some(probe)));
    let connector = tower::service_fn(move |_| {
        let stream = probe.lock().ok().and_then(|mut probe| probe.take());
        async move { stream.map(hyper_util::rt::TokioIo::new).ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)) }
    });
    let not_running = |_| Failure::new(Exit::Machine, "AGENT_NOT_RUNNING").with("socket", socket.display());
    let channel = Endpoint::from_static("http://agent.invalid").connect_with_connector(connector).await.map_err(not_running)?;
    Ok(LocalClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX))
}

/// What an error of the local API means to the person who asked.
pub fn failure(status: &tonic::Status) -> Failure {
    match status.get_details_error_info() {
        Some(info) if info.domain == ERROR_DOMAIN => {
            let mut args: Vec<_> = info.metadata.into_iter().collect();
            args.sort();
            refusal(&info.reason, args)
        }
        _ => Failure::new(Exit::Machine, "CALL").with("status", format!("{:?}", status.code())),
    }
}

fn refusal(reason: &str, args: Vec<(String, String)>) -> Failure {
    let machines =
        ["BACKUP_NO_FOLDER", "BACKUP_NOT_WRITTEN", "BACKUP_FILE_EXISTS", "BACKUP_STOPPING", "DAMAGED", "ROLLED_BACK", "IO"];
    if machines.contains(&reason) {
        let failure = Failure::new(Exit::Machine, reason);
        return args.into_iter().fold(failure, |failure, (key, value)| failure.with(&key, value));
    }
    let exit = match reason {
        "STORE_FAILED" | "READ_ONLY" | "BUSY" => Exit::Machine,
        "TEXT_TOO_LONG" | "LETTER_TOO_LARGE" | "BAD_DATE" => Exit::Usage,
        _ => Exit::Refused,
    };
    args.into_iter().fold(Failure::refusal(exit, reason), |failure, (key, value)| failure.with(&key, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tonic_types::ErrorDetails;

    fn answered(domain: &str, reason: &str) -> Failure {
        let metadata = HashMap::from([("ufficio".to_owned(), "cpi-rivabella".to_owned())]);
        let details = ErrorDetails::with_error_info(reason, domain, metadata);
        failure(&tonic::Status::with_error_details(tonic::Code::FailedPrecondition, "", details))
    }

    #[test]
    fn a_reason_of_ours_is_a_refusal_with_its_arguments() {
        let refused = answered("raccordo", "NO_AUTHORISATION");
        assert_eq!((refused.exit, refused.message_id().as_str()), (Exit::Refused, "refusal-no-authorisation"));
        assert_eq!(refused.args, [("ufficio".to_owned(), "cpi-rivabella".to_owned())]);
        assert_eq!(answered("raccordo", "STORE_FAILED").exit, Exit::Machine);
        assert_eq!(answered("raccordo", "BAD_DATE").exit, Exit::Usage);
    }

    #[test]
    fn anything_else_is_this_machines_failure() {
        assert_eq!(answered("example", "NO_AUTHORISATION").code, "CALL");
        assert_eq!(failure(&tonic::Status::internal("x")).exit, Exit::Machine);
    }

    #[tokio::test]
    async fn without_an_agent_the_failure_says_so() {
        let refused = connect(Path::new("/nowhere/api.sock")).await.expect_err("there is no such socket");
        assert_eq!((refused.exit, refused.code.as_str()), (Exit::Machine, "AGENT_NOT_RUNNING"));
    }
}
