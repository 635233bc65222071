//! The rows of a file as orders, and what can be said of a file without a bank.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{Read, Seek};

use chorsu_core::bank::{OrderDraft, OrderKind};
use chorsu_core::{Network, Tiyin};
use chorsu_files::{BulkError, BulkFormat, BulkRow, BulkRows, FileError, RowError};
use sha2::{Digest as _, Sha256};

/// A row that can be asked for, or why not.
#[derive(Debug)]
pub(crate) enum Row {
    /// A payment.
    Payment(Box<BulkRow>),
    /// A row that is wrong.
    Wrong(RowError),
    /// A row whose number an earlier row has.
    Repeated {
        /// The row.
        row: Box<BulkRow>,
        /// The earlier one.
        first: u64,
    },
}

/// Calls `each` with the rows of a file, as long as it wants more.
///
/// # Errors
/// When the file as a whole, or from some row on, cannot be understood.
pub(crate) fn scan<R: Read + Seek>(
    format: BulkFormat,
    reader: R,
    mut each: impl FnMut(Row) -> bool,
) -> Result<(), FileError> {
    let mut seen: HashMap<[u8; 16], u64> = HashMap::new();
    for row in BulkRows::open(format, reader)? {
        let row = match row {
            Ok(row) => match seen.entry(digest(&row.order_key)) {
                Entry::Occupied(first) => Row::Repeated { row: Box::new(row), first: *first.get() },
                Entry::Vacant(place) => {
                    place.insert(row.row);
                    Row::Payment(Box::new(row))
                }
            },
            Err(BulkError::Row(error)) => Row::Wrong(error),
            Err(BulkError::File(error)) => return Err(error),
        };
        if !each(row) {
            return Ok(());
        }
    }
    Ok(())
}

/// Numbers are remembered by a hash of them: a million of them would be large.
fn digest(key: &str) -> [u8; 16] {
    let whole: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

/// The format of a file that begins so.
pub(crate) fn sniff(begin: &[u8]) -> BulkFormat {
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    if begin.starts_with(b"PK\x03\x04") {
        BulkFormat::Xlsx
    } else if text.starts_with(b"<") {
        BulkFormat::Pain001
    } else {
        BulkFormat::Csv
    }
}

/// Which method of the bank API a row is for.
pub(crate) const fn kind(row: &BulkRow) -> OrderKind {
    if row.budget { OrderKind::Budget } else { OrderKind::Ordinary }
}

/// What a row asks for, in the words of the bank API.
pub(crate) fn draft(row: &BulkRow, service: u32) -> OrderDraft<'_> {
    let card = row.card.as_ref();
    OrderDraft {
        malformed: false,
        key: Some(row.order_key.as_str().into()),
        service: Some(service.to_string().into()),
        amount: Some(row.amount.get().to_string().into()),
        commission: Some(row.commission.get().to_string().into()),
        name: Some(row.receiver_name.as_str().into()),
        mfo: Some(row.mfo.as_str().into()),
        account: Some(row.account.as_str().into()),
        tax_id: row.inn.as_deref().map(Into::into),
        purpose_code: row.purpose_code.as_deref().map(Into::into),
        purpose: Some(row.purpose.as_str().into()),
        reference: card.map(|card| card.reference.as_str().into()),
        card_type: card.map(|card| network(card.network).into()),
        card_number: card.map(|card| card.number.digits().into()),
    }
}

/// The word of the bank API for a card network.
pub(crate) const fn network(network: Network) -> &'static str {
    match network {
        Network::Uzcard => "UZCARD",
        Network::Humo => "HUMO",
    }
}

/// What a file says in all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Rows of any kind.
    pub(crate) rows: u64,
    /// Rows that cannot be asked for.
    pub(crate) wrong: u64,
    /// What the others cost, amounts and commissions together, in tiyin.
    pub(crate) cost: i128,
    /// The first sentences about what is wrong.
    pub(crate) problems: Vec<String>,
}

/// Sentences that are kept at most.
const PROBLEMS_MAX: usize = 100;

impl Totals {
    /// Counts a row.
    pub(crate) fn add(&mut self, row: &Row) {
        self.rows += 1;
        let problem = match row {
            Row::Payment(row) => {
                let cost = |amount: Tiyin| i128::from(amount.get());
                self.cost += cost(row.amount) + cost(row.commission);
                return;
            }
            Row::Wrong(error) => error.to_string(),
            Row::Repeated { row, first } => repeated(row.row, *first),
        };
        self.wrong += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// The sentence about a row whose number an earlier row has.
pub(crate) fn repeated(row: u64, first: u64) -> String {
    format!("row {row}, order_id: row {first} has the same")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const HEAD: &str = "order_id,receiver_name,mfo,account,amount,purpose\n";

    #[test]
    fn a_number_is_used_once_in_a_file() {
        let file = format!(
            "{HEAD}a,Гул,01091,20208000990248844444,500,x\n\
             b,Гул,01091,20208000990248844444,1e9,x\n\
             a,Гул,01091,20208000990248844444,700,x\n"
        );
        let (mut totals, mut firsts) = (Totals::default(), Vec::new());
        scan(BulkFormat::Csv, Cursor::new(file), |row| {
            totals.add(&row);
            if let Row::Repeated { row, first } = &row {
                firsts.push((row.row, *first));
            }
            true
        })
        .unwrap();
        assert_eq!((totals.rows, totals.wrong, totals.cost), (3, 2, 500));
        assert_eq!(firsts, [(4, 2)]);
        assert_eq!(totals.problems[1], "row 4, order_id: row 2 has the same");
    }

    #[test]
    fn formats_are_told_by_their_beginning() {
        let cases: [(&[u8], BulkFormat); 5] = [
            (b"PK\x03\x04....", BulkFormat::Xlsx),
            (b"\xef\xbb\xbf\n <?xml", BulkFormat::Pain001),
            (b"<Document>", BulkFormat::Pain001),
            (b"order_id;amount", BulkFormat::Csv),
            (b"", BulkFormat::Csv),
        ];
        for (begin, want) in cases {
            assert_eq!(sniff(begin), want, "{begin:?}");
        }
    }
}
