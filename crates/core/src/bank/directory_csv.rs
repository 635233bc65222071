//! A bank directory from a CSV file: `code,name`, and more columns that may be there.
//!
//! Public tables of bank codes were typed by people: a name in Latin letters has Cyrillic ones in
//! it that look the same, and a spreadsheet has taken zeros from the front of codes. Both are put
//! right here, so that a search finds the bank.

use super::directory::{Bank, BankDirectory, Mfo};

/// Most rows of a file.
const ROWS_MAX: usize = 100_000;
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 1_000;
const MFO_DIGITS: usize = 5;

/// A file cannot be read as a bank directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the bank directory: {problem}")]
pub struct CsvError {
    /// The line the row begins in, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: CsvProblem,
}

/// What is wrong with a row of a bank directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvProblem {
    /// The first row does not name this column.
    #[error("there is no column '{0}'")]
    NoColumn(&'static str),
    /// The code is not one to five digits.
    #[error("the code is not five digits")]
    BadCode,
    /// The name is empty or too long.
    #[error("the name is empty or too long")]
    BadName,
    /// The last column does not say yes or no.
    #[error("'instant' is neither yes nor no")]
    BadInstant,
    /// The code was in a row before.
    #[error("the code was given before")]
    Twice,
    /// A quotation mark is not closed, or stands where none may be.
    #[error("a quotation mark is out of place")]
    BadQuote,
    /// There are more rows than a directory has.
    #[error("there are too many rows")]
    TooMany,
}

impl BankDirectory {
    /// Reads a CSV file with a header: columns `code` and `name` in any order, `instant` (yes or
    /// no; absent or empty: yes), others are skipped. Separated by commas or semicolons, fields
    /// may be quoted.
    ///
    /// # Errors
    /// [`CsvError`] names the first row that is of no use; nothing is left out silently.
    pub fn from_csv(text: &str) -> Result<Self, CsvError> {
        let mut records = Records::new(text.strip_prefix('\u{FEFF}').unwrap_or(text));
        let columns = match records.next() {
            Some(header) => Columns::find(&header?.1)?,
            None => return Err(CsvError { line: 1, problem: CsvProblem::NoColumn("code") }),
        };
        let mut banks = std::collections::BTreeMap::new();
        for record in records {
            let (line, fields) = record?;
            if fields.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            let wrong = |problem| CsvError { line, problem };
            let (mfo, bank) = columns.read(&fields).map_err(wrong)?;
            if banks.len() == ROWS_MAX {
                return Err(wrong(CsvProblem::TooMany));
            }
            if banks.insert(mfo, bank).is_some() {
                return Err(wrong(CsvProblem::Twice));
            }
        }
        Ok(Self::new(banks))
    }
}

/// Where the columns stand.
struct Columns {
    code: usize,
    name: usize,
    instant: Option<usize>,
}

impl Columns {
    fn find(header: &[String]) -> Result<Self, CsvError> {
        let place =
            |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let needed =
            |name| place(name).ok_or(CsvError { line: 1, problem: CsvProblem::NoColumn(name) });
        Ok(Self { code: needed("code")?, name: needed("name")?, instant: place("instant") })
    }

    fn read(&self, fields: &[String]) -> Result<(Mfo, Bank), CsvProblem> {
        let field = |at: usize| fields.get(at).map_or("", |field| field.trim());
        let code = field(self.code);
        if code.is_empty() || code.len() > MFO_DIGITS {
            return Err(CsvProblem::BadCode);
        }
        let mfo = Mfo::parse(&format!("{code:0>5}")).ok_or(CsvProblem::BadCode)?;
        let name = fold_look_alikes(field(self.name));
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(CsvProblem::BadName);
        }
        let in_instant_system = match self.instant.map_or("", field).to_ascii_lowercase().as_str() {
            "" | "yes" | "true" | "1" => true,
            "no" | "false" | "0" => false,
            _ => return Err(CsvProblem::BadInstant),
        };
        Ok((mfo, Bank { name: name.into(), in_instant_system }))
    }
}

/// Cyrillic letters and the Latin ones that look the same.
const LOOK_ALIKES: [(char, char); 22] = [
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('Ѕ', 'S'),
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
];

fn latin_of(letter: char) -> Option<char> {
    LOOK_ALIKES.iter().find(|(cyrillic, _)| *cyrillic == letter).map(|(_, latin)| *latin)
}

const fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52F}')
}

/// Turns Cyrillic letters that stand among Latin ones into what they look like.
///
/// A name that is written in Cyrillic stays as it is: a word is changed only when it has a Latin
/// letter, or when the name has Latin letters and no Cyrillic one that could be nothing else.
fn fold_look_alikes(name: &str) -> String {
    let has_latin = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
    let is_plain = |text: &str| !text.chars().any(|c| is_cyrillic(c) && latin_of(c).is_none());
    let fold = |text: &str| text.chars().map(|c| latin_of(c).unwrap_or(c)).collect::<String>();
    if has_latin(name) && is_plain(name) {
        return fold(name);
    }
    let words = name.split_inclusive(|c: char| !c.is_alphanumeric());
    words.map(|word| if has_latin(word) { fold(word) } else { word.to_owned() }).collect()
}

