//! The command line. Every option is also an environment variable.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::bank::command_line::{BanksCommand, PartnerCommand, ServiceCommand};
use crate::bank::order_command::OrderCommand;
use crate::bench::BenchArgs;
use crate::kassa_command::KassaCommand;
use crate::payouts::command_line::PayoutsCommand;
use crate::settlement::command_line::{ExportCommand, RuleCommand};

/// Chorsu: a payment hub for Uzbekistan in one binary.
#[derive(Debug, Parser)]
#[command(name = "chorsu", version, about, long_about = None, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The options of `serve`, which is what happens without a command.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

const EXAMPLES: &str = "\
Examples:
  chorsu                                   the sandbox on 127.0.0.1:8080, data in ./chorsu-data
  chorsu serve --listen 0.0.0.0:8080 --database postgres://chorsu@db/chorsu
  chorsu verify --data ./chorsu-data       replay the ledger; exit status 0 if all is well
  chorsu bench --connections 64            how many payments a second";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take payments (the default).
    Serve(ServeArgs),
    /// Replay the ledger and compare it with everything that rests on it.
    Verify(VerifyArgs),
    /// Measure a running Chorsu.
    Bench(BenchArgs),
    /// Kassas: the merchants' accounts at the Subscribe API.
    Kassa {
        #[command(subcommand)]
        command: KassaCommand,
    },
    /// Partners of the bank API.
    Partner {
        #[command(subcommand)]
        command: PartnerCommand,
    },
    /// Services of the bank API: the accounts orders are paid from.
    Service {
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Payment orders that wait for their bank.
    Order {
        #[command(subcommand)]
        command: OrderCommand,
    },
    /// The directory of banks.
    Banks {
        #[command(subcommand)]
        command: BanksCommand,
    },
    /// How merchants are paid out.
    SettlementRule {
        #[command(subcommand)]
        command: RuleCommand,
    },
    /// Write files for accountants.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Bulk payments from files.
    Payouts {
        #[command(subcommand)]
        command: PayoutsCommand,
    },
    /// The server that `bench` compares with.
    #[command(hide = true)]
    BenchEcho,
    /// The pinpad that the sandbox plays, one run for each operation.
    #[command(hide = true)]
    Pinpad(PinpadArgs),
}

/// Options of the played pinpad.
#[derive(Debug, Args)]
pub(crate) struct PinpadArgs {
    /// The folder with its state.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What to do, as `/o1 /a50000 /c860`.
    #[arg(last = true)]
    pub(crate) arguments: Vec<String>,
}

/// Options of `chorsu serve`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen [default: 127.0.0.1:8080].
    #[arg(long, env = "CHORSU_LISTEN", value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// The folder for the SQLite database and the sandbox's books [default: ./chorsu-data].
    #[arg(long, env = "CHORSU_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL database to use instead of SQLite.
    #[arg(long, env = "CHORSU_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// A configuration file (TOML); options and variables come before it.
    #[arg(long, env = "CHORSU_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Options of `chorsu verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The folder with the SQLite database [default: ./chorsu-data].
    #[arg(long, env = "CHORSU_DATA", value_name = "DIR", conflicts_with = "database")]
    pub(crate) data: Option<PathBuf>,
    /// The PostgreSQL database.
    #[arg(long, env = "CHORSU_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
}
