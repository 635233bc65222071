//! The sandbox's pages and the row of links that leads from one to the next.

use crate::language::Language;
use crate::shell::Shell;
use crate::texts::Texts;

/// A page of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SandboxTab {
    /// Cards, SMS and the clock.
    Cards,
    /// Wallets, pinpad and fiscal module.
    Till,
    /// The played bank.
    Bank,
}

impl SandboxTab {
    pub(crate) const ALL: [Self; 3] = [Self::Cards, Self::Till, Self::Bank];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Cards => "/sandbox",
            Self::Till => "/sandbox/till",
            Self::Bank => "/sandbox/orders",
        }
    }

    pub(crate) const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::Cards => t.tab_cards,
            Self::Till => t.tab_till,
            Self::Bank => t.tab_bank,
        }
    }

    /// The frame of this page, shown again by its path and `query`.
    pub(crate) fn shell(self, language: Language, query: Option<&str>) -> Shell {
        let path = match query {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        };
        Shell { test_banner: true, tab: Some(self), ..Shell::new(language, Some(path)) }
    }
}
