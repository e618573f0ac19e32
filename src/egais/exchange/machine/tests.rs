//! The machines by hand: every path of the tables, every order of arrival.

use super::*;
use crate::egais::exchange::facts::Stage;
use proptest::prelude::*;

fn stage(accepted: bool, operation: &str, date: &str) -> Stage {
    Stage { accepted, operation: operation.into(), date: date.into(), comment: "текст".into() }
}

fn attempt(id: i64, action: Action, message: &str) -> Attempt {
    Attempt {
        id,
        action: Some(action),
        message: message.into(),
        hash: format!("h{id}"),
        local: Local::Sent,
        ..Attempt::default()
    }
}

fn done(id: i64, action: Action, message: &str) -> Attempt {
    Attempt {
        first: vec![stage(true, "", "2024-06-01T10:00:00")],
        second: vec![stage(true, "Confirm", "2024-06-01T10:01:00")],
        ..attempt(id, action, message)
    }
}

fn refused(id: i64, action: Action, message: &str) -> Attempt {
    Attempt { first: vec![stage(false, "", "2024-06-01T10:00:00")], ..attempt(id, action, message) }
}

fn signal(kind: SignalKind, order: i64) -> Signal {
    Signal { kind, order, hash: format!("s{order}"), arrival: order, registration: String::new() }
}

fn history(kind: Kind, attempts: Vec<Attempt>, signals: Vec<Signal>) -> History {
    History { kind, start: None, attempts, signals, may_request_resend: true }
}

fn status(kind: Kind, attempts: Vec<Attempt>, signals: Vec<Signal>) -> Status {
    fold(&history(kind, attempts, signals)).status
}

fn sent_waybill() -> Attempt {
    done(1, Action::Send, "WayBill_v4")
}

#[test]
fn an_outgoing_waybill_shows_every_phase() {
    let with = |local: Local| vec![Attempt { local, ..attempt(1, Action::Send, "WayBill_v4") }];
    let shown = |attempts| status(Kind::OutgoingWaybill, attempts, vec![]);
    assert_eq!(shown(vec![]), Status::Draft);
    assert_eq!(shown(with(Local::Queued)), Status::Queued);
    assert_eq!(shown(with(Local::Sending)), Status::Sending);
    assert_eq!(shown(with(Local::Unknown("обрыв".into()))), Status::OutcomeUnknown);
    assert_eq!(shown(with(Local::Sent)), Status::Sent);
    assert_eq!(shown(with(Local::Cancelled)), Status::Draft);
    assert_eq!(shown(with(Local::Refused("нет".into()))), Status::Rejected);
    let accepted = Attempt { first: vec![stage(true, "", "")], ..attempt(1, Action::Send, "WayBill_v4") };
    assert_eq!(shown(vec![accepted]), Status::Accepted);
    assert_eq!(shown(vec![refused(1, Action::Send, "WayBill_v4")]), Status::Rejected);
    assert_eq!(shown(vec![sent_waybill()]), Status::Fixed);
}

#[test]
fn a_second_stage_alone_decides_even_before_the_first_comes() {
    let only_second =
        Attempt { second: vec![stage(true, "Confirm", "")], ..attempt(1, Action::Send, "WayBill_v4") };
    assert_eq!(status(Kind::OutgoingWaybill, vec![only_second.clone()], vec![]), Status::Fixed);
    let refused = Attempt { second: vec![stage(false, "Confirm", "")], ..only_second };
    let state = fold(&history(Kind::OutgoingWaybill, vec![refused], vec![]));
    assert_eq!((state.status, state.error.as_deref()), (Status::Rejected, Some("текст")));
    assert_eq!(state.actions, [Action::Send]);
}

#[test]
fn the_recipient_may_accept_refuse_or_dispute() {
    let after = |kind| fold(&history(Kind::OutgoingWaybill, vec![sent_waybill()], vec![signal(kind, 5)]));
    assert_eq!(after(SignalKind::ActAccepted).status, Status::Confirmed);
    assert!(after(SignalKind::ActAccepted).is_final);
    assert_eq!(after(SignalKind::ActRejected).status, Status::RefusedByRecipient);
    let disputed = after(SignalKind::ActDifferences);
    assert_eq!(disputed.status, Status::Disputed);
    assert_eq!(disputed.actions, [Action::ConfirmDifferences, Action::DeclineDifferences]);
}

