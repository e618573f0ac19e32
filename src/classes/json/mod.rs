//! `ObmenJson`: JSON from 1C values and 1C values from JSON, in bulk.

mod rows;
mod settings;

use super::DATA;
use crate::addin::{
    Argument, Call, Class, Default, Kind, Method, Parameter, Property, Value, help, optional, required, value,
};
use crate::error::{Code, Result};
use crate::value::convert::{
    Batch, BatchSettings, Batches, RenameFields, Selected, Selector, TableColumns, Target, TransformSettings,
    check, file_to_json, reads, reformat, select, table_from_rows, transform,
};
use crate::value::json::LineBreaks;
use crate::value::{Format, Input, JsonSettings, JsonWriter, Output, StructuresAs, WriteEvents, detect};
use rows::Rows;
use settings::{ConversionOptions, Source};
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::time::Duration;

/// The state of an `ObmenJson`.
#[derive(Default)]
pub struct JsonObject {
    /// `СопоставлениеПолей`.
    fields: HashMap<String, String>,
    /// Rows added one by one.
    rows: Rows,
    /// Batches that were not taken yet.
    batches: VecDeque<Batch>,
    /// `НомерПакета`.
    batch_number: u64,
}

/// The declaration of `ObmenJson`.
pub static CLASS: Class<JsonObject> = Class::new(
    "ObmenJson",
    help("JSON из значений 1С и значения 1С из JSON", "JSON from 1C values and 1C values from JSON"),
    JsonObject::default,
    &PROPERTIES,
    &METHODS,
);

static PROPERTIES: [Property<JsonObject>; 3] = [
    Property::new(
        "СопоставлениеПолей",
        "FieldMap",
        Kind::Structure,
        help(
            "новые имена полей, объект JSON; для всех методов, кроме Проверить, Форматировать, Сжать",
            "new names of fields, a JSON object; for all methods but Check, Format, Minify",
        ),
    )
    .get(|json: &JsonObject, _| Ok(settings::field_map_text(&json.fields).into()))
    .set(|json, value| {
        json.fields = settings::field_map(value)?;
        Ok(())
    }),
    Property::new(
        "КоличествоСтрок",
        "RowCount",
        Kind::Integer,
        help("строк добавлено методом ДобавитьСтроку", "rows added by AddRow"),
    )
    .get(|json: &JsonObject, _| Ok(Value::count(json.rows.len()))),
    Property::new(
        "НомерПакета",
        "BatchNumber",
        Kind::Integer,
        help("номер последнего взятого пакета, с 1", "number of the batch taken last, from 1"),
    )
    .get(|json: &JsonObject, _| Ok(Value::count(json.batch_number))),
];

const OPTIONS: Parameter = optional("Параметры", "Options", Kind::Structure, Default::Omitted);

/// Parameters of `ДобавитьСтроку`.
const CELLS: [Parameter; 16] = [
    value("З1", "V1", Kind::Any),
    cell("З2", "V2"),
    cell("З3", "V3"),
    cell("З4", "V4"),
    cell("З5", "V5"),
    cell("З6", "V6"),
    cell("З7", "V7"),
    cell("З8", "V8"),
    cell("З9", "V9"),
    cell("З10", "V10"),
    cell("З11", "V11"),
    cell("З12", "V12"),
    cell("З13", "V13"),
    cell("З14", "V14"),
    cell("З15", "V15"),
    cell("З16", "V16"),
];

const fn cell(ru: &'static str, en: &'static str) -> Parameter {
    optional(ru, en, Kind::Any, Default::Omitted)
}

