//! The `raccordo-agent` program: hands over to [`raccordo_agent::cli`]. Nothing else is here.

use std::process::ExitCode;

fn main() -> ExitCode {
    raccordo_agent::cli::main()
}
