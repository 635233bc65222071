//! Pages that only say something: there is no such page, and something of ours failed.

use askama::Template;

use crate::language::Language;
use crate::shell::Shell;
use crate::texts::Texts;

/// There is no such page, or no such receipt.
#[derive(Clone, Copy, Debug)]
pub struct NotFoundPage {
    /// The visitor's language.
    pub language: Language,
}

/// Something of ours failed. The page says nothing of it but where it can be found in the logs.
#[derive(Clone, Copy, Debug)]
pub struct ErrorPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// The id under which the failure was recorded.
    pub trace_id: &'a str,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticeTemplate<'a> {
    shell: Shell,
    t: &'static Texts,
    title: &'static str,
    text: &'static str,
    trace_id: Option<&'a str>,
}

impl NotFoundPage {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let shell = Shell::new(self.language, None);
        let t = shell.t;
        let (title, text) = (t.not_found_title, t.not_found_text);
        NoticeTemplate { shell, t, title, text, trace_id: None }.render()
    }
}

impl ErrorPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let shell = Shell::new(self.language, None);
        let t = shell.t;
        let (title, text) = (t.failure_title, t.failure_text);
        NoticeTemplate { shell, t, title, text, trace_id: Some(self.trace_id) }.render()
    }
}
