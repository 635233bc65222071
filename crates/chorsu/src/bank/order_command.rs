//! `chorsu order`: looking at orders that wait for their bank, and ending by hand one of which the
//! bank says nothing certain. It writes to the store, so on SQLite no server may be running.

use anyhow::{Context as _, bail, ensure};
use chorsu_core::bank::{BankDay, LocalTime, OrderState};
use chorsu_core::command::bank::{BankCommand, OrderEnd, SettleOrder};
use chorsu_core::order::PaymentOrder;
use chorsu_core::{Command, Document, DocumentId, DocumentKind, Reply, UnixMillis};
use chorsu_store::Store;
use clap::{Args, Subcommand, ValueEnum};

use super::command_line::{StoreArgs, on_store, print};
use super::parties::Parties;
use super::{real_now, requisites, upstream};

/// Orders read at once.
const PAGE: u32 = 1_000;
/// Longest reason, in characters.
const REASON_MAX: usize = 200;

/// `chorsu order …`
#[derive(Debug, Subcommand)]
pub(crate) enum OrderCommand {
    /// List orders that wait for their bank: id, service, partner's number, tiyin, when they were
    /// accepted, and what is known.
    List {
        /// Only those of which the bank has said nothing certain for a day.
        #[arg(long)]
        late: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// End an order by hand, after asking the bank what became of it. This is written down with it.
    End(EndArgs),
}

/// What became of an order.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum End {
    /// The bank has carried it out: the money has left.
    Posted,
    /// The bank has not and never will: the money is back on the service.
    Deleted,
}

/// How an order is ended by hand.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// The order's id, as `chorsu order list` shows it.
    order: String,
    /// What became of it.
    end: End,
    /// Who says so and why.
    #[arg(long)]
    reason: String,
    /// The bank's number of the document, when it was posted.
    #[arg(long)]
    reference: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
}

/// Runs `chorsu order`.
pub(crate) fn run(command: OrderCommand) -> anyhow::Result<()> {
    match command {
        OrderCommand::List { late, store } => {
            on_store(store, async |store| list(store, late).await)
        }
        OrderCommand::End(args) => {
            let store = args.store.clone();
            on_store(store, async |store| end(store, &args).await)
        }
    }
}

async fn list(store: &Store, late: bool) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page =
            store.due_documents(DocumentKind::Order, UnixMillis(i64::MAX), after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.envelope().due_at.map(|due_at| (due_at, last.id()));
        let orders = page.iter().filter_map(Document::order);
        for order in orders.filter(|order| !late || upstream::is_late(order)) {
            let PaymentOrder { id, service, order_key, amount, .. } = order;
            let (amount, at) = (amount.get(), LocalTime::of(order.created_at));
            let known = order.reason.as_deref().unwrap_or("waiting");
            print(format_args!("{id}\t{service}\t{order_key}\t{amount}\t{at}\t{known}"))?;
        }
    }
}

async fn end(store: &Store, args: &EndArgs) -> anyhow::Result<()> {
    let is_text = |text: &str| {
        !text.trim().is_empty()
            && text.chars().count() <= REASON_MAX
            && !text.chars().any(char::is_control)
    };
    ensure!(is_text(&args.reason), "--reason has 1 to {REASON_MAX} characters");
    let reference = args.reference.as_deref();
    ensure!(reference.is_none_or(is_text), "--reference has 1 to {REASON_MAX} characters");
    let id: DocumentId = args.order.parse().ok().context("an order's id has 24 digits")?;
    let Some(Document::Order(order)) = store.document(id).await? else {
        bail!("there is no order {id}");
    };
    let word = order.state.word();
    ensure!(order.state == OrderState::Entered, "order {id} has ended already: {word}");
    let service = store.service(order.service).await?;
    let service = service.with_context(|| format!("no service {}", order.service))?;
    let service = &service;
    let now = real_now();
    let reason = args.reason.trim();
    let end = match args.end {
        End::Deleted => OrderEnd::Deleted { reason: format!("by hand: {reason}").into() },
        End::Posted => {
            ensure!(order.is_funded, "order {id} has no money: it can only be deleted");
            let said = requisites::from_json(&order.requisites);
            let said = said.with_context(|| format!("order {id} cannot be read"))?;
            let parties = Parties::of_order(service, &said, reference).to_json();
            OrderEnd::Posted { parties }
        }
    };
    let by_hand = Some(reason.into());
    let aside = match end {
        OrderEnd::Posted { .. } => Parties::of_commission(service, &order).to_json(),
        OrderEnd::Deleted { .. } => Parties::of_held(service, &order).to_json(),
    };
    let settle = SettleOrder {
        id,
        service: order.service,
        settlement: order.settlement,
        end,
        by_hand,
        bank_day: i64::from(BankDay::of(now).number()),
        aside,
        now,
    };
    let reply = store.submit(Command::Bank(BankCommand::Settle(settle))).await?;
    let Reply::Document(document) = reply else { bail!("the store has answered something else") };
    let ended = document.order().context("the store has answered something else")?;
    let (key, word) = (&ended.order_key, ended.state.word());
    print(format_args!("order {id} ({key}) has ended: {word}"))
}
