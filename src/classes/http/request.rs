//! A request from what BSL gives: address, data, options.

use super::{CLASS, HttpObject};
use crate::addin::{Argument, Options};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::http::{Body, Call, Content, Method, Part, Settings, Timeout};
use crate::value::{Format, Input, JsonSettings, JsonWriter, detect, open, pump};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::Duration;

/// Whether a method sends and gives whatever there is, or JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Twin {
    Plain,
    Json,
}

/// A request, with the settings of the object as its options changed them.
pub(super) struct Prepared {
    pub(super) request: Call,
    pub(super) settings: Settings,
    pub(super) time_budget: Duration,
    pub(super) encoding: String,
}

impl Prepared {
    /// A request with what stands in its options: properties of the object by their names, and `Данные` (fields of
    /// a form), `Json`, `Файлы`.
    pub(super) fn new(http: &mut HttpObject, method: &str, url: &str, mut options: Options) -> Result<Self> {
        let mut request = Call::new(parse_method(method)?, url.trim());
        let data = options.take("Данные", "Data");
        let json = options.take("Json", "Json");
        let files = options.take("Файлы", "Files");
        let content_type = options.take_text("ТипСодержимого", "ContentType")?;

        let before = (http.settings.clone(), http.time_budget, http.encoding.clone());
        let configured = CLASS.configure_own(http, options);
        let changed = (
            std::mem::replace(&mut http.settings, before.0),
            std::mem::replace(&mut http.time_budget, before.1),
            std::mem::replace(&mut http.encoding, before.2),
        );
        configured?;

        match (data, json, files) {
            (data, None, Some(files)) => {
                let mut parts =
                    fields(data.as_ref())?.into_iter().map(|(name, value)| Part::text(name, value)).collect();
                add_files(&mut parts, &files)?;
                request = request.with_stream(Body::Multipart(parts));
            }
            (Some(Json::String(body)), None, None) => request = request.with_body(TEXT, body.into_bytes()),
            (Some(data), None, None) => request = request.with_form(&fields(Some(&data))?),
            (None, Some(json), None) => request = request.with_body(JSON, json.to_string().into_bytes()),
            (None, None, None) => {}
            _ => return Err(second_body()),
        }
        if content_type.is_some() {
            request.content_type = content_type;
        }
        Ok(Self { request, settings: changed.0, time_budget: changed.1, encoding: changed.2 })
    }

    /// Adds parameters of the address.
    pub(super) fn add_query(&mut self, query: Options) -> Result<()> {
        for (name, value) in query.into_members() {
            add_field(&mut self.settings.query, name, &value)?;
        }
        Ok(())
    }

    /// Adds the body: bytes as they are; a text as it is, unless it is internal text of a structure or a map, whose
    /// members become fields of a form; for a `…Json` method the JSON of whatever it is.
    pub(super) fn add_data(&mut self, data: &Argument<'_>, twin: Twin) -> Result<()> {
        if matches!(data, Argument::Omitted) {
            return Ok(());
        }
        if !matches!(self.request.body, Body::Empty) {
            return Err(second_body());
        }
        let kept = self.request.content_type.take();
        let request = std::mem::replace(&mut self.request, Call::new(Method::GET, ""));
        self.request = match (twin, data) {
            (Twin::Json, _) => request.with_body(JSON, json_text(data)?.into_bytes()),
            (Twin::Plain, Argument::Binary(bytes)) => request.with_body(BINARY, bytes.to_vec()),
            (Twin::Plain, Argument::Text(units)) => match detect(&mut Input::units(units.as_ref()))? {
                Some(Format::Internal) => {
                    let members: Json = serde_json::from_str(&json_text(data)?).unwrap_or_default();
                    request.with_form(&fields(Some(&members))?)
                }
                Some(Format::Json) => request.with_body(JSON, data.text()?.into_bytes()),
                _ => request.with_body(TEXT, data.text()?.into_bytes()),
            },
            (Twin::Plain, _) => request.with_body(TEXT, data.text()?.into_bytes()),
        };
        if kept.is_some() {
            self.request.content_type = kept;
        }
        Ok(())
    }

    /// Sends a file as the body.
    pub(super) fn add_file(&mut self, path: PathBuf) {
        self.request.body = Body::File(path);
        self.request.content_type.get_or_insert_with(|| BINARY.to_owned());
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";
const BINARY: &str = "application/octet-stream";

fn second_body() -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "У запроса одно тело: задайте либо параметр Данные, либо в Параметры — Json или Данные с Файлы.",
            "A request has one body: give either the parameter Data, or in Options Json, or Data with Files."
        ),
    )
}

fn parse_method(method: &str) -> Result<Method> {
    Method::from_bytes(method.trim().to_uppercase().as_bytes()).map_err(|_| {
        Error::new(
            Code::Argument,
            bilingual!("«{method}» — не метод HTTP.", "“{method}” is not an HTTP method."),
        )
    })
}

/// Files take as long as they take: the time-out becomes one of silence.
pub(super) fn watch_silence(settings: &mut Settings) {
    if let Timeout::Whole(limit) = settings.timeout {
        settings.timeout = Timeout::Inactivity(limit);
    }
}

