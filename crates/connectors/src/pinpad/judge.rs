//! What a slip proves about the operation it was printed for. Pure.

use chorsu_core::Tiyin;

use super::code::{CodeMeaning, DeclineReason, code_meaning};
use super::error::Doubt;
use super::slip::{Slip, SlipKind, SlipWord};
use super::value::Rrn;

/// An operation that moves money, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To take so much from the card that is shown.
    Sale {
        /// How much.
        amount: Tiyin,
    },
    /// To take a payment of the same shift back.
    Void {
        /// How much was paid.
        amount: Tiyin,
        /// The payment's reference.
        rrn: Rrn,
    },
}

impl Asked {
    /// How much it moves.
    #[must_use]
    pub const fn amount(&self) -> Tiyin {
        match self {
            Self::Sale { amount } | Self::Void { amount, .. } => *amount,
        }
    }

    const fn is_void(&self) -> bool {
        matches!(self, Self::Void { .. })
    }
}

/// What became of an operation, for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Approved(Approval),
    /// It was not done.
    Declined(Decline),
}

/// The money has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The network's reference, by which the payment can be voided; a slip without one is rare.
    pub rrn: Option<Rrn>,
    /// The slip, with the amount that was asked for.
    pub slip: Slip,
}

/// No money has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// Why.
    pub reason: DeclineReason,
    /// The slip.
    pub slip: Slip,
}

/// What the last slip of a pinpad says about an operation whose own slip was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastSlip {
    /// It is the operation's.
    Ours(Box<Answer>),
    /// It belongs to an operation before: the one that was asked for has not been done, unless
    /// the pinpad is still at it.
    Earlier,
}

/// Judges the slip that was printed for `asked`.
///
/// Approved is only what has an approved word, an approved code and the same amount. Declined is
/// only what says so, by word or by code, and names no other amount.
///
/// # Errors
/// The [`Doubt`] that leaves the outcome unknown.
pub fn judge(asked: &Asked, slip: Slip) -> Result<Answer, Doubt> {
    if slip.contradictory {
        return Err(Doubt::Contradictory);
    }
    let code = slip.response_code.as_deref().map(code_meaning);
    let approved_code = match code {
        Some(CodeMeaning::Approved) => true,
        Some(CodeMeaning::ApprovedVoid) => asked.is_void(),
        _ => false,
    };
    match (slip.word, code) {
        (Some(SlipWord::Approved), _) if approved_code => approve(asked, slip),
        (Some(SlipWord::Approved), Some(CodeMeaning::Declined(_))) => Err(Doubt::Contradictory),
        (Some(SlipWord::Approved), _) => Err(Doubt::NoApprovedCode),
        (_, Some(CodeMeaning::Approved | CodeMeaning::ApprovedVoid)) => Err(Doubt::NoApprovedWord),
        (_, Some(CodeMeaning::Unclear)) => Err(Doubt::UnclearCode),
        (_, Some(CodeMeaning::Declined(reason))) => decline(asked, reason, slip),
        (Some(SlipWord::Declined), _) => decline(asked, DeclineReason::Declined, slip),
        (None, _) => Err(Doubt::NoVerdict),
    }
}

/// Judges the last slip of the pinpad after the outcome of `asked` was lost.
///
/// `known` says whether the slip's reference is that of an operation Chorsu has a record of,
/// declined ones included: a declined attempt for the same amount, as customers make them, would
/// otherwise pass for this one. A known slip is not this operation's.
///
/// # Errors
/// The [`Doubt`] that leaves the outcome unknown.
pub fn judge_last(asked: &Asked, slip: Slip, known: bool) -> Result<LastSlip, Doubt> {
    let Some(rrn) = &slip.rrn else {
        return Err(if slip.contradictory { Doubt::Contradictory } else { Doubt::NoReference });
    };
    // The slip of a void may show the reference of the payment it takes back.
    let of_this_void = match asked {
        Asked::Void { rrn: original, .. } => rrn == original && slip.kind == SlipKind::Void,
        Asked::Sale { .. } => false,
    };
    if known && !of_this_void {
        return Ok(LastSlip::Earlier);
    }
    judge(asked, slip).map(|answer| LastSlip::Ours(Box::new(answer)))
}

fn approve(asked: &Asked, slip: Slip) -> Result<Answer, Doubt> {
    let other = if asked.is_void() { SlipKind::Sale } else { SlipKind::Void };
    if slip.kind == other {
        return Err(Doubt::OtherOperation);
    }
    match slip.amount {
        Some(amount) if amount == asked.amount() => {
            Ok(Answer::Approved(Approval { rrn: slip.rrn.clone(), slip }))
        }
        Some(_) => Err(Doubt::OtherAmount),
        None => Err(Doubt::NoAmount),
    }
}

fn decline(asked: &Asked, reason: DeclineReason, slip: Slip) -> Result<Answer, Doubt> {
    if slip.amount.is_some_and(|amount| amount != asked.amount()) {
        return Err(Doubt::OtherAmount);
    }
    Ok(Answer::Declined(Decline { reason, slip }))
}
