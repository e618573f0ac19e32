//! `ObmenHttp`: HTTP requests. Names follow «Коннектор» where it has one.

mod answer;
mod properties;
mod request;

use crate::addin::{Call, Class, Default, Kind, Method, Parameter, Value, help, optional, required, value};
use crate::error::{Code, Result};
use crate::http::{InFlight, Session, Settings};
use answer::Answer;
use properties::PROPERTIES;
use request::{Prepared, Twin};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the end of an object waits for requests that still end.
const LAST_REQUESTS_LIMIT: Duration = Duration::from_secs(5);

/// Requests at once unless the call says otherwise.
const AT_ONCE: i32 = 8;

/// The state of an `ObmenHttp`.
#[derive(Default)]
pub struct HttpObject {
    settings: Settings,
    /// `ВремяНаОперацию`; zero: no limit.
    time_budget: Duration,
    /// `КодировкаОтвета`; empty: as the answer says.
    encoding: String,
    session: Session,
    answer: Option<Answer>,
    in_flight: InFlight,
}

impl HttpObject {
    fn create() -> Self {
        let in_flight = InFlight::new();
        Self { session: Session::new(in_flight.clone()), in_flight, ..Self::default() }
    }
}

/// The declaration of `ObmenHttp`.
pub static CLASS: Class<HttpObject> = Class::new(
    "ObmenHttp",
    help("запросы HTTP с повторами, сессией и файлами", "HTTP requests with repeats, a session and files"),
    HttpObject::create,
    &PROPERTIES,
    &METHODS,
)
.finish(|http| {
    http.in_flight.wait_idle(LAST_REQUESTS_LIMIT);
});

const URL: Parameter = required("URL", "URL", Kind::Text);
const OPTIONS: Parameter = optional("Параметры", "Options", Kind::Structure, Default::Omitted);

const QUERY: [Parameter; 3] =
    [URL, optional("ПараметрыЗапроса", "QueryParameters", Kind::Structure, Default::Omitted), OPTIONS];
const DATA: [Parameter; 3] = [URL, optional("Данные", "Data", Kind::Structure, Default::Omitted), OPTIONS];
const JSON_DATA: [Parameter; 3] = [URL, value("Данные", "Data", Kind::Structure), OPTIONS];

const FILE: [Parameter; 3] = [URL, required("ПутьКФайлу", "Path", Kind::Text), OPTIONS];

/// A method that sends a request with query parameters and gives the status.
macro_rules! query_method {
    ($ru:literal, $en:literal, $method:literal, $help:expr) => {
        Method::new($ru, $en, |http: &mut HttpObject, call| http.query($method, Twin::Plain, call), $help)
            .takes(&QUERY)
            .returns(Kind::Integer)
            .fails(&[&super::DATA, &super::REQUEST])
    };
}

/// A method that sends a request with data and gives the status.
macro_rules! data_method {
    ($ru:literal, $en:literal, $method:literal, $help:expr) => {
        Method::new($ru, $en, |http: &mut HttpObject, call| http.data($method, Twin::Plain, call), $help)
            .takes(&DATA)
            .returns(Kind::Integer)
            .fails(&[&super::DATA, &super::REQUEST])
    };
}

/// A method that sends data as JSON and gives the JSON of the answer.
macro_rules! json_method {
    ($ru:literal, $en:literal, $method:literal) => {
        Method::new(
            $ru,
            $en,
            |http: &mut HttpObject, call| http.data($method, Twin::Json, call),
            help(
                "отправляет данные как JSON, возвращает JSON ответа",
                "sends data as JSON, gives the answer's JSON",
            ),
        )
        .takes(&JSON_DATA)
        .returns(Kind::Report)
        .fails(&[&super::DATA, &super::REQUEST])
    };
}

