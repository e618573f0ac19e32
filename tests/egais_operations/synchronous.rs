//! What a UTM answers at once: its state, its filter of marks, cheques.

use super::exchange_bench::{Bench, SHOP, SUPPLIER, run};
use super::utm::world::{Config, FaultKind, Verdict};
use obmen::error::Code;
use serde_json::{Value, json};

#[test]
fn a_utm_tells_how_it_feels_and_its_filter_judges_marks() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    bench.utm(SUPPLIER).fault("", "/", FaultKind::Html500, None);
    let state = run(|operation| bench.exchange.check_utms(&Value::Null, operation)).expect("told");
    assert_eq!(state["УТМ"][SHOP]["Доступен"], true);
    assert_eq!(state["УТМ"][SHOP]["КодФСРАР"], SHOP);
    assert_eq!(state["УТМ"][SUPPLIER], json!({ "Доступен": false }));
    assert_eq!(state["Ошибки"][0]["КодФСРАР"], SUPPLIER);
    let mark = "101200077803571018001K4N3T2AMT6H46NXNLTR5Z3PFNIF24GSSQ2FVEKUXQV2X4I4YZKUUIDUCX5AZZGP7CJBF66UWWIVZ4G3JHP6PYA37RDA3OQUNVZZWLEPFT5CEYMPAKBVZBMDNQZ2DCYMNI";
    let judged =
        run(|operation| bench.exchange.check_marks(&json!(SHOP), &json!([mark]), operation)).expect("judged");
    assert_eq!((&judged["Пройдена"], &judged["НеПрошли"]), (&json!(true), &json!([])));
    let refused = run(|operation| bench.exchange.check_marks(&json!(SHOP), &json!([]), operation));
    assert_eq!(refused.expect_err("no marks").code(), Code::Argument);
}

#[test]
fn a_cheque_gives_its_address_and_signature_or_the_words_of_utm() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let xml = json!(
        "<Cheque inn=\"7700000000\" kpp=\"770001001\" address=\"М\" name=\"М\" kassa=\"1\" shift=\"1\" number=\"3\" datetime=\"0306241200\"><Bottle barcode=\"1234567890123456789012345678901234567890\" ean=\"4600000000015\" price=\"1.00\" volume=\"0.5\"/></Cheque>"
    );
    let send = || run(|operation| bench.exchange.send_cheque(SHOP, &xml, "Cheque", operation));
    let sent = send().expect("sent");
    assert!(
        sent["АдресQR"].as_str().is_some_and(|url| url.starts_with("http://check.egais.ru?id=")),
        "{sent}"
    );
    assert_eq!(sent["Подпись"].as_str().map(str::len), Some(128));
    bench.egais.rule("Cheque", Verdict::Refuse, "Подпись предыдущего чека не завершена.", Some(1));
    let error = send().expect_err("temporary");
    assert_eq!((error.code(), error.category().as_str()), (Code::Utm, "temporary"));
    bench.egais.rule("Cheque", Verdict::Refuse, "Невалидные марки [1]", Some(1));
    let error = send().expect_err("refused");
    assert_eq!(error.category().as_str(), "permanent");
    assert!(error.message().ru.contains("Невалидные марки"), "{error}");
    bench.utm(SHOP).fault("POST", "/xml", FaultKind::LostReply, Some(1));
    let error = send().expect_err("unknown");
    assert!(error.message().ru.contains("неизвестен"), "{error}");
    assert_eq!(error.category().as_str(), "permanent", "a second sale is worse than none");
    let count = bench.utm(SHOP).received().len();
    bench.exchange_until_quiet();
    assert_eq!(bench.utm(SHOP).received().len(), count, "a cheque is never repeated by itself");
}