#[test]
fn a_declined_difference_act_waits_for_another_answer() {
    let attempts = vec![sent_waybill(), done(10, Action::DeclineDifferences, "WayBillTicket")];
    let first = signal(SignalKind::ActDifferences, 5);
    assert_eq!(status(Kind::OutgoingWaybill, attempts.clone(), vec![first.clone()]), Status::DisputeDeclined);
    let again = vec![first, signal(SignalKind::ActAccepted, 20)];
    assert_eq!(status(Kind::OutgoingWaybill, attempts, again), Status::Confirmed);
}

#[test]
fn a_withdrawn_waybill_can_be_sent_anew_under_another_number() {
    let mut first = sent_waybill();
    first.registration = Some("TTN-1".into());
    let withdrawn = done(10, Action::Withdraw, "WayBillAct_v4");
    let state = fold(&history(Kind::OutgoingWaybill, vec![first.clone(), withdrawn.clone()], vec![]));
    assert_eq!((state.status, state.actions), (Status::Withdrawn, vec![Action::Send]));
    let mut second = done(20, Action::Send, "WayBill_v4");
    second.registration = Some("TTN-2".into());
    // An act on the first number does not touch the second.
    let late = Signal { registration: "TTN-1".into(), ..signal(SignalKind::ActAccepted, 30) };
    let ours = Signal { registration: "TTN-2".into(), ..signal(SignalKind::ActRejected, 31) };
    let attempts = vec![first, withdrawn, second];
    let state = fold(&history(Kind::OutgoingWaybill, attempts.clone(), vec![late.clone()]));
    assert_eq!((state.status, state.registration.as_deref()), (Status::Fixed, Some("TTN-2")));
    assert_eq!(status(Kind::OutgoingWaybill, attempts, vec![late, ours]), Status::RefusedByRecipient);
}

#[test]
fn a_refused_withdrawal_leaves_the_waybill_and_its_later_answer() {
    let attempts = vec![sent_waybill(), refused(10, Action::Withdraw, "WayBillAct_v4")];
    let state = fold(&history(Kind::OutgoingWaybill, attempts.clone(), vec![]));
    assert_eq!((state.status, state.error.is_some()), (Status::Fixed, true));
    assert_eq!(
        status(Kind::OutgoingWaybill, attempts, vec![signal(SignalKind::ActAccepted, 20)]),
        Status::Confirmed
    );
}

#[test]
fn a_repeal_asked_by_the_recipient_is_answered_both_ways() {
    let signals = vec![signal(SignalKind::ActAccepted, 5), signal(SignalKind::RepealRequested, 6)];
    let asked = fold(&history(Kind::OutgoingWaybill, vec![sent_waybill()], signals.clone()));
    assert_eq!(asked.status, Status::RepealAsked);
    assert_eq!(asked.actions, [Action::ConfirmRepeal, Action::DeclineRepeal]);
    let declined = vec![sent_waybill(), done(10, Action::DeclineRepeal, "ConfirmRepealWB")];
    assert_eq!(status(Kind::OutgoingWaybill, declined, signals.clone()), Status::Confirmed);
    let agreed = vec![sent_waybill(), done(10, Action::ConfirmRepeal, "ConfirmRepealWB")];
    assert_eq!(status(Kind::OutgoingWaybill, agreed.clone(), signals.clone()), Status::RepealAgreed);
    let mut undone = signals;
    undone.push(signal(SignalKind::Unconfirmed, 11));
    assert_eq!(status(Kind::OutgoingWaybill, agreed.clone(), undone.clone()), Status::RepealDone);
    undone.push(signal(SignalKind::ActRejected, 12));
    assert_eq!(status(Kind::OutgoingWaybill, agreed, undone), Status::RefusedByRecipient);
}

#[test]
fn an_incoming_waybill_needs_both_pieces() {
    let partial = fold(&history(Kind::IncomingWaybill, vec![], vec![]));
    assert_eq!((partial.status, partial.actions), (Status::Partial, vec![Action::RequestResend]));
    let paired = fold(&history(Kind::IncomingWaybill, vec![], vec![signal(SignalKind::Paired, 0)]));
    assert_eq!(paired.status, Status::Received);
    assert_eq!(paired.actions, [Action::Accept, Action::Refuse, Action::Dispute]);
    let asking = Attempt { local: Local::Sent, ..attempt(1, Action::RequestResend, "QueryResendDoc") };
    let asked = fold(&history(Kind::IncomingWaybill, vec![asking.clone()], vec![]));
    assert_eq!((asked.status, asked.actions), (Status::Partial, vec![]), "one question at a time");
    let came = fold(&history(Kind::IncomingWaybill, vec![asking], vec![signal(SignalKind::Paired, 0)]));
    assert_eq!(came.status, Status::Received, "the question does not stand in the way");
    assert!(came.actions.contains(&Action::Accept));
}