/// The records of a CSV text, each with the line it begins in.
struct Records<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Self {
        let header = text.lines().next().unwrap_or_default();
        let separator = if header.contains(';') { ';' } else { ',' };
        Self { rest: text, line: 1, separator }
    }

    /// Reads one field and says what ended it; `None` is the end of the text.
    fn field(&mut self) -> Result<(String, Option<char>), CsvProblem> {
        let separator = self.separator;
        let mut field = String::new();
        if let Some(mut quoted) = self.rest.strip_prefix('"') {
            loop {
                let (inside, after) = quoted.split_once('"').ok_or(CsvProblem::BadQuote)?;
                field.push_str(inside);
                self.line += inside.matches('\n').count();
                self.rest = after;
                match after.strip_prefix('"') {
                    Some(more) => {
                        field.push('"');
                        quoted = more;
                    }
                    None => break,
                }
            }
        }
        let end = self.rest.find([separator, '\n']);
        let plain = &self.rest[..end.unwrap_or(self.rest.len())];
        let plain = plain.strip_suffix('\r').unwrap_or(plain);
        if plain.contains('"') || (!field.is_empty() && !plain.trim().is_empty()) {
            return Err(CsvProblem::BadQuote);
        }
        field.push_str(plain);
        let ended_by = end.and_then(|end| self.rest[end..].chars().next());
        self.rest = end.map_or("", |end| &self.rest[end + 1..]);
        Ok((field, ended_by))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            match self.field() {
                Ok((field, ended_by)) => {
                    fields.push(field);
                    if ended_by != Some(self.separator) {
                        self.line += 1;
                        return Some(Ok((line, fields)));
                    }
                }
                Err(problem) => {
                    self.rest = "";
                    return Some(Err(CsvError { line, problem }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(csv: &str) -> Vec<(String, String, bool)> {
        let directory = BankDirectory::from_csv(csv).unwrap();
        let row = |(mfo, bank): (&Mfo, &Bank)| {
            (mfo.to_string(), bank.name.to_string(), bank.in_instant_system)
        };
        directory.iter().map(row).collect()
    }

    fn row(code: &str, name: &str, instant: bool) -> (String, String, bool) {
        (code.to_owned(), name.to_owned(), instant)
    }

    #[test]
    fn a_registry_as_people_keep_it() {
        let csv = "\u{FEFF}code,name,bank_guess,is_head_office\r\n\
                   401,\"АT \"\"Aloqabank\"\", bosh ofis\",aloqabank,1\r\n\
                   \r\n\
                   01091,Aloqabank  Мirobod,aloqabank,0\r\n\
                   00433,\"two\nlines\",,";
        let error = BankDirectory::from_csv(csv).unwrap_err();
        assert_eq!((error.line, error.problem), (5, CsvProblem::BadName));
        let csv = csv.replace("\"two\nlines\"", "Микрокредитбанк");
        assert_eq!(
            names(&csv),
            [
                row("00401", "AT \"Aloqabank\", bosh ofis", true),
                row("00433", "Микрокредитбанк", true),
                row("01091", "Aloqabank  Mirobod", true),
            ]
        );
    }

    #[test]
    fn participants_can_be_named_and_columns_may_move() {
        let csv = "Instant;NAME;Code\nno;Closed bank;00999\nYES;Open bank;998\n;Other;997\n";
        assert_eq!(
            names(csv),
            [
                row("00997", "Other", true),
                row("00998", "Open bank", true),
                row("00999", "Closed bank", false),
            ]
        );
    }

    #[test]
    fn only_letters_among_latin_ones_are_folded() {
        let cases = [
            ("Аlоqаbаnk", "Aloqabank"),
            ("АТ Aloqabank", "AT Aloqabank"),
            ("АТ Алокабанк", "АТ Алокабанк"),
            ("ОАО Ипак Йули bаnk", "ОАО Ипак Йули bank"),
            ("АТБ «Қишлоқ қурилиш банк»", "АТБ «Қишлоқ қурилиш банк»"),
            ("", ""),
        ];
        for (name, want) in cases {
            assert_eq!(fold_look_alikes(name), want);
        }
    }

    #[test]
    fn bad_rows_are_named_with_their_line() {
        let cases = [
            ("", 1, CsvProblem::NoColumn("code")),
            ("mfo,name\n", 1, CsvProblem::NoColumn("code")),
            ("code\n", 1, CsvProblem::NoColumn("name")),
            ("code,name\n00401,A\n,B\n", 3, CsvProblem::BadCode),
            ("code,name\n004011,A\n", 2, CsvProblem::BadCode),
            ("code,name\n0040a,A\n", 2, CsvProblem::BadCode),
            ("code,name\n٤,A\n", 2, CsvProblem::BadCode),
            ("code,name\n00401\n", 2, CsvProblem::BadName),
            ("code,name,instant\n00401,A,maybe\n", 2, CsvProblem::BadInstant),
            ("code,name\n00401,A\n401,B\n", 3, CsvProblem::Twice),
            ("code,name\n00401,\"A\n00402,B\n", 2, CsvProblem::BadQuote),
            ("code,name\n00401,A\"B\"\n", 2, CsvProblem::BadQuote),
            ("code,name\n00401,\"A\"B\n", 2, CsvProblem::BadQuote),
        ];
        for (csv, line, problem) in cases {
            assert_eq!(BankDirectory::from_csv(csv), Err(CsvError { line, problem }), "{csv}");
        }
    }
}
