//! The switches of a played module.

use serde::Deserialize;

/// A change to a module; what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiscalModuleChange {
    /// Whether it is out of reach: then it answers nothing but that.
    #[serde(default)]
    pub not_initialised: Option<bool>,
    /// Whether the tax committee is out of reach: then nothing is acknowledged.
    #[serde(default)]
    pub ofd_stopped: Option<bool>,
    /// Whether its applet is of the earlier generation, whose error codes are others.
    #[serde(default)]
    pub earlier_applet: Option<bool>,
}
