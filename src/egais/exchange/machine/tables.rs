//! The tables of the machines (facts on UTM, sections 3.2–3.7).
//!
//! A row says what may happen in a status and where it leads. An operation of ours runs through the same phases
//! everywhere: queued → sending → (outcome unknown) → sent → accepted at the first stage → done, and may be refused
//! by UTM, at the first or at the second stage; the row gives the status when it is done and when it is refused.

use super::names::{Action, Kind, SignalKind, Status};
use Action::*;
use SignalKind::{
    ActAccepted, ActDifferences, ActRejected, DifferencesConfirmed, DifferencesDeclined, Paired,
    RepealConfirmed, RepealDeclined, RepealRequested as RepealWish, Superseded as Newer, Unconfirmed,
};
use Status::*;

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To this status.
    To(Status),
    /// Nowhere: the status stays.
    Stay,
    /// To the status before the present one was entered.
    Back,
}

/// What may happen in some statuses.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// An operation of ours.
    Own {
        /// Statuses that allow it.
        from: &'static [Status],
        /// The operation.
        action: Action,
        /// When it is done.
        done: Target,
        /// When it is refused.
        refused: Target,
    },
    /// Something that comes in.
    Incoming {
        /// Statuses in which it matters.
        from: &'static [Status],
        /// What comes.
        signal: SignalKind,
        /// Where it leads.
        to: Target,
    },
}

/// What completes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// The ticket of the second stage.
    SecondStage,
    /// The ticket of the first stage.
    FirstStage,
    /// A reply with data.
    Reply,
    /// The answer of UTM itself.
    Receipt,
}

/// A machine.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Which documents it describes.
    pub kind: Kind,
    /// Types of documents, for the documentation.
    pub types: &'static str,
    /// The first status.
    pub initial: Status,
    /// Statuses in which nothing more is expected.
    pub finals: &'static [Status],
    /// The rows.
    pub steps: &'static [Step],
}

const fn own(from: &'static [Status], action: Action, done: Target, refused: Target) -> Step {
    Step::Own { from, action, done, refused }
}

const fn incoming(from: &'static [Status], signal: SignalKind, to: Target) -> Step {
    Step::Incoming { from, signal, to }
}

use Target::{Back, Stay, To};

/// Outgoing waybills of all versions, with the recipient's difference act, our withdrawal, its repeal, and sending
/// a corrected waybill anew.
const OUTGOING_WAYBILL: Table = Table {
    kind: Kind::OutgoingWaybill,
    types: "WayBill, WayBill_v2, WayBill_v3, WayBill_v4",
    initial: Draft,
    finals: &[Confirmed, RefusedByRecipient, DisputeConfirmed, Withdrawn],
    steps: &[
        own(&[Draft, Rejected, Withdrawn], Send, To(Fixed), To(Rejected)),
        own(&[Fixed, DisputeDeclined, RepealDone], Withdraw, To(Withdrawn), Stay),
        incoming(&[Fixed, DisputeDeclined, RepealAgreed, RepealDone], ActAccepted, To(Confirmed)),
        incoming(&[Fixed, DisputeDeclined, RepealAgreed, RepealDone], ActRejected, To(RefusedByRecipient)),
        incoming(&[Fixed, DisputeDeclined, RepealAgreed, RepealDone], ActDifferences, To(Disputed)),
        own(&[Disputed], ConfirmDifferences, To(DisputeConfirmed), Stay),
        own(&[Disputed], DeclineDifferences, To(DisputeDeclined), Stay),
        incoming(&[Confirmed, DisputeConfirmed], RepealWish, To(RepealAsked)),
        own(&[RepealAsked], ConfirmRepeal, To(RepealAgreed), Stay),
        own(&[RepealAsked], DeclineRepeal, Back, Stay),
        incoming(&[Confirmed, DisputeConfirmed, RepealAsked, RepealAgreed], Unconfirmed, To(RepealDone)),
    ],
};

/// Incoming waybills of all versions, with our difference act, the sender's withdrawal, our wish to repeal, and a
/// newer version of the same waybill.
const INCOMING_WAYBILL: Table = Table {
    kind: Kind::IncomingWaybill,
    types: "WayBill, WayBill_v2, WayBill_v3, WayBill_v4 + FORMBREGINFO, FORM2REGINFO",
    initial: Partial,
    finals: &[Confirmed, RefusedByUs, DisputeConfirmed, WithdrawnBySender, Superseded],
    steps: &[
        incoming(&[Partial], Paired, To(Received)),
        own(&[Partial], RequestResend, Stay, Stay),
        own(&[Received, DisputeDeclined, RepealDone, Superseded], Accept, To(Confirmed), Stay),
        own(&[Received, DisputeDeclined, RepealDone, Superseded], Refuse, To(RefusedByUs), Stay),
        own(&[Received, DisputeDeclined, RepealDone, Superseded], Dispute, To(DisputeSent), Stay),
        incoming(&[DisputeSent], DifferencesConfirmed, To(DisputeConfirmed)),
        incoming(&[DisputeSent], DifferencesDeclined, To(DisputeDeclined)),
        own(&[Confirmed, DisputeConfirmed], RequestRepeal, To(RepealRequested), Stay),
        incoming(&[RepealRequested], RepealConfirmed, To(RepealAgreed)),
        incoming(&[RepealRequested], RepealDeclined, Back),
        incoming(&[Confirmed, DisputeConfirmed, RepealRequested, RepealAgreed], Unconfirmed, To(RepealDone)),
        incoming(
            &[Partial, Received, DisputeDeclined, RepealDone, Superseded],
            ActRejected,
            To(WithdrawnBySender),
        ),
        incoming(&[Partial, Received, DisputeDeclined, RepealDone], Newer, To(Superseded)),
    ],
};

