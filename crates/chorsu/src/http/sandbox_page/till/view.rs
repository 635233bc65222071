//! What the till's page shows, read from the store and from the counterparties' books.

use axum::http::StatusCode;
use axum::response::Response;
use chorsu_api::till::AmountUnit;
use chorsu_core::document::DocumentKind;
use chorsu_core::till::TillPayment;
use chorsu_core::{Document, Provider, Tiyin, UnixMillis, Wallet};
use chorsu_sandbox::WalletTotals;
use chorsu_sandbox::fiscal_module::{FiscalModuleView, FiscalReceiptView};
use chorsu_sandbox::pinpad::{PinpadCard, PinpadJournal, PinpadTotals};
use chorsu_store::DocumentRange;
use chorsu_web::{
    CodePanel, Counterparty, FaultChoice, FiscalMark, Language, ModulePanel, PaymentLine,
    PinpadCustomer, PinpadPanel, PinpadSums, ReceiptLine, Scan, TillPage, WalletPanel,
};

use super::{Shown, at_pinpad, card};
use crate::app::App;
use crate::http::pages::{self, Problem};
use crate::http::sandbox_page::{FaultView, failed, sandbox};
use crate::sandbox::Sandbox;
use crate::till::config::DEFAULT_TILL;

/// Payments and receipts that are shown; the JSON endpoints have more.
const PAYMENTS: u32 = 12;
const RECEIPTS: usize = 3;
/// What the lines for the terminal pay: 5,000 sum.
const AMOUNT: i64 = 500_000;
const TIYIN_PER_SUM: i64 = 100;

/// The page with this code.
pub(super) async fn page(
    app: &App,
    language: Language,
    shown: &Shown,
    choice: FaultChoice,
) -> Result<Response, Problem> {
    let sandbox = sandbox(app, language)?;
    let view = View::load(app, sandbox, shown).await;
    let view = view.map_err(|error| failed(error.as_ref(), language))?;
    let (seed, code) = (shown.seed(), shown.code());
    let page = TillPage {
        language,
        base_url: &app.public_url,
        code: CodePanel {
            wallet: shown.wallet,
            customer: shown.customer,
            seed: &seed,
            code: &code,
            amount: tiyin(AMOUNT),
            amount_number: view.amount_number,
            scan: view.scan.as_ref().map(PaymentView::scan),
        },
        payments: view.payments.iter().map(PaymentView::line).collect(),
        wallets: view.wallets.iter().map(WalletView::panel).collect(),
        pinpad: view.pinpad,
        module: module_panel(&view.module, &view.receipts),
        faults: view.faults.iter().map(|(at, faults)| (*at, FaultView::lines(faults))).collect(),
        choice,
    };
    Ok(pages::page(StatusCode::OK, page.render()))
}

/// Whatever can fail below: the store, the sandbox's books, the pinpad's files.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Everything on the page, read one after the other.
struct View {
    amount_number: i64,
    scan: Option<PaymentView>,
    payments: Vec<PaymentView>,
    wallets: Vec<WalletView>,
    pinpad: PinpadPanel,
    module: FiscalModuleView,
    receipts: Vec<FiscalReceiptView>,
    faults: Vec<(Counterparty, Vec<FaultView>)>,
}

impl View {
    async fn load(app: &App, sandbox: &Sandbox, shown: &Shown) -> Result<Self, Failure> {
        let till = app.tills.find(DEFAULT_TILL).ok_or("there is no default till")?;
        let range = DocumentRange {
            kind: DocumentKind::Till,
            owner: till.merchant.into(),
            before: None,
            limit: PAYMENTS,
        };
        let mut payments = Vec::new();
        for document in app.store.documents(range).await? {
            if let Document::Till(payment) = document {
                payments.push(PaymentView::load(sandbox, payment).await?);
            }
        }
        let scan = PaymentView::of_code(app, sandbox, shown, &payments).await?;
        let mut wallets = Vec::new();
        let mut faults = Vec::new();
        for wallet in Wallet::ALL {
            wallets.push(WalletView::load(sandbox, wallet).await?);
            let rules = sandbox.world.wallets().controls(wallet).faults();
            faults.push((Counterparty::Wallet(wallet), FaultView::all(&rules)));
        }
        let (pinpad, rules) = at_pinpad(sandbox, |pinpad| {
            Ok((pinpad_panel(pinpad.card()?, &pinpad.journal()?), pinpad.faults()?))
        })
        .await?;
        faults.push((Counterparty::Pinpad, FaultView::all(&rules)));
        let fiscal = sandbox.world.fiscal();
        faults.push((Counterparty::Module, FaultView::all(&fiscal.controls().faults())));
        Ok(Self {
            amount_number: match till.unit {
                AmountUnit::Sum => AMOUNT / TIYIN_PER_SUM,
                AmountUnit::Tiyin => AMOUNT,
            },
            scan,
            payments,
            wallets,
            pinpad,
            module: fiscal.module(DEFAULT_TILL).await?.ok_or("there is no default module")?,
            receipts: fiscal.receipts(DEFAULT_TILL, RECEIPTS).await?,
            faults,
        })
    }
}

