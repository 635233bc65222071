//! The link to one fiscal module.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::value::RawValue;

use super::answer::{self, LastReceipt, ModuleInfo, Registered, ZReport};
use super::call::ModuleCall;
use super::error::ModuleError;
use super::local_time::LocalTime;
use super::receipt::Receipt;
use super::refusal::Applet;
use crate::http::{BaseUrl, HttpClient};
use crate::reading::AnswerError;

/// Which module, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalModuleSettings {
    /// The service's address, as `http://127.0.0.1:3448/rpc/api`.
    pub url: BaseUrl,
    /// The module's factory id.
    pub factory_id: String,
    /// The generation of its applet, by which its error codes are read.
    pub applet: Applet,
}

/// The link to one fiscal module; clones share it.
#[derive(Clone, Debug)]
pub struct FiscalModule {
    http: HttpClient,
    settings: Arc<FiscalModuleSettings>,
    next_id: Arc<AtomicU64>,
}

impl FiscalModule {
    /// The link to the module of `settings`. Nothing is sent yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: FiscalModuleSettings) -> Self {
        let settings = Arc::new(settings);
        Self { http, settings, next_id: Arc::new(AtomicU64::new(1)) }
    }

    /// The module's factory id.
    #[must_use]
    pub fn factory_id(&self) -> &str {
        &self.settings.factory_id
    }

    /// Registers `receipt`. Repeating it with the same TXID gives the same registration.
    ///
    /// # Errors
    /// [`ModuleError`]; unless its effect is none, the same receipt has to be sent again.
    pub async fn register(&self, receipt: &Receipt) -> Result<Registered, ModuleError> {
        let read = |result: &RawValue| answer::registered(receipt.is_signed(), result);
        Ok(self.call(ModuleCall::Register(receipt), read).await?.registered)
    }

    /// Opens a shift. After an unknown outcome ask [`FiscalModule::z_report`].
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn open_z_report(&self, time: LocalTime) -> Result<(), ModuleError> {
        self.call(ModuleCall::OpenZReport(time), done).await
    }

    /// Closes the shift. After an unknown outcome ask [`FiscalModule::z_report`].
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn close_z_report(&self, time: LocalTime) -> Result<(), ModuleError> {
        self.call(ModuleCall::CloseZReport(time), done).await
    }

    /// A shift: the latest for 0, the one before it for 1 …
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn z_report(&self, index: u32) -> Result<ZReport, ModuleError> {
        self.call(ModuleCall::ZReportInfo(index), answer::z_report).await
    }

    /// The module's state.
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn info(&self) -> Result<ModuleInfo, ModuleError> {
        self.call(ModuleCall::Info, answer::info).await
    }

    /// The receipt registered last.
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn last_registered_receipt(&self) -> Result<LastReceipt, ModuleError> {
        let read = |result: &RawValue| answer::registered(false, result);
        self.call(ModuleCall::LastRegisteredReceipt, read).await
    }

    /// Has the module send what is not acknowledged yet.
    ///
    /// # Errors
    /// [`ModuleError`].
    pub async fn resend_unsent(&self) -> Result<(), ModuleError> {
        self.call(ModuleCall::ResendUnsent, done).await
    }

    async fn call<T>(
        &self,
        call: ModuleCall<'_>,
        read: impl Fn(&RawValue) -> Result<T, AnswerError>,
    ) -> Result<T, ModuleError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let request = call.request(&self.settings.factory_id, id);
        let response = self.http.call(&self.settings.url, request).await?;
        let result = answer::result(self.settings.applet, id, &response)?;
        Ok(read(result)?)
    }
}

/// Any result: the module has done it.
fn done(_: &RawValue) -> Result<(), AnswerError> {
    Ok(())
}
