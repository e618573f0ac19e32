//! Pages in a real browser: what a person sees, no complaint in the console, nothing asked of the network.
//!
//! `OBMEN_SCREENSHOTS=docs` keeps the screenshots.

mod common;
mod exchange_bench;
mod utm;

use common::root;
use exchange_bench::{Bench, SHOP, SUPPLIER, settings};
use obmen::bilingual;
use obmen::error::{Code, Error, Language};
use obmen::site::{BatchResult, Report, ReportError, Status, report_page};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use utm::world::{Config, FaultKind, Verdict};

/// What a product might bring along to break out of the page.
const INJECTIONS: [&str; 5] = [
    "<script>console.error('injected')</script>",
    "\"><img src=x onerror=\"console.error('injected')\">",
    "</table></body><script>console.error('injected')</script>",
    "<svg onload=console.error('injected')>",
    "--><style>body{background:url(http://127.0.0.1:9/)}</style>",
];

fn report() -> Report {
    let by_batch = (0..42_u64).map(|number| {
        let refused = u64::from(number % 7 == 3) * 12;
        let unsent = u64::from(number > 38) * 100;
        BatchResult {
            first_row: number * 100 + 1,
            last_row: number * 100 + 100,
            accepted: if unsent > 0 { 0 } else { 100 - refused },
            refused,
            unsent,
            attempts: 1 + u64::from(number % 11 == 5),
            http_status: (unsent == 0).then_some(if refused > 0 { 207 } else { 200 }),
        }
    });
    let by_batch: Vec<_> = by_batch.collect();
    let refused = ["цена меньше нуля", "категория не найдена", "такой артикул уже занят"];
    let mut errors: Vec<_> = (0..72_u64)
        .map(|number| ReportError {
            sku: Some(format!("ART{:05}", 304 + number * 61)),
            row: Some(304 + number * 61),
            message: bilingual!("{}", "{}", refused[number as usize % 3]),
            http_status: Some(207),
        })
        .collect();
    for (number, injection) in (1..).zip(INJECTIONS) {
        errors.push(ReportError {
            sku: Some(injection.to_owned()),
            row: Some(number),
            message: bilingual!("{injection}", "{injection}"),
            http_status: None,
        });
    }
    let error = Error::new(
        Code::HttpTimeout,
        bilingual!(
            "Сайт не ответил за 30 с. Проверьте, что он работает.",
            "The site did not answer within 30 s. Check that it works."
        ),
    );
    Report {
        status: Status::Partial,
        message: bilingual!(
            "Отправлено товаров: 3 828, создано: 310, обновлено: 3 518, ошибок: 77, не отправлено: 300.",
            "Products sent: 3 828, created: 310, updated: 3 518, errors: 77, unsent: 300."
        ),
        processed: 3900,
        created: 310,
        updated: 3518,
        errors,
        error: Some(error),
        batches: obmen::site::BatchCounts { total: 42, sent: 39, failed: 3 },
        by_batch,
        attempts: 45,
        unsent: 300,
        duration: Duration::from_millis(73_400),
        warnings: vec![bilingual!(
            "Поле «Производитель» сайту не известно и не передано.",
            "The site does not know the field “Производитель”; it was left out."
        )],
        http_status: None,
    }
}