#[test]
fn our_difference_act_is_agreed_with_or_void() {
    let paired = signal(SignalKind::Paired, 0);
    let act = done(10, Action::Dispute, "WayBillAct_v4");
    let after = |signals: Vec<Signal>, attempts: Vec<Attempt>| {
        status(Kind::IncomingWaybill, attempts, [vec![paired.clone()], signals].concat())
    };
    assert_eq!(after(vec![], vec![act.clone()]), Status::DisputeSent);
    let agreed = signal(SignalKind::DifferencesConfirmed, 20);
    assert_eq!(after(vec![agreed], vec![act.clone()]), Status::DisputeConfirmed);
    let void = signal(SignalKind::DifferencesDeclined, 20);
    assert_eq!(after(vec![void.clone()], vec![act.clone()]), Status::DisputeDeclined);
    let accepted = done(30, Action::Accept, "WayBillAct_v4");
    assert_eq!(after(vec![void], vec![act, accepted]), Status::Confirmed);
}

#[test]
fn an_answer_proves_the_operation_done_before_its_tickets_come() {
    let paired = signal(SignalKind::Paired, 0);
    let act = attempt(10, Action::Dispute, "WayBillAct_v4");
    let void = signal(SignalKind::DifferencesDeclined, 20);
    let state = fold(&history(Kind::IncomingWaybill, vec![act.clone()], vec![paired.clone(), void.clone()]));
    assert_eq!(state.status, Status::DisputeDeclined);
    let queued = Attempt { local: Local::Queued, ..act };
    let state = fold(&history(Kind::IncomingWaybill, vec![queued], vec![paired, void]));
    assert_eq!(state.status, Status::Queued, "nobody can answer what was not sent");
}

#[test]
fn our_wish_to_repeal_goes_through_the_sender_and_egais() {
    let paired = signal(SignalKind::Paired, 0);
    let attempts =
        vec![done(1, Action::Accept, "WayBillAct_v4"), done(10, Action::RequestRepeal, "RequestRepealWB")];
    let after = |signals: Vec<Signal>| {
        status(Kind::IncomingWaybill, attempts.clone(), [vec![paired.clone()], signals].concat())
    };
    assert_eq!(after(vec![]), Status::RepealRequested);
    assert_eq!(after(vec![signal(SignalKind::RepealDeclined, 20)]), Status::Confirmed);
    assert_eq!(after(vec![signal(SignalKind::RepealConfirmed, 20)]), Status::RepealAgreed);
    let undone = vec![signal(SignalKind::Unconfirmed, 21), signal(SignalKind::RepealConfirmed, 20)];
    assert_eq!(after(undone), Status::RepealDone);
}

#[test]
fn withdrawal_and_newer_versions_reach_only_unanswered_waybills() {
    let paired = signal(SignalKind::Paired, 0);
    let after = |attempts: Vec<Attempt>, kind| {
        status(Kind::IncomingWaybill, attempts, vec![paired.clone(), signal(kind, 20)])
    };
    assert_eq!(after(vec![], SignalKind::ActRejected), Status::WithdrawnBySender);
    assert_eq!(after(vec![], SignalKind::Superseded), Status::Superseded);
    let answered = vec![done(1, Action::Accept, "WayBillAct_v4")];
    assert_eq!(after(answered.clone(), SignalKind::ActRejected), Status::Confirmed);
    assert_eq!(after(answered, SignalKind::Superseded), Status::Confirmed);
}

#[test]
fn stock_acts_are_repealed_by_egais_alone() {
    let act = done(1, Action::Send, "ActWriteOff_v3");
    let state = fold(&history(Kind::StockAct, vec![act.clone()], vec![]));
    assert_eq!((state.status, state.actions), (Status::Fixed, vec![Action::RequestRepeal]));
    let repeal = Attempt {
        second: vec![stage(true, "UnConfirm", "2024-06-02")],
        ..attempt(10, Action::RequestRepeal, "RequestRepealAWO")
    };
    assert_eq!(status(Kind::StockAct, vec![act.clone(), repeal], vec![]), Status::RepealDone);
    let waiting = attempt(10, Action::RequestRepeal, "RequestRepealAWO");
    assert_eq!(status(Kind::StockAct, vec![act.clone(), waiting], vec![]), Status::Sent);
    assert_eq!(
        status(Kind::StockAct, vec![act], vec![signal(SignalKind::Unconfirmed, 5)]),
        Status::RepealDone
    );
    for (kind, message) in
        [(Kind::Stock, "TransferToShop"), (Kind::Marks, "ActFixBarCode"), (Kind::Other, "CarrierNotice")]
    {
        assert_eq!(status(kind, vec![done(1, Action::Send, message)], vec![]), Status::Fixed);
        assert_eq!(status(kind, vec![refused(1, Action::Send, message)], vec![]), Status::Rejected);
    }
}