/// A payment with what its wallet's book says of it.
#[derive(Clone)]
struct PaymentView {
    id: String,
    payment: TillPayment,
    charged: Option<Tiyin>,
}

impl PaymentView {
    async fn load(sandbox: &Sandbox, payment: TillPayment) -> Result<Self, Failure> {
        let id = payment.id.uuid();
        let charged = match payment.provider {
            Provider::Wallet(wallet) => {
                let known = sandbox.world.wallets().transaction(wallet, &id).await?;
                Some(tiyin(known.map_or(0, |transaction| transaction.net)))
            }
            Provider::Pinpad(_) => None,
        };
        Ok(Self { id, payment, charged })
    }

    /// The payment that the code was scanned for. One that was declined gives its code free; it is
    /// looked for among the `newest`.
    async fn of_code(
        app: &App,
        sandbox: &Sandbox,
        shown: &Shown,
        newest: &[Self],
    ) -> Result<Option<Self>, Failure> {
        let (provider, code) = (Provider::Wallet(shown.wallet), shown.code());
        let found = app.store.document_by_key(TillPayment::scan_key(provider, &code)).await?;
        if let Some(Document::Till(payment)) = found {
            return Self::load(sandbox, payment).await.map(Some);
        }
        let is_it = |view: &&Self| {
            view.payment.provider == provider && view.payment.code.as_deref() == Some(&*code)
        };
        Ok(newest.iter().find(is_it).cloned())
    }

    fn scan(&self) -> Scan<'_> {
        let payment = &self.payment;
        Scan {
            transaction_id: &self.id,
            state: payment.state,
            amount: payment.amount,
            payment_id: payment.payment_id.as_deref(),
            phone: payment.phone.as_deref(),
            is_registered: payment.order.is_some() || payment.fiscal.is_some(),
        }
    }

    fn line(&self) -> PaymentLine<'_> {
        let TillPayment { created_at, provider, till, amount, state, fiscal, .. } = &self.payment;
        PaymentLine {
            transaction_id: &self.id,
            at: UnixMillis(created_at.0),
            provider: *provider,
            till,
            amount: *amount,
            state: *state,
            charged: self.charged,
            fiscal: fiscal
                .as_ref()
                .map(|fiscal| FiscalMark { url: &fiscal.url, delivery: fiscal.delivery }),
        }
    }
}

/// A wallet with its totals.
struct WalletView {
    wallet: Wallet,
    base_url: String,
    latency_ms: u64,
    totals: WalletTotals,
}

impl WalletView {
    async fn load(sandbox: &Sandbox, wallet: Wallet) -> Result<Self, Failure> {
        let world = sandbox.world.wallets();
        Ok(Self {
            wallet,
            base_url: world.base_url(wallet),
            latency_ms: world.controls(wallet).latency_ms(),
            totals: world.totals(wallet).await?,
        })
    }

    fn panel(&self) -> WalletPanel<'_> {
        let totals = &self.totals;
        WalletPanel {
            wallet: self.wallet,
            base_url: &self.base_url,
            latency_ms: self.latency_ms,
            paid: tiyin(totals.paid),
            payments: totals.payments,
            reversed: tiyin(totals.reversed),
            reversals: totals.reversals,
            net: tiyin(totals.net),
            receipts: totals.fiscal_delivered,
        }
    }
}

fn pinpad_panel(shown: PinpadCard, journal: &PinpadJournal) -> PinpadPanel {
    let sums = |totals: &PinpadTotals| PinpadSums {
        sold: tiyin(totals.sold),
        sales: totals.sales,
        voided: tiyin(totals.voided),
        voids: totals.voids,
        declined: totals.declined,
    };
    let customer = PinpadCustomer::ALL.into_iter().find(|customer| card(*customer) == shown);
    PinpadPanel {
        customer: customer.unwrap_or_default(),
        shift: journal.shift,
        in_shift: sums(&journal.shift_totals),
        in_all: sums(&journal.totals),
    }
}

fn module_panel<'a>(
    module: &'a FiscalModuleView,
    receipts: &'a [FiscalReceiptView],
) -> ModulePanel<'a> {
    let sum = |cash: i64, card: i64| tiyin(cash.saturating_add(card));
    let line = |receipt: &'a FiscalReceiptView| ReceiptLine {
        number: receipt.seq,
        time: &receipt.time,
        sign: receipt.sign.as_deref(),
        sum: sum(receipt.sums.cash, receipt.sums.card),
        is_refund: receipt.refund,
    };
    ModulePanel {
        terminal: &module.terminal_id,
        shift: module.shift,
        is_open: module.shift_open,
        registered: module.receipt_seq,
        unsent: module.unsent,
        sold: sum(module.sold.cash, module.sold.card),
        refunded: sum(module.refunded.cash, module.refunded.card),
        is_connected: !module.not_initialised,
        is_online: !module.ofd_stopped,
        receipts: receipts.iter().map(line).collect(),
    }
}

/// An amount of a played book, which is never negative.
fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap_or(Tiyin::ZERO)
}
