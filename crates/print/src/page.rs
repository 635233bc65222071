//! A page: lines and pictures on a grid of columns, before they take a form.

use crate::barcode::Bars;
use crate::qr::Qr;

/// A page of more lines is refused: 500 lines of goods, each with ten of details, need 6,000.
pub(crate) const LINES_MAX: usize = 20_000;

/// Width of the paper and how many characters a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperWidth {
    /// 58 mm, 32 columns.
    Columns32,
    /// 80 mm, 42 columns.
    Columns42,
    /// 80 mm, 48 columns.
    Columns48,
}

impl PaperWidth {
    /// Every width there is.
    pub const ALL: [Self; 3] = [Self::Columns32, Self::Columns42, Self::Columns48];

    /// The width with so many columns.
    #[must_use]
    pub const fn from_columns(columns: usize) -> Option<Self> {
        match columns {
            32 => Some(Self::Columns32),
            42 => Some(Self::Columns42),
            48 => Some(Self::Columns48),
            _ => None,
        }
    }

    /// Characters in a line.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Columns32 => 32,
            Self::Columns42 => 42,
            Self::Columns48 => 48,
        }
    }

    /// Width of the paper in millimetres.
    #[must_use]
    pub const fn paper_mm(self) -> u32 {
        match self {
            Self::Columns32 => 58,
            Self::Columns42 | Self::Columns48 => 80,
        }
    }

    /// Width of what a printer of this paper can print on, in millimetres.
    #[must_use]
    pub const fn printed_mm(self) -> u32 {
        match self {
            Self::Columns32 => 48,
            Self::Columns42 | Self::Columns48 => 72,
        }
    }
}

/// A composed page. Every line of it fits its paper.
#[derive(Clone, Debug)]
pub struct Page {
    pub(crate) width: PaperWidth,
    pub(crate) title: String,
    /// BCP 47; empty when nobody knows.
    pub(crate) language_tag: &'static str,
    pub(crate) blocks: Vec<Block>,
}

impl Page {
    /// The paper it was composed for.
    #[must_use]
    pub const fn width(&self) -> PaperWidth {
        self.width
    }

    /// What the document is called, for a file name or a heading.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// One thing below another.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Line(Line),
    /// A thin line across the paper.
    Rule,
    /// Where the paper is cut.
    Cut,
    /// Half a line of nothing.
    Gap,
    Qr(Qr),
    /// The bars alone; the text under them is a line of its own.
    Bars(Bars),
}

/// A line of text that fits the paper in its style.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) place: Place,
    pub(crate) style: Style,
}

/// Where a line's text stands.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Left(String),
    Center(String),
    /// One text at each end, at least a column apart.
    Ends(String, String),
}

/// How a line looks where letters have a look; the text form has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    /// Bold and half as large again.
    Large,
}

impl Style {
    /// How many characters of this style a line of `columns` has room for.
    pub(crate) const fn room(self, columns: usize) -> usize {
        match self {
            Self::Plain | Self::Bold => columns,
            Self::Large => columns * 2 / 3,
        }
    }

    /// This style in letters of the usual size.
    pub(crate) const fn not_large(self) -> Self {
        match self {
            Self::Large => Self::Bold,
            other => other,
        }
    }
}