#[test]
fn queries_are_answered_by_data_whatever_the_ticket_says() {
    let query = attempt(1, Action::Send, "QueryRests_v2");
    assert_eq!(status(Kind::Query, vec![query.clone()], vec![]), Status::Sent);
    let accepted = Attempt { first: vec![stage(true, "", "")], ..query.clone() };
    assert_eq!(status(Kind::Query, vec![accepted], vec![]), Status::Accepted);
    let declined = Attempt { first: vec![stage(false, "", "")], ..query.clone() };
    assert_eq!(status(Kind::Query, vec![declined.clone()], vec![]), Status::Declined);
    let answered = Attempt { has_reply: true, ..declined };
    let state = fold(&history(Kind::Query, vec![answered], vec![]));
    assert_eq!((state.status, state.actions), (Status::Answered, vec![Action::Send]));
    let resend = Attempt { message: "QueryResendDoc".into(), first: vec![stage(true, "", "")], ..query };
    assert_eq!(status(Kind::Query, vec![resend], vec![]), Status::Answered, "its answer has no reply id");
}

#[test]
fn format_versions_and_cheques_need_one_answer() {
    let version = Attempt { first: vec![stage(true, "", "")], ..attempt(1, Action::Send, "InfoVersionTTN") };
    assert_eq!(status(Kind::FormatVersion, vec![version], vec![]), Status::Done);
    assert_eq!(status(Kind::Cheque, vec![attempt(1, Action::Send, "ChequeV3")], vec![]), Status::Done);
    let unknown = Attempt { local: Local::Unknown(String::new()), ..attempt(1, Action::Send, "ChequeV3") };
    let state = fold(&history(Kind::Cheque, vec![unknown], vec![]));
    assert_eq!((state.status, state.actions), (Status::OutcomeUnknown, vec![Action::Resend]));
}

#[test]
fn already_registered_is_success_only_after_an_unknown_outcome_of_the_same_content() {
    let text = "уже зарегистрирована в системе. Регистрационный номер TTN-0014396814";
    let rejected = vec![Stage { comment: text.into(), ..stage(false, "", "2024-06-01T10:00:00") }];
    let alone = Attempt { first: rejected.clone(), ..attempt(2, Action::Send, "WayBill_v4") };
    assert_eq!(
        status(Kind::OutgoingWaybill, vec![alone.clone()], vec![]),
        Status::Rejected,
        "a number used twice"
    );
    let lost = Attempt {
        local: Local::Unknown(String::new()),
        hash: "same".into(),
        ..attempt(1, Action::Send, "WayBill_v4")
    };
    let again = Attempt { hash: "same".into(), resend_of: Some(1), ..alone };
    let state = fold(&history(Kind::OutgoingWaybill, vec![lost.clone(), again.clone()], vec![]));
    assert_eq!((state.status, state.registration.as_deref()), (Status::Fixed, Some("TTN-0014396814")));
    let other = Attempt { hash: "other".into(), ..again.clone() };
    assert_eq!(status(Kind::OutgoingWaybill, vec![lost.clone(), other], vec![]), Status::Rejected);
    let known = Attempt { local: Local::Refused("нет".into()), ..lost };
    assert_eq!(status(Kind::OutgoingWaybill, vec![known, again], vec![]), Status::Rejected);
}

#[test]
fn the_lost_message_may_turn_out_to_have_arrived_after_all() {
    let lost = Attempt { local: Local::Unknown(String::new()), ..sent_waybill() };
    assert_eq!(status(Kind::OutgoingWaybill, vec![lost.clone()], vec![]), Status::Fixed);
    let again = Attempt { resend_of: Some(1), hash: "h1".into(), ..refused(2, Action::Send, "WayBill_v4") };
    assert_eq!(
        status(Kind::OutgoingWaybill, vec![lost, again], vec![]),
        Status::Fixed,
        "one of two is enough"
    );
}

#[test]
fn what_the_user_took_back_is_gone_unless_egais_accepted_it() {
    let undone = Attempt { local: Local::Undone, ..attempt(1, Action::Send, "WayBill_v4") };
    assert_eq!(status(Kind::OutgoingWaybill, vec![undone.clone()], vec![]), Status::Draft);
    let rejected = Attempt { first: vec![stage(false, "", "")], ..undone.clone() };
    assert_eq!(status(Kind::OutgoingWaybill, vec![rejected], vec![]), Status::Draft);
    let accepted = Attempt { second: vec![stage(true, "Confirm", "")], ..undone };
    assert_eq!(status(Kind::OutgoingWaybill, vec![accepted], vec![]), Status::Fixed);
}

