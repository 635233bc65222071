//! The format 1CClientBankExchange 1.03: lines of `Ключ=Значение` between section marks.
//!
//! Names and order of the keys are those of the published standard. Keys without a meaning in
//! Uzbekistan (corr-accounts, KPP, OKATO, KBK) are left out or empty; the MFO stands where a
//! Russian bank has its BIK. Readers tolerate both.

use std::io::Write;

use crate::cp1251;
use crate::day::{Day, time_of_day};
use crate::error::ExportError;
use crate::format::OneCEncoding;
use crate::line_text::one_line;
use crate::statement::{Direction, Line, Party, Statement};
use crate::sums::in_sums;

const END: &str = "\r\n";
const VERSION: &str = "1.03";
const SENDER: &str = "Chorsu";
/// A file that a bank makes has to name the program it is for.
const RECEIVER: &str = "1С:Предприятие";
const KIND: &str = "Платежное поручение";
const WAY: &str = "Электронно";
/// Payment orders have the code 01 among the kinds of documents.
const KIND_CODE: &str = "01";

/// Writes the parts of one file in their order.
pub(crate) struct OneC {
    encoding: OneCEncoding,
}

/// Text of the file that has not been encoded yet.
#[derive(Default)]
struct Text(String);

impl Text {
    /// A line of its own.
    fn mark(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push_str(END);
    }

    /// A key and its value, which is kept on one line.
    fn pair(&mut self, key: &str, value: &str) {
        self.0.push_str(key);
        self.0.push('=');
        self.mark(&one_line(value));
    }

    /// Everything about one side; `Сторона` is `Плательщик` or `Получатель`.
    fn party(&mut self, side: &str, party: &Party, day: (&str, &str)) {
        let name = one_line(&party.name);
        let inn = party.inn.as_deref().unwrap_or_default();
        // The field with the side's own name carries the taxpayer number before the name.
        let whole =
            if inn.is_empty() { name.clone().into_owned() } else { format!("ИНН {inn} {name}") };
        self.pair(&format!("{side}Счет"), &party.account);
        self.pair(day.0, day.1);
        self.pair(side, &whole);
        self.pair(&format!("{side}ИНН"), inn);
        self.pair(&format!("{side}1"), &name);
        self.pair(&format!("{side}РасчСчет"), &party.account);
        self.pair(&format!("{side}БИК"), &party.mfo);
        self.pair(&format!("{side}Корсчет"), "");
    }
}

impl OneC {
    /// The writer of a file in `encoding`.
    pub(crate) const fn new(encoding: OneCEncoding) -> Self {
        Self { encoding }
    }

    /// The head and the sections of the accounts.
    pub(crate) fn head(
        &self,
        out: &mut impl Write,
        heads: &[Statement],
    ) -> Result<(), ExportError> {
        let mut text = Text::default();
        let Some(head) = heads.first() else { return Err(ExportError::Nothing) };
        text.mark("1CClientBankExchange");
        text.pair("ВерсияФормата", VERSION);
        text.pair(
            "Кодировка",
            match self.encoding {
                OneCEncoding::Windows1251 => "Windows",
                OneCEncoding::Utf8 => "UTF-8",
            },
        );
        text.pair("Отправитель", SENDER);
        text.pair("Получатель", RECEIVER);
        text.pair("ДатаСоздания", &Day::of(head.created_at).dotted());
        text.pair("ВремяСоздания", &time_of_day(head.created_at));
        text.pair("ДатаНачала", &head.from.dotted());
        text.pair("ДатаКонца", &head.to.dotted());
        for head in heads {
            text.pair("РасчСчет", &head.account);
        }
        self.put(out, &text)?;
        heads.iter().try_for_each(|head| self.account(out, head))
    }

    /// The section of an account.
    fn account(&self, out: &mut impl Write, head: &Statement) -> Result<(), ExportError> {
        let mut text = Text::default();
        text.mark("СекцияРасчСчет");
        text.pair("ДатаНачала", &head.from.dotted());
        text.pair("ДатаКонца", &head.to.dotted());
        text.pair("РасчСчет", &head.account);
        text.pair("НачальныйОстаток", &in_sums(head.opening_tiyin));
        text.pair("ВсегоПоступило", &head.incoming.to_string());
        text.pair("ВсегоСписано", &head.outgoing.to_string());
        text.pair("КонечныйОстаток", &in_sums(head.closing_tiyin));
        text.mark("КонецРасчСчет");
        self.put(out, &text)
    }

    /// One document.
    pub(crate) fn line(&self, out: &mut impl Write, line: &Line) -> Result<(), ExportError> {
        let mut text = Text::default();
        let posted = line.bank_day.dotted();
        // An outgoing payment says when it was written off, an incoming one when it arrived.
        let (written_off, arrived) = match line.direction {
            Direction::Outgoing => (posted.as_str(), ""),
            Direction::Incoming => ("", posted.as_str()),
        };
        text.pair("СекцияДокумент", KIND);
        text.pair("Номер", &line.number);
        text.pair("Дата", &Day::of(line.doc_time).dotted());
        text.pair("Сумма", &line.amount.to_string());
        text.party("Плательщик", &line.payer, ("ДатаСписано", written_off));
        text.party("Получатель", &line.receiver, ("ДатаПоступило", arrived));
        text.pair("ВидПлатежа", WAY);
        text.pair("КодНазПлатежа", line.purpose_code.as_deref().unwrap_or_default());
        text.pair("ВидОплаты", KIND_CODE);
        text.pair("НазначениеПлатежа", &line.purpose);
        text.mark("КонецДокумента");
        self.put(out, &text)
    }

    /// The last line.
    pub(crate) fn end(&self, out: &mut impl Write) -> Result<(), ExportError> {
        let mut text = Text::default();
        text.mark("КонецФайла");
        self.put(out, &text)
    }

    fn put(&self, out: &mut impl Write, text: &Text) -> Result<(), ExportError> {
        match self.encoding {
            OneCEncoding::Utf8 => out.write_all(text.0.as_bytes())?,
            OneCEncoding::Windows1251 => {
                let mut bytes = Vec::with_capacity(text.0.len());
                cp1251::encode(&text.0, &mut bytes);
                out.write_all(&bytes)?;
            }
        }
        Ok(())
    }
}