static METHODS: [Method<HttpObject>; 18] = [
    query_method!(
        "Получить",
        "Get",
        "GET",
        help("запрос GET, возвращает код состояния", "GET, gives the status")
    ),
    data_method!(
        "Отправить",
        "Post",
        "POST",
        help("запрос POST, возвращает код состояния", "POST, gives the status")
    ),
    data_method!("Put", "Put", "PUT", help("запрос PUT, возвращает код состояния", "PUT, gives the status")),
    data_method!(
        "Patch",
        "Patch",
        "PATCH",
        help("запрос PATCH, возвращает код состояния", "PATCH, gives the status")
    ),
    data_method!(
        "Удалить",
        "Delete",
        "DELETE",
        help("запрос DELETE, возвращает код состояния", "DELETE, gives the status")
    ),
    query_method!(
        "Head",
        "Head",
        "HEAD",
        help("запрос HEAD, возвращает код состояния", "HEAD, gives the status")
    ),
    query_method!(
        "Options",
        "Options",
        "OPTIONS",
        help("запрос OPTIONS, возвращает код состояния", "OPTIONS, gives the status")
    ),
    Method::new(
        "Запрос",
        "Request",
        HttpObject::request,
        help("запрос любым методом, возвращает код состояния", "a request of any method, gives the status"),
    )
    .takes(&[
        required("Метод", "Method", Kind::Text),
        URL,
        optional("Данные", "Data", Kind::Structure, Default::Omitted),
        OPTIONS,
    ])
    .returns(Kind::Integer)
    .fails(&[&super::DATA, &super::REQUEST]),
    Method::new(
        "ПолучитьJson",
        "GetJson",
        |http: &mut HttpObject, call| http.query("GET", Twin::Json, call),
        help("запрос GET, возвращает JSON ответа", "GET, gives the answer's JSON"),
    )
    .takes(&QUERY)
    .returns(Kind::Report)
    .fails(&[&super::DATA, &super::REQUEST]),
    json_method!("ОтправитьJson", "PostJson", "POST"),
    json_method!("PutJson", "PutJson", "PUT"),
    json_method!("УдалитьJson", "DeleteJson", "DELETE"),
    Method::new(
        "ЗаголовокОтвета",
        "ResponseHeader",
        |http: &mut HttpObject, call| {
            let name = call.text(0)?;
            Ok(http.answer.as_ref().and_then(|answer| answer.header(&name)).unwrap_or_default().into())
        },
        help(
            "значение заголовка последнего ответа, пусто без него",
            "a header of the last answer, empty without it",
        ),
    )
    .takes(&[required("Имя", "Name", Kind::Text)])
    .returns(Kind::Text),
    Method::new(
        "СкачатьФайл",
        "Download",
        HttpObject::download,
        help(
            "скачивает в файл, продолжая прерванное; возвращает код состояния",
            "downloads into a file, going on with what broke off; gives the status",
        ),
    )
    .takes(&FILE)
    .returns(Kind::Integer)
    .fails(&[&super::DATA, &super::REQUEST]),
    Method::new(
        "ОтправитьФайл",
        "Upload",
        HttpObject::upload,
        help(
            "отправляет файл телом запроса; возвращает код состояния",
            "sends a file as the body; gives the status",
        ),
    )
    .takes(&FILE)
    .returns(Kind::Integer)
    .fails(&[&super::DATA, &super::REQUEST]),
    Method::new(
        "ВыполнитьПараллельно",
        "RequestMany",
        HttpObject::request_many,
        help(
            "много запросов одновременно, ответы в порядке запросов",
            "many requests at once, answers in the order of the requests",
        ),
    )
    .takes(&[
        required("Запросы", "Requests", Kind::Structure),
        optional("Одновременно", "AtOnce", Kind::Integer, Default::Integer(AT_ONCE)),
    ])
    .returns(Kind::Report)
    .fails(&[&super::DATA, &super::REQUEST]),
    Method::new(
        "Настроить",
        "Configure",
        |http: &mut HttpObject, call| {
            let options = call.options(0)?;
            let before = (http.settings.clone(), http.time_budget, http.encoding.clone());
            let outcome = call.configure(&CLASS, http, options);
            if outcome.is_err() {
                (http.settings, http.time_budget, http.encoding) = before;
            }
            outcome.map(Value::from)
        },
        help("задаёт свойства объектом JSON", "sets properties from a JSON object"),
    )
    .takes(&[required("Параметры", "Options", Kind::Structure)])
    .fails(&[&super::DATA, &[Code::File, Code::HttpTls]]),
    Method::new(
        "ОчиститьCookies",
        "ClearCookies",
        |http: &mut HttpObject, _| {
            http.session.clear_cookies();
            Ok(Value::Undefined)
        },
        help("забывает cookies сессии", "forgets the cookies of the session"),
    ),
];