static METHODS: [Method<JsonObject>; 15] = [
    Method::new(
        "ВJSON",
        "ToJson",
        to_json,
        help(
            "значение 1С, текст ЗначениеВСтрокуВнутр, XDTO или JSON — в JSON",
            "a 1C value, internal text, XDTO or JSON to JSON",
        ),
    )
    .takes(&[value("Значение", "Value", Kind::Any), OPTIONS])
    .returns(Kind::Text)
    .fails(&[&DATA, &[Code::Cancelled]]),
    Method::new(
        "ИзJSON",
        "FromJson",
        from_json,
        help("JSON — в текст для ЗначениеИзСтрокиВнутр", "JSON to text for ValueFromStringInternal"),
    )
    .takes(&[required("Текст", "Text", Kind::Structure), OPTIONS])
    .returns(Kind::Text)
    .fails(&[&DATA, &[Code::Cancelled]]),
    Method::new(
        "ТаблицаИзJSON",
        "TableFromJson",
        table_from_json,
        help(
            "массив объектов JSON — в текст ТаблицаЗначений для ЗначениеИзСтрокиВнутр",
            "an array of JSON objects to the text of a ValueTable for ValueFromStringInternal",
        ),
    )
    .takes(&[
        required("Текст", "Text", Kind::Structure),
        optional("Колонки", "Columns", Kind::Text, Default::Text("")),
    ])
    .returns(Kind::Text)
    .fails(&[&DATA]),
    Method::new(
        "Преобразовать",
        "Convert",
        convert,
        help(
            "текст из одного вида в другой: json, внутр, xdto, хранилище",
            "a text from one form to another: json, internal, xdto, storage",
        ),
    )
    .takes(&[
        required("Текст", "Text", Kind::Structure),
        required("ИзФормата", "From", Kind::Text),
        required("ВФормат", "To", Kind::Text),
        OPTIONS,
    ])
    .returns(Kind::Text)
    .fails(&[&DATA, &[Code::Cancelled]]),
    Method::new(
        "Получить",
        "Get",
        get,
        help(
            "часть данных по JSON Pointer или пути с точками; Неопределено, если её нет",
            "a part of the data by JSON Pointer or a dotted path; Undefined if there is none",
        ),
    )
    .takes(&[required("Текст", "Text", Kind::Structure), required("Путь", "Path", Kind::Text)])
    .returns(Kind::Any)
    .fails(&[&DATA]),
    Method::new(
        "Проверить",
        "Check",
        check_text,
        help(
            "Истина, если текст верен; иначе ошибка с местом в ОписаниеОшибки",
            "true if the text is well formed; else the error with its place in LastErrorText",
        ),
    )
    .takes(&[required("Текст", "Text", Kind::Structure)])
    .returns(Kind::Boolean)
    .fails(&[&DATA]),
    Method::new("Форматировать", "Format", format, help("JSON с отступами", "JSON with indents"))
        .takes(&[
            required("Текст", "Text", Kind::Structure),
            optional("Отступ", "Indent", Kind::Integer, Default::Integer(2)),
        ])
        .returns(Kind::Text)
        .fails(&[&DATA]),
    Method::new(
        "Сжать",
        "Minify",
        |_, call| output(reformat(input(call, 0)?, JsonSettings::default())?),
        help("JSON без пробелов и переносов", "JSON without blanks and line breaks"),
    )
    .takes(&[required("Текст", "Text", Kind::Structure)])
    .returns(Kind::Text)
    .fails(&[&DATA]),
    Method::new(
        "НоваяТаблица",
        "NewTable",
        |json: &mut JsonObject, call| {
            json.rows = Rows::new(call.argument(0)).map_err(|error| call.in_parameter(0, error))?;
            Ok(Value::Undefined)
        },
        help(
            "начинает таблицу: имена колонок через запятую или массив JSON",
            "begins a table: names of columns with commas or a JSON array",
        ),
    )
    .takes(&[required("Колонки", "Columns", Kind::Structure)])
    .fails(&[&DATA]),
    Method::new(
        "ДобавитьСтроку",
        "AddRow",
        |json: &mut JsonObject, call| {
            json.rows.add(call, &json.fields)?;
            Ok(Value::Undefined)
        },
        help("добавляет строку: значения колонок по порядку", "adds a row: values of the columns in order"),
    )
    .takes(&CELLS),
    Method::new(
        "ТаблицаВJSON",
        "TableToJson",
        |json: &mut JsonObject, _| Ok(json.rows.to_json().into()),
        help("строки таблицы — массив объектов JSON", "the rows of the table as an array of JSON objects"),
    )
    .returns(Kind::Text),
    Method::new(
        "Очистить",
        "Clear",
        |json: &mut JsonObject, _| {
            json.rows.clear();
            json.batches.clear();
            json.batch_number = 0;
            Ok(Value::Undefined)
        },
        help("удаляет строки и пакеты", "removes rows and batches"),
    ),
    Method::new(
        "РазбитьНаПакеты",
        "Split",
        split,
        help(
            "делит коллекцию на пакеты JSON и возвращает их число",
            "cuts a collection into batches of JSON and gives their number",
        ),
    )
    .takes(&[
        required("Значение", "Value", Kind::Structure),
        required("РазмерПакета", "BatchSize", Kind::Integer),
        optional("МаксимумБайт", "MaxBytes", Kind::Integer, Default::Integer(0)),
    ])
    .returns(Kind::Integer)
    .fails(&[&DATA, &[Code::Cancelled]]),
    Method::new(
        "СледующийПакет",
        "NextBatch",
        |json: &mut JsonObject, _| {
            let Some(batch) = json.batches.pop_front() else { return Ok(Value::Undefined) };
            json.batch_number = batch.number;
            output(batch.json)
        },
        help(
            "следующий пакет, Неопределено после последнего",
            "the next batch, Undefined after the last one",
        ),
    )
    .returns(Kind::Text),
    Method::new(
        "ФайлВJSON",
        "FileToJson",
        convert_file,
        help(
            "файл ЗначениеВФайл — в файл JSON при постоянной памяти",
            "a file of ValueToFile to a file of JSON in constant memory",
        ),
    )
    .takes(&[required("Откуда", "From", Kind::Text), required("Куда", "To", Kind::Text), OPTIONS])
    .returns(Kind::Report)
    .fails(&[&DATA, &[Code::File, Code::Cancelled]]),
];

