//! `raccordo-admin`: the administration's program. Not here: anything but the call.

use std::process::ExitCode;

fn main() -> ExitCode {
    raccordo_admin::cli::main()
}
