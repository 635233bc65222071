//! Views as a till's answers need them, and the message of an error.

use chorsu_api::till::view::{
    ClickConfirmed, PaymeConfirmed, Registered, Slip, UzumDone, WalletPaid, Zreport, ZreportTotals,
};
use chorsu_api::till::{AmountUnit, TillError};
use chorsu_core::fiscal::{FiscalTime, ReceiptUrl};
use chorsu_core::{Tiyin, UnixMillis};

pub(crate) const TRANSACTION: &str = "0e436d79-f100-4373-b12a-1f238b558054";
pub(crate) const URL: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";
/// 2024-02-21 13:19:43 in Tashkent.
pub(crate) const NOW: UnixMillis = UnixMillis(1_708_503_583_000);

pub(crate) fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

pub(crate) fn url() -> ReceiptUrl {
    URL.parse().unwrap()
}

pub(crate) fn wallet_paid<'a>(amount: Tiyin, qr_code: &'a str) -> WalletPaid<'a> {
    WalletPaid {
        amount,
        unit: AmountUnit::Sum,
        transaction_id: TRANSACTION,
        payment_id: "644113a290a5eba4298f05d5",
        qr_code,
        message: "Успешно подтвержден",
        inn: "123456789",
        kkm_id: "00000001",
        device_id: "00000001",
        client_phone_number: Some("998946532140"),
    }
}

pub(crate) fn uzum_done(payment_id: &str) -> UzumDone<'_> {
    UzumDone { payment_id, client_phone_number: Some("998946532140") }
}

pub(crate) fn slip() -> Slip<'static> {
    Slip {
        text: "ОБЫЧНЫЙ ТОВАР\n\tОДОБРЕНО\nRRN:231511584547 ", rrn: Some("231511584547")
    }
}

pub(crate) fn click_confirmed<'a>(
    payment_id: &'a str,
    receipt: &'a ReceiptUrl,
) -> ClickConfirmed<'a> {
    ClickConfirmed { inn: "000000000", payment_id, receipt }
}

pub(crate) fn payme_confirmed(payment_id: &str) -> PaymeConfirmed<'_> {
    let (create_time, pay_time) = (1_672_600_657_448, 1_672_600_657_716);
    PaymeConfirmed { request_id: 123, payment_id, create_time, pay_time }
}

pub(crate) fn registered(url: &ReceiptUrl) -> Registered<'_> {
    Registered {
        terminal_id: url.terminal(),
        receipt_number: url.number(),
        time: url.time(),
        fiscal_sign: Some(url.sign()),
        applet_version: "0300",
        url: Some(url),
        cash_box_number: "1",
    }
}

pub(crate) fn zreport() -> Zreport<'static> {
    let totals =
        |count, cash| ZreportTotals { count, cash: tiyin(cash), card: tiyin(7), vat: tiyin(9) };
    Zreport {
        applet_version: "0300",
        terminal_id: "UZ170703100597",
        number: 3,
        count: 20,
        first_receipt_seq: 18,
        last_receipt_seq: 20,
        open_time: FiscalTime::parse_spaced("2019-10-07 17:07:52").ok(),
        close_time: None,
        sale: totals(3, 195_000),
        refund: totals(1, 5),
    }
}

/// The message of an error of code 7.
pub(crate) fn message<T: std::fmt::Debug>(outcome: Result<T, TillError>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), 7, "{error}");
    error.message().into_owned()
}
