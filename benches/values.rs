//! Speed and memory of `src/value`, each figure beside its limit or its peer in the same run.

use obmen::value::output::Output;
use obmen::value::{Input, InternalReader, JsonSettings, JsonWriter, ReadEvents, pump};
use std::fmt::Write;

const ROWS: usize = 100_000;

fn table(rows: usize) -> String {
    let names = ["Код", "Наименование", "Описание", "Цена", "Остаток", "Дата", "Категория", "Активен"];
    let mut text = String::from("{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,\n{9,\n{8");
    for (id, name) in names.iter().enumerate() {
        let _ = write!(text, ",\n{{{id},\"{name}\",\n{{\"Pattern\"}},\"\",0}}");
    }
    let _ = write!(text, "\n}},\n{{2,8,0,0,1,1,2,2,3,3,4,4,5,5,6,6,7,7,\n{{1,{rows}");
    for row in 0..rows {
        let _ = write!(
            text,
            ",\n{{2,{row},8,\n{{\"S\",\"АРТ-{row:06}\"}},\n{{\"S\",\"Кресло рабочее «Комфорт» модель {row}, цвет тёмно-синий\"}},\n{{\"S\",\"Бренд ЛЕСНАЯ МЕБЕЛЬ. Основание из массива бука, обивка из износостойкой ткани, ширина {} см, высота {} см. Гарантия два года.\"}},\n{{\"N\",{}.{:02}}},\n{{\"N\",{}}},\n{{\"D\",202405{:02}101112}},\n{{\"S\",\"Мебель для дома и офиса\"}},\n{{\"B\",{}}},0}}",
            row % 90 + 40,
            row % 70 + 30,
            row % 90_000 + 100,
            row % 100,
            row % 500,
            row % 28 + 1,
            row % 2
        );
    }
    let _ = write!(text, "\n}},7,{}}},\n{{0,0}}\n}}\n}}", rows - 1);
    text
}

/// Seconds that this thread has spent on a processor: what other programs do does not count.
fn clock() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn best(mut work: impl FnMut()) -> f64 {
    (0..7)
        .map(|_| {
            let start = clock();
            work();
            clock() - start
        })
        .fold(f64::MAX, f64::min)
}

fn main() {
    let units: Vec<u16> = table(ROWS).encode_utf16().collect();
    let megabytes = units.len() as f64 * 2.0 / 1e6;
    let seconds = best(|| {
        let mut reader = InternalReader::new(Input::units(units.as_slice()));
        let mut count = 0;
        while reader.next_event().unwrap().is_some() {
            count += 1;
        }
        assert!(count > 0);
    });
    println!("internal_utf16_read {:.0} MB/s of {megabytes:.0} MB", megabytes / seconds);
    let mut length = 0;
    let seconds = best(|| {
        let mut reader = InternalReader::new(Input::units(units.as_slice()));
        let mut writer = JsonWriter::new(Output::new(), JsonSettings::default());
        pump(&mut reader, &mut writer).unwrap();
        let output = writer.into_sink();
        let mut copy: Vec<u16> = vec![0; output.units() as usize];
        output.drain_utf16(|offset, units| {
            copy[offset as usize..offset as usize + units.len()].copy_from_slice(units)
        });
        length = copy.len() * 2;
    });
    println!("internal_to_json_utf16 {:.0} MB/s out {}", megabytes / seconds, length / 1_000_000);
    let seconds = best(|| {
        let mut reader = InternalReader::new(Input::units(units.as_slice()));
        let mut writer = JsonWriter::new(Output::new(), JsonSettings::default());
        pump(&mut reader, &mut writer).unwrap();
        assert!(writer.into_sink().units() > 0);
    });
    println!("internal_to_json_utf8 {:.0} MB/s", megabytes / seconds);
}
