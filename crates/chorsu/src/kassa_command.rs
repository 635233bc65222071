//! `chorsu kassa`: opening kassas and listing them. It writes to the store, so on SQLite no server
//! may be running.

use anyhow::{Context as _, ensure};
use chorsu_core::kassa::{AccountField, Merchant, Titles};
use chorsu_core::{Kassa, KassaId, Tiyin, UnixMillis};
use chorsu_store::Store;
use clap::{Args, Subcommand};

use crate::bank::command_line::{StoreArgs, on_store};
use crate::ids;

/// Characters of a new key: 36, of an alphabet of 64, which is 216 bits.
const KEY_CHARACTERS: usize = 36;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The largest payment any kassa takes, in tiyin.
const AMOUNT_MAX: i64 = 999_999_999_999;

/// `chorsu kassa …`
#[derive(Debug, Subcommand)]
pub(crate) enum KassaCommand {
    /// Open a kassa and print its id and key; the key is not shown again.
    Add(Box<KassaArgs>),
    /// List the kassas.
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// A kassa to be opened.
#[derive(Debug, Args)]
pub(crate) struct KassaArgs {
    /// The name payers see.
    name: String,
    /// The legal name.
    #[arg(long, default_value = "")]
    organization: String,
    /// The postal address.
    #[arg(long, default_value = "")]
    address: String,
    /// The fields a payment's `account` carries, the main one first; with one field it is required.
    #[arg(long, value_delimiter = ',', default_value = "order_id", value_name = "FIELDS")]
    account: Vec<String>,
    /// The smallest payment, in tiyin.
    #[arg(long, default_value_t = 1, value_name = "TIYIN")]
    amount_min: i64,
    /// The largest payment, in tiyin.
    #[arg(long, default_value_t = AMOUNT_MAX, value_name = "TIYIN")]
    amount_max: i64,
    /// The commission withheld, in millionths: 10000 is 1 %.
    #[arg(long, default_value_t = 0, value_name = "PPM")]
    commission_ppm: u32,
    /// It may not hold payments.
    #[arg(long)]
    no_holds: bool,
    /// It may not keep cards for later payments.
    #[arg(long)]
    no_saved_cards: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// Runs `chorsu kassa`.
pub(crate) fn run(command: KassaCommand) -> anyhow::Result<()> {
    match command {
        KassaCommand::Add(args) => {
            let store = args.store.clone();
            on_store(store, async |store| add(store, &args).await)
        }
        KassaCommand::List { store } => on_store(store, list),
    }
}

async fn add(store: &Store, args: &KassaArgs) -> anyhow::Result<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = UnixMillis(i64::try_from(now.as_millis())?);
    let id = KassaId::new(now, ids::random());
    let key = new_key();
    let kassa = kassa(args, id, &key, now)?;
    store.put_kassa(&kassa).await.context("the kassa cannot be written")?;
    println!("Kassa   {id}");
    println!("X-Auth  {id}:{key}");
    Ok(())
}

fn kassa(args: &KassaArgs, id: KassaId, key: &str, now: UnixMillis) -> anyhow::Result<Kassa> {
    let tiyin = |amount: i64, what: &str| {
        let fits = (1..=AMOUNT_MAX).contains(&amount);
        ensure!(fits, "--{what} must be between 1 and {AMOUNT_MAX} tiyin");
        Tiyin::new(amount).context("an amount is not negative")
    };
    let (amount_min, amount_max) =
        (tiyin(args.amount_min, "amount-min")?, tiyin(args.amount_max, "amount-max")?);
    ensure!(amount_min <= amount_max, "--amount-min is more than --amount-max");
    ensure!(args.commission_ppm <= 1_000_000, "--commission-ppm is at most 1000000");
    ensure!(!args.name.trim().is_empty(), "a kassa needs a name");
    let field = |name: &String| AccountField {
        name: name.clone(),
        titles: Titles { ru: name.clone(), uz: name.clone(), en: name.clone() },
        required: args.account.len() == 1,
    };
    Ok(Kassa {
        id,
        keys: vec![Kassa::hash_key(id, key)],
        merchant: Merchant {
            name: args.name.clone(),
            organization: args.organization.clone(),
            address: args.address.clone(),
            ..Merchant::default()
        },
        account: args.account.iter().map(field).collect(),
        amount_min,
        amount_max,
        commission_ppm: args.commission_ppm,
        hold_allowed: !args.no_holds,
        save_allowed: !args.no_saved_cards,
        blocked: false,
        created_at: now,
    })
}

fn new_key() -> String {
    let mut random = [0; KEY_CHARACTERS];
    ids::fill(&mut random);
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
}

async fn list(store: &Store) -> anyhow::Result<()> {
    for kassa in store.kassas().await? {
        let fields: Vec<_> = kassa.account.iter().map(|field| field.name.as_str()).collect();
        let state = if kassa.blocked { "blocked" } else { "open" };
        println!("{}  {state:7}  {}  ({})", kassa.id, kassa.merchant.name, fields.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_differ() {
        let (one, other) = (new_key(), new_key());
        assert_eq!(one.len(), KEY_CHARACTERS);
        assert!(!one.contains(':'), "a colon ends the id in X-Auth");
        assert_ne!(one, other);
    }
}
