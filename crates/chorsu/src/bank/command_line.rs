//! `chorsu partner`, `chorsu service` and `chorsu banks`: setting the bank API up. They write to the
//! store, so on SQLite no server may be running.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use chorsu_api::bank::Method;
use chorsu_core::bank::{BankAccount, BankDirectory, CardRule, Mfo, TaxId};
use chorsu_core::order::SERVICES_MAX;
use chorsu_core::{BankService, PartnerId, ServiceId, Tiyin};
use chorsu_store::{BankEntry, Register, Store};
use clap::{Args, Subcommand};

use super::partner::Partner;
use super::{holidays, real_now};
use crate::config::{self, DEFAULT_DATA};
use crate::ids;

/// Longest user name; the whole header has to fit its bound.
const USERNAME_MAX: usize = 64;
const PASSWORD_MIN: usize = 8;
const PASSWORD_MAX: usize = 200;

/// Where the store is.
#[derive(Clone, Debug, Args)]
pub(crate) struct StoreArgs {
    /// The folder with the SQLite database [default: ./chorsu-data].
    #[arg(long, env = "CHORSU_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The PostgreSQL database.
    #[arg(long, env = "CHORSU_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

/// `chorsu partner …`
#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Add a partner, or change the one of this name. The password is read from standard input.
    Add {
        /// The user name.
        username: String,
        /// The methods it may call, separated by commas [default: all].
        #[arg(long, value_delimiter = ',', value_name = "METHODS")]
        methods: Vec<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the partners.
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `chorsu service …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Add a service, or change the one of this number.
    Add(Box<ServiceArgs>),
    /// List the services with their money.
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `chorsu banks …`
#[derive(Debug, Subcommand)]
pub(crate) enum BanksCommand {
    /// Read banks from a CSV file with the columns code, name and, optional, instant (yes or no).
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say which days differ from "Monday to Friday": lines of `YYYY-MM-DD off` or
    /// `YYYY-MM-DD work`. They replace those of before.
    Holidays {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// A service to be added.
#[derive(Debug, Args)]
pub(crate) struct ServiceArgs {
    /// Its number (`serviceId`).
    number: String,
    /// The partner's user name.
    #[arg(long)]
    partner: String,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// The account, 20 digits.
    #[arg(long)]
    account: String,
    /// The code of the bank that keeps it, 5 digits.
    #[arg(long)]
    mfo: String,
    /// The name the account is held in.
    #[arg(long)]
    owner: String,
    /// The holder's tax number, 9 digits.
    #[arg(long)]
    inn: String,
    /// Orders must name the card that paid (`WORKING_WITH_CARD`).
    #[arg(long)]
    with_card: bool,
    /// It takes no orders for now.
    #[arg(long)]
    inactive: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// Runs `chorsu partner`.
pub(crate) fn partner(command: PartnerCommand) -> anyhow::Result<()> {
    match command {
        PartnerCommand::Add { username, methods, store } => {
            let methods = read_methods(&methods)?;
            let named = !username.is_empty()
                && username.len() <= USERNAME_MAX
                && !username.chars().any(|c| c.is_control() || c == ':');
            ensure!(named, "a user name has 1 to {USERNAME_MAX} bytes and no colon");
            let password = read_password(&mut std::io::stdin().lock())?;
            on_store(store, async |store| add_partner(store, &username, &password, methods).await)
        }
        PartnerCommand::List { store } => on_store(store, list_partners),
    }
}

/// Runs `chorsu service`.
pub(crate) fn service(command: ServiceCommand) -> anyhow::Result<()> {
    match command {
        ServiceCommand::Add(args) => {
            let store = args.store.clone();
            on_store(store, async |store| add_service(store, &args).await)
        }
        ServiceCommand::List { store } => on_store(store, list_services),
    }
}

/// Runs `chorsu banks`.
pub(crate) fn banks(command: BanksCommand) -> anyhow::Result<()> {
    match command {
        BanksCommand::Import { file, store } => {
            on_store(store, async |store| import_banks(store, &file).await)
        }
        BanksCommand::Holidays { file, store } => {
            on_store(store, async |store| put_holidays(store, &file).await)
        }
    }
}

/// Opens the store for one piece of work.
pub(crate) fn on_store(
    args: StoreArgs,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let options = config::store(args.database, args.data.unwrap_or_else(|| DEFAULT_DATA.into()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut owner = [0; 8];
        ids::fill(&mut owner);
        let owner = owner.iter().map(|byte| format!("{byte:02x}")).collect();
        let store = Store::open(&options, owner).await.context("cannot open the database")?;
        let done = work(&store).await;
        store.close().await;
        done
    })
}

fn read_methods(names: &[String]) -> anyhow::Result<Vec<Method>> {
    if names.is_empty() {
        return Ok(Method::ALL.map(|(method, _)| method).to_vec());
    }
    let method = |name: &String| {
        let known = || Method::ALL.map(|(_, name)| name).join(", ");
        Method::from_name(name).with_context(|| format!("{name:?} is none of: {}", known()))
    };
    names.iter().map(method).collect()
}

fn read_password(input: &mut impl std::io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("cannot read the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    let fits = (PASSWORD_MIN..=PASSWORD_MAX).contains(&password.len());
    ensure!(fits, "a password has {PASSWORD_MIN} to {PASSWORD_MAX} bytes");
    Ok(password)
}

async fn partners(store: &Store) -> anyhow::Result<Vec<Partner>> {
    let rows = store.register(Register::Partners).await?;
    Ok(rows.into_iter().filter_map(|(id, text)| Partner::from_row(id, &text)).collect())
}

async fn add_partner(
    store: &Store,
    username: &str,
    password: &str,
    methods: Vec<Method>,
) -> anyhow::Result<()> {
    let known = partners(store).await?.into_iter().find(|known| known.username == username);
    let id = known.map_or_else(|| PartnerId::new(real_now(), ids::random()), |known| known.id);
    let partner = Partner { methods, ..Partner::new(id, username, password)? };
    store.put_register(Register::Partners, id.0, partner.to_json()?).await?;
    print(format_args!("partner {username} ({id})"))
}

async fn list_partners(store: &Store) -> anyhow::Result<()> {
    for partner in partners(store).await? {
        let methods: Vec<&str> = partner.methods.iter().map(|method| method.name()).collect();
        print(format_args!("{}\t{}\t{}", partner.id, partner.username, methods.join(",")))?;
    }
    Ok(())
}

async fn add_service(store: &Store, args: &ServiceArgs) -> anyhow::Result<()> {
    let id = ServiceId::parse(&args.number).context("a service's number is a whole number")?;
    ensure!(id.0 < SERVICES_MAX, "a service's number is below {SERVICES_MAX}");
    let known = partners(store).await?;
    let partner = known.iter().find(|partner| partner.username == args.partner);
    let partner = partner.with_context(|| format!("there is no partner {:?}", args.partner))?.id;
    BankAccount::parse(&args.account).context("--account has 20 digits")?;
    Mfo::parse(&args.mfo).context("--mfo has 5 digits")?;
    TaxId::parse(&args.inn).context("--inn has 9 digits")?;
    for text in [&args.name, &args.owner] {
        ensure!(!text.is_empty() && !text.chars().any(char::is_control), "a name is not printable");
    }
    for known in store.services().await? {
        let same = &*known.account == args.account.as_str();
        ensure!(!same || known.id == id, "service {} has this account", known.id);
        if known.id == id && known.partner != partner {
            bail!("service {id} belongs to another partner");
        }
    }
    let cards = if args.with_card { CardRule::Required } else { CardRule::Optional };
    let service = BankService {
        id,
        partner,
        name: args.name.as_str().into(),
        activated: !args.inactive,
        cards,
        account: args.account.as_str().into(),
        mfo: args.mfo.as_str().into(),
        owner_name: args.owner.as_str().into(),
        inn: args.inn.as_str().into(),
        available: Tiyin::ZERO,
        reserved: Tiyin::ZERO,
        last_line: 0,
    };
    store.put_service(&service).await?;
    print(format_args!("service {id} of {}", args.partner))
}

async fn list_services(store: &Store) -> anyhow::Result<()> {
    for service in store.services().await? {
        let BankService { id, partner, name, account, cards, available, reserved, .. } = &service;
        let state = if service.activated { "active" } else { "inactive" };
        let (available, reserved) = (available.get(), reserved.get());
        print(format_args!(
            "{id}\t{partner}\t{account}\t{}\t{state}\t{available}\t{reserved}\t{name}",
            cards.word()
        ))?;
    }
    Ok(())
}

async fn import_banks(store: &Store, file: &Path) -> anyhow::Result<()> {
    let place = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", place()))?;
    let directory = BankDirectory::from_csv(&text).with_context(place)?;
    let entry = |(mfo, bank): (&Mfo, &chorsu_core::bank::Bank)| BankEntry {
        mfo: mfo.as_str().to_owned(),
        name: bank.name.to_string(),
        is_member: bank.in_instant_system,
    };
    let entries: Vec<BankEntry> = directory.iter().map(entry).collect();
    let count = entries.len();
    store.put_bank_directory(entries).await?;
    print(format_args!("{count} banks"))
}

async fn put_holidays(store: &Store, file: &Path) -> anyhow::Result<()> {
    let place = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", place()))?;
    holidays::put(store, text).await?.with_context(place)?;
    print(format_args!("the days of {} hold from now on", place()))
}

/// Prints a line of an answer.
///
/// # Errors
/// When nobody reads it.
pub(crate) fn print(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    use std::io::Write as _;

    writeln!(std::io::stdout().lock(), "{line}").context("cannot print")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_come_from_a_line() {
        let read = |text: &str| read_password(&mut text.as_bytes());
        assert_eq!(read("correct horse\r\n").unwrap(), "correct horse");
        assert!(read("short\n").is_err() && read("").is_err());
        assert!(read(&"x".repeat(300)).is_err());
    }

    #[test]
    fn methods_are_those_of_the_document() {
        let read = |names: &[&str]| {
            read_methods(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&[]).unwrap().len(), 6);
        assert_eq!(read(&["balance", "status"]).unwrap(), [Method::Balance, Method::Status]);
        assert!(read(&["refund"]).unwrap_err().to_string().contains("paymentBudget"));
    }
}
