//! Invariant 14: generated code is never edited. The schemas are compiled again and compared, byte by byte, with what is
//! committed. It lives here, below every other room, so that a schema can change while they do not compile yet. To write it anew after a change of a schema: `RACCORDO_REGENERATE=1 cargo test -p raccordo-proto --test generated`.

use std::path::{Path, PathBuf};

struct Target {
    room: &'static str,
    package: &'static str,
    client: bool,
    server: bool,
    externs: &'static [(&'static str, &'static str)],
    bytes: bool,
}

const PUBLIC: (&str, &str) = (".raccordo.v1", "::raccordo_proto::wire");
const LETTERS: (&str, &str) = (".raccordo.casework.v1", "::raccordo_casework::wire");

const TARGETS: &[Target] = &[
    Target { room: "proto", package: "raccordo.v1", client: false, server: false, externs: &[], bytes: true },
    Target { room: "casework", package: "raccordo.casework.v1", client: false, server: false, externs: &[PUBLIC], bytes: false },
    Target { room: "gateway", package: "raccordo.v1", client: false, server: true, externs: &[PUBLIC], bytes: true },
    Target { room: "agent", package: "raccordo.v1", client: true, server: false, externs: &[PUBLIC], bytes: true },
    Target { room: "admin", package: "raccordo.v1", client: true, server: false, externs: &[PUBLIC], bytes: true },
    Target { room: "agent", package: "raccordo.agent.v1", client: true, server: true, externs: &[PUBLIC, LETTERS], bytes: false },
];

const CARRIERS: [&str; 6] = ["Envelope", "Frame", "FromAgent", "ToAgent", "SignedReceipt", "Chunk"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("proto is a folder of the workspace").to_path_buf()
}

fn generate(target: &Target, into: &Path) -> PathBuf {
    let schemas = root().join("proto");
    let files = schema_files(&schemas.join(target.package.replace('.', "/")));
    // Services of the public package are made in the shells; `proto` itself holds messages only.
    let set = protox::compile(&files, [&schemas]).expect("the schemas compile");
    let mut builder = tonic_prost_build::configure()
        .build_client(target.client)
        .build_server(target.server)
        .build_transport(false)
        .out_dir(into)
        .emit_rerun_if_changed(false);
    for (path, module) in target.externs {
        builder = builder.extern_path(*path, *module);
    }
    if target.bytes {
        builder = builder.bytes(".");
    }
    // Strangers hand large documents in there: they are looked at before they are decoded.
    if target.room == "gateway" {
        builder = builder.codec_path("crate::codec::Measured");
    }
    // Letters, frames and forms have no Debug: what cannot be printed cannot be logged.
    builder = match target.room {
        "casework" => builder.skip_debug(["."]),
        "proto" => builder.skip_debug(CARRIERS.map(|name| format!(".raccordo.v1.{name}"))),
        _ if target.package == "raccordo.agent.v1" => builder.skip_debug(["."]),
        _ => builder,
    };
    builder.compile_fds(set).expect("code is generated");
    into.join(format!("{}.rs", target.package))
}

fn schema_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the schemas are there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "proto"))
        .collect();
    files.sort();
    files
}

#[test]
fn generated_code_is_what_the_schemas_say() {
    let write = std::env::var_os("RACCORDO_REGENERATE").is_some();
    let scratch = std::env::temp_dir().join(format!("raccordo-gen-{}", std::process::id()));
    for target in TARGETS {
        let into = scratch.join(target.room);
        std::fs::create_dir_all(&into).expect("a scratch folder");
        let fresh = std::fs::read_to_string(generate(target, &into)).expect("generated text");
        let committed = root().join(target.room).join("src/gen").join(format!("{}.rs", target.package));
        if write {
            std::fs::write(&committed, &fresh).expect("the generated file is written");
        }
        let kept = std::fs::read_to_string(&committed).unwrap_or_default();
        assert!(!fresh.is_empty(), "{} generates something", target.room);
        assert_eq!(fresh, kept, "{} differs from its schema: see this module's head", committed.display());
    }
    std::fs::remove_dir_all(&scratch).expect("the scratch folder goes");
}
