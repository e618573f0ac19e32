//! Files, certificates and proxies: stories with nginx, tinyproxy and microsocks.

use super::common::story::{Story, text};
use super::http_support::servers::{self, microsocks, nginx, tinyproxy};
use super::{HTTP, common, story};
use std::path::Path;

pub fn files(server: &str, folder: &Path) -> Story {
    let mut story = story();
    std::fs::create_dir_all(folder.join("put")).expect("a folder");
    std::fs::write(folder.join("прайс.csv"), "артикул;цена\n1;2").expect("a file");
    let target = story.path("скачано.csv");
    let path = text(&target.display().to_string());
    story.call("СкачатьФайл", "Download", &[&text(&format!("{server}/прайс.csv")), &path]).gives(200);
    let is = |story: &mut Story, expected: &'static str| {
        let target = story.path("скачано.csv");
        story
            .get("ОписаниеОшибки", "LastErrorText")
            .where_value(move |_| assert_eq!(std::fs::read_to_string(&target).expect("the file"), expected));
    };
    is(&mut story, "артикул;цена\n1;2");
    // An error leaves the file as it was.
    story
        .call(
            "СкачатьФайл",
            "Download",
            &[&text(&format!("{server}/нет.csv")), &path, &text("{\"‹Докачивать|Resume›\": false}")],
        )
        .gives(404);
    is(&mut story, "артикул;цена\n1;2");
    story
        .call("СкачатьФайл", "Download", &[&text(&format!("{server}/прайс.csv")), &text("/нет/папки/файл")])
        .fails("file", "/нет/папки");
    story
        .call("ОтправитьФайл", "Upload", &[&text(&format!("{server}/put/новый.csv")), &path])
        .where_value(|status| assert!([201, 204].contains(&status.as_i64().unwrap_or(0)), "{status}"));
    let uploaded = folder.join("put/новый.csv");
    story.get("ОписаниеОшибки", "LastErrorText").where_value(move |_| {
        assert_eq!(std::fs::read_to_string(&uploaded).expect("the file"), "артикул;цена\n1;2")
    });
    story
        .call("ОтправитьФайл", "Upload", &[&text(&format!("{server}/put/x")), &text("/нет/файла")])
        .fails("file", "/нет/файла");
    story
        .call(
            "ОтправитьФайл",
            "Upload",
            &[&text(&format!("{server}/прайс.csv")), &path, &text("{\"‹Метод|Method›\": \"POST\"}")],
        )
        .gives(405);
    // The encoding of a text is what the answer says, unless the caller knows better.
    std::fs::write(folder.join("cp1251.txt"), b"\xC8\xE2\xE0\xED\xEE\xE2").expect("a file");
    story.call("Получить", "Get", &[&text(&format!("{server}/cp1251.txt"))]).gives(200);
    story.get("Тело", "Body").gives("Иванов");
    story.get("Кодировка", "Encoding").gives("windows-1251");
    std::fs::write(folder.join("plain"), b"\xC8\xE2\xE0\xED\xEE\xE2").expect("a file");
    story.set("КодировкаОтвета", "ResponseEncoding", &text("windows-1251"));
    story.call("Получить", "Get", &[&text(&format!("{server}/plain"))]).gives(200);
    story.get("Тело", "Body").gives("Иванов");
    story
}