/// Acts that change stock and that EGAIS can repeal.
const STOCK_ACT: Table = Table {
    kind: Kind::StockAct,
    types: "ActWriteOff … ActWriteOff_v4, ActChargeOn, ActChargeOn_v2",
    initial: Draft,
    finals: &[Fixed, RepealDone],
    steps: &[
        own(&[Draft, Rejected], Send, To(Fixed), To(Rejected)),
        own(&[Fixed], RequestRepeal, To(RepealDone), Stay),
        incoming(&[Fixed], Unconfirmed, To(RepealDone)),
    ],
};

/// A document that is sent, taken, posted.
const TWO_STAGES: &[Step] = &[
    own(&[Draft, Rejected], Send, To(Fixed), To(Rejected)),
    incoming(&[Fixed], Unconfirmed, To(RepealDone)),
];

const fn two_stages(kind: Kind, types: &'static str) -> Table {
    Table { kind, types, initial: Draft, finals: &[Fixed, RepealDone], steps: TWO_STAGES }
}

const STOCK: Table =
    two_stages(Kind::Stock, "TransferToShop, TransferFromShop, ActChargeOnShop_v2, ActWriteOffShop_v2");

const MARKS: Table = two_stages(Kind::Marks, "ActFixBarCode, ActUnFixBarCode");

const OTHER: Table = two_stages(Kind::Other, "все остальные документы / all other documents");

/// Queries may be repeated.
const QUERY: Table = Table {
    kind: Kind::Query,
    types: "Query…",
    initial: Draft,
    finals: &[Answered, Declined],
    steps: &[own(&[Draft, Answered, Declined], Send, To(Answered), To(Declined))],
};

const FORMAT_VERSION: Table = Table {
    kind: Kind::FormatVersion,
    types: "InfoVersionTTN",
    initial: Draft,
    finals: &[Done],
    steps: &[own(&[Draft, Rejected, Done], Send, To(Done), To(Rejected))],
};

/// Cheques are answered at once and never repeated by themselves.
const CHEQUE: Table = Table {
    kind: Kind::Cheque,
    types: "Cheque, ChequeV3, ChequeV4",
    initial: Draft,
    finals: &[Done],
    steps: &[own(&[Draft, Rejected], Send, To(Done), To(Rejected))],
};

/// All machines, in the order of the documentation.
pub const TABLES: &[&Table] = &[
    &OUTGOING_WAYBILL,
    &INCOMING_WAYBILL,
    &STOCK_ACT,
    &STOCK,
    &MARKS,
    &QUERY,
    &FORMAT_VERSION,
    &CHEQUE,
    &OTHER,
];

/// The machine of a kind.
pub fn table(kind: Kind) -> &'static Table {
    TABLES.iter().copied().find(|table| table.kind == kind).unwrap_or(&OTHER)
}

impl Table {
    /// The row of an operation in a status: where it leads when done and when refused.
    pub fn operation(&self, status: Status, wanted: Action) -> Option<(Target, Target)> {
        self.steps.iter().find_map(|step| match step {
            Step::Own { from, action, done, refused } if *action == wanted && from.contains(&status) => {
                Some((*done, *refused))
            }
            _ => None,
        })
    }

    /// Where something that comes in leads in a status.
    pub fn reaction(&self, status: Status, wanted: SignalKind) -> Option<Target> {
        self.steps.iter().find_map(|step| match step {
            Step::Incoming { from, signal, to } if *signal == wanted && from.contains(&status) => Some(*to),
            _ => None,
        })
    }

    /// Operations that a status allows, in the order of the rows.
    pub fn actions(&self, status: Status) -> impl Iterator<Item = Action> {
        self.steps.iter().filter_map(move |step| match step {
            Step::Own { from, action, .. } if from.contains(&status) => Some(*action),
            _ => None,
        })
    }
}

/// What completes an operation on a document; `message` is the type of the message that carries it.
pub fn completion(kind: Kind, action: Action, message: &str) -> Completion {
    match (kind, action) {
        (Kind::Cheque, _) => Completion::Receipt,
        (Kind::FormatVersion, _) | (_, RequestResend) => Completion::FirstStage,
        // The answer to this query is the documents themselves, which come without a reply id.
        (Kind::Query, _) if message.eq_ignore_ascii_case("QueryResendDoc") => Completion::FirstStage,
        (Kind::Query, _) => Completion::Reply,
        _ => Completion::SecondStage,
    }
}
