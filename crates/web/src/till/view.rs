//! The template of the till's page and what it works out.

use askama::Template;
use chorsu_core::till::{Delivery, TillState};
use chorsu_core::{Provider, Tiyin};

use super::customer::{Customer, PinpadCustomer};
use super::fault::{CommonFault, Counterparty, FaultyCalls};
use super::panels::{PaymentLine, Scan};
use super::{TillPage, wallet_name};
use crate::moment;
use crate::money::format_amount;
use crate::qr::Qr;
use crate::sandbox::Endpoint;
use crate::shell::Shell;
use crate::terminal::{Lines, json_string, quoted};
use crate::texts::{Texts, TillTexts, fill};

/// The goods of the order that is proposed for a payment.
const IKPU: &str = "01905001001000000";
const PACKAGE: &str = "1234567";
const VAT_PERCENT: u32 = 12;

#[derive(Template)]
#[template(path = "till.html")]
pub(super) struct TillTemplate<'a> {
    pub(super) shell: Shell,
    pub(super) t: &'static Texts,
    pub(super) w: &'static TillTexts,
    /// The address of this page with this code.
    pub(super) here: String,
    pub(super) qr: Option<Qr>,
    pub(super) page: &'a TillPage<'a>,
}

impl TillTemplate<'_> {
    fn amount(&self, amount: &Tiyin) -> String {
        format_amount(*amount, self.page.language)
    }

    /// What can be done next with the code that is shown.
    fn next_lines(&self) -> Option<Lines> {
        match self.page.code.scan {
            None => Some(self.pay_line()),
            // A code is used up by a payment, not by a refusal.
            Some(scan) if scan.state == TillState::Declined => Some(self.pay_line()),
            Some(scan) if scan.state == TillState::Succeeded && !scan.is_registered => {
                self.order_line(&scan)
            }
            Some(_) => None,
        }
    }

    fn pay_line(&self) -> Lines {
        let code = &self.page.code;
        let url = format!("{}/payment/{}", self.page.base_url, code.wallet.name());
        let number = code.amount_number;
        let body = format!(r#"{{"amount": {number}, "qr_code": {}}}"#, json_string(code.code));
        let text = format!("curl -s {} -d {}", quoted(&url), quoted(&body));
        Lines { id: "line-pay", title: self.w.line_pay, text }
    }

    fn order_line(&self, scan: &Scan<'_>) -> Option<Lines> {
        let payment_id = json_string(scan.payment_id?);
        let amount = scan.amount.get();
        let phone = scan.phone.map(|phone| format!(r#""phone_number": {}, "#, json_string(phone)));
        let body = format!(
            "{{\n  \"received_card\": {amount},\n  \"products\": [{{\"name\": \"Non\", \
             \"class_code\": \"{IKPU}\",\n    \"package_code\": \"{PACKAGE}\", \"amount\": \
             1000, \"price\": {amount}, \"vat_percent\": {VAT_PERCENT}}}],\n  \"extra_info\": \
             {{{}\"qr_payment_provider\": {},\n    \"qr_payment_id\": {payment_id}}}}}",
            phone.unwrap_or_default(),
            self.page.code.wallet.fiscal_code(),
        );
        let url = format!("{}/order", self.page.base_url);
        let text = format!("curl -s {} -d {}", quoted(&url), quoted(&body));
        Some(Lines { id: "line-order", title: self.w.line_order, text })
    }

    fn pinpad_line(&self) -> Lines {
        let url = format!("{}/payment/xumo", self.page.base_url);
        let body = format!(r#"{{"amount": {}}}"#, self.page.code.amount.get());
        let text = format!("curl -s {} -d {}", quoted(&url), quoted(&body));
        Lines { id: "line-card", title: self.w.line_card, text }
    }

    fn state(&self, state: &TillState) -> &'static str {
        match state {
            TillState::Sent => self.w.state_sent,
            TillState::Unknown => self.w.state_unknown,
            TillState::Succeeded => self.w.state_succeeded,
            TillState::Reversing => self.w.state_reversing,
            TillState::Reversed => self.w.state_reversed,
            TillState::Declined => self.w.state_declined,
        }
    }

    fn delivery(&self, delivery: &Delivery) -> &'static str {
        match delivery {
            Delivery::Queued => self.w.delivery_queued,
            Delivery::Delivered => self.w.delivery_delivered,
            Delivery::Refused => self.w.delivery_refused,
        }
    }

    /// What the customer's own side says, which is the truth about the customer's money.
    fn charged(&self, payment: &PaymentLine<'_>) -> String {
        match payment.charged {
            None => "–".to_owned(),
            Some(Tiyin::ZERO) => self.w.not_charged.to_owned(),
            Some(charged) => self.amount(&charged),
        }
    }

    fn has_faults(&self) -> bool {
        self.page.faults.iter().any(|(_, faults)| !faults.is_empty())
    }

    fn endpoints(&self) -> [Endpoint; 11] {
        let w = self.w;
        let endpoint = |methods, path, about| Endpoint {
            methods,
            path,
            link: methods == "GET" && !path.contains('{'),
            about,
        };
        [
            endpoint("GET", "/sandbox/providers", w.json_wallets),
            endpoint("GET, PATCH", "/sandbox/providers/{wallet}", w.json_wallet),
            endpoint("POST", "/sandbox/providers/{wallet}/codes", w.json_codes),
            endpoint("GET", "/sandbox/providers/{wallet}/payments", w.json_payments),
            endpoint("POST, DELETE", "/sandbox/providers/{wallet}/faults", w.json_faults),
            endpoint("GET, PATCH", "/sandbox/tills/{till}/fiscal", w.json_module),
            endpoint("GET", "/sandbox/tills/{till}/fiscal/receipts", w.json_receipts),
            endpoint("POST, DELETE", "/sandbox/fiscal/faults", w.json_module_faults),
            endpoint("GET", "/sandbox/tills/{till}/pinpad", w.json_pinpad),
            endpoint("POST", "/sandbox/tills/{till}/pinpad/card", w.json_card),
            endpoint("POST, DELETE", "/sandbox/tills/{till}/pinpad/faults", w.json_pinpad_faults),
        ]
    }
}

/// The colour of a state.
const fn tone(state: &TillState) -> &'static str {
    match state {
        TillState::Succeeded => "good",
        TillState::Declined => "bad",
        TillState::Sent | TillState::Unknown | TillState::Reversing => "wait",
        TillState::Reversed => "calm",
    }
}

/// The colour of a delivery.
const fn delivery_tone(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "wait",
        Delivery::Delivered => "good",
        Delivery::Refused => "bad",
    }
}

/// Who takes a payment, by its own name.
fn way(provider: &Provider) -> &'static str {
    match provider {
        Provider::Wallet(wallet) => wallet_name(*wallet),
        Provider::Pinpad(network) => crate::sandbox::label(network),
    }
}