/// Certificates: whom the client trusts, and its own.
pub fn certificates(nginx: Option<&servers::Nginx>) -> Story {
    let mut story = story();
    let file = |name: &str| {
        nginx.map_or_else(String::new, |nginx| nginx.daemon.path().join(name).display().to_string())
    };
    let at = |address: fn(&servers::Nginx) -> &String| {
        text(&format!("{}/echo", nginx.map_or("", |nginx| address(nginx).as_str())))
    };
    story
        .call("Получить", "Get", &[&at(|nginx| &nginx.trusted)])
        .fails("http_tls", "‹неизвестным удостоверяющим|unknown authority›");
    story.set("ФайлСертификатовУЦ", "CaFile", &text(&file("ca.pem")));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.trusted)]).gives(200);
    story
        .call("Получить", "Get", &[&at(|nginx| &nginx.expired)])
        .fails("http_tls", "‹истёк 03.02.2021|expired on 03.02.2021›");
    story.call("Получить", "Get", &[&at(|nginx| &nginx.wrong_host)]).fails("http_tls", "shop.example");
    story
        .call("Получить", "Get", &[&at(|nginx| &nginx.self_signed)])
        .fails("http_tls", "‹самоподписанный|self-signed›");
    story
        .call("Получить", "Get", &[&at(|nginx| &nginx.foreign)])
        .fails("http_tls", "‹неизвестным удостоверяющим|unknown authority›");
    let unchecked = text("{\"‹ПроверятьSSL|VerifySsl›\": false}");
    story.call("Получить", "Get", &[&at(|nginx| &nginx.expired), "", &unchecked]).gives(200);
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).gives(400);
    let own = |options: String| text(&format!("{{{options}}}"));
    story.set("КлиентскийСертификатSSL", "ClientCertificate", &text(&file("client_all.pem")));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).gives(200);
    story.get("Тело", "Body").gives("CN=shop-42");
    let pair =
        format!("\"‹Файл|File›\": \"{}\", \"‹Ключ|Key›\": \"{}\"", file("client.pem"), file("client.key"));
    story.set("КлиентскийСертификатSSL", "ClientCertificate", &own(pair));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).gives(200);
    let store = |password: &str| {
        own(format!("\"‹Файл|File›\": \"{}\", \"‹Пароль|Password›\": \"{password}\"", file("client.p12")))
    };
    story.set("КлиентскийСертификатSSL", "ClientCertificate", &store("тайна"));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).gives(200);
    story.set("КлиентскийСертификатSSL", "ClientCertificate", &store("не та"));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).fails("file", "‹пароль|password›");
    story
        .set("КлиентскийСертификатSSL", "ClientCertificate", &text("{\"‹Ключ|Key›\": \"x\"}"))
        .fails("argument", "‹Файл|File›");
    story.set("КлиентскийСертификатSSL", "ClientCertificate", &text(""));
    story.call("Получить", "Get", &[&at(|nginx| &nginx.client_wanted)]).gives(400);
    story
}

#[test]
fn files_come_and_go() {
    let Some(nginx) = nginx() else { return };
    files(&nginx.plain, &nginx.files).tell();
}

#[test]
fn certificates_are_judged_and_shown() {
    let (Some(nginx), Some(openssl)) = (nginx(), servers::program("openssl")) else { return };
    let export = [
        "pkcs12",
        "-export",
        "-in",
        "client.pem",
        "-inkey",
        "client.key",
        "-passout",
        "pass:тайна",
        "-out",
        "client.p12",
    ];
    common::run(std::process::Command::new(openssl).current_dir(nginx.daemon.path()).args(export));
    certificates(Some(&nginx)).tell();
}

#[test]
fn proxies_with_a_password_carry_requests() {
    let (Some(nginx), Some((http, _first)), Some((socks, _second))) = (nginx(), tinyproxy(), microsocks())
    else {
        return;
    };
    std::fs::write(nginx.files.join("a.txt"), "через прокси").expect("a file");
    let mut story = Story::new(HTTP);
    story.set("ФайлСертификатовУЦ", "CaFile", &text(&nginx.ca_file.display().to_string()));
    for proxy in [
        format!("user:pass-word@{http}"),
        format!("socks5://user:pass-word@{socks}"),
        format!("socks5h://user:pass-word@{socks}"),
    ] {
        story.set("Прокси", "Proxy", &text(&proxy));
        for server in [&nginx.plain, &nginx.trusted] {
            story.call("Получить", "Get", &[&text(&format!("{server}/a.txt"))]).gives(200);
            story.get("Тело", "Body").gives("через прокси");
        }
    }
    for proxy in [format!("user:wrong@{http}"), format!("socks5://user:wrong@{socks}")] {
        story.set("Прокси", "Proxy", &text(&proxy));
        story
            .call("Получить", "Get", &[&text(&format!("{}/a.txt", nginx.trusted))])
            .fails("http_connect", "");
    }
    story.set("Прокси", "Proxy", &text("ftp://proxy:21")).fails("argument", "socks5");
    story.tell();
}
