//! The words of the machines, each with its Russian and English name.

use crate::egais::exchange::named::named;

named! {
    /// What kind of document a machine describes.
    Kind {
        /// A waybill that we sent.
        OutgoingWaybill = "ИсходящаяНакладная", "OutgoingWaybill";
        /// A waybill that was sent to us.
        IncomingWaybill = "ВходящаяНакладная", "IncomingWaybill";
        /// An act of write-off or of putting on the balance: it can be repealed.
        StockAct = "АктОстатков", "StockAct";
        /// Any other document of stock: transfers, acts of the shop.
        Stock = "ДокументОстатков", "Stock";
        /// Tying marks to a batch and untying them.
        Marks = "ФиксацияМарок", "Marks";
        /// A query.
        Query = "Запрос", "Query";
        /// The format of waybills this place wants.
        FormatVersion = "ВерсияФормата", "FormatVersion";
        /// A cheque.
        Cheque = "Чек", "Cheque";
        /// Any other document.
        Other = "ПрочийДокумент", "Other";
    }
}

named! {
    /// Where a document stands.
    Status {
        /// Known here only.
        Draft = "Черновик", "Draft";
        /// Waits in the queue.
        Queued = "КПередаче", "Queued";
        /// Is being sent.
        Sending = "Передается", "Sending";
        /// Nobody knows whether UTM got it.
        OutcomeUnknown = "ИсходНеизвестен", "OutcomeUnknown";
        /// UTM took it; EGAIS has not answered.
        Sent = "Передан", "Sent";
        /// EGAIS took it (first stage); not posted yet.
        Accepted = "ПринятЕГАИС", "AcceptedByEgais";
        /// UTM or EGAIS refused it.
        Rejected = "ОтклоненЕГАИС", "RejectedByEgais";
        /// Posted in EGAIS (second stage).
        Fixed = "ПроведенЕГАИС", "Fixed";
        /// Done: nothing else is expected.
        Done = "Выполнен", "Done";
        /// A query got its reply.
        Answered = "ОтветПолучен", "Answered";
        /// A query was refused.
        Declined = "ЗапросОтклонен", "Declined";
        /// Of an incoming waybill only the waybill or only its form is here.
        Partial = "ПолученЧастично", "Partial";
        /// An incoming waybill with its form: to be answered.
        Received = "Получен", "Received";
        /// Received in full.
        Confirmed = "Подтвержден", "Confirmed";
        /// The recipient refused our waybill.
        RefusedByRecipient = "ОтказПолучателя", "RefusedByRecipient";
        /// We refused the waybill.
        RefusedByUs = "ОтказОтНакладной", "RefusedByUs";
        /// The recipient sent a difference act.
        Disputed = "ПолученАктРасхождений", "Disputed";
        /// We sent a difference act; the sender has not answered.
        DisputeSent = "ОтправленАктРасхождений", "DisputeSent";
        /// The sender agreed with the differences.
        DisputeConfirmed = "РасхожденияПодтверждены", "DisputeConfirmed";
        /// The sender did not agree: the act is void.
        DisputeDeclined = "РасхожденияОтклонены", "DisputeDeclined";
        /// The recipient asks to repeal its answer.
        RepealAsked = "ПолученЗапросОтмены", "RepealAsked";
        /// We asked to repeal our answer.
        RepealRequested = "ЗапрошенаОтменаПроведения", "RepealRequested";
        /// The sender agreed to the repeal; EGAIS has not repealed yet.
        RepealAgreed = "ОтменаПроведенияСогласована", "RepealAgreed";
        /// Repealed.
        RepealDone = "ПроведениеОтменено", "RepealDone";
        /// We withdrew our waybill.
        Withdrawn = "Отозван", "Withdrawn";
        /// The sender withdrew its waybill.
        WithdrawnBySender = "ОтозванОтправителем", "WithdrawnBySender";
        /// The sender sent the same waybill anew under another registration number.
        Superseded = "ЗамененНовойВерсией", "Superseded";
    }
}

