//! Chorsu: a payment hub in one binary.

mod app;
mod bank;
mod bench;
mod cli;
mod config;
mod demo;
mod http;
mod ids;
mod kassa_command;
mod kassas;
mod metrics;
mod payme_kassas;
mod payouts;
mod sandbox;
mod serve;
mod service;
mod settlement;
mod sms;
mod telemetry;
mod till;
mod vault;
mod verify;
mod worker;

use clap::Parser as _;

use crate::cli::{Cli, Command};

/// Requests and their answers are many small allocations made on one thread and freed on another.
/// Sampled under load, the HTTP threads spent about 8 % of their time allocating with this one and
/// 14 % with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Verify(args)) => verify::run(args),
        Some(Command::Bench(args)) => bench::run(args),
        Some(Command::Kassa { command }) => kassa_command::run(command),
        Some(Command::Partner { command }) => bank::command_line::partner(command),
        Some(Command::Service { command }) => bank::command_line::service(command),
        Some(Command::Order { command }) => bank::order_command::run(command),
        Some(Command::Banks { command }) => bank::command_line::banks(command),
        Some(Command::SettlementRule { command }) => settlement::command_line::rule(command),
        Some(Command::Export { command }) => settlement::command_line::export(command),
        Some(Command::Payouts { command }) => payouts::command_line::run(command),
        Some(Command::BenchEcho) => bench::run_echo(),
        Some(Command::Pinpad(args)) => sandbox::play_pinpad(&args),
    }
}