/// The JSON of structured data, or of a plain value.
fn json_text(data: &Argument<'_>) -> Result<String> {
    match data {
        Argument::Text(units) => {
            let mut input = Input::units(units.as_ref());
            if detect(&mut input)?.is_none() {
                return Ok(Json::String(data.text()?).to_string());
            }
            let mut writer = JsonWriter::new(String::new(), JsonSettings::default());
            pump(&mut open(Input::units(units.as_ref()), None)?, &mut writer)?;
            Ok(writer.into_sink())
        }
        Argument::Omitted => Ok("null".to_owned()),
        Argument::Boolean(value) => Ok(value.to_string()),
        Argument::Integer(_) | Argument::Real(_) => data.decimal(),
        Argument::Date(date) => Ok(Json::String(date.to_string()).to_string()),
        Argument::Binary(_) => {
            let mut writer = JsonWriter::new(String::new(), JsonSettings::default());
            pump(&mut open(data.input()?, None)?, &mut writer)?;
            Ok(writer.into_sink())
        }
        Argument::Foreign(_) => data.text(),
    }
}

/// Fields of a form from an object; an array gives its name several times.
fn fields(data: Option<&Json>) -> Result<Vec<(String, String)>> {
    let mut result = Vec::new();
    match data {
        None | Some(Json::Null) => {}
        Some(Json::Object(members)) => {
            for (name, value) in members {
                add_field(&mut result, name.clone(), value)?;
            }
        }
        Some(_) => {
            return Err(Error::new(
                Code::Argument,
                bilingual!("поля формы задаются объектом.", "fields of a form are an object."),
            ));
        }
    }
    Ok(result)
}

/// Adds a field, or one for each item of an array; `null` adds none.
pub(super) fn add_field(fields: &mut Vec<(String, String)>, name: String, value: &Json) -> Result<()> {
    match value {
        Json::Null => {}
        Json::Array(values) => {
            for value in values {
                add_field(fields, name.clone(), value)?;
            }
        }
        Json::String(text) => fields.push((name, text.clone())),
        Json::Bool(value) => fields.push((name, value.to_string())),
        Json::Number(number) => fields.push((name, number.to_string())),
        Json::Object(_) => {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "поле «{name}» — объект; допустимы строка, число, булево и их массивы.",
                    "the field “{name}” is an object; texts, numbers, booleans and arrays of them are allowed."
                ),
            )
            .with("path", name));
        }
    }
    Ok(())
}

/// Adds `Файлы`: one object or an array of {`Имя`, `Путь` or `Данные` (base64), `ИмяФайла`, `Тип`}.
fn add_files(parts: &mut Vec<Part>, files: &Json) -> Result<()> {
    let one = std::slice::from_ref(files);
    for file in files.as_array().map_or(one, Vec::as_slice) {
        let mut options = Options::from_json(file.clone())?;
        let name = options.take_text("Имя", "Name")?.unwrap_or_else(|| "file".to_owned());
        let path = options.take_text("Путь", "Path")?;
        let data = options.take_text("Данные", "Data")?;
        let file_name = options.take_text("ИмяФайла", "FileName")?;
        let kind = options.take_text("Тип", "Type")?;
        options.finish()?;
        let mut part = match (path, data) {
            (Some(path), None) => Part::file(name, PathBuf::from(path.trim())),
            (None, Some(data)) => {
                let bytes = STANDARD.decode(data.trim()).map_err(|_| {
                    Error::new(
                        Code::Argument,
                        bilingual!("Файлы: Данные — не base64.", "Files: Data is not base64."),
                    )
                })?;
                Part {
                    name,
                    file_name: Some("file".to_owned()),
                    content_type: Some(BINARY.to_owned()),
                    content: Content::Bytes(bytes.into()),
                }
            }
            _ => {
                return Err(Error::new(
                    Code::Argument,
                    bilingual!(
                        "Файлы: для каждого файла задайте либо Путь, либо Данные.",
                        "Files: each file needs either Path or Data."
                    ),
                ));
            }
        };
        part.file_name = file_name.or(part.file_name);
        part.content_type = kind.or(part.content_type);
        parts.push(part);
    }
    Ok(())
}

/// The requests of `ВыполнитьПараллельно`: addresses, or objects with `Метод`, `URL` and options.
pub(super) fn prepare_many(http: &mut HttpObject, requests: Json) -> Result<Vec<Prepared>> {
    let Json::Array(requests) = requests else {
        return Err(Error::new(
            Code::Argument,
            bilingual!("ожидается массив запросов.", "an array of requests is expected."),
        ));
    };
    let mut prepared = Vec::with_capacity(requests.len());
    for (number, request) in (1_i64..).zip(requests) {
        let one = prepare_one(http, request).map_err(|error| {
            error.prefixed(&bilingual!("запрос {number}: ", "request {number}: ")).with("row", number)
        })?;
        prepared.push(one);
    }
    Ok(prepared)
}

fn prepare_one(http: &mut HttpObject, request: Json) -> Result<Prepared> {
    if let Json::String(url) = &request {
        return Prepared::new(http, "GET", url, Options::default());
    }
    let mut options = Options::from_json(request)?;
    let method = options.take_text("Метод", "Method")?.unwrap_or_else(|| "GET".to_owned());
    let url = options.take_text("URL", "Url")?.unwrap_or_default();
    Prepared::new(http, &method, &url, options)
}