#[test]
fn every_status_of_a_table_can_be_reached_and_every_row_is_used() {
    for table in tables::TABLES {
        let mut reached = vec![table.initial];
        let mut grown = true;
        while grown {
            grown = false;
            for step in table.steps {
                let (from, targets) = match step {
                    Step::Own { from, done, refused, .. } => (from, [*done, *refused]),
                    Step::Incoming { from, to, .. } => (from, [*to, Target::Stay]),
                };
                for target in targets {
                    if let Target::To(status) = target
                        && from.iter().any(|status| reached.contains(status))
                        && !reached.contains(&status)
                    {
                        reached.push(status);
                        grown = true;
                    }
                }
            }
        }
        for step in table.steps {
            let (Step::Own { from, .. } | Step::Incoming { from, .. }) = step;
            for status in *from {
                assert!(reached.contains(status), "{:?}: {status:?} is never reached", table.kind);
            }
        }
        for status in table.finals {
            assert!(reached.contains(status), "{:?}: {status:?} is never reached", table.kind);
        }
    }
}

#[test]
fn names_lead_back_in_both_languages() {
    for action in Action::ALL {
        assert_eq!(Action::from_name(action.ru()), Some(*action));
        assert_eq!(Action::from_name(&action.en().to_uppercase()), Some(*action));
    }
    assert_eq!(Action::from_name("передайтеданные"), Some(Action::Send));
    assert_eq!(Status::from_name("нет такого"), None);
}

fn stages() -> impl Strategy<Value = Vec<Stage>> {
    let one = (any::<bool>(), prop_oneof![Just(""), Just("Confirm"), Just("UnConfirm")], 0..3_u8)
        .prop_map(|(accepted, operation, day)| stage(accepted, operation, &format!("2024-06-0{day}")));
    proptest::collection::vec(one, 0..3)
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let local = prop_oneof![
        Just(Local::Queued),
        Just(Local::Sending),
        Just(Local::Sent),
        Just(Local::Unknown("?".into())),
        Just(Local::Refused("нет".into())),
        Just(Local::Undone),
        Just(Local::Cancelled),
    ];
    (1..20_i64, proptest::sample::select(Action::ALL), stages(), stages(), any::<bool>(), local).prop_map(
        |(id, action, first, second, has_reply, local)| Attempt {
            first,
            second,
            has_reply,
            local,
            ..attempt(id, action, "WayBillAct_v4")
        },
    )
}

fn any_signal() -> impl Strategy<Value = Signal> {
    (proptest::sample::select(SignalKind::ALL), 0..4_i64, 0..3_u8, 0..20_i64).prop_map(
        |(kind, order, hash, arrival)| Signal { hash: format!("{hash}"), arrival, ..signal(kind, order) },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_status_depends_on_the_set_and_not_on_its_order(
        kind in proptest::sample::select(Kind::ALL),
        attempts in proptest::collection::btree_map(1..20_i64, any_attempt(), 0..5),
        signals in proptest::collection::vec(any_signal(), 0..6),
        seed in any::<u64>(),
    ) {
        let attempts: Vec<Attempt> =
            attempts.into_iter().map(|(id, attempt)| Attempt { id, ..attempt }).collect();
        let straight = fold(&history(kind, attempts.clone(), signals.clone()));
        let (mut attempts, mut signals) = (attempts, signals);
        let mut state = seed | 1;
        let mut random = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % limit.max(1) as u64).unwrap_or(0)
        };
        for index in (1..attempts.len()).rev() {
            attempts.swap(index, random(index + 1));
        }
        for index in (1..signals.len()).rev() {
            signals.swap(index, random(index + 1));
        }
        for attempt in &mut attempts {
            attempt.first.reverse();
            attempt.second.reverse();
        }
        prop_assert_eq!(fold(&history(kind, attempts, signals)), straight);
    }
}

/// Set the variable `OBMEN_WRITE_DOCS` to write the page anew.
#[test]
fn egais_states_in_the_documentation_are_those_of_the_code() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/egais-states.md");
    let page = render::page();
    if std::env::var_os("OBMEN_WRITE_DOCS").is_some() {
        std::fs::write(&file, &page).expect("written");
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(known == page, "docs/egais-states.md is stale: OBMEN_WRITE_DOCS=1 cargo test egais_states");
}