fn to_json(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let options = ConversionOptions::read(call.options(1)?, &json.fields)?;
    let argument = call.argument(0);
    match (argument, options.source) {
        (Argument::Text(_) | Argument::Binary(_), Source::Format(format)) => {
            return converted(call, 0, Some(format), Target::Json, &options.transform);
        }
        (Argument::Text(_) | Argument::Binary(_), Source::Auto) => {
            // Bytes that are no text at all are a value of their own as well.
            if let Ok(Some(format)) = detect(&mut argument.input()?) {
                match converted(call, 0, Some(format), Target::Json, &options.transform) {
                    // `[10 шт] Чай` only begins like JSON: a string that does not read is plain.
                    Err(error)
                        if error.code() == Code::ValueText
                            && matches!(argument, Argument::Text(_))
                            && !reads(argument.input()?, format) => {}
                    outcome => return outcome,
                }
            }
        }
        _ => {}
    }
    let mut writer = JsonWriter::new(Output::new(), options.transform.json);
    writer.write_event(&argument.scalar()?.event()).map_err(|error| call.in_parameter(0, error))?;
    writer.finish()?;
    output(writer.into_sink())
}

fn from_json(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let options = ConversionOptions::read(call.options(1)?, &json.fields)?;
    converted(call, 0, Some(Format::Json), Target::Internal, &options.transform)
}

fn table_from_json(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let columns = TableColumns::parse(&call.text(1)?).map_err(|error| call.in_parameter(1, error))?;
    let reader = call.structure(0)?;
    let mut reader = RenameFields::new(reader, json.fields.clone());
    output(table_from_rows(&mut reader, &columns, StructuresAs::default())?)
}

