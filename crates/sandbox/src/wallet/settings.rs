//! The credentials the played wallets know. Whoever signs with others is turned away.

use std::borrow::Cow;

/// What a merchant gets from Click.
#[derive(Clone)]
pub struct ClickAccount {
    /// The user of the merchant's cabinet: the first part of the `Auth` header.
    pub merchant_user_id: Cow<'static, str>,
    /// The service that payments are for.
    pub service_id: u64,
    /// What `Auth` is signed with.
    pub secret_key: Cow<'static, str>,
}

/// What a merchant gets from Payme.
#[derive(Clone)]
pub struct PaymeAccount {
    /// The cash desk: the first part of the `X-Auth` header, 24 hex digits.
    pub merchant_id: Cow<'static, str>,
    /// Its key: the second part.
    pub key: Cow<'static, str>,
}

/// What a merchant gets from Uzum.
#[derive(Clone)]
pub struct UzumAccount {
    /// The first part of the `Authorization` header.
    pub merchant_service_user_id: Cow<'static, str>,
    /// The service that payments are for.
    pub service_id: u64,
    /// What `Authorization` is signed with.
    pub secret: Cow<'static, str>,
}

/// The merchant's accounts at all three; by default those of the demo.
#[derive(Clone)]
pub struct WalletSettings {
    /// At Click.
    pub click: ClickAccount,
    /// At Payme.
    pub payme: PaymeAccount,
    /// At Uzum.
    pub uzum: UzumAccount,
}

/// The demo merchant at the played Click.
pub const DEMO_CLICK: ClickAccount = ClickAccount {
    merchant_user_id: Cow::Borrowed("21043"),
    service_id: 15_207,
    secret_key: Cow::Borrowed("sandbox-click-secret"),
};

/// The demo merchant at the played Payme.
pub const DEMO_PAYME: PaymeAccount = PaymeAccount {
    merchant_id: Cow::Borrowed("61b0c2f4d8a95e3714c60a8d"),
    key: Cow::Borrowed("sandbox-payme-key"),
};

/// The demo merchant at the played Uzum.
pub const DEMO_UZUM: UzumAccount = UzumAccount {
    merchant_service_user_id: Cow::Borrowed("34120"),
    service_id: 498_624,
    secret: Cow::Borrowed("sandbox-uzum-secret"),
};

impl Default for WalletSettings {
    fn default() -> Self {
        Self { click: DEMO_CLICK, payme: DEMO_PAYME, uzum: DEMO_UZUM }
    }
}
