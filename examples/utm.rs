//! The UTM stand-in on its own: `cargo run --example utm -- --utm 030000412451:8080 --partner accept`.

#[path = "../tests/utm/mod.rs"]
mod utm;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use utm::world::{Answer, Config, Partner};

const HELP: &str = "Заменитель УТМ для проб и тестов / a stand-in for UTM

  --utm ФСРАР[:ПОРТ]   УТМ организации; можно повторять / a UTM of an organisation; may be repeated
                       (по умолчанию / by default 030000412451:8080)
  --schemas ПАПКА      проверять документы по схемам XSD (нужен xmllint); или переменная OBMEN_XSD
                       validate documents by XSD (needs xmllint); or the variable OBMEN_XSD
  --delay МС           задержка каждой стадии / delay of each stage, milliseconds
  --partner accept|reject|dispute|silent
                       как отвечают партнёры без УТМ / how partners without a UTM answer
  --shuffle            ответы и списки в случайном порядке / answers and listings in a random order
  --old                списки в виде УТМ 2016 года / listings as UTM wrote them in 2016
  --seconds N          остановиться через N секунд / stop after N seconds

Управление / control: GET /control/received, POST /control/supply {\"number\":\"1\",\"lines\":2}, POST /control/fault …
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut config = Config {
        schemas: std::env::var_os("OBMEN_XSD").map(PathBuf::from),
        seed: std::process::id().into(),
        ..Config::default()
    };
    let (mut wanted, mut answer, mut seconds) = (Vec::new(), Answer::Accept, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument}: нет значения / a value is missing"));
        match argument.as_str() {
            "--utm" => wanted.push(value()?),
            "--schemas" => config.schemas = Some(PathBuf::from(value()?)),
            "--delay" => {
                let delay = Duration::from_millis(number(&value()?)?);
                (config.stage_1, config.form, config.stage_2, config.partner) = (delay, delay, delay, delay);
            }
            "--partner" => {
                answer = match value()?.as_str() {
                    "accept" => Answer::Accept,
                    "reject" => Answer::Reject,
                    "dispute" => Answer::Dispute,
                    "silent" => Answer::Silent,
                    other => return Err(format!("--partner {other}?")),
                }
            }
            "--shuffle" => config.shuffle = true,
            "--old" => config.old_listing = true,
            "--seconds" => seconds = Some(number(&value()?)?),
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(());
            }
            other => return Err(format!("{other}?")),
        }
    }
    if wanted.is_empty() {
        wanted.push("030000412451:8080".into());
    }
    if let Some(folder) = &config.schemas
        && !utm::schemas::available(folder)
    {
        eprintln!("Проверка по схемам недоступна / no validation: {}", folder.display());
    }
    let egais = utm::Egais::new(config);
    let on_difference = if answer == Answer::Dispute { Answer::Accept } else { answer };
    let partner = Partner { on_waybill: answer, on_difference, on_repeal: on_difference, asks_repeal: false };
    egais.partner("*", partner);
    let mut running = Vec::new();
    for utm in wanted {
        let (fsrar, port) = utm.split_once(':').unwrap_or((&utm, "0"));
        let port = u16::try_from(number(port)?).map_err(|error| error.to_string())?;
        let utm = egais.utm_on(fsrar, port).map_err(|error| format!("{fsrar}:{port}: {error}"))?;
        println!("УТМ {} — {}", utm.fsrar(), utm.url());
        running.push(utm);
    }
    match seconds {
        Some(seconds) => std::thread::sleep(Duration::from_secs(seconds)),
        None => loop {
            std::thread::park();
        },
    }
    Ok(())
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}