fn convert(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let options = ConversionOptions::read(call.options(3)?, &json.fields)?;
    let from = settings::source(&call.text(1)?).map_err(|error| call.in_parameter(1, error))?;
    let to = settings::target(&call.text(2)?).map_err(|error| call.in_parameter(2, error))?;
    let format = match from {
        Source::Auto => None,
        Source::Format(format) => Some(format),
    };
    converted(call, 0, format, to, &options.transform)
}

fn get(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let selector = Selector::parse(&call.text(1)?).map_err(|error| call.in_parameter(1, error))?;
    let mut reader = RenameFields::new(call.structure(0)?, json.fields.clone());
    Ok(match select(&mut reader, &selector, &JsonSettings::default())? {
        None | Some(Selected::Empty) => Value::Undefined,
        Some(Selected::Boolean(value)) => Value::Boolean(value),
        Some(Selected::Number(text)) => number(&text),
        Some(Selected::Text(text)) => Value::Text(text),
        Some(Selected::Date(date)) => Value::Date(date),
        Some(Selected::Collection(json)) => return call.report_output(json),
    })
}

/// A number that 1C gets exactly as a number, else its decimal text.
fn number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<i32>() {
        return Value::Integer(whole);
    }
    match text.parse::<f64>() {
        Ok(value) if value.to_string() == text => Value::Real(value),
        _ => Value::Text(text.to_owned()),
    }
}

fn check_text(_: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    match check(input(call, 0)?, None) {
        Ok(_) => Ok(Value::Boolean(true)),
        Err(error) => {
            call.note_error(error);
            Ok(Value::Boolean(false))
        }
    }
}

fn format(_: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let indent = call.integer(1, 0..=16)?.unsigned_abs() as usize;
    let settings =
        JsonSettings { line_breaks: LineBreaks::Unix, indent: " ".repeat(indent), ..JsonSettings::default() };
    output(reformat(input(call, 0)?, settings)?)
}

fn split(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let elements = call.integer(1, 1..=i64::from(i32::MAX))?.unsigned_abs();
    let bytes = call.integer(2, 0..=i64::from(i32::MAX))?.unsigned_abs();
    let settings = BatchSettings { elements, bytes, json: JsonSettings::default() };
    let reader = RenameFields::new(call.structure(0)?, json.fields.clone());
    let batches = call.run(Duration::ZERO, |operation| {
        let mut source = Batches::new(reader, settings);
        let mut batches = VecDeque::new();
        while let Some(batch) = source.next_batch()? {
            operation.check()?;
            batches.push_back(batch);
        }
        Ok(batches)
    })?;
    json.batch_number = 0;
    json.batches = batches;
    Ok(Value::count(json.batches.len() as u64))
}

fn convert_file(json: &mut JsonObject, call: &mut Call<'_>) -> Result<Value> {
    let (from, to) = (call.text(0)?, call.text(1)?);
    let options = ConversionOptions::read(call.options(2)?, &json.fields)?;
    let format = match options.source {
        Source::Auto => None,
        Source::Format(format) => Some(format),
    };
    let TransformSettings { fields, json: settings, .. } = options.transform;
    let summary = call.run(Duration::ZERO, |operation| {
        let mut go_on = || operation.check();
        file_to_json(Path::new(from.trim()), Path::new(to.trim()), format, fields, settings, &mut go_on)
    })?;
    call.report(serde_json::json!({"read": summary.read, "written": summary.written}).to_string())
}

/// Converts the text of a parameter; a long conversion can be cancelled.
fn converted(
    call: &mut Call<'_>,
    number: usize,
    from: Option<Format>,
    to: Target,
    settings: &TransformSettings,
) -> Result<Value> {
    let input = input(call, number)?;
    let text =
        call.run(Duration::ZERO, |operation| transform(input, from, to, settings, &mut || operation.check()));
    output(text.map_err(|error| call.in_parameter(number, error))?)
}

fn input<'a>(call: &Call<'a>, number: usize) -> Result<Input<'a>> {
    call.argument(number).input().map_err(|error| call.in_parameter(number, error))
}

fn output(text: Output) -> Result<Value> {
    Ok(Value::Output(Box::new(text)))
}
