//! Writing XML as nested elements, on top of quick-xml, which escapes.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::line_text::{limited, one_line};

/// A document that is being written; elements are closed in the order of [`Self::open`].
pub(crate) struct Elements<W> {
    writer: Writer<W>,
    open: Vec<&'static str>,
}

impl<W: Write> Elements<W> {
    /// A document whose root element is `root` in the namespace `namespace`.
    pub(crate) fn begin(out: W, root: &'static str, namespace: &str) -> io::Result<Self> {
        // Every tag on a line of its own; indented, a long statement would be twice as large.
        let mut writer = Writer::new_with_indent(out, b' ', 0);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let start = BytesStart::new(root).with_attributes([("xmlns", namespace)]);
        writer.write_event(Event::Start(start))?;
        Ok(Self { writer, open: vec![root] })
    }

    /// Begins an element.
    pub(crate) fn open(&mut self, name: &'static str) -> io::Result<()> {
        self.open.push(name);
        self.writer.write_event(Event::Start(BytesStart::new(name)))
    }

    /// Ends the innermost `count` elements.
    pub(crate) fn close(&mut self, count: usize) -> io::Result<()> {
        for name in (0..count).filter_map(|_| self.open.pop()) {
            self.writer.write_event(Event::End(BytesEnd::new(name)))?;
        }
        Ok(())
    }

    /// An element with text; left out when there is none, since the schemas ask for a character.
    /// The text is kept on one line and cut after `limit` characters.
    pub(crate) fn text(&mut self, name: &'static str, text: &str, limit: usize) -> io::Result<()> {
        let line = one_line(text);
        let text = limited(&line, limit);
        if text.is_empty() {
            return Ok(());
        }
        self.leaf(BytesStart::new(name), text)
    }

    /// Nested elements that end in one with text; all left out when there is none.
    pub(crate) fn path(
        &mut self,
        path: &[&'static str],
        text: &str,
        limit: usize,
    ) -> io::Result<()> {
        let Some((leaf, above)) = path.split_last() else { return Ok(()) };
        if text.trim().is_empty() {
            return Ok(());
        }
        for name in above {
            self.open(name)?;
        }
        self.text(leaf, text, limit)?;
        self.close(above.len())
    }

    /// An element with one attribute and text.
    pub(crate) fn with_attribute(
        &mut self,
        name: &'static str,
        attribute: (&str, &str),
        text: &str,
    ) -> io::Result<()> {
        self.leaf(BytesStart::new(name).with_attributes([attribute]), text)
    }

    /// Ends all elements and gives the writer back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.close(self.open.len())?;
        let mut out = self.writer.into_inner();
        out.write_all(b"\n")?;
        Ok(out)
    }

    fn leaf(&mut self, start: BytesStart<'_>, text: &str) -> io::Result<()> {
        let end = start.to_end().into_owned();
        self.writer.write_event(Event::Start(start.borrow()))?;
        self.writer.write_event(Event::Text(BytesText::new(text)))?;
        self.writer.write_event(Event::End(end))
    }
}
