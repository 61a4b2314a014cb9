//! To whom a person says a segnalazione goes: one of four ways to name it. The municipality is found here, in the list of this
//! machine; what reaches the desk is its code, and what reaches a letter is nothing of it.
//!
//! Not here: which équipe serves it, and every rule about who may be addressed (casework's).

use raccordo_casework::destination::Destination;
use raccordo_casework::wire::Fault;
use raccordo_proto::Directory;
use tonic::Status;

use crate::api::SegnalaRequest;
use crate::comuni::{self, Comune};
use crate::keys;

type Read = (Destination, Option<Comune>, Option<Fault>);

/// Exactly one of the four; a municipality that is not in the list is a fault beside the form's others, which names first what
/// the directory's network serves.
pub fn read(asked: &SegnalaRequest, directory: Option<&Directory>) -> Result<Read, Status> {
    match [&asked.equipe, &asked.comune, &asked.cpi, &asked.ufficio].map(String::as_str) {
        [equipe, "", "", ""] => Ok((Destination::Equipe(equipe.to_owned()), None, None)),
        ["", comune, "", ""] => Ok(of_comune(comune, directory)),
        ["", "", cpi, ""] => Ok((Destination::Cpi(cpi.to_owned()), None, None)),
        ["", "", "", ufficio] => Ok((Destination::Ufficio(ufficio.to_owned()), None, None)),
        _ => Err(Status::invalid_argument("exactly one of equipe, comune, cpi, ufficio")),
    }
}

fn of_comune(typed: &str, directory: Option<&Directory>) -> Read {
    let is_near = |id| directory.is_some_and(|directory| directory.ambito_of(id).is_some());
    match comuni::find(typed, is_near) {
        Ok(comune) => (Destination::Comune(comune.id), Some(comune), None),
        Err(unknown) if unknown.candidates.is_empty() => {
            (Destination::Unknown, None, Some(keys::fault("comune".to_owned(), "unknown-comune", &[])))
        }
        Err(unknown) => {
            let (candidates, more) = (unknown.candidates.join(", "), unknown.more.to_string());
            let mut args = vec![("candidates", candidates.as_str())];
            let code = if unknown.more == 0 { "part-of-comune" } else { "part-of-many-comuni" };
            args.extend((unknown.more > 0).then_some(("more", more.as_str())));
            (Destination::Unknown, None, Some(keys::fault("comune".to_owned(), code, &args)))
        }
    }
}
