//! Slips and verdicts, as a table; the spec's slip first.

mod slips;
mod verdicts;

/// The slip of the documented example, as ARCUS prints it.
pub(super) const SPEC: &str = "\
ID Терминала:01000002  Номер смены 1
ID Организации:190339999999902 
                               Чек 6
               Оплата
              ОДОБРЕНО
СУММА:                    500.00 UZS
AID: A0860001000001    HUMO- EMV ICC
TVR: 0000008000TSI:E800
Карта: HUMO              Срок: 01/25
        986009******7856:01
          HUMO CARDTEST14
Введен                   offline-PIN
Код авторизации: 728892 
                     Код ответа:
000
RRN:231511584547 
              Дата:11/11/22
17:01:07
Univ. EMV POS 1.0.0/(MP) /687
 
====================================
";

/// A slip in the bytes that come from the pinpad.
pub(super) fn windows_1251(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
}
