//! The commands of a pinpad: an argument list for each operation, with places for its values.
//!
//! No shell is involved. A value fills its place within one argument and is digits only.

use chorsu_core::Tiyin;

use super::value::Rrn;

/// What a pinpad can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PinpadOperation {
    /// A payment.
    Sale,
    /// A payment of this shift taken back.
    Void,
    /// Reconciliation with the bank, which closes the shift.
    Reconcile,
    /// A report that closes nothing.
    ShortReport,
    /// The last slip once more.
    PrintLast,
}

impl PinpadOperation {
    /// The name for logs and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Void => "void",
            Self::Reconcile => "reconcile",
            Self::ShortReport => "short_report",
            Self::PrintLast => "print_last",
        }
    }

    /// Placeholders it must have, and those it may have.
    const fn places(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Sale => (&[AMOUNT], &[AMOUNT]),
            Self::Void => (&[RRN], &[AMOUNT, RRN]),
            Self::Reconcile | Self::ShortReport | Self::PrintLast => (&[], &[]),
        }
    }
}

/// The place of the amount, in tiyin.
const AMOUNT: &str = "{amount}";
/// The place of the payment's reference.
const RRN: &str = "{rrn}";

/// A command that is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is not even a program.
    #[error("the command for {0} has no program")]
    NoProgram(&'static str),
    /// A value has no place.
    #[error("the command for {operation} lacks {place}")]
    Missing {
        /// The operation.
        operation: &'static str,
        /// The place.
        place: &'static str,
    },
    /// An argument has a place that the operation has no value for, or a loose brace.
    #[error("the command for {operation} has a place nothing fills: {argument}")]
    Unknown {
        /// The operation.
        operation: &'static str,
        /// The argument.
        argument: String,
    },
}

/// A checked command: the program and its arguments, with `{amount}` (tiyin) and `{rrn}` where
/// values go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTemplate {
    program: String,
    arguments: Vec<String>,
}

impl CommandTemplate {
    /// The command for `operation` in `parts`: first the program, then its arguments. A sale needs
    /// `{amount}`, a void `{rrn}` and may have `{amount}`; the others have no values.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn parse(operation: PinpadOperation, parts: &[String]) -> Result<Self, TemplateError> {
        let name = operation.name();
        let (program, arguments) = match parts {
            [program, arguments @ ..] if !program.trim().is_empty() => (program, arguments),
            _ => return Err(TemplateError::NoProgram(name)),
        };
        let (must, may) = operation.places();
        for argument in arguments {
            let rest = may.iter().fold(argument.clone(), |rest, place| rest.replace(place, ""));
            if rest.contains(['{', '}']) {
                let argument = argument.clone();
                return Err(TemplateError::Unknown { operation: name, argument });
            }
        }
        let missing = must.iter().find(|place| !arguments.iter().any(|part| part.contains(*place)));
        if let Some(place) = missing {
            return Err(TemplateError::Missing { operation: name, place });
        }
        Ok(Self { program: program.clone(), arguments: arguments.to_vec() })
    }

    /// The program.
    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// The arguments with the values in their places.
    pub(super) fn arguments(&self, amount: Option<Tiyin>, rrn: Option<&Rrn>) -> Vec<String> {
        let amount = amount.map(|amount| amount.get().to_string()).unwrap_or_default();
        let rrn = rrn.map(Rrn::as_str).unwrap_or_default();
        let fill = |argument: &String| argument.replace(AMOUNT, &amount).replace(RRN, rrn);
        self.arguments.iter().map(fill).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(operation: PinpadOperation, text: &str) -> Result<CommandTemplate, TemplateError> {
        let parts: Vec<String> = text.split(' ').map(str::to_owned).collect();
        CommandTemplate::parse(operation, &parts)
    }

    #[test]
    fn values_go_into_their_places() {
        let sale = parse(PinpadOperation::Sale, "arcus /o1 /a{amount} /c860").unwrap();
        assert_eq!(sale.program(), "arcus");
        assert_eq!(sale.arguments(Tiyin::new(50_000), None), ["/o1", "/a50000", "/c860"]);
        let void = parse(PinpadOperation::Void, "arcus /o4 /a{amount} /r{rrn}").unwrap();
        let rrn = Rrn::parse("231511584547").unwrap();
        let filled = void.arguments(Tiyin::new(1), Some(&rrn));
        assert_eq!(filled, ["/o4", "/a1", "/r231511584547"]);
    }

    #[test]
    fn a_command_that_cannot_work_is_refused() {
        let cases = [
            (PinpadOperation::Sale, "arcus /o1 /c860"),
            (PinpadOperation::Sale, "arcus {amount} {rrn}"),
            (PinpadOperation::Sale, "arcus {amount} {Amount}"),
            (PinpadOperation::Sale, "arcus {amount} {"),
            (PinpadOperation::Void, "arcus /a{amount}"),
            (PinpadOperation::Reconcile, "arcus {amount}"),
            (PinpadOperation::PrintLast, ""),
        ];
        for (operation, text) in cases {
            assert!(parse(operation, text).is_err(), "{text}");
        }
        assert!(CommandTemplate::parse(PinpadOperation::Sale, &[]).is_err());
    }
}
