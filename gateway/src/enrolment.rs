//! How a gateway comes to its certificate by files: it draws its own TLS key, asks with a proof that it has it, and takes an
//! answer that names exactly this key.
//!
//! Not here: what is asked and believed (`raccordo_proto::enrolment`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use raccordo_machine::tls::{Usage, certificates, chain_holds};
use raccordo_machine::tls_key::{self, TlsKey, TlsKeyFault};
use raccordo_machine::{clock, files};
use raccordo_proto::enrolment::{Activation, ActivationFault, Request};
use raccordo_proto::ids::GatewayId;
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::words;

use crate::failure::Failure;

const REQUEST: &str = "request.bin";
const KEY: &str = "key.pem";
const CONFIG: &str = "gateway.toml";

/// The folder of a gateway before and after its activation.
pub struct Folder(PathBuf);

/// What an activation has made of a folder.
pub struct Activated {
    /// The gateway.
    pub gateway: GatewayId,
    /// The network's words.
    pub network_words: String,
    /// The configuration that was written.
    pub config: PathBuf,
}

impl Folder {
    /// This folder; made, for its owner alone, where it is not there.
    pub fn at(path: &Path) -> Result<Self, Failure> {
        files::make_folder(path).map_err(|cause| Failure::file("make", path, cause))?;
        Ok(Self(path.to_owned()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        files::replace(&path, bytes).map_err(|cause| Failure::file("write", &path, cause))
    }

    fn not_active(&self) -> Result<(), Failure> {
        if !self.0.join(CONFIG).exists() {
            return Ok(());
        }
        let folder = self.0.display();
        Err(Failure::Refused(format!("{folder} holds an active gateway already ({CONFIG}): another one needs another folder")))
    }

    /// Writes this folder's request to `out`: the one that it has made before, or a new one with a new key. Answers its words.
    pub fn request(&self, out: &Path) -> Result<String, Failure> {
        if !self.0.join(REQUEST).exists() {
            self.not_active()?;
            let path = self.0.join(KEY);
            if path.symlink_metadata().is_ok() {
                return Err(key_there(&path));
            }
            let not_made = |fault: TlsKeyFault| Failure::Machine(fault.to_string());
            let key = TlsKey::generate().map_err(not_made)?;
            let file = tls_key::request(None, &key, clock::now()).map_err(not_made)?;
            self.write(KEY, key.to_pem().map_err(not_made)?.as_bytes())?;
            self.write(REQUEST, &file)?;
        }
        let (file, request) = self.own_request()?;
        files::hand_out(out, &file).map_err(|cause| Failure::file("write", out, cause))?;
        Ok(request.words())
    }

    fn own_request(&self) -> Result<(Vec<u8>, Request), Failure> {
        let path = self.0.join(REQUEST);
        let file = files::read_at_most(&path, REQUEST_BYTES_MAX).map_err(|cause| Failure::file("read", &path, cause))?;
        let bad = |fault| Failure::Unverified(format!("{}: {fault}; delete the folder and make a new request", path.display()));
        let request = tls_key::verify_request(&file).map_err(bad)?;
        Ok((file, request))
    }

    /// The key that has asked lies here: without it an answer is good for nothing.
    fn has_the_key_of(&self, request: &Request) -> Result<(), Failure> {
        let path = self.0.join(KEY);
        if TlsKey::read(&path).is_ok_and(|key| key.public_key() == &request.tls_key[..]) {
            return Ok(());
        }
        let (path, folder) = (path.display(), self.0.display());
        Err(Failure::Refused(format!(
            "{path} is not there, or is not the key that has asked: nothing was written. Put it back, or delete {folder} and make \
             a new request"
        )))
    }

    /// Takes the answer to this folder's request: everything is checked before anything is written, and the configuration is
    /// written last. `expected` are the network's words, as heard; a throwaway network needs `dev`.
    pub fn activate(&self, answer: &Path, expected: Option<&str>, listen: SocketAddr, dev: bool) -> Result<Activated, Failure> {
        self.not_active()?;
        if !self.0.join(REQUEST).exists() {
            let folder = self.0.display();
            return Err(Failure::Refused(format!("{folder} holds no request: first «raccordo-gateway request OUT»")));
        }
        let (_, request) = self.own_request()?;
        self.has_the_key_of(&request)?;
        let file = files::read_at_most(answer, ACTIVATION_BYTES_MAX).map_err(|cause| Failure::file("read", answer, cause))?;
        let bad = |fault: ActivationFault| {
            let file = answer.display();
            Failure::Unverified(format!(
                "{file}: {fault}. Nothing was written; the administration must send the answer to this request again"
            ))
        };
        let activation = Activation::read(&file, &request, clock::now()).map_err(bad)?;
        let network_words = words::network_words(&activation.trust);
        if expected.is_some_and(|typed| !words::same(typed, &network_words)) {
            let said =
                format!("the network's words are others ({network_words}): nothing was written; call the administration back");
            return Err(Failure::Unverified(said));
        }
        let network = activation.directory.network().clone();
        if network.is_throwaway() && !dev {
            return Err(Failure::Config(format!("the network {network} is a throwaway one: it needs --dev")));
        }
        let chain = certificates(&activation.chain_pem).ok_or_else(|| bad(ActivationFault::Unreadable))?;
        let ders: Vec<&[u8]> = chain.iter().map(|certificate| certificate.as_ref()).collect();
        let now = clock::now();
        let gateway = activation.gateway(&ders, &request, now, |chain| chain_holds(chain, Usage::Server, now)).map_err(bad)?;
        self.write("directory.bin", &activation.document)?;
        self.write("rete.bin", &activation.trust)?;
        self.write("chain.pem", &activation.chain_pem)?;
        self.write(CONFIG, config(network.as_str(), &gateway, listen).as_bytes())?;
        Ok(Activated { gateway, network_words, config: self.0.join(CONFIG) })
    }
}

/// A key without its request may be the one that the administration has been asked to let in: it is nobody's to replace.
fn key_there(key: &Path) -> Failure {
    let key = key.display();
    Failure::Refused(format!(
        "{key} is there, without the request that would speak of it: keys are not written over, and nothing was written. If a \
         request has been sent to the administration, put its copy back beside it ({REQUEST}); if none was ever sent, remove \
         {key} and repeat the command"
    ))
}

fn config(network: &str, gateway: &GatewayId, listen: SocketAddr) -> String {
    format!(
        r#"network = "{network}"
id = "{gateway}"
state = "state"
directory = "directory.bin"
trust = "rete.bin"

[listen]
address = "{listen}"

[tls]
chain = "chain.pem"
key = "key.pem"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_gateway_asks_once_and_takes_only_its_own_answer() {
        let dir = fixture::Folder::new("enrolment");
        let folder = Folder::at(&dir.path().join("gw")).expect("made");
        let out = dir.path().join("out");
        std::fs::write(dir.path().join("out.tmp"), b"somebody's").expect("written");
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let code = |folder: &Folder, file: &Path| folder.activate(file, None, address, false).err().map(|f| f.exit_code());
        assert_eq!(code(&folder, &out), Some(4), "no request");
        let said = folder.request(&out).expect("a request");
        let file = std::fs::read(&out).expect("written");
        assert_eq!((folder.request(&out).expect("again"), std::fs::read(&out).expect("written")), (said, file));
        assert_eq!(std::fs::read(dir.path().join("out.tmp")).expect("in a folder of anybody's"), b"somebody's");
        assert!(!files::others_may_open(&folder.0.join(KEY)));
        assert_eq!(code(&folder, &out), Some(5), "a request is no answer");
        let key = std::fs::read(folder.0.join(KEY)).expect("a key");
        let request = std::fs::read(folder.0.join(REQUEST)).expect("a request");
        std::fs::remove_file(folder.0.join(REQUEST)).expect("our own");
        assert_eq!(folder.request(&out).err().map(|failure| failure.exit_code()), Some(4), "a key without its request");
        assert_eq!(std::fs::read(folder.0.join(KEY)).expect("a key"), key);
        std::fs::write(folder.0.join(REQUEST), request).expect("written");
        std::fs::rename(folder.0.join(KEY), folder.0.join("aside")).expect("our own");
        assert_eq!(code(&folder, &out), Some(4), "no key");
        std::fs::rename(folder.0.join("aside"), folder.0.join(KEY)).expect("our own");
        std::fs::write(folder.0.join(CONFIG), "").expect("written");
        assert_eq!(code(&folder, &out), Some(4), "it is active");
    }

    #[test]
    fn the_configuration_is_one_that_the_gateway_reads() {
        let dir = fixture::Folder::new("enrolment-config");
        let id = GatewayId::parse("gw1").expect("a slug");
        let path = dir.path().join(CONFIG);
        std::fs::write(&path, config("rete-cremona", &id, "[::]:443".parse().expect("an address"))).expect("written");
        let read = crate::config::Config::read(&path, false).expect("good");
        assert_eq!((read.id, read.address.port()), (id, 443));
    }
}
