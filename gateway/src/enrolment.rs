//! How a gateway comes to its certificate by files: it draws its own TLS key, asks with a proof that it has it, and takes an
//! answer that names exactly this key.
//!
//! Not here: what is asked and believed (`raccordo_proto::enrolment`).

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use base64::Engine as _;
use raccordo_proto::enrolment::{self, Activation, ActivationFault, Request};
use raccordo_proto::ids::GatewayId;
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::sign::{PublicKey, Signer};
use raccordo_proto::words;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::clock;
use crate::failure::Failure;
use crate::{files, tls};

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

/// A gateway has no identity key: nothing of this type exists.
enum NoIdentity {}

impl Signer for NoIdentity {
    fn public_key(&self) -> PublicKey {
        match *self {}
    }

    fn raw_sign(&self, _: &[u8]) -> [u8; 64] {
        match *self {}
    }
}

impl Folder {
    /// This folder; made, for its owner alone, where it is not there.
    pub fn at(path: &Path) -> Result<Self, Failure> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|cause| Failure::file("make", path, cause))?;
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
            let not_made = || Failure::Machine("the system gives no random numbers".to_owned());
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| not_made())?;
            let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| not_made())?;
            let sign = |message: &[u8]| Some(key.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec());
            let file = enrolment::request(None::<&NoIdentity>, public.as_ref(), sign, clock::now()).ok_or_else(not_made)?;
            let pem = pem(key.to_pkcs8v1().map_err(|_| not_made())?.as_ref());
            write_secret(&path, pem.as_bytes()).map_err(|cause| Failure::file("write", &path, cause))?;
            self.write(REQUEST, &file)?;
        }
        let (file, request) = self.own_request()?;
        files::replace(out, &file).map_err(|cause| Failure::file("write", out, cause))?;
        Ok(words::tls_key_words(&request.spki_sha256()))
    }

    fn own_request(&self) -> Result<(Vec<u8>, Request), Failure> {
        let path = self.0.join(REQUEST);
        let file = files::read_at_most(&path, REQUEST_BYTES_MAX).map_err(|cause| Failure::file("read", &path, cause))?;
        let bad = |fault| Failure::Unverified(format!("{}: {fault}; delete the folder and make a new request", path.display()));
        let request = enrolment::verify(&file, |key, message, signature| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(message, signature).is_ok()
        });
        Ok((file, request.map_err(bad)?))
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
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&activation.chain_pem).collect();
        let chain = chain.map_err(|_| bad(ActivationFault::Unreadable))?;
        let ders: Vec<&[u8]> = chain.iter().map(|certificate| certificate.as_ref()).collect();
        let now = clock::now();
        let gateway = activation.gateway(&ders, &request, now, |chain| tls::gateway_chain_holds(chain, now)).map_err(bad)?;
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

/// A key, for its owner alone.
fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("tmp");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

fn pem(pkcs8: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(pkcs8);
    let mut pem = String::with_capacity(text.len() + 128);
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
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
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let code = |folder: &Folder, file: &Path| folder.activate(file, None, address, false).err().map(|f| f.exit_code());
        assert_eq!(code(&folder, &out), Some(4), "no request");
        let said = folder.request(&out).expect("a request");
        let file = std::fs::read(&out).expect("written");
        assert_eq!((folder.request(&out).expect("again"), std::fs::read(&out).expect("written")), (said, file));
        assert!(!files::others_may_read(&folder.0.join(KEY)));
        assert_eq!(code(&folder, &out), Some(5), "a request is no answer");
        let key = std::fs::read(folder.0.join(KEY)).expect("a key");
        let request = std::fs::read(folder.0.join(REQUEST)).expect("a request");
        std::fs::remove_file(folder.0.join(REQUEST)).expect("our own");
        assert_eq!(folder.request(&out).err().map(|failure| failure.exit_code()), Some(4), "a key without its request");
        assert_eq!(std::fs::read(folder.0.join(KEY)).expect("a key"), key);
        std::fs::write(folder.0.join(REQUEST), request).expect("written");
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
