//! The `lull` program.

fn main() -> std::process::ExitCode {
    lull::cli::main()
}
