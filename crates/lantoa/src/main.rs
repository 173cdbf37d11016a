//! The `lantoa` program.

fn main() {
    std::process::exit(lantoa::cli::run());
}
