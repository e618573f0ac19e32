//! The tables as a page of documentation.

use super::names::Status;
use super::tables::{Step, TABLES, Target};
use std::fmt::Write as _;

/// The text of `docs/egais-states.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for table in TABLES {
        let (ru, en) = (table.kind.ru(), table.kind.en());
        let finals = list(table.finals);
        // Writing into a String cannot fail.
        let _ = write!(
            page,
            "\n## {ru} / {en}\n\n{}\n\nНачало / initial: {}. Конечные / final: {finals}.\n\n\
             | из / from | что происходит / what happens | выполнено / done | отказ / refused |\n| --- | --- | --- | --- |\n",
            table.types,
            both(table.initial),
        );
        for step in table.steps {
            let _ = match step {
                Step::Own { from, action, done, refused } => writeln!(
                    page,
                    "| {} | **{}** / {} | {} | {} |",
                    list(from),
                    action.ru(),
                    action.en(),
                    target(*done),
                    target(*refused)
                ),
                Step::Incoming { from, signal, to } => {
                    writeln!(
                        page,
                        "| {} | {} / {} | {} | |",
                        list(from),
                        signal.ru(),
                        signal.en(),
                        target(*to)
                    )
                }
            };
        }
    }
    page.push_str("\n## Все статусы / all statuses\n\n| статус | status |\n| --- | --- |\n");
    for status in Status::ALL {
        let _ = writeln!(page, "| {} | {} |", status.ru(), status.en());
    }
    page
}

const HEAD: &str = "# Состояния документов ЕГАИС / states of EGAIS documents

<!-- Generated from src/egais/exchange/machine/tables.rs by `OBMEN_WRITE_DOCS=1 cargo test egais_states`; do not edit. -->

**Жирным** — операция пользователя (`ДальнейшееДействие` в `ПодготовитьКПередаче`). Каждая проходит одни и те же фазы, и пока она
идёт, статус документа — её фаза: КПередаче → Передается → (ИсходНеизвестен) → Передан → ПринятЕГАИС (первая стадия) →
«выполнено» (вторая стадия) или «отказ» (УТМ, первая или вторая стадия). При ИсходНеизвестен доступно только
ПередайтеПовторно. Порядок прихода ответов на статус не влияет.

**Bold** is an operation of the user. All of them pass the same phases, which the status shows meanwhile: Queued → Sending →
(OutcomeUnknown) → Sent → AcceptedByEgais (first stage) → \"done\" (second stage) or \"refused\" (by UTM, at the first or the second
stage). With OutcomeUnknown only SendAgain is offered. The order in which answers arrive does not matter.
";

fn both(status: Status) -> String {
    format!("{} / {}", status.ru(), status.en())
}

fn list(statuses: &[Status]) -> String {
    statuses.iter().map(|status| status.ru()).collect::<Vec<_>>().join(", ")
}

fn target(target: Target) -> &'static str {
    match target {
        Target::To(status) => status.ru(),
        Target::Stay => "без изменений / stays",
        Target::Back => "прежний статус / as before",
    }
}
