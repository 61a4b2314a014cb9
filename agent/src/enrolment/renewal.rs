//! How an office's machine comes to its next certificate by files: a new TLS key beside the one in use, a request that the
//! identity key signs, and an answer that takes the old pair's place at once.
//!
//! Not here: the first certificate (the module above), unlocking the store (`cli`). The identity key stays as it is: a machine
//! with another one enrols anew.

use std::fs;
use std::path::Path;

use ed25519_dalek::SigningKey;
use raccordo_machine::tls::{Usage, certificates, chain_holds};
use raccordo_machine::tls_key::{self, TlsKey};
use raccordo_machine::{clock, files};
use raccordo_proto::enrolment::{Activation, ActivationFault, Applicant, Request};
use raccordo_proto::limits::ACTIVATION_BYTES_MAX;
use raccordo_proto::sign::Signer as _;
use zeroize::Zeroizing;

use super::{Activated, CONFIG, Folder, io, read, unusable};
use crate::config::Config;
use crate::failure::{Exit, Failure};

/// The request that waits for its answer.
const REQUEST: &str = "renewal.bin";
/// The key that it asks for.
const KEY: &str = "key-2.pem";

impl Folder {
    /// Whether there is a configuration: an answer then is a renewal.
    pub fn is_active(&self) -> bool {
        self.0.join(CONFIG).exists()
    }

    /// Where the configuration is.
    pub fn config(&self) -> std::path::PathBuf {
        self.0.join(CONFIG)
    }

    /// This folder's request for a new certificate: the one that waits, or a new one with a new key. The request is written last:
    /// a key without one has been shown to nobody.
    pub fn renewal(&self, identity: &SigningKey) -> Result<(Vec<u8>, Request), Failure> {
        let is_good =
            |request: &Request| request.applicant == Applicant::Agent(identity.public_key()) && self.key_of(request).is_ok();
        if let Some(waiting) = self.waiting()?.filter(|(_, request)| is_good(request)) {
            return Ok(waiting);
        }
        self.forget(REQUEST)?;
        let not_made = || Failure::new(Exit::Machine, "NO_RANDOMNESS");
        let key = TlsKey::generate().map_err(|_| not_made())?;
        let file = tls_key::request(Some(identity), &key, clock::now()).map_err(|_| not_made())?;
        self.write(KEY, key.to_pem().map_err(|_| not_made())?.as_bytes())?;
        self.write(REQUEST, &file)?;
        let request = tls_key::verify_request(&file).map_err(|_| not_made())?;
        Ok((file, request))
    }

    /// The request that waits. A damaged one is as if it were gone: no answer could be known as its own, and another costs little.
    fn waiting(&self) -> Result<Option<(Vec<u8>, Request)>, Failure> {
        if !self.0.join(REQUEST).exists() {
            return Ok(None);
        }
        let (file, request) = self.read_request(REQUEST)?;
        Ok(request.ok().map(|request| (file, request)))
    }

    /// The PEM of the key that this request asks for.
    fn key_of(&self, request: &Request) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let path = self.0.join(KEY);
        let missing = || Failure::new(Exit::Refused, "KEYS_GONE").with("file", path.display());
        let key = TlsKey::read(&path).map_err(|_| missing())?;
        if key.public_key() != &request.tls_key[..] {
            return Err(missing());
        }
        fs::read(&path).map(Zeroizing::new).map_err(|_| missing())
    }

    /// Takes the answer to the request that waits: everything is checked before anything is written.
    ///
    /// The chain's file takes the old one's place in one step. Before it the key file gets the new key beside the old one, and
    /// after it the new one alone: whoever reads the two takes the key that fits (`crate::tls`), so at any crash there is a pair
    /// that works, and the same answer taken once more ends the same. The configuration stays as it is.
    pub fn renew(&self, config: &Config, answer: &Path, expected: Option<&str>) -> Result<Activated, Failure> {
        let no_request = || Failure::new(Exit::Refused, "NO_RENEWAL").with("folder", self.0.display());
        let (_, request) = self.waiting()?.ok_or_else(no_request)?;
        let key = self.key_of(&request)?;
        let now = clock::now();
        let bad = |fault: ActivationFault| unusable(answer, &fault);
        let activation = Activation::read(&read(answer, ACTIVATION_BYTES_MAX)?, &request, now).map_err(bad)?;
        let network_words = self.same_network(config, &activation, answer, expected)?;
        let chain = certificates(&activation.chain_pem).ok_or_else(|| bad(ActivationFault::Unreadable))?;
        let ders: Vec<&[u8]> = chain.iter().map(|certificate| certificate.as_ref()).collect();
        let agency = activation.agency(&ders, &request, now, |chain| chain_holds(chain, Usage::Client, now)).map_err(bad)?;
        if agency != config.agency {
            return Err(bad(ActivationFault::OtherKeys));
        }
        let replace = |path: &Path, bytes: &[u8]| files::replace(path, bytes).map_err(|error| io(path, error));
        let old = fs::read(&config.tls.key).map(Zeroizing::new).map_err(|error| io(&config.tls.key, error))?;
        replace(&config.tls.key, &Zeroizing::new([&old[..], &b"\n"[..], &key[..]].concat()))?;
        replace(&config.tls.chain, &activation.chain_pem)?;
        replace(&config.tls.key, &key)?;
        self.forget(REQUEST)?;
        self.forget(KEY)?;
        Ok(Activated { agency, network_words, config: self.config() })
    }

    /// the answer is of this folder's network, by the trust file that the folder has; by another one, as after the
    /// administrators' keys were rotated, only if somebody has heard its words.
    fn same_network(
        &self,
        config: &Config,
        activation: &Activation,
        answer: &Path,
        expected: Option<&str>,
    ) -> Result<String, Failure> {
        let words = raccordo_proto::words::network_words(&activation.trust);
        if *activation.directory.network() != config.network {
            return Err(unusable(answer, &ActivationFault::OtherRequest));
        }
        match expected {
            Some(typed) if raccordo_proto::words::same(typed, &words) => return Ok(words),
            Some(_) => return Err(Failure::new(Exit::Verification, "NETWORK_WORDS").with("words", words)),
            None => {}
        }
        let trust = fs::read(&config.trust).map_err(|error| io(&config.trust, error))?;
        if trust[..] == activation.trust[..] {
            return Ok(words);
        }
        Err(Failure::new(Exit::Verification, "RENEWAL_OTHER_TRUST").with("file", answer.display()).with("words", words))
    }

    fn forget(&self, name: &str) -> Result<(), Failure> {
        let path = self.0.join(name);
        files::remove(&path).and_then(|()| files::sync_folder(&self.0)).map_err(|error| io(&path, error))
    }
}

#[cfg(test)]
mod tests;