impl HttpObject {
    /// `Получить` and its like: parameters 0 URL, 1 query parameters, 2 options.
    fn query(&mut self, method: &str, twin: Twin, call: &mut Call<'_>) -> Result<Value> {
        let (url, query, options) = (call.text(0)?, call.options(1)?, call.options(2)?);
        let mut prepared = Prepared::new(self, method, &url, options)?;
        prepared.add_query(query)?;
        self.send(prepared, twin, call)
    }

    /// `Отправить` and its like: parameters 0 URL, 1 data, 2 options.
    fn data(&mut self, method: &str, twin: Twin, call: &mut Call<'_>) -> Result<Value> {
        let (url, options) = (call.text(0)?, call.options(2)?);
        let mut prepared = Prepared::new(self, method, &url, options)?;
        prepared.add_data(call.argument(1), twin).map_err(|error| call.in_parameter(1, error))?;
        self.send(prepared, twin, call)
    }

    fn request(&mut self, call: &mut Call<'_>) -> Result<Value> {
        let (method, url, options) = (call.text(0)?, call.text(1)?, call.options(3)?);
        let mut prepared = Prepared::new(self, &method, &url, options)?;
        prepared.add_data(call.argument(2), Twin::Plain).map_err(|error| call.in_parameter(2, error))?;
        self.send(prepared, Twin::Plain, call)
    }

    fn send(&mut self, prepared: Prepared, twin: Twin, call: &mut Call<'_>) -> Result<Value> {
        let journal = call.journal().clone();
        let Prepared { request, settings, time_budget, encoding } = prepared;
        let outcome = call.run(time_budget, |operation| {
            Ok(self.session.execute(&request, &settings, &journal, operation))
        })?;
        let answer = self.answer.insert(Answer::new(outcome, encoding));
        let status = answer.status_or_error()?;
        match twin {
            Twin::Plain => Ok(Value::Integer(status.into())),
            Twin::Json => call.report(answer.json_body()?),
        }
    }

    fn download(&mut self, call: &mut Call<'_>) -> Result<Value> {
        let (url, path, mut options) = (call.text(0)?, call.text(1)?, call.options(2)?);
        let resume = options.take_flag("Докачивать", "Resume")?.unwrap_or(true);
        let journal = call.journal().clone();
        let Prepared { request, mut settings, time_budget, encoding } =
            Prepared::new(self, "GET", &url, options)?;
        request::watch_silence(&mut settings);
        let downloaded = call.run(time_budget, |operation| {
            Ok(self.session.download(
                &request,
                &settings,
                Path::new(path.trim()),
                resume,
                &journal,
                operation,
            ))
        })?;
        let answer = self.answer.insert(Answer::new(downloaded.outcome, encoding));
        Ok(Value::Integer(answer.status_or_error()?.into()))
    }

    fn upload(&mut self, call: &mut Call<'_>) -> Result<Value> {
        let (url, path, mut options) = (call.text(0)?, call.text(1)?, call.options(2)?);
        let method = options.take_text("Метод", "Method")?.unwrap_or_else(|| "PUT".to_owned());
        let mut prepared = Prepared::new(self, &method, &url, options)?;
        request::watch_silence(&mut prepared.settings);
        prepared.add_file(PathBuf::from(path.trim()));
        self.send(prepared, Twin::Plain, call)
    }

    fn request_many(&mut self, call: &mut Call<'_>) -> Result<Value> {
        let at_once = call.integer(1, 1..=crate::http::MOST_AT_ONCE as i64)?.unsigned_abs() as usize;
        let requests = call.json(0)?;
        let prepared = request::prepare_many(self, requests).map_err(|error| call.in_parameter(0, error))?;
        let encodings: Vec<_> = prepared.iter().map(|one| one.encoding.clone()).collect();
        let calls: Vec<_> = prepared.into_iter().map(|one| (one.request, one.settings)).collect();
        let journal = call.journal().clone();
        let outcomes = call.run(self.time_budget, |operation| {
            Ok(self.session.execute_all(&calls, at_once, &journal, operation))
        })?;
        let language = call.language();
        let answers = outcomes.into_iter().zip(encodings);
        let answers = answers.map(|(outcome, encoding)| Answer::new(outcome, encoding).to_json(language));
        call.report(serde_json::Value::Array(answers.collect()).to_string())
    }
}