/// Runs the browser on a page; `None` without a browser.
fn browse(name: &str, html: &str, arguments: &[&str]) -> Option<Output> {
    let known = ["chromium", "chromium-browser", "google-chrome"];
    let own = std::env::var("OBMEN_CHROMIUM").ok();
    let mut browsers = own.as_deref().into_iter().chain(known);
    let Some(browser) = browsers.find(|name| Command::new(name).arg("--version").output().is_ok()) else {
        // Not every system that the commands know has one in its packages; where changes are checked it must be there.
        assert!(std::env::var_os("CI").is_none(), "no chromium");
        println!("skipped: no chromium");
        return None;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let page = folder.join("page.html");
    std::fs::write(&page, html).expect("the page");
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
        .args([
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            "--v=0",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(["--timeout=20000", "--virtual-time-budget=2000"])
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser runs");
    assert!(output.status.success(), "{output:?}");
    Some(output)
}

/// The page as the browser understood it, after checking that the console is silent.
fn understood(name: &str, html: &str) -> Option<String> {
    let output = browse(name, html, &["--dump-dom"])?;
    let log = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<_> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn keep_screenshot(name: &str, html: &str) {
    let target = match std::env::var_os("OBMEN_SCREENSHOTS") {
        Some(folder) => root().join(folder).join(format!("{name}.png")),
        None => PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png")),
    };
    let argument = format!("--screenshot={}", target.display());
    if browse(name, html, &["--window-size=1000,1000", &argument]).is_some() {
        let picture = std::fs::read(&target).expect("a screenshot");
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5000, "{}", target.display());
    }
}

/// Nothing that data brought along may have become an element.
fn assert_only_own_elements(dom: &str) {
    for element in ["<script", "<img", "<iframe", "<link", "<object", "<a "] {
        assert!(!dom.contains(element), "{element} in {dom}");
    }
    assert!(dom.matches("<svg").count() <= 1 && dom.matches("<style").count() == 1, "{dom}");
}

#[test]
fn the_browser_would_complain_about_a_page_that_runs_code() {
    let html = "<!DOCTYPE html><title>t</title><script>console.error('injected')</script>";
    let Some(output) = browse("complaint", html, &["--dump-dom"]) else { return };
    assert!(String::from_utf8_lossy(&output.stderr).contains("injected"), "{output:?}");
}

#[test]
fn the_report_of_a_send_shows_in_a_browser() {
    let html =
        report_page(Some(&report()), "https://your-site.com", "22.11.2026 10:15:00", Language::Russian);
    let Some(dom) = understood("report-page", &html) else { return };
    assert_only_own_elements(&dom);
    assert_eq!(dom.matches("<rect").count(), 39 + 6 + 3, "a part for each kind of product in each batch");
    for wanted in
        ["Отчёт об отправке каталога", "категория не найдена", "ART00304", "http_timeout", "Производитель"]
    {
        assert!(dom.contains(wanted), "{wanted}: {dom}");
    }
    keep_screenshot("report-page", &html);
}

#[test]
fn the_report_speaks_english() {
    let html =
        report_page(Some(&report()), "https://your-site.com", "22.11.2026 10:15:00", Language::English);
    let Some(dom) = understood("report-page-en", &html) else { return };
    assert_only_own_elements(&dom);
    assert!(dom.contains("Report on a sent catalogue") && dom.contains("Refused products and errors"));
}

/// A shop with every kind of news: documents done, waiting, refused; a UTM that works and one that hangs.
fn busy_exchange(shop_name: &str, act_key: &str, refusal: &str) -> Bench {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    bench.egais.rule("ActWriteOff_v3", Verdict::RejectFirst, refusal, None);
    let mut shop = settings(bench.utm(SHOP));
    shop["Наименование"] = json!(shop_name);
    bench.exchange.set_exchange_settings(&shop).expect("settings");
    let act = json!({ "Header": { "ActNumber": "1", "ActDate": "2024-06-03", "TypeWriteOff": "Порча" },
        "Content": { "Position": { "Identity": "1", "Quantity": 1,
            "InformF1F2": { "InformF2": { "F2RegId": "FB-000000000000001" } } } } });
    bench.prepare(act_key, SHOP, "ActWriteOff_v3", act);
    bench.prepare("запрос", SHOP, "QueryRests_v2", json!({}));
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    bench.utm(SUPPLIER).fault("GET", "/", FaultKind::Hang(Duration::from_secs(30)), None);
    let mut hung = settings(bench.utm(SUPPLIER));
    hung["Наименование"] = json!("Склад на Лесной");
    hung["Таймаут"] = json!(1);
    bench.exchange.set_exchange_settings(&hung).expect("settings");
    bench.exchange();
    bench.prepare("ждёт", SHOP, "QueryNATTN", json!({}));
    bench
}

#[test]
fn the_state_of_the_exchange_shows_in_a_browser() {
    let refusal = "Справка 2 FB-000000000000001 не найдена в остатках организации";
    let mut bench = busy_exchange("Магазин на Садовой", "Акт списания 17", refusal);
    let html = bench.exchange.status_page().expect("a page");
    let Some(dom) = understood("status-page", &html) else { return };
    assert_only_own_elements(&dom);
    for wanted in [
        "Обмен с ЕГАИС",
        "Склад на Лесной",
        "завис",
        "работает",
        "RSA до",
        "<rect",
        "Последние ошибки",
        "ActWriteOff_v3",
        "ВходящаяНакладная",
        "Получен",
        "ОтклоненЕГАИС",
        "КПередаче",
    ] {
        assert!(dom.contains(wanted), "{wanted}: {dom}");
    }
    keep_screenshot("status-page", &html);
    bench.exchange.set_language(Language::English);
    let Some(dom) = understood("status-page-en", &bench.exchange.status_page().expect("a page")) else {
        return;
    };
    assert_only_own_elements(&dom);
    for wanted in ["Exchange with EGAIS", "hung", "works", "IncomingWaybill", "RejectedByEgais"] {
        assert!(dom.contains(wanted), "{wanted}: {dom}");
    }
}

#[test]
fn data_of_documents_stay_text_on_the_page() {
    let bench = busy_exchange(INJECTIONS[1], INJECTIONS[3], INJECTIONS[0]);
    let html = bench.exchange.status_page().expect("a page");
    let Some(dom) = understood("status-page-injected", &html) else { return };
    assert_only_own_elements(&dom);
    assert!(
        dom.contains("&lt;svg onload") && dom.contains("&lt;img src=x") && dom.contains("&lt;script&gt;"),
        "{dom}"
    );
}