named! {
    /// What a user may do next.
    Action {
        /// Send the document.
        Send = "ПередайтеДанные", "SendData";
        /// Withdraw an outgoing waybill.
        Withdraw = "ОтзовитеНакладную", "WithdrawWaybill";
        /// Agree with a difference act.
        ConfirmDifferences = "ПодтвердитеАктРасхождений", "ConfirmDifferences";
        /// Disagree with a difference act.
        DeclineDifferences = "ОткажитесьОтАктаРасхождений", "DeclineDifferences";
        /// Agree to a repeal.
        ConfirmRepeal = "ПодтвердитеОтменуПроведения", "ConfirmRepeal";
        /// Disagree with a repeal.
        DeclineRepeal = "ОткажитеВОтменеПроведения", "DeclineRepeal";
        /// Accept an incoming waybill.
        Accept = "ПодтвердитеПолучение", "ConfirmReceipt";
        /// Refuse an incoming waybill.
        Refuse = "ОткажитесьОтНакладной", "RefuseWaybill";
        /// Report differences.
        Dispute = "СообщитеОРасхождениях", "ReportDifferences";
        /// Ask for a repeal.
        RequestRepeal = "ЗапроситеОтменуПроведения", "RequestRepeal";
        /// Ask EGAIS to send the waybill and its form again.
        RequestResend = "ЗапроситеПовтор", "RequestResend";
        /// Send the same message once more: a person's decision.
        Resend = "ПередайтеПовторно", "SendAgain";
    }
}

named! {
    /// What came in without being asked for.
    SignalKind {
        /// The waybill and its form are both here.
        Paired = "Накладная и справка получены", "Waybill and form received";
        /// The other side's act: received in full.
        ActAccepted = "Акт: принято полностью", "Act: accepted";
        /// The other side's act: refused, or withdrawn by the sender.
        ActRejected = "Акт: отказ или отзыв", "Act: rejected or withdrawn";
        /// The other side's act: differences.
        ActDifferences = "Акт: расхождения", "Act: differences";
        /// The sender agrees with our difference act.
        DifferencesConfirmed = "Квитанция на акт: согласие", "Answer to act: agreed";
        /// The sender does not agree with our difference act.
        DifferencesDeclined = "Квитанция на акт: отказ", "Answer to act: declined";
        /// The recipient asks for a repeal.
        RepealRequested = "Запрос отмены проведения", "Repeal requested";
        /// The sender agrees to a repeal.
        RepealConfirmed = "Ответ на запрос отмены: согласие", "Answer to repeal: agreed";
        /// The sender does not agree to a repeal.
        RepealDeclined = "Ответ на запрос отмены: отказ", "Answer to repeal: declined";
        /// EGAIS repealed the document.
        Unconfirmed = "Квитанция UnConfirm", "UnConfirm ticket";
        /// A newer version of the same waybill is here.
        Superseded = "Получена новая версия", "Newer version received";
    }
}

/// How far an operation has come that is neither done nor refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Waits in the queue.
    Queued,
    /// Is being sent.
    Sending,
    /// Nobody knows whether it arrived.
    OutcomeUnknown,
    /// UTM took it.
    Sent,
    /// EGAIS took it: first stage.
    Accepted,
}

impl Phase {
    /// The status a document shows while an operation is in this phase.
    pub fn status(self) -> Status {
        match self {
            Self::Queued => Status::Queued,
            Self::Sending => Status::Sending,
            Self::OutcomeUnknown => Status::OutcomeUnknown,
            Self::Sent => Status::Sent,
            Self::Accepted => Status::Accepted,
        }
    }
}

impl Kind {
    /// The kind of a document that we send, by the name of its type.
    pub fn of_outgoing(doc_type: &str) -> Self {
        let family = crate::egais::exchange::facts::family_of(doc_type).to_lowercase();
        match family.as_str() {
            "waybill" => Self::OutgoingWaybill,
            "actwriteoff" | "actchargeon" => Self::StockAct,
            "actwriteoffshop" | "actchargeonshop" | "transfertoshop" | "transferfromshop" => Self::Stock,
            "actfixbarcode" | "actunfixbarcode" => Self::Marks,
            "infoversionttn" => Self::FormatVersion,
            "cheque" | "chequev3" | "chequev4" => Self::Cheque,
            _ if family.starts_with("query") => Self::Query,
            _ => Self::Other,
        }
    }
}
