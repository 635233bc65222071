//! What every page has around its content: language, style, logo, and the links to change the
//! language.

use crate::assets::{LOGO, SCRIPT, STYLE};
use crate::language::Language;
use crate::tab::SandboxTab;
use crate::texts::Texts;

/// The frame of a page.
pub(crate) struct Shell {
    pub(crate) language: Language,
    pub(crate) t: &'static Texts,
    /// Whether to say that no real money moves.
    pub(crate) test_banner: bool,
    /// Which of the sandbox's pages this is, if it is one.
    pub(crate) tab: Option<SandboxTab>,
    /// The path that shows this page again in another language, with a query where it needs one;
    /// `None` where a reload would lose what was typed.
    pub(crate) path: Option<String>,
    /// After how many seconds the page loads [`Shell::path`] again.
    pub(crate) refresh_seconds: Option<u16>,
}

impl Shell {
    /// The frame of the page at `path`.
    pub(crate) fn new(language: Language, path: Option<String>) -> Self {
        let t = Texts::of(language);
        Self { language, t, test_banner: false, tab: None, path, refresh_seconds: None }
    }

    /// The seconds and the address for the refresh in the head, `3;url=/pay/…?lang=uz`.
    pub(crate) fn refresh(&self) -> Option<String> {
        let (seconds, here) = (self.refresh_seconds?, self.address(self.language)?);
        Some(format!("{seconds};url={here}"))
    }

    /// The address of this page in `language`.
    pub(crate) fn address(&self, language: Language) -> Option<String> {
        let path = self.path.as_ref()?;
        let joint = if path.contains('?') { '&' } else { '?' };
        Some(format!("{path}{joint}lang={}", language.tag()))
    }

    /// The languages to offer, with the address of each.
    pub(crate) fn languages(&self) -> Vec<(Language, String)> {
        let link = |language| Some((language, self.address(language)?));
        Language::ALL.into_iter().filter_map(link).collect()
    }

    pub(crate) fn style(&self) -> String {
        STYLE.url()
    }

    pub(crate) fn script(&self) -> String {
        SCRIPT.url()
    }

    pub(crate) fn logo(&self) -> String {
        LOGO.url()
    }
}
